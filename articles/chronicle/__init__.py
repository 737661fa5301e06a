"""The archive in time: what lies beside, on this day, from when to when, how many and when."""

from articles.chronicle.counts import beside, last_of, of_days, of_months
from articles.chronicle.months import Month, months
from articles.chronicle.neighbours import Neighbours, neighbours
from articles.chronicle.onthisday import Anniversary, on_this_day
from articles.chronicle.spans import Span, editors, sources, span

__all__ = [
    "Anniversary",
    "Month",
    "Neighbours",
    "Span",
    "beside",
    "editors",
    "last_of",
    "months",
    "neighbours",
    "of_days",
    "of_months",
    "on_this_day",
    "sources",
    "span",
]
