"""What a reader asks of the search page, read from its address and written back into addresses."""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeVar
from urllib.parse import urlencode

from django.http import Http404, HttpRequest

from articles.models import Source, Topic
from articles.models.slugs import called
from articles.paging import Position
from articles.search import Filters, Query, Sort, parse
from articles.views import parameters

Named = TypeVar("Named", Topic, Source)

_DAY = re.compile(r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}")
_NUMBER = re.compile(r"[1-9][0-9]{0,3}")


@dataclass(frozen=True)
class Asked:
    """A search: words, order, what narrows it, and the page. Every address of it comes from here.

    `year` and `month` are first days; `first` and `last` are the days typed, both included.
    """

    query: Query
    sort: Sort = Sort.RELEVANCE
    year: date | None = None
    month: date | None = None
    topic: Topic | None = None
    source: Source | None = None
    first: date | None = None
    last: date | None = None
    position: Position = field(default_factory=Position)
    number: int = 1

    @property
    def filters(self) -> Filters:
        """For the engine: the days that all four times have in common, and the rest."""
        firsts = [day for day in (self.first, self.year, self.month) if day]
        lasts = [day for day in (self.last, _end_of(self.year, 12), _end_of(self.month, 1)) if day]
        return Filters(
            first=max(firsts, default=None),
            last=min(lasts, default=None),
            topic=self.topic.pk if self.topic else None,
            source=self.source.pk if self.source else None,
        )

    @property
    def backwards(self) -> bool:
        """Whether the days typed end before they begin."""
        return bool(self.first and self.last and self.first > self.last)

    @property
    def by_time(self) -> bool:
        """Whether the newest come first."""
        return self.sort is Sort.NEWEST

    @property
    def parameters(self) -> dict[str, str]:
        """The search without its page, as the address has it; nothing that is absent or usual."""
        said = {
            "q": self.query.typed,
            "sort": self.sort.value if self.by_time else "",
            "year": f"{self.year:%Y}" if self.year else "",
            "month": f"{self.month:%Y-%m}" if self.month else "",
            "topic": self.topic.slug if self.topic else "",
            "source": self.source.slug if self.source else "",
            "from": self.first.isoformat() if self.first else "",
            "to": self.last.isoformat() if self.last else "",
        }
        return {name: value for name, value in said.items() if value}

    def address(self, **changes: str) -> str:
        """The query string of the same search, changed, at its first page; "" takes one out."""
        said = {**self.parameters, **changes}
        return urlencode({name: value for name, value in said.items() if value})

    @property
    def kept(self) -> str:
        """The query string to which the place of a page is added."""
        return self.address()

    @property
    def whole(self) -> str:
        """The query string of this very page."""
        older, newer = self.position.older_than, self.position.newer_than
        return self.address(
            before=str(older) if older else "",
            after=str(newer) if newer else "",
            page=str(self.number) if self.number > 1 else "",
        )

    @property
    def kept_with_words(self) -> list[tuple[str, str]]:
        """What the form for words keeps: all but the words."""
        return [pair for pair in self.parameters.items() if pair[0] != "q"]

    @property
    def kept_with_days(self) -> list[tuple[str, str]]:
        """What the form for days keeps: all but other times."""
        times = {"year", "month", "from", "to"}
        return [pair for pair in self.parameters.items() if pair[0] not in times]


def read(request: HttpRequest) -> Asked:
    """What an address asks; 404 where it is malformed. One query each for a topic and a source.

    An empty parameter, as forms send it, says nothing.
    """
    said = request.GET.get
    return Asked(
        query=parse(said("q", "")),
        sort=_sort(said("sort", "")),
        year=_day(said("year", ""), "-01-01"),
        month=_day(said("month", ""), "-01"),
        topic=_named(Topic, said("topic", ""), "没有这个话题。"),
        source=_named(Source, said("source", ""), "没有这个来源。"),
        first=_day(said("from", "")),
        last=_day(said("to", "")),
        position=parameters.position(request),
        number=_number(said("page", "")),
    )


def _sort(text: str) -> Sort:
    try:
        return Sort(text or Sort.RELEVANCE)
    except ValueError as error:
        raise Http404("没有这种排序。") from error


def _day(text: str, rest: str = "") -> date | None:
    """A day; with `rest`, the first one of a year or a month."""
    if not text:
        return None
    if not _DAY.fullmatch(text + rest):
        raise Http404("没有这个日期。")
    try:
        return date.fromisoformat(text + rest)
    except ValueError as error:
        raise Http404("没有这个日期。") from error


def _end_of(first: date | None, months: int) -> date | None:
    """The last day of the year or the month that begins with `first`."""
    if first is None:
        return None
    month = first.month - 1 + months
    return date(first.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _named(model: type[Named], slug: str, missing: str) -> Named | None:
    if not slug:
        return None
    found = called(model._default_manager.all(), slug)
    if found is None:
        raise Http404(missing)
    return found


def _number(text: str) -> int:
    if text and not _NUMBER.fullmatch(text):
        raise Http404("没有这一页。")
    return int(text or 1)
