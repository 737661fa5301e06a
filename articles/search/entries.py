"""Reading the index: entries that hold all that a query asks for, newest first.

Every condition becomes keys of the index where it can (pairs of characters, months, source, topic)
and is checked on the entry's text where keys alone would let too much through: a phrase of four is
three pairs, which may stand apart. The lists of common pairs are long, so a search walks back
through time, a span at a time, and stops as soon as it has enough (docs/adr/0012).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.utils import timezone

from articles.models.article import midnight
from articles.paging import Position
from articles.search.query import Field, Query, Term

# What migration 0006 calls the kinds of keys.
MONTH, SOURCE, TOPIC, SIXTEENTH, TWO_HUNDRED_FIFTY_SIXTH = 4, 6, 7, 8, 9
PLACES = {Field.ANY: 0, Field.TITLE: 1, Field.EDITOR: 2, Field.BYLINE: 3}
COLUMNS = {Field.ANY: "text", Field.TITLE: "title", Field.EDITOR: "editor", Field.BYLINE: "byline"}
# The months that a search looks at first, then, and then; after them all that is left at once.
SPANS = (2, 8, 32)
# Without a key to go by, no more than so many of the newest entries are read for an overview.
WALK = 1000
KEYS = (
    "articles_search_keys(text, title, editor, byline, source_id, topics, published_at, article_id)"
)


def key(kind: int, value: int) -> int:
    """A key of the index that is no pair of characters."""
    return kind << 42 | value


@dataclass(frozen=True)
class Filters:
    """What narrows a search beside its words: days (both included), a topic, a source."""

    first: date | None = None
    last: date | None = None
    topic: int | None = None
    source: int | None = None

    def __bool__(self) -> bool:
        return any((self.first, self.last, self.topic, self.source))


@dataclass(frozen=True)
class Conditions:
    """What an entry must fulfil, as the index and as the text tells.

    `keys` must all be there, and one of each group in `choices`; `checks` are SQL on the entry,
    with `values`. `needles` are the folded words to mark; `impossible`: nothing can fulfil it.
    """

    keys: tuple[int, ...] = ()
    choices: tuple[tuple[int, ...], ...] = ()
    checks: tuple[str, ...] = ()
    values: tuple[Any, ...] = ()
    needles: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None
    newest: date = date.max
    impossible: bool = False
    meaningless: bool = False

    @property
    def indexed(self) -> bool:
        """Whether the index narrows it at all."""
        return bool(self.keys or self.choices)

    def with_keys(self, *more: int) -> "Conditions":
        """The same with keys more."""
        return replace(self, keys=(*self.keys, *more))


class Entry(NamedTuple):
    """An article that was found, with what facets count."""

    article_id: int
    published_at: datetime
    source_id: int | None
    topics: Sequence[int]


class _Folded(NamedTuple):
    text: str
    keys: Sequence[int]


def conditions(query: Query, filters: Filters, *, in_titles: bool = False) -> Conditions:
    """What a query means to the index; `in_titles`: its words have to stand in titles.

    Two queries, and one for each term with 来源: or 话题:. Terms without a letter or digit are left
    out; where nothing else is asked for, nothing is found.
    """
    terms = [
        replace(term, field=Field.TITLE)
        if in_titles and term.field is Field.ANY and not term.excluded
        else term
        for term in query.terms
    ]
    found = _within(filters)
    if filters.topic:
        found = found.with_keys(key(TOPIC, filters.topic))
    if filters.source:
        found = found.with_keys(key(SOURCE, filters.source))
    meant = [
        (term, folded) for term, folded in zip(terms, _fold(terms), strict=True) if folded.text
    ]
    if not meant:
        return replace(found, impossible=True, meaningless=True)
    for term, folded in meant:
        found = (
            _with_name(found, term, folded.text)
            if term.field in {Field.SOURCE, Field.TOPIC}
            else _with_words(found, term, folded)
        )
    return found


def _within(filters: Filters) -> Conditions:
    """The days that are asked for, and where among them the archive's newest entry lies."""
    found = Conditions(first=filters.first, last=filters.last)
    bounds, values = _bounds(found, Position())
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT published_at FROM articles_searchentry WHERE {bounds}"
            " ORDER BY published_at DESC, article_id DESC LIMIT 1",
            values,
        )
        row = cursor.fetchone()
    if row is None:
        return replace(found, impossible=True)
    return replace(found, newest=timezone.localdate(row[0]))


