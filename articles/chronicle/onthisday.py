"""历史上的今天: the same month and day in all years."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from articles.chronicle.spans import span
from articles.models import Article

# Of each year; the day's own page has all.
MOST_A_YEAR = 6
# Years looked at, from the newest article's back: more than any newspaper has.
MOST_YEARS = 200


@dataclass(frozen=True)
class Anniversary:
    """A day of one year, and its latest articles; `more`: the day has others."""

    day: date
    articles: Sequence[Article]
    more: bool


def on_this_day(month: int, day: int, leave_out: int | None = None) -> list[Anniversary]:
    """The articles of that day in each year that has any, the newest year first.

    `leave_out` is a year of no interest. Three queries: the second scans the index of the newest
    once a year, a few rows each; the 29th of February is looked for in leap years alone.
    """
    whole = span(Article.objects.published())
    if whole is None:
        return []
    years = range(whole.last.year, max(whole.first.year, whole.last.year - MOST_YEARS) - 1, -1)
    days = [
        date(year, month, day)
        for year in years
        if year != leave_out and (month, day) <= (month, calendar.monthrange(year, month)[1])
    ]
    slices = [
        Article.objects.published().on(each).newest().values_list("pk")[: MOST_A_YEAR + 1]
        for each in days
    ]
    if not slices:
        return []
    found = slices[0].union(*slices[1:], all=True) if len(slices) > 1 else slices[0]
    articles = Article.objects.published().for_list().in_bulk([pk for (pk,) in found])
    by_day: dict[date, list[Article]] = {}
    for article in sorted(articles.values(), key=lambda a: (a.published_at, a.pk), reverse=True):
        by_day.setdefault(timezone.localdate(article.published_at), []).append(article)
    return [
        Anniversary(each, rows[:MOST_A_YEAR], len(rows) > MOST_A_YEAR)
        for each, rows in by_day.items()
    ]
