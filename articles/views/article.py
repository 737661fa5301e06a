"""An article's permalink, and addresses that articles had elsewhere."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles import memento, metadata, oldpaths, opengraph, renditions
from articles.chronicle import neighbours
from articles.models import Article, Page, Topic, Whole, public_article, said_by
from articles.related import SHOWN as RELATED
from articles.related import related
from articles.views import render

# What search engines are shown of a photo.
IMAGE_WIDTH = 1280
# A picture story with so many photos offers them as a set.
SET = 3


@require_safe
def article(request: HttpRequest, year: int, month: int, day: int, number: int) -> HttpResponse:
    """The article; a tombstone (410) when it was withdrawn; 301 from other dates to its own."""
    found = sought(request, number)
    if isinstance(found, HttpResponse):
        return found
    response = page_of(request, found)
    response["Link"] = memento.of_original(metadata.absolute(found.article.get_absolute_url()))
    return response


def sought(request: HttpRequest, number: int, below: str = "") -> Whole | HttpResponse:
    """The article that an address names, with `below` after its permalink; or what is answered.

    404 for what readers don't have, 301 from other dates, 410 for one that was withdrawn. Another
    system's article may have stood at what looks like a permalink: it goes before other dates. One
    query.
    """
    found = public_article(number)
    own = f"{found.article.get_absolute_url()}{below}" if found else ""
    if found is None or request.path != own:
        elsewhere = _at_old_address(request)
        if elsewhere:
            return HttpResponsePermanentRedirect(elsewhere.get_absolute_url())
        if found is None:
            raise Http404("没有这篇稿件。")
        return moved(request, own)
    if found.article.state == Article.State.WITHDRAWN:
        return tombstone(request, found)
    return found


def page_of(request: HttpRequest, found: Whole, *, rehearsed: bool = False) -> HttpResponse:
    """The article's page; rehearsed on the desk it counts no reads and nobody may find it."""
    shown, topics, gallery = found.article, found.topics, found.gallery
    preview = opengraph.preview(shown)
    images = [metadata.photo(use, renditions.url(use.photo, IMAGE_WIDTH)) for use in gallery]
    images = images or [metadata.card(preview.path, preview.width, preview.height)]
    steps = [(topic.name, topic.get_absolute_url()) for topic in topics[:1]]
    context = {
        "article": shown,
        "topics": topics,
        "gallery": gallery,
        "is_set": len(gallery) >= SET and any(map(_of_pictures, topics)),
        "corrections": found.corrections,
        "related": related(shown, topics, RELATED),
        "neighbours": neighbours(shown, topics[0] if topics else None),
        "age": _full_years(shown),
        "citation": metadata.citation(shown, timezone.localdate()),
        "sha256": said_by(shown, gallery).sha256,
        "has_versions": found.has_versions,
        "json_ld": metadata.page_of(
            metadata.news_article(shown, topics, found.corrections, images),
            metadata.breadcrumbs(*steps, (shown.title, shown.get_absolute_url())),
        ),
        "preview": preview,
        "rehearsed": rehearsed,
    }
    return render.page(request, "article", context)


def tombstone(request: HttpRequest, found: Whole) -> HttpResponse:
    """410: when and why the article was withdrawn. No query beside the frame's."""
    context = {"article": found.article, "corrections": found.corrections}
    return render.plain_page(request, "withdrawn", context, status=410)


def moved(request: HttpRequest, path: str) -> HttpResponse:
    """301 to where the page is, with the address's query."""
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(path + (f"?{query}" if query else ""))


@require_safe
def old_address(request: HttpRequest, path: str) -> HttpResponse:
    """301 from where an article or a Page stood in an old system; 404 for what never was.

    One query; one more for a number, `/blog/?p=17`, that no article has, and for a name, `/about/`,
    that a Page may have.
    """
    found: Article | Page | None = None
    if "\x00" not in request.path:
        found = _at_old_address(request) or _page_at(request.path)
    if found is None:
        raise Http404("这个网址上没有页面。")
    return HttpResponsePermanentRedirect(found.get_absolute_url())


def _at_old_address(request: HttpRequest) -> Article | None:
    number = oldpaths.numbered(request.path, request.GET.get(oldpaths.NUMBER))
    numbered = Article.objects.public().at_old_number(number).first() if number else None
    if numbered:
        return numbered
    spelled = oldpaths.spellings(request.path, request.META.get("QUERY_STRING", ""))
    found = Article.objects.public().at_old_paths(spelled)
    by_path = {article.legacy_path: article for article in found.order_by("-id")}
    return next((by_path[spelling] for spelling in spelled if spelling in by_path), None)


def _page_at(path: str) -> Page | None:
    slug = oldpaths.page(path)
    return Page.objects.filter(slug=slug).only("slug").first() if slug else None


def _of_pictures(topic: Topic) -> bool:
    return topic.layout == Topic.Layout.PICTURES


def _full_years(shown: Article) -> int:
    today, published = timezone.localdate(), timezone.localdate(shown.published_at)
    birthday_to_come = (today.month, today.day) < (published.month, published.day)
    return today.year - published.year - birthday_to_come
