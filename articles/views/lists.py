"""Lists of articles: by topic, source and editor; 大家爱看; 更正."""

from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.encoding import escape_uri_path
from django.views.decorators.http import require_safe

from articles import chronicle, metadata, reads
from articles.addresses import address
from articles.models import Article, ArticleTopic, Correction, Source, Topic
from articles.paging import LISTED as PAGE_SIZE
from articles.paging import Page
from articles.views import parameters, render

WINDOW_NAMES = {"day": "今日", "week": "一周", "month": "一月", "all": "全部"}


@require_safe
def topics(request: HttpRequest) -> HttpResponse:
    """All topics."""
    return render.page(request, "topics", {"topics": Topic.objects.all()})


@require_safe
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    """A topic's articles, as a list or as pictures: these have the whole width of the page."""
    shown = get_object_or_404(Topic, slug=slug)
    of_pictures = shown.layout == Topic.Layout.PICTURES
    members = ArticleTopic.objects.in_topic(shown).visible().with_articles()
    if of_pictures:
        members = members.with_photo_counts()
    page = members.page(parameters.position(request), PAGE_SIZE)
    rows = [member.article for member in page.rows]
    context = {
        "topic": shown,
        "page": Page(rows, page.older, page.newer),
        "json_ld": _described(shown.name, request.path, rows, ("全部话题", address("topics"))),
    }
    if not of_pictures:
        return render.page(request, "topic", context)
    stories = [(row.article, row.photo_count) for row in page.rows]
    return render.plain_page(request, "gallery", {**context, "stories": stories})


@require_safe
def sources(request: HttpRequest) -> HttpResponse:
    """All sources, from when to when."""
    return render.page(request, "sources", {"sources": chronicle.sources()})


@require_safe
def source(request: HttpRequest, slug: str) -> HttpResponse:
    """The articles that came from one source."""
    shown = get_object_or_404(Source, slug=slug)
    articles = Article.objects.published().from_source(shown)
    page = articles.for_list().page(parameters.position(request), PAGE_SIZE)
    steps = ("全部来源", address("sources"))
    context = {
        "source": shown,
        "page": page,
        "span": chronicle.span(articles),
        "json_ld": _described(shown.name, request.path, page.rows, steps),
    }
    return render.page(request, "source", context)


@require_safe
def editors(request: HttpRequest) -> HttpResponse:
    """All editors, from when to when."""
    return render.page(request, "editors", {"editors": chronicle.editors()})


@require_safe
def editor(request: HttpRequest, name: str) -> HttpResponse:
    """The articles that one editor answered for; 404 for a name that none bears."""
    articles = Article.objects.published().by_editor(name)
    page = articles.for_list().page(parameters.position(request), PAGE_SIZE)
    if not page.rows:
        raise Http404("没有这位编辑的稿件。")
    context = {
        "editor": name,
        "page": page,
        "span": chronicle.span(articles),
        "json_ld": _described(name, request.path, page.rows, ("全部编辑", address("editors"))),
    }
    return render.page(request, "editor", context)


@require_safe
def most_read(request: HttpRequest, window: str = "week") -> HttpResponse:
    """大家爱看 of a day, a week, a month or all time."""
    if window not in reads.WINDOWS:
        raise Http404("没有这个榜单。")
    context = {
        "window": window,
        "windows": WINDOW_NAMES,
        "ranking": reads.most_read(window, reads.RANKED),
    }
    return render.page(request, "most_read", context)


@require_safe
def corrections(request: HttpRequest) -> HttpResponse:
    """All corrections, additions and retractions, newest first."""
    notes = Correction.objects.public().select_related("article").defer("article__body")
    page = notes.page(parameters.position(request), PAGE_SIZE)
    return render.page(request, "corrections", {"page": page})


def _described(
    name: str, path: str, articles: Sequence[Article], step: tuple[str, str]
) -> metadata.Data:
    """What a list says of itself to machines."""
    path = escape_uri_path(path)
    return metadata.page_of(
        metadata.collection(name, path, articles), metadata.breadcrumbs(step, (name, path))
    )
