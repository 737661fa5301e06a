"""How many articles a search finds, and by year, month, topic and source how many of them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.utils import timezone

from articles.models import Source, Topic
from articles.search import entries
from articles.search.entries import Conditions, Entry

# Up to so many are counted one by one; beyond that facets are estimated from a sample.
COUNTED = 1000
# The smaller sample will do if it holds so many; its error is then some ten per cent.
ENOUGH = 100
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


def count(wanted: Conditions) -> tuple[Total, Facets]:
    """How many entries fulfil the conditions and what they have in common. At most five queries."""
    if not wanted.indexed and not wanted.impossible:
        return _of_the_newest(wanted)
    found = entries.gather(wanted, COUNTED + 1)
    if len(found) <= COUNTED:
        return Total(len(found)), _facets(found)
    share = 256
    sampled = entries.sample(wanted, share)
    if len(sampled) < ENOUGH:
        share = 16
        sampled = entries.sample(wanted, share)
    return Total(COUNTED, more=True), replace(_facets(sampled or found, share), estimated=True)


def _of_the_newest(wanted: Conditions) -> tuple[Total, Facets]:
    """From the newest entries alone: what has no key is so common that they tell enough."""
    found, _, complete = entries.newest_entries(wanted)
    if complete:
        return Total(len(found)), _facets(found)
    return Total(len(found), more=True), Facets()


def _facets(found: Sequence[Entry], share: int = 1) -> Facets:
    """Counted over these entries, each standing for `share`. Two queries."""
    days = [timezone.localdate(entry.published_at) for entry in found]
    years = Counter(date(day.year, 1, 1) for day in days)
    months = Counter(date(day.year, day.month, 1) for day in days) if len(years) == 1 else Counter()
    topics = Counter(topic for entry in found for topic in entry.topics).most_common(SHOWN)
    sources = Counter(entry.source_id for entry in found if entry.source_id).most_common(SHOWN)
    named = Topic.objects.in_bulk([number for number, _ in topics])
    printed = Source.objects.in_bulk([number for number, _ in sources])
    return Facets(
        years=_times(years, share),
        months=_times(months, share),
        topics=[
            Option(named[number], often * share) for number, often in topics if number in named
        ],
        sources=[
            Option(printed[number], often * share) for number, often in sources if number in printed
        ],
    )


def _times(counted: Iterable[date], share: int) -> list[Option]:
    times = Counter(counted)
    return [Option(time, times[time] * share) for time in sorted(times, reverse=True)]