def _with_words(found: Conditions, term: Term, folded: _Folded) -> Conditions:
    column = COLUMNS[term.field]
    if term.excluded:
        return replace(
            found,
            checks=(*found.checks, f"strpos({column}, %s) = 0"),
            values=(*found.values, folded.text),
        )
    found = found.with_keys(*folded.keys)
    if term.field in {Field.ANY, Field.TITLE}:
        found = replace(found, needles=(*found.needles, folded.text))
    if len(folded.text) == 2 or (folded.keys and len(folded.text) == 1):
        return found  # the key says it all
    return replace(
        found,
        checks=(*found.checks, f"strpos({column}, %s) > 0"),
        values=(*found.values, folded.text),
    )


def _with_name(found: Conditions, term: Term, folded: str) -> Conditions:
    table, kind, check = {
        Field.SOURCE: ("articles_source", SOURCE, "source_id = ANY (%s)"),
        Field.TOPIC: ("articles_topic", TOPIC, "topics && %s::bigint[]"),
    }[term.field]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM {table} WHERE strpos(articles_fold(name), %s) > 0", [folded]
        )
        ids = [row[0] for row in cursor]
    if term.excluded:
        return replace(
            found,
            checks=(*found.checks, f"({check}) IS NOT TRUE"),
            values=(*found.values, ids),
        )
    if not ids:
        return replace(found, impossible=True)
    return replace(found, choices=(*found.choices, tuple(key(kind, number) for number in ids)))


