"""An article's permalink, and addresses that articles had elsewhere."""

from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles import metadata, oldpaths, opengraph, renditions
from articles.chronicle import neighbours
from articles.models import Article, ArticlePhoto, Correction, Topic
from articles.related import related
from articles.views import render

RELATED = 6
# What search engines are shown of a photo.
IMAGE_WIDTH = 1280
# A picture story with so many photos offers them as a set.
SET = 3


@require_safe
def article(request: HttpRequest, year: int, month: int, day: int, number: int) -> HttpResponse:
    """The article; a tombstone (410) when it was withdrawn; 301 from other dates to its own."""
    shown = get_object_or_404(
        Article.objects.public().select_related("source", "lead_photo"), pk=number
    )
    if request.path != shown.get_absolute_url():
        return moved(request, shown.get_absolute_url())
    if shown.state == Article.State.WITHDRAWN:
        return tombstone(request, shown)
    topics = list(shown.topics.order_by("memberships__position"))
    return page_of(request, shown, topics, shown.gallery.as_read(shown.body))


def page_of(
    request: HttpRequest,
    shown: Article,
    topics: Sequence[Topic],
    gallery: Sequence[ArticlePhoto],
    *,
    rehearsed: bool = False,
) -> HttpResponse:
    """The article's page; rehearsed on the desk it counts no reads and nobody may find it."""
    corrections = _notes(shown)
    preview = opengraph.preview(shown)
    images = [metadata.photo(use, renditions.url(use.photo, IMAGE_WIDTH)) for use in gallery]
    images = images or [metadata.card(preview.path, preview.width, preview.height)]
    steps = [(topic.name, topic.get_absolute_url()) for topic in topics[:1]]
    context = {
        "article": shown,
        "topics": topics,
        "gallery": gallery,
        "is_set": len(gallery) >= SET and any(map(_of_pictures, topics)),
        "corrections": corrections,
        "related": related(shown, topics, RELATED),
        "neighbours": neighbours(shown, topics[0] if topics else None),
        "age": _full_years(shown),
        "citation": metadata.citation(shown, timezone.localdate()),
        "json_ld": metadata.page_of(
            metadata.news_article(shown, topics, corrections, images),
            metadata.breadcrumbs(*steps, (shown.title, shown.get_absolute_url())),
        ),
        "preview": preview,
        "rehearsed": rehearsed,
    }
    return render.page(request, "article", context)


def tombstone(request: HttpRequest, shown: Article) -> HttpResponse:
    """410: when and why the article was withdrawn. One query beside the frame's."""
    context = {"article": shown, "corrections": _notes(shown)}
    return render.plain_page(request, "withdrawn", context, status=410)


def moved(request: HttpRequest, path: str) -> HttpResponse:
    """301 to where the page is, with the address's query."""
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(path + (f"?{query}" if query else ""))


@require_safe
def old_address(request: HttpRequest, path: str) -> HttpResponse:
    """301 from where an article stood in an old system; 404 for what never was. One query."""
    if "\x00" not in request.path:
        spelled = oldpaths.spellings(request.path, request.META.get("QUERY_STRING", ""))
        found = Article.objects.public().at_old_paths(spelled)
        by_path = {article.legacy_path: article for article in found.order_by("-id")}
        for spelling in spelled:
            if spelling in by_path:
                return HttpResponsePermanentRedirect(by_path[spelling].get_absolute_url())
    raise Http404("这个网址上没有页面。")


def _of_pictures(topic: Topic) -> bool:
    return topic.layout == Topic.Layout.PICTURES


def _notes(shown: Article) -> list[Correction]:
    return list(shown.corrections.filter(published_at__lte=timezone.now()))


def _full_years(shown: Article) -> int:
    today, published = timezone.localdate(), timezone.localdate(shown.published_at)
    birthday_to_come = (today.month, today.day) < (published.month, published.day)
    return today.year - published.year - birthday_to_come
