"""Sitemaps: an index by month, a file a month, the pages, and the news of two days."""

import calendar
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Max
from django.db.models.functions import Coalesce, TruncMonth
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.models import Article, Page, Topic

# https://www.sitemaps.org/protocol.html: at most 50,000 addresses a file.
MOST_ADDRESSES = 50_000
# Google's news sitemaps: articles of the last two days, 1,000 at most.
NEWS_DAYS = 2
MOST_NEWS = 1_000


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All sitemaps, with the last change in each. One query over the published articles."""
    months = (
        Article.objects.published()
        .annotate(month=TruncMonth("published_at"))
        .values("month")
        .annotate(changed=Max(Coalesce("revised_at", "published_at")), count=Count("id"))
        .order_by("-month")
    )
    return _xml(request, "sitemap_index", {"months": months})


@require_safe
def month(request: HttpRequest, year: int, month: int) -> HttpResponse:
    """The articles of one month."""
    try:
        first = date(year, month, 1)
    except ValueError as error:
        raise Http404("没有这个月份。") from error
    last = first.replace(day=calendar.monthrange(year, month)[1])
    articles = Article.objects.published().between(first, last).newest()
    shown = articles.only("id", "published_at", "revised_at")[:MOST_ADDRESSES]
    if not shown:
        raise Http404("这个月没有稿件。")
    return _xml(request, "sitemap_articles", {"articles": shown})


@require_safe
def pages(request: HttpRequest) -> HttpResponse:
    """Topics and Pages."""
    context = {"topics": Topic.objects.all(), "pages": Page.objects.defer("body")}
    return _xml(request, "sitemap_pages", context)


@require_safe
def news(request: HttpRequest) -> HttpResponse:
    """The last two days, for news search engines."""
    since = timezone.now() - timedelta(days=NEWS_DAYS)
    articles = Article.objects.published().filter(published_at__gte=since).newest()
    shown = articles.only("id", "title", "published_at")[:MOST_NEWS]
    return _xml(request, "sitemap_news", {"articles": shown})


def _xml(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    around = {"site": settings.SITE_URL, "name": settings.SITE_NAME}
    return render(
        request, f"feeds/{template}.xml", {**around, **context},
        content_type="application/xml; charset=utf-8",
    )  # fmt: skip
