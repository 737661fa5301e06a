"""The archive by date."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles import chronicle
from articles.models import Article
from articles.paging import BY_DATE as PAGE_SIZE
from articles.views import parameters, render

LEAP = 2000


@dataclass(frozen=True)
class Day:
    """A day in a month's calendar."""

    date: date
    in_month: bool
    count: int


@require_safe
def years(request: HttpRequest) -> HttpResponse:
    """All years that have articles, and each year's months."""
    shown: dict[int, set[int]] = {}
    for month in chronicle.months():
        shown.setdefault(month.first.year, set()).add(month.first.month)
    rows = [
        (year, [(date(year, month, 1), month in held) for month in range(1, 13)])
        for year, held in shown.items()
    ]
    return render.page(request, "archive", {"years": rows})


@require_safe
def year(request: HttpRequest, year: int) -> HttpResponse:
    """A year's months with their counts."""
    counts = chronicle.of_months(year)
    if not counts:
        raise Http404(f"{year}年没有稿件。")
    months = [(date(year, month, 1), counts.get(month, 0)) for month in range(1, 13)]
    context = {"year": date(year, 1, 1), "months": months, "total": sum(counts.values())}
    return render.page(request, "year", context)


@require_safe
def month(request: HttpRequest, year: int, month: int) -> HttpResponse:
    """A month's calendar with counts, its articles, and the nearest months with articles."""
    first = _date(year, month, 1)
    last = chronicle.last_of(first)
    counts = chronicle.of_days(first)
    if not counts:
        raise Http404(f"{year}年{month}月没有稿件。")
    weeks = [
        [Day(day, day.month == month, counts.get(day, 0)) for day in week]
        for week in calendar.Calendar().monthdatescalendar(year, month)
    ]
    articles = Article.objects.published().between(first, last)
    earlier, later = chronicle.beside(first, last)
    context = {
        "month": first,
        "weeks": weeks,
        "total": sum(counts.values()),
        "page": articles.for_list().page(parameters.position(request), PAGE_SIZE),
        "earlier": earlier,
        "later": later,
    }
    return render.page(request, "month", context)


@require_safe
def day(request: HttpRequest, year: int, month: int, day: int) -> HttpResponse:
    """A day's articles, and the nearest days with articles before and after it."""
    shown = _date(year, month, day)
    articles = Article.objects.published().on(shown).for_list()
    page = articles.page(parameters.position(request), PAGE_SIZE)
    if not page.rows:
        raise Http404(f"{year}年{month}月{day}日没有稿件。")
    earlier, later = chronicle.beside(shown, shown)
    context = {"day": shown, "page": page, "earlier": earlier, "later": later}
    return render.page(request, "day", context)


@require_safe
def on_this_day(
    request: HttpRequest, month: int | None = None, day: int | None = None
) -> HttpResponse:
    """历史上的今天, or of any day: that month and day in all years; today's in other years."""
    today = timezone.localdate()
    # A leap year has every day that there is.
    shown = _date(LEAP, month or today.month, day or today.day)
    is_today = month is None
    context = {
        "is_today": is_today,
        "day": shown,
        "earlier": shown - timedelta(days=1),
        "later": shown + timedelta(days=1),
        "anniversaries": chronicle.on_this_day(
            shown.month, shown.day, today.year if is_today else None
        ),
    }
    return render.page(request, "on_this_day", context)


def _date(year: int, month: int, day: int) -> date:
    """A real date; 404 for the 30th of February."""
    try:
        return date(year, month, day)
    except ValueError as error:
        raise Http404("没有这一天。") from error
