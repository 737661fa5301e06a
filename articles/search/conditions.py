"""What a query means to the index: keys that an entry must have, and checks of its text."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.utils import timezone

from articles.models.article import midnight
from articles.paging import Position
from articles.reading import connection
from articles.search.query import LONGEST, Field, Query, Term

# What migration 0006 calls the kinds of keys.
TITLES = 1
MONTH, SOURCE, TOPIC, SIXTEENTH, TWO_HUNDRED_FIFTY_SIXTH = 4, 6, 7, 8, 9
# How far up in a key its kind stands.
KIND = 42
# So many of a term's pairs say where to look; the text is compared all the same. In each article
# that has the seldomest PostgreSQL looks all the others up: of a phrase of twelve, ten.
TELLING = 4
PLACES = {Field.ANY: 0, Field.TITLE: 1, Field.EDITOR: 2, Field.BYLINE: 3}
COLUMNS = {Field.ANY: "text", Field.TITLE: "title", Field.EDITOR: "editor", Field.BYLINE: "byline"}


def key(kind: int, value: int) -> int:
    """A key of the index that is no pair of characters."""
    return kind << KIND | value


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
    with `values`. `needles` are the folded words to mark; `newest` is the day of the newest entry
    in the time asked for; `scheduled`: times to come count, too. `impossible`: nothing can fulfil
    it; `meaningless`: nothing was asked for.
    """

    keys: tuple[int, ...] = ()
    choices: tuple[tuple[int, ...], ...] = ()
    checks: tuple[str, ...] = ()
    values: tuple[Any, ...] = ()
    needles: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None
    newest: date = date.max
    scheduled: bool = False
    impossible: bool = False
    meaningless: bool = False

    @property
    def indexed(self) -> bool:
        """Whether the index narrows it at all."""
        return bool(self.keys or self.choices)

    def with_keys(self, *more: int) -> "Conditions":
        """The same with keys more."""
        return replace(self, keys=(*self.keys, *more))

    def with_check(self, sql: str, value: Any) -> "Conditions":
        """The same with a check more, of one parameter."""
        return replace(self, checks=(*self.checks, sql), values=(*self.values, value))

    def bounds(self, position: Position, *, by_key: bool = False) -> tuple[str, list[Any]]:
        """From when to when, as SQL on an entry with its parameters.

        `by_key`: written so that the index of dates can't answer it. Where few rows come from the
        index of keys, reading years of dates beside it takes longer than looking at the rows.
        """
        at = "(published_at + interval '0')" if by_key else "published_at"
        clauses = ["true"] if self.scheduled else [f"{at} <= %s"]
        values: list[Any] = [] if self.scheduled else [timezone.now()]
        if self.last:
            clauses.append(f"{at} < %s")
            values.append(midnight(self.last + timedelta(days=1)))
        if self.first:
            clauses.append(f"{at} >= %s")
            values.append(midnight(self.first))
        for cursor, sign in ((position.older_than, "<"), (position.newer_than, ">")):
            if cursor:
                clauses.append(f"({at}, article_id) {sign} (%s, %s)")
                values += [cursor.at, cursor.id]
        return " AND ".join(clauses), values


class _Folded(NamedTuple):
    text: str
    keys: Sequence[int]


def conditions(
    query: Query, filters: Filters, *, in_titles: bool = False, scheduled: bool = False
) -> Conditions:
    """What a query means to the index; `in_titles`: its words have to stand in titles.

    Two queries, and one for each term with 来源: or 话题:. Terms without a letter or digit are left
    out; where nothing else is asked for, nothing is found.

    `scheduled`: as editors search. All pairs are keys then: drafts are in no sample, and of those
    that have the keys only so many are looked at.
    """
    terms = [
        replace(term, field=Field.TITLE)
        if in_titles and term.field is Field.ANY and not term.excluded
        else term
        for term in query.terms
    ]
    found = _within(Conditions(first=filters.first, last=filters.last, scheduled=scheduled))
    if filters.topic:
        found = found.with_keys(key(TOPIC, filters.topic))
    if filters.source:
        found = found.with_keys(key(SOURCE, filters.source))
    telling = LONGEST if scheduled else TELLING
    meant = [
        (term, folded)
        for term, folded in zip(terms, _fold(terms, telling), strict=True)
        if folded.text
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


def _within(found: Conditions) -> Conditions:
    """Conditions of time, with the day of the archive's newest entry that they let through."""
    bounds, values = found.bounds(Position())
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT published_at FROM articles_searchentry WHERE {bounds}"
            " ORDER BY published_at DESC, article_id DESC LIMIT 1",
            values,
        )
        row = cursor.fetchone()
    if row is None:
        return replace(found, newest=timezone.localdate())
    return replace(found, newest=timezone.localdate(row[0]))


def _with_words(found: Conditions, term: Term, folded: _Folded) -> Conditions:
    column = COLUMNS[term.field]
    if term.excluded:
        return found.with_check(f"strpos({column}, %s) = 0", folded.text)
    found = found.with_keys(*folded.keys)
    if term.field in {Field.ANY, Field.TITLE}:
        found = replace(found, needles=(*found.needles, folded.text))
    if len(folded.text) == 2 or (folded.keys and len(folded.text) == 1):
        return found  # the key says it all
    return found.with_check(f"strpos({column}, %s) > 0", folded.text)


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
        return found.with_check(f"({check}) IS NOT TRUE", ids)
    if not ids:
        return replace(found, impossible=True)
    return replace(found, choices=(*found.choices, tuple(key(kind, number) for number in ids)))


def _fold(terms: Sequence[Term], telling: int) -> list[_Folded]:
    """What the index makes of the terms' texts; of more pairs the seldomest. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT folded, CASE WHEN length(folded) <= %s + 1"
            " THEN articles_pairs(folded, place) ELSE ARRAY("
            "  SELECT mine.pair FROM unnest(articles_pairs(folded, place)) AS mine (pair)"
            "  LEFT JOIN articles_pairfrequency AS known"
            f"   ON known.pair = mine.pair & {key(1, 0) - 1}"
            "  GROUP BY mine.pair, known.articles"
            "  ORDER BY known.articles NULLS FIRST, mine.pair LIMIT %s) END ||"
            " CASE WHEN length(folded) = 1 AND place < 2"
            " THEN articles_singles(folded, place) ELSE '{}' END"
            " FROM (SELECT articles_fold(raw) AS folded, place, number"
            "       FROM unnest(%s::text[], %s::int[]) WITH ORDINALITY AS u (raw, place, number)"
            ") AS terms ORDER BY number",
            [
                telling,
                telling,
                [term.text for term in terms],
                [PLACES.get(term.field, 0) for term in terms],
            ],
        )
        return [_Folded(*row) for row in cursor]
