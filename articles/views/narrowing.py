"""The ways to narrow a search and to widen it again, as links. Pure: asks the database nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from articles.models import Source, Topic
from articles.search import Option, Results, Suggestion, Total
from articles.views.asking import Asked

SHOWN = 8
# The changes that take out all that narrows.
UNNARROWED = dict.fromkeys(("year", "month", "topic", "source", "from", "to"), "")


@dataclass(frozen=True)
class Way:
    """A link to a narrower search, and how much that would find."""

    name: str
    address: str
    count: int


@dataclass(frozen=True)
class Group:
    """Ways of one kind; `more` are folded away."""

    name: str
    ways: Sequence[Way]
    more: Sequence[Way] = ()


@dataclass(frozen=True)
class Chip:
    """What narrows the search now, and the search without it."""

    name: str
    address: str


@dataclass(frozen=True)
class Nearby:
    """Another search, for who has found nothing; `unfiltered`: the same words, not narrowed."""

    words: str
    address: str
    total: Total
    unfiltered: bool


def groups(asked: Asked, results: Results) -> list[Group]:
    """Years or months, topics, sources, as far as they would leave out something.

    What is chosen is no choice any more: it stands among the chips.
    """
    facets = results.facets
    possible = [
        ("年份", "year", () if asked.year or asked.month else facets.years),
        ("月份", "month", () if asked.month else facets.months),
        ("话题", "topic", () if asked.topic else facets.topics),
        ("来源", "source", () if asked.source else facets.sources),
    ]
    found: list[Group] = []
    for name, parameter, options in possible:
        ways = [_way(asked, parameter, option) for option in options]
        # Who knows only a lower bound or an estimate can't tell that one way leaves out nothing.
        partial = results.total.more or (ways and ways[0].count < results.total.number)
        if ways and (len(ways) > 1 or partial):
            found.append(Group(name, ways[:SHOWN], ways[SHOWN:]))
    return found


def chips(asked: Asked) -> list[Chip]:
    """What narrows this search, in the order of its parameters."""
    found: list[Chip] = []
    if asked.year:
        found.append(Chip(f"{asked.year.year} 年", asked.address(year="", month="")))
    if asked.month:
        inside = asked.year and asked.year.year == asked.month.year
        year = "" if inside else f"{asked.month.year} 年 "
        found.append(Chip(f"{year}{asked.month.month} 月", asked.address(month="")))
    if asked.topic:
        found.append(Chip(asked.topic.name, asked.address(topic="")))
    if asked.source:
        found.append(Chip(asked.source.name, asked.address(source="")))
    if asked.first or asked.last:
        found.append(Chip(_days(asked.first, asked.last), asked.address(**{"from": "", "to": ""})))
    return found


def nearby(asked: Asked, suggestion: Suggestion) -> Nearby:
    """A search near this one, as a link."""
    words = suggestion.query.typed
    away = UNNARROWED if suggestion.unfiltered else {}
    return Nearby(
        words, asked.address(q=words, **away), suggestion.total, bool(suggestion.unfiltered)
    )


def _way(asked: Asked, parameter: str, option: Option) -> Way:
    name, value = _named(option.value, parameter, inside=asked.year is not None)
    return Way(name, asked.address(**{parameter: value}), option.count)


def _named(value: date | Topic | Source, parameter: str, inside: bool) -> tuple[str, str]:
    """An option's name and what the address calls it; `inside`: the year is known."""
    if not isinstance(value, date):
        return value.name, value.slug
    if parameter == "year":
        return f"{value.year} 年", str(value.year)
    year = "" if inside else f"{value.year} 年 "
    return f"{year}{value.month} 月", f"{value:%Y-%m}"


def _days(first: date | None, last: date | None) -> str:
    if first and last:
        return f"{first.isoformat()} 至 {last.isoformat()}"
    return f"{first.isoformat()} 起" if first else f"至 {last.isoformat()}" if last else ""
