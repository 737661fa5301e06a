"""An article's permalink, and addresses that articles had elsewhere."""

import re
from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.encoding import escape_uri_path
from django.views.decorators.http import require_safe

from articles import metadata, opengraph, renditions
from articles.chronicle import neighbours
from articles.models import Article, ArticlePhoto, Correction, Topic
from articles.related import related
from articles.views import render

RELATED = 6
# What search engines are shown of a photo.
IMAGE_WIDTH = 1280
# A picture story with so many photos offers them as a set.
SET = 3
# What Article.legacy_url can hold.
LONGEST_PATH = 500
# What links grow when they are passed on in WeChat and the like.
PASSED_ON = re.compile(
    r"(?:utm_[a-z]+|from|isappinstalled|scene|clicktime|enterid|share_[a-z]+|spm|nsukey)=[^&]*"
)


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
    spellings = _spellings(request)
    if "\x00" not in request.path:
        found = Article.objects.public().at_old_paths(spellings)
        by_path = {article.legacy_path: article for article in found.order_by("-id")}
        for spelling in spellings:
            if spelling in by_path:
                return HttpResponsePermanentRedirect(by_path[spelling].get_absolute_url())
    raise Http404("这个网址上没有页面。")


def _spellings(request: HttpRequest) -> list[str]:
    """How an old system may have written the address asked for, the likeliest first.

    As it is; without what was added when the link was passed on; with and without a slash at its
    end, percent signs, capitals, and last without a query.
    """
    query = request.META.get("QUERY_STRING", "")
    own = "&".join(part for part in query.split("&") if not PASSED_ON.fullmatch(part))
    queries = dict.fromkeys(f"?{each}" if each else "" for each in (query, own, ""))
    escaped = escape_uri_path(request.path)
    slashed = [
        path if suffix is None else path.rstrip("/") + suffix
        for suffix in (None, "", "/")
        for path in (escaped, request.path)
    ]
    paths = dict.fromkeys([*slashed, *(path.lower() for path in slashed)])
    spelled = [path + end for end in queries for path in paths]
    return [each for each in spelled if len(each) <= LONGEST_PATH]


def _of_pictures(topic: Topic) -> bool:
    return topic.layout == Topic.Layout.PICTURES


def _notes(shown: Article) -> list[Correction]:
    return list(shown.corrections.filter(published_at__lte=timezone.now()))


def _full_years(shown: Article) -> int:
    today, published = timezone.localdate(), timezone.localdate(shown.published_at)
    birthday_to_come = (today.month, today.day) < (published.month, published.day)
    return today.year - published.year - birthday_to_come
