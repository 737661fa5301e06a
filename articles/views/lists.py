"""Lists of articles: by topic, source and editor; 大家爱看; 更正."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from articles import reads
from articles.models import Article, ArticleTopic, Correction, Source, Topic
from articles.paging import Page
from articles.views import parameters, render

PAGE_SIZE = 30
RANKING_SIZE = 50
WINDOW_NAMES = {"day": "今日", "week": "一周", "month": "一月", "all": "全部"}


@require_safe
def topics(request: HttpRequest) -> HttpResponse:
    """All topics."""
    return render.page(request, "topics", {"topics": Topic.objects.all()})


@require_safe
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    """A topic's articles, as a list or as pictures."""
    shown = get_object_or_404(Topic, slug=slug)
    members = ArticleTopic.objects.in_topic(shown).visible().with_articles()
    page = members.page(parameters.position(request), PAGE_SIZE)
    articles = Page([member.article for member in page.rows], page.older, page.newer)
    return render.page(request, "topic", {"topic": shown, "page": articles})


@require_safe
def source(request: HttpRequest, slug: str) -> HttpResponse:
    """The articles that came from one source."""
    shown = get_object_or_404(Source, slug=slug)
    articles = Article.objects.published().from_source(shown).for_list()
    page = articles.page(parameters.position(request), PAGE_SIZE)
    return render.page(request, "source", {"source": shown, "page": page})


@require_safe
def editor(request: HttpRequest, name: str) -> HttpResponse:
    """The articles that one editor answered for; 404 for a name that none bears."""
    articles = Article.objects.published().by_editor(name).for_list()
    page = articles.page(parameters.position(request), PAGE_SIZE)
    if not page.rows:
        raise Http404("没有这位编辑的稿件。")
    return render.page(request, "editor", {"editor": name, "page": page})


@require_safe
def most_read(request: HttpRequest, window: str = "week") -> HttpResponse:
    """大家爱看 of a day, a week, a month or all time."""
    if window not in reads.WINDOWS:
        raise Http404("没有这个榜单。")
    context = {
        "window": window,
        "windows": WINDOW_NAMES,
        "ranking": reads.most_read(window, RANKING_SIZE),
    }
    return render.page(request, "most_read", context)


@require_safe
def corrections(request: HttpRequest) -> HttpResponse:
    """All corrections, additions and retractions, newest first."""
    notes = Correction.objects.public().select_related("article").defer("article__body")
    page = notes.page(parameters.position(request), PAGE_SIZE)
    return render.page(request, "corrections", {"page": page})
