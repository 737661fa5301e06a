"""Feeds of the site and of every topic: Atom (RFC 4287) and JSON Feed 1.1."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.http import require_safe

from articles import renditions, syndicated, text
from articles.addresses import address
from articles.edge import shown_by_others
from articles.freshness import conditional, stamp
from articles.metadata import absolute
from articles.models import Article, ArticlePhoto, ArticleTopic, Topic

SIZE = 50
CACHE_SECONDS = 60


@dataclass(frozen=True)
class Channel:
    """What a feed is about, and what is in it."""

    title: str
    description: str
    page: str
    atom: str
    json: str
    articles: Sequence[Article]


@require_safe
@shown_by_others
@conditional(CACHE_SECONDS)
def atom(request: HttpRequest, slug: str | None = None) -> HttpResponse:
    """The newest articles of the site or of a topic, with their texts."""
    channel = _channel(slug)
    feed = _Atom(
        title=text.xml_safe(channel.title),
        link=absolute(channel.page),
        description=None,
        subtitle=text.xml_safe(channel.description) or None,
        language="zh-CN",
        feed_url=absolute(channel.atom),
    )
    for article in channel.articles:
        feed.add_item(
            title=text.xml_safe(article.title),
            link=absolute(article.get_absolute_url()),
            description=None,  # type: ignore[arg-type]  # we write summaries of our own
            unique_id=tag(article),
            pubdate=article.published_at,
            updateddate=article.modified_at,
            author_name=text.xml_safe(_author(article)),
            categories=[text.xml_safe(topic.name) for topic in article.topics.all()],
            summary=text.xml_safe(article.excerpt),
            content=text.xml_safe(syndicated.body(article, article.gallery.all())),
        )
    body = feed.writeString("utf-8")
    return stamp(HttpResponse(body, content_type=Atom1Feed.content_type), _changed(channel))


@require_safe
@shown_by_others
@conditional(CACHE_SECONDS)
def json_feed(request: HttpRequest, slug: str | None = None) -> HttpResponse:
    """The same as JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""
    channel = _channel(slug)
    items = [
        {
            "id": tag(article),
            "url": absolute(article.get_absolute_url()),
            "title": article.title,
            "content_html": syndicated.body(article, article.gallery.all()),
            "summary": article.excerpt,
            **_image(article),
            "date_published": _moment(article.published_at),
            "date_modified": _moment(article.modified_at),
            "authors": [{"name": _author(article)}],
            "tags": [topic.name for topic in article.topics.all()],
            "language": "zh-CN",
        }
        for article in channel.articles
    ]
    answer = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "description": channel.description,
        "home_page_url": absolute(channel.page),
        "feed_url": absolute(channel.json),
        "language": "zh-CN",
        "items": items,
    }
    response = JsonResponse(
        answer,
        content_type="application/feed+json; charset=utf-8",
        json_dumps_params={"ensure_ascii": False},
    )
    return stamp(response, _changed(channel))


def tag(article: Article) -> str:
    """A name that an article keeps whatever happens to its address (RFC 4151)."""
    host = urlsplit(settings.SITE_URL).hostname
    return f"tag:{host},{article.created_at.astimezone(UTC):%Y-%m-%d}:article/{article.pk}"


def _channel(slug: str | None) -> Channel:
    """The site's channel, or a topic's (404 for a slug that none has). Three or four queries."""
    with_all = Article.objects.select_related("source", "lead_photo").prefetch_related(
        "topics", Prefetch("gallery", ArticlePhoto.objects.select_related("photo"))
    )
    if slug is None:
        return Channel(
            settings.SITE_NAME,
            settings.SITE_DESCRIPTION,
            address("home"),
            address("feed"),
            address("json-feed"),
            list(with_all.published().newest()[:SIZE]),
        )
    topic = get_object_or_404(Topic, slug=slug)
    members = ArticleTopic.objects.in_topic(topic).visible().newest()
    articles = with_all.in_bulk(members.values_list("article_id", flat=True)[:SIZE])
    return Channel(
        f"{topic.name} - {settings.SITE_NAME}",
        topic.description,
        topic.get_absolute_url(),
        address("topic-feed", topic.slug),
        address("topic-json-feed", topic.slug),
        sorted(articles.values(), key=lambda a: (a.published_at, a.pk), reverse=True),
    )


class _Atom(Atom1Feed):
    """Atom with summaries of plain text, contents of HTML, and a date even when it is empty."""

    def latest_post_date(self) -> datetime:
        dates = [item["updateddate"] for item in self.items]
        return max(dates, default=datetime(settings.COPYRIGHT_SINCE, 1, 1, tzinfo=UTC))

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        if item["summary"]:
            handler.addQuickElement("summary", item["summary"], {"type": "text"})
        handler.addQuickElement("content", item["content"], {"type": "html"})


def _image(article: Article) -> dict[str, str]:
    photo = article.lead_photo
    return {"image": absolute(renditions.url(photo, syndicated.PICTURE_WIDTH))} if photo else {}


def _author(article: Article) -> str:
    """The reporters as printed, else the source."""
    return article.byline or (article.source.name if article.source else settings.SITE_NAME)


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


def _changed(channel: Channel) -> datetime | None:
    return max((article.updated_at for article in channel.articles), default=None)
