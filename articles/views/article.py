"""An article's permalink, and addresses that articles had elsewhere."""

from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles import metadata, renditions
from articles.models import Article, ArticlePhoto, Correction, Topic
from articles.related import related
from articles.views import render

RELATED = 6
# Pictures for link previews: 1,200 pixels and wider are shown large.
OG_WIDTH = 1200
# What Article.legacy_url can hold.
LONGEST_PATH = 500


@require_safe
def article(request: HttpRequest, year: int, month: int, day: int, number: int) -> HttpResponse:
    """The article; a tombstone (410) when it was withdrawn; 301 from other dates to its own."""
    shown = get_object_or_404(
        Article.objects.public().select_related("source", "lead_photo"), pk=number
    )
    if request.path != shown.get_absolute_url():
        return _moved(request, shown)
    if shown.state == Article.State.WITHDRAWN:
        context = {"article": shown, "corrections": _notes(shown)}
        return render.plain_page(request, "withdrawn", context, status=410)
    topics = list(shown.topics.order_by("memberships__position"))
    gallery = list(shown.gallery.select_related("photo"))
    return page_of(request, shown, topics, gallery)


def page_of(
    request: HttpRequest,
    shown: Article,
    topics: Sequence[Topic],
    gallery: Sequence[ArticlePhoto],
    *,
    preview: bool = False,
) -> HttpResponse:
    """The article's page; as a preview it neither counts reads nor follows the reader."""
    corrections = _notes(shown)
    images = [renditions.url(use.photo, OG_WIDTH) for use in gallery]
    context = {
        "article": shown,
        "topics": topics,
        "gallery": gallery,
        "corrections": corrections,
        "related": related(shown, topics, RELATED),
        "age": _full_years(shown),
        "citation": metadata.citation(shown, timezone.localdate()),
        "json_ld": metadata.news_article(shown, topics, corrections, images),
        "og_image": images[0] if images else "",
        "preview": preview,
    }
    return render.page(request, "article", context)


@require_safe
def old_address(request: HttpRequest, path: str) -> HttpResponse:
    """301 from where an article stood in an old system; 404 for what never was. One query."""
    asked = request.get_full_path()
    if len(asked) <= LONGEST_PATH and "\x00" not in asked:
        shown = Article.objects.public().at_old_path(asked).order_by("id").first()
        if shown:
            return HttpResponsePermanentRedirect(shown.get_absolute_url())
    raise Http404("这个网址上没有页面。")


def _notes(shown: Article) -> list[Correction]:
    return list(shown.corrections.filter(published_at__lte=timezone.now()))


def _full_years(shown: Article) -> int:
    today, published = timezone.localdate(), timezone.localdate(shown.published_at)
    birthday_to_come = (today.month, today.day) < (published.month, published.day)
    return today.year - published.year - birthday_to_come


def _moved(request: HttpRequest, shown: Article) -> HttpResponse:
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(shown.get_absolute_url() + (f"?{query}" if query else ""))