def _fold(terms: Sequence[Term]) -> list[_Folded]:
    """What the index makes of the terms' texts. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT folded, articles_pairs(folded, place) || CASE WHEN length(folded) = 1"
            " THEN articles_singles(folded, place) ELSE '{}' END"
            " FROM (SELECT articles_fold(raw) AS folded, place, number"
            "       FROM unnest(%s::text[], %s::int[]) WITH ORDINALITY AS u (raw, place, number)"
            ") AS terms ORDER BY number",
            [[term.text for term in terms], [PLACES.get(term.field, 0) for term in terms]],
        )
        return [_Folded(*row) for row in cursor]


def gather(wanted: Conditions, limit: int, position: Position | None = None) -> list[Entry]:
    """The newest `limit` entries that fulfil the conditions, from `position` on. One query.

    After a `newer_than` position: those next to it, oldest first.
    """
    if wanted.impossible:
        return []
    sql, values = _statement(wanted, position or Position())
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} LIMIT %s", [*values, limit])
        return [Entry(*row) for row in cursor]


def sample(wanted: Conditions, share: int) -> list[Entry]:
    """Every entry that fulfils the conditions in one of 16 or of 256 samples of the archive."""
    kind = {16: SIXTEENTH, 256: TWO_HUNDRED_FIFTY_SIXTH}[share]
    return gather(wanted.with_keys(key(kind, 7)), 2**31)


def newest_entries(wanted: Conditions) -> tuple[list[Entry], int, bool]:
    """Which of the newest WALK entries fulfil conditions without keys; of how many; is that all.

    Two queries.
    """
    bounds, bound_values = _bounds(wanted, Position())
    window = (
        f"SELECT * FROM articles_searchentry WHERE {bounds}"
        " ORDER BY published_at DESC, article_id DESC LIMIT %s"
    )
    checks = " AND ".join(wanted.checks) or "true"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT article_id, published_at, source_id, topics FROM ({window}) AS newest"
            f" WHERE {checks}",
            [*bound_values, WALK, *wanted.values],
        )
        entries = [Entry(*row) for row in cursor]
        cursor.execute(f"SELECT count(*) FROM ({window}) AS newest", [*bound_values, WALK + 1])
        read = cursor.fetchone()[0]
    return entries, min(read, WALK), read <= WALK


def _statement(wanted: Conditions, position: Position) -> tuple[str, list[Any]]:
    """Spans of time one after the other, each fenced so that the index of keys is used."""
    upwards = position.newer_than is not None
    order = "ASC" if upwards else "DESC"
    parts: list[str] = []
    values: list[Any] = []
    for months, bounds, bound_values in _spans(wanted, position, upwards):
        keyed = "".join(f" AND {KEYS} && %s::bigint[]" for _ in wanted.choices)
        if wanted.keys:
            keyed += f" AND {KEYS} @> %s::bigint[]"
        if months:
            keyed += f" AND {KEYS} && %s::bigint[]"
        parts.append(
            f"(SELECT * FROM articles_searchentry WHERE {bounds}{keyed}"
            f" ORDER BY published_at {order}, article_id {order}"
            f"{' OFFSET 0' if wanted.indexed else ''})"
        )
        values += bound_values
        values += [list(choice) for choice in wanted.choices]
        values += [list(wanted.keys)] if wanted.keys else []
        values += [months] if months else []
    checks = " AND ".join(wanted.checks) or "true"
    return (
        "SELECT article_id, published_at, source_id, topics"
        f" FROM ({' UNION ALL '.join(parts)}) AS candidates WHERE {checks}",
        [*values, *wanted.values],
    )


def _bounds(wanted: Conditions, position: Position) -> tuple[str, list[Any]]:
    """From when to when, as SQL on an entry."""
    clauses = ["published_at <= %s"]
    values: list[Any] = [timezone.now()]
    if wanted.last:
        clauses.append("published_at < %s")
        values.append(midnight(wanted.last + timedelta(days=1)))
    if wanted.first:
        clauses.append("published_at >= %s")
        values.append(midnight(wanted.first))
    for cursor, sign in ((position.older_than, "<"), (position.newer_than, ">")):
        if cursor:
            clauses.append(f"(published_at, article_id) {sign} (%s, %s)")
            values += [cursor.at, cursor.id]
    return " AND ".join(clauses), values


def _spans(
    wanted: Conditions, position: Position, upwards: bool
) -> Iterator[tuple[list[int], str, list[Any]]]:
    """Each span's months (none: it needs no key) and its bounds."""
    bounds, values = _bounds(wanted, position)
    if not wanted.indexed:
        yield [], bounds, values
        return
    month, end = _start(wanted, position), _end(wanted, upwards)
    step = 1 if upwards else -1
    for length in SPANS:
        months = range(month, month + step * length, step)
        yield [key(MONTH, one) for one in months], bounds, values
        month += step * length
        if end is not None and (end - month) * step < 0:
            return
    edge, side = (_first_of(month), ">=") if upwards else (_first_of(month + 1), "<")
    yield [], f"{bounds} AND published_at {side} %s", [*values, edge]


def _start(wanted: Conditions, position: Position) -> int:
    """The month, counted from year 0, at which to begin."""
    cursor = position.newer_than or position.older_than
    if cursor is None:
        return _month(wanted.newest)
    at = cursor.at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    if position.newer_than:
        return _month(max(at, wanted.first) if wanted.first else at)
    return _month(min(at, wanted.newest))


def _end(wanted: Conditions, upwards: bool) -> int | None:
    """The last month that there is any sense in looking at."""
    last = wanted.newest if upwards else wanted.first
    return _month(last) if last else None


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1


def _first_of(month: int) -> datetime:
    return midnight(date(min(max(month // 12, 1), 9998), month % 12 + 1, 1))
