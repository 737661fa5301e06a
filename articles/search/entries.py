"""Reading the index: entries that hold all that a query asks for, newest first.

Every condition becomes keys of the index where it can (pairs of characters, months, source, topic)
and is checked on the entry's text where keys alone would let too much through: a phrase of four is
three pairs, which may stand apart. The lists of common pairs are long, so a search walks back
through time, a span at a time, and stops as soon as it has enough (docs/adr/0012).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import OperationalError, transaction
from psycopg.errors import QueryCanceled

from articles.models.article import midnight
from articles.paging import Cursor, Position
from articles.reading import alias, connection
from articles.search.conditions import (
    KIND,
    MONTH,
    SIXTEENTH,
    TITLES,
    TWO_HUNDRED_FIFTY_SIXTH,
    Conditions,
    key,
)

# The months that a search looks at first, then, and then; after them all that is left at once.
SPANS = (2, 8, 32)
# Up to so many months tell the rows of a sample sooner than their dates do.
MOST_MONTHS = 48
# Without a key to go by, no more than so many of the newest entries are read for an overview.
WALK = 1000
# A usual search takes milliseconds a statement.
PATIENCE_MS = 1500
# How many drafts and withdrawn articles are read through for one search.
UNPUBLISHED = 500
KEYS = (
    "articles_search_keys(text, title, editor, byline, source_id, topics, published_at, article_id)"
)


class TooBroad(Exception):
    """Looking through all that the words leave open takes too long."""


@contextmanager
def limited() -> Iterator[None]:
    """Break off what takes a statement longer than PATIENCE; then raise TooBroad.

    Words that are everywhere, or excluding what is everywhere, would read every text.
    """
    try:
        with transaction.atomic(using=alias()), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(PATIENCE_MS)])
            yield
            cursor.execute("SET LOCAL statement_timeout = DEFAULT")
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TooBroad from error
        raise


class Entry(NamedTuple):
    """An article that was found, and its place in a newest-first list."""

    article_id: int
    published_at: datetime

    def cursor(self) -> Cursor:
        """Its place."""
        return Cursor(self.published_at, self.article_id)


class Counted(NamedTuple):
    """An article that was found, with what facets count; `month` from year 0, in the paper's city.

    Made so because reading a thousand times of day takes Python longer than finding them.
    """

    article_id: int
    month: int
    source_id: int | None
    topics: Sequence[int]


class Survey(NamedTuple):
    """The newest entries that fulfil conditions, and whether there are no others."""

    found: Sequence[Counted]
    complete: bool


_PLACE = "article_id, published_at"
_COUNTED = (
    "article_id,"
    " (date_part('year', published_at AT TIME ZONE %s) * 12"
    " + date_part('month', published_at AT TIME ZONE %s) - 1)::int,"
    " source_id, topics"
)


def gather(wanted: Conditions, limit: int, position: Position | None = None) -> list[Entry]:
    """The newest `limit` entries that fulfil the conditions, from `position` on. One query.

    After a `newer_than` position: those next to it, oldest first.
    """
    rows = _read(wanted, _PLACE, [], limit, position or Position())
    return [Entry(*row) for row in rows]


def survey(wanted: Conditions, limit: int) -> Survey:
    """The newest `limit` entries that fulfil the conditions, to be counted. One query.

    Without a key to go by: those among the newest WALK.
    """
    if not wanted.indexed and not wanted.impossible:
        return _survey_newest(wanted)
    rows = _read(wanted, _COUNTED, [settings.TIME_ZONE] * 2, limit + 1, Position())
    return Survey([Counted(*row) for row in rows[:limit]], len(rows) <= limit)


def sample(wanted: Conditions, share: int) -> list[Counted]:
    """Every entry that fulfils the conditions in one of 16 or of 256 samples of the archive.

    One query: it stops nowhere, so it doesn't walk through spans of time.
    """
    kind = {16: SIXTEENTH, 256: TWO_HUNDRED_FIFTY_SIXTH}[share]
    bounds, values = wanted.bounds(Position(), by_key=True)
    keyed, keys = _keyed(wanted.with_keys(key(kind, 7)), _months(wanted))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COUNTED} FROM articles_searchentry"
            f" WHERE {bounds} AND {keyed} AND {_checks(wanted)}",
            [*[settings.TIME_ZONE] * 2, *values, *keys, *wanted.values],
        )
        return [Counted(*row) for row in cursor]


def _months(wanted: Conditions) -> list[int]:
    """The keys of the months that a search is narrowed to; none if there are too many to help."""
    if wanted.first is None:
        return []
    months = range(_month(wanted.first), _month(wanted.newest) + 1)
    return [key(MONTH, one) for one in months] if len(months) <= MOST_MONTHS else []


def _survey_newest(wanted: Conditions) -> Survey:
    bounds, values = wanted.bounds(Position())
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COUNTED}, {_checks(wanted)}"
            f" FROM articles_searchentry WHERE {bounds}"
            " ORDER BY published_at DESC, article_id DESC LIMIT %s",
            [*[settings.TIME_ZONE] * 2, *wanted.values, *values, WALK + 1],
        )
        rows = cursor.fetchall()
    found = [Counted(*row) for *row, fulfils in rows[:WALK] if fulfils]
    return Survey(found, len(rows) <= WALK)


def _read(
    wanted: Conditions, columns: str, values: list[Any], limit: int, position: Position
) -> list[tuple[Any, ...]]:
    if wanted.impossible:
        return []
    found, more_values = _statement(wanted, position)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} {found} LIMIT %s", [*values, *more_values, limit])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def gather_unpublished(wanted: Conditions) -> list[int]:
    """The ids of drafts and withdrawn articles that fulfil the conditions. One query.

    Their words are in an index of their own (migration 0007); each that has them all is folded, at
    a millisecond or so, for the rest. So only the newest UNPUBLISHED of those are looked at.
    """
    if wanted.impossible:
        return []
    # The index doesn't tell titles from texts, and knows nothing else.
    words = [number % (1 << KIND) for number in wanted.keys if number >> KIND <= TITLES]
    others = tuple(number for number in wanted.keys if number >> KIND)
    keyed, values = _keyed(replace(wanted, keys=others))
    with_words = "articles_unpublished_keys(title, original_title, body) @> %s::bigint[]"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT article_id FROM articles_entries_of(ARRAY("
            "  SELECT id FROM ("
            "    SELECT id FROM articles_article WHERE state <> 'published'"
            f"     AND {with_words if words else 'true'} OFFSET 0"
            "  ) AS candidates ORDER BY id DESC LIMIT %s"
            f")) WHERE {keyed} AND {_checks(wanted)}",
            [*([words] if words else []), UNPUBLISHED, *values, *wanted.values],
        )
        return [row[0] for row in cursor]


def _keyed(wanted: Conditions, months: Sequence[int] = ()) -> tuple[str, list[Any]]:
    """The keys that an entry must have, as SQL with its parameters; one of `months`, if any."""
    asked = [("&&", choice) for choice in (*wanted.choices, months) if choice]
    if wanted.keys:
        asked.append(("@>", wanted.keys))
    clauses = [f"{KEYS} {operator} %s::bigint[]" for operator, _ in asked]
    return " AND ".join(clauses) or "true", [list(keys) for _, keys in asked]


def _checks(wanted: Conditions) -> str:
    return " AND ".join(wanted.checks) or "true"


def _statement(wanted: Conditions, position: Position) -> tuple[str, list[Any]]:
    """Spans of time one after the other, each fenced so that the index of keys is used."""
    upwards = position.newer_than is not None
    order = "ASC" if upwards else "DESC"
    parts: list[str] = []
    values: list[Any] = []
    for months, bounds, bound_values in _spans(wanted, position, upwards):
        keyed, key_values = _keyed(wanted, months)
        parts.append(
            f"(SELECT * FROM articles_searchentry WHERE {bounds} AND {keyed}"
            f" ORDER BY published_at {order}, article_id {order}"
            f"{' OFFSET 0' if wanted.indexed else ''})"
        )
        values += [*bound_values, *key_values]
    return (
        f"FROM ({' UNION ALL '.join(parts)}) AS candidates WHERE {_checks(wanted)}",
        [*values, *wanted.values],
    )


def _spans(
    wanted: Conditions, position: Position, upwards: bool
) -> Iterator[tuple[list[int], str, list[Any]]]:
    """Each span's months (none: it needs no key) and its bounds."""
    bounds, values = wanted.bounds(position, by_key=wanted.indexed)
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
    yield [], f"{bounds} AND (published_at + interval '0') {side} %s", [*values, edge]


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
