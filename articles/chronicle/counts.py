"""How many articles each month of a year and each day of a month has; the nearest days with any."""

import calendar
from collections.abc import Mapping
from datetime import date

from django.db.models import Count
from django.db.models.functions import ExtractMonth, TruncDate
from django.utils import timezone

from articles.models import Article


def of_months(year: int) -> Mapping[int, int]:
    """A year's months that have articles, and how many. One query, over the index of that time."""
    rows = (
        Article.objects.published()
        .between(date(year, 1, 1), date(year, 12, 31))
        .annotate(month=ExtractMonth("published_at"))
        .values_list("month")
        .annotate(count=Count("id"))
    )
    return dict(rows)


def of_days(first: date) -> Mapping[date, int]:
    """The days of the month that begins so, as far as they have articles. One query, as above."""
    articles = Article.objects.published().between(first, last_of(first))
    rows = articles.annotate(day=TruncDate("published_at")).values_list("day").annotate(Count("id"))
    return dict(rows)


def beside(first: date, last: date) -> tuple[date | None, date | None]:
    """The nearest days with articles before and after some days. Two queries."""
    published = Article.objects.published()
    earlier = published.before_day(first).newest().first()
    later = published.after_day(last).newest().reverse().first()
    return _day_of(earlier), _day_of(later)


def last_of(first: date) -> date:
    """The last day of the month that begins so."""
    return first.replace(day=calendar.monthrange(first.year, first.month)[1])


def _day_of(article: Article | None) -> date | None:
    return timezone.localdate(article.published_at) if article else None
