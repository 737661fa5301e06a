"""How many articles a search finds, and by year, month, topic and source how many of them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from articles.models import Source, Topic
from articles.search import entries
from articles.search.conditions import Conditions
from articles.search.entries import Counted, Survey

# Up to so many are counted one by one; beyond that facets are estimated from a sample.
COUNTED = 1000
# The smaller sample will do if it holds so many; its error is then some fifteen per cent.
ENOUGH = 50
SHOWN = 8


@dataclass(frozen=True)
class Total:
    """How many were found; `more`: at least as many."""

    number: int
    more: bool = False


@dataclass(frozen=True)
class Option:
    """One way to narrow a search: a year, a month, a topic or a source, and how many it leaves."""

    value: date | Topic | Source
    count: int


@dataclass(frozen=True)
class Facets:
    """The ways to narrow a search, the greatest first, times the latest first."""

    years: Sequence[Option] = ()
    months: Sequence[Option] = ()
    topics: Sequence[Option] = ()
    sources: Sequence[Option] = ()
    estimated: bool = False


def newest(wanted: Conditions) -> Survey:
    """The newest entries that fulfil the conditions, as many as are counted. One query."""
    return entries.survey(wanted, COUNTED)


def count(wanted: Conditions, seen: Survey) -> tuple[Total, Facets]:
    """How many entries fulfil the conditions and what they have in common. At most four queries.

    `seen`: the newest of them, which are counted if they are all there are.
    """
    if seen.complete:
        return Total(len(seen.found)), _facets(seen.found)
    number, facets = _estimated(wanted)
    return Total(max(len(seen.found), min(number, COUNTED)), more=True), facets


def total(wanted: Conditions) -> Total:
    """How many entries fulfil the conditions. One query, if they have keys."""
    seen = newest(wanted)
    if seen.complete or len(seen.found) == COUNTED:
        return Total(len(seen.found), more=not seen.complete)
    return count(wanted, seen)[0]


def _estimated(wanted: Conditions) -> tuple[int, Facets]:
    """From one in 256 articles or, if that gives too few, from one in 16."""
    share = 256
    found = entries.sample(wanted, share)
    if len(found) < ENOUGH:
        share = 16
        found = entries.sample(wanted, share)
    return len(found) * share, replace(_facets(found, share), estimated=True)


def _facets(found: Sequence[Counted], share: int = 1) -> Facets:
    """Counted over these entries, each standing for `share`. Two queries."""
    months = Counter(entry.month for entry in found)
    years = Counter(entry.month // 12 for entry in found)
    topics = _most(topic for entry in found for topic in entry.topics)
    sources = _most(entry.source_id for entry in found if entry.source_id)
    named = Topic.objects.in_bulk([number for number, _ in topics])
    printed = Source.objects.in_bulk([number for number, _ in sources])
    return Facets(
        years=_times({year * 12: number for year, number in years.items()}, share),
        months=_times(months, share) if len(years) == 1 else [],
        topics=[
            Option(named[number], often * share) for number, often in topics if number in named
        ],
        sources=[
            Option(printed[number], often * share) for number, often in sources if number in printed
        ],
    )


def _most(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """The most frequent with how often they come; the same ones whatever the order of entries."""
    often = Counter(numbers)
    return sorted(often.items(), key=lambda one: (-one[1], one[0]))[:SHOWN]


def _times(months: Mapping[int, int], share: int) -> list[Option]:
    return [
        Option(date(month // 12, month % 12 + 1, 1), months[month] * share)
        for month in sorted(months, reverse=True)
    ]
