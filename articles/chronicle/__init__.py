"""The archive in time: what lies beside, on this day, from when to when, in which months."""

from articles.chronicle.months import Month, months
from articles.chronicle.neighbours import Neighbours, neighbours
from articles.chronicle.onthisday import Anniversary, on_this_day
from articles.chronicle.spans import Span, editors, sources, span

__all__ = [
    "Anniversary",
    "Month",
    "Neighbours",
    "Span",
    "editors",
    "months",
    "neighbours",
    "on_this_day",
    "sources",
    "span",
]
