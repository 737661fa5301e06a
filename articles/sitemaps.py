"""Sitemaps: an index by month, a file a month, the pages, and the news of two days."""

import calendar
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles import chronicle, renditions, text
from articles.freshness import conditional
from articles.models import Article, Page, Topic

# https://www.sitemaps.org/protocol.html: at most 50,000 addresses a file.
MOST_ADDRESSES = 50_000
# Google's news sitemaps: articles of the last two days, 1,000 at most.
NEWS_DAYS = 2
MOST_NEWS = 1_000
# The largest rendition is what a picture search may show.
PICTURE_WIDTH = 1600
CACHE_SECONDS = 300


@require_safe
@conditional(CACHE_SECONDS)
def index(request: HttpRequest) -> HttpResponse:
    """All sitemaps, with the last change in each. Two queries, a step in an index a month."""
    return _xml(request, "sitemap_index", {"months": chronicle.months()})


@require_safe
@conditional(CACHE_SECONDS)
def month(request: HttpRequest, year: int, month: int) -> HttpResponse:
    """The articles of one month and their lead photos. One query."""
    try:
        first = date(year, month, 1)
    except ValueError as error:
        raise Http404("没有这个月份。") from error
    last = first.replace(day=calendar.monthrange(year, month)[1])
    articles = Article.objects.published().between(first, last).newest()
    shown = articles.select_related("lead_photo").only(
        "id", "published_at", "revised_at", "lead_photo__sha256", "lead_photo__widths"
    )[:MOST_ADDRESSES]
    entries = [
        (each, renditions.url(each.lead_photo, PICTURE_WIDTH) if each.lead_photo else "")
        for each in shown
    ]
    if not entries:
        raise Http404("这个月没有稿件。")
    return _xml(request, "sitemap_articles", {"entries": entries})


@require_safe
@conditional(CACHE_SECONDS)
def pages(request: HttpRequest) -> HttpResponse:
    """Lists, topics, sources, editors and Pages. Four queries."""
    context = {
        "topics": Topic.objects.all(),
        "sources": chronicle.sources(),
        "editors": chronicle.editors(),
        "pages": Page.objects.defer("body"),
    }
    return _xml(request, "sitemap_pages", context)


@require_safe
@conditional(CACHE_SECONDS, by_the_clock=True)
def news(request: HttpRequest) -> HttpResponse:
    """The last two days, for news search engines. One query."""
    since = timezone.now() - timedelta(days=NEWS_DAYS)
    articles = Article.objects.published().filter(published_at__gte=since).newest()
    shown = list(articles.only("id", "title", "published_at")[:MOST_NEWS])
    for article in shown:
        article.title = text.xml_safe(article.title)
    return _xml(request, "sitemap_news", {"articles": shown})


def _xml(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    around = {"site": settings.SITE_URL, "name": settings.SITE_NAME}
    return render(
        request, f"feeds/{template}.xml", {**around, **context},
        content_type="application/xml; charset=utf-8",
    )  # fmt: skip
