"""Feeds: Atom for the site and every topic, JSON Feed for the site."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.http import require_safe

from articles.metadata import absolute
from articles.models import Article, ArticleTopic, Topic

SIZE = 50


class SiteFeed(Feed):
    """The newest articles. Ids are permalinks, which never change."""

    feed_type = Atom1Feed
    language = "zh-CN"
    link = settings.SITE_URL + "/"

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """GET and HEAD alone, as for every public address."""
        return require_safe(super().__call__)(request, *args, **kwargs)

    def title(self, obj: Any) -> str:
        """The site."""
        return settings.SITE_NAME

    def subtitle(self, obj: Any) -> str:
        """What the site is."""
        return settings.SITE_DESCRIPTION

    def feed_url(self, obj: Any) -> str:
        """Where this feed lives."""
        return absolute(reverse("feed"))

    def items(self, obj: Any) -> Iterable[Article]:
        """The newest articles; one query, two with their topics."""
        newest = Article.objects.published().select_related("source").newest()
        return newest.prefetch_related("topics")[:SIZE]

    def item_title(self, item: Article) -> str:
        """The headline; escaping is the feed generator's."""
        return item.title

    def item_link(self, item: Article) -> str:
        """The permalink."""
        return absolute(item.get_absolute_url())

    def item_guid(self, item: Article) -> str:
        """The permalink again: permanent."""
        return self.item_link(item)

    def item_description(self, item: Article) -> str:
        """The excerpt."""
        return item.excerpt

    def item_author_name(self, item: Article) -> str:
        """The reporters as printed, else the source."""
        return item.byline or (item.source.name if item.source else settings.SITE_NAME)

    def item_pubdate(self, item: Article) -> datetime | None:
        """When it was published."""
        return item.published_at

    def item_updateddate(self, item: Article) -> datetime | None:
        """When its substance last changed."""
        return item.modified_at

    def item_categories(self, item: Article) -> list[str]:
        """Its topics."""
        return [topic.name for topic in item.topics.all()]


class TopicFeed(SiteFeed):
    """A topic's newest articles."""

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Topic:
        """The topic; 404 for a slug that none has."""
        return get_object_or_404(Topic, slug=kwargs["slug"])

    def title(self, obj: Topic) -> str:
        """Topic and site."""
        return f"{obj.name} - {settings.SITE_NAME}"

    def subtitle(self, obj: Topic) -> str:
        """What the topic is about."""
        return obj.description

    def feed_url(self, obj: Topic) -> str:
        """Where this feed lives."""
        return absolute(reverse("topic-feed", args=[obj.slug]))

    def items(self, obj: Topic) -> Iterable[Article]:
        """The topic's newest articles; one query, two with their topics."""
        members = ArticleTopic.objects.in_topic(obj).visible().newest()
        members = members.select_related("article__source").prefetch_related("article__topics")
        return [member.article for member in members[:SIZE]]


@require_safe
def json_feed(request: HttpRequest) -> HttpResponse:
    """The newest articles as JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""
    feed = SiteFeed()
    items = [
        {
            "id": feed.item_guid(article),
            "url": feed.item_link(article),
            "title": article.title,
            "content_html": article.body,
            "summary": article.excerpt,
            "date_published": article.published_at,
            "date_modified": article.modified_at,
            "authors": [{"name": feed.item_author_name(article)}],
            "tags": feed.item_categories(article),
            "language": "zh-CN",
        }
        for article in feed.items(None)
    ]
    return JsonResponse(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": settings.SITE_NAME,
            "description": settings.SITE_DESCRIPTION,
            "home_page_url": absolute("/"),
            "feed_url": absolute(reverse("json-feed")),
            "language": "zh-CN",
            "items": items,
        },
        content_type="application/feed+json; charset=utf-8",
        json_dumps_params={"ensure_ascii": False},
    )
