"""What every page is made of, as digests: which pages have to be made anew.

PostgreSQL reads each public article once, with its source, photos, topics and corrections, and
gives a digest of them; they are noted in a file of SQLite's, where lists are cut into pages and
neighbours are found without asking again. A page's key is the digest of all that it shows:

- an article's: its own, its neighbours', its related articles', its age, and what all pages share;
- a list's page: those of its rows, its place, and what its head says.

Left out is what a frozen page doesn't show (`living`). A column that comes later is in at once.
Which articles are related is asked again only where anything has changed that this depends on: of
those tables there is one digest, `rank`.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import blake2b
from itertools import islice, pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone

from articles import paging
from articles.addresses import address
from articles.memento import HISTORY, TEXT
from articles.models import Article, Source, Topic
from articles.sidebar import BLOCK_SIZE, frame, sidebar

_DIGEST_BYTES = 16
_FETCHED = 2000
_UNSHOWN = frozenset({"reads", "imported_reads", "import_digest", "desk"})

_OWN = """
SELECT a.id, (extract(epoch FROM a.published_at) * 1000000)::bigint,
    to_char(a.published_at AT TIME ZONE %(zone)s, 'YYYY-MM-DD'),
    a.state = 'published', a.source_id, a.editor,
    (SELECT count(*) FROM articles_articlephoto g WHERE g.article_id = a.id),
    (SELECT string_agg(v.number::text, ',' ORDER BY v.number) FROM articles_publicversion v
     WHERE v.article_id = a.id AND v.kind <> 'retraction'),
    decode(md5(concat_ws(chr(31), ROW({columns})::text,
        (SELECT s::text FROM articles_source s WHERE s.id = a.source_id),
        (SELECT p::text FROM articles_photo p WHERE p.id = a.lead_photo_id),
        (SELECT string_agg(concat_ws(chr(31), g::text, p::text), chr(30) ORDER BY g.position, g.id)
         FROM articles_articlephoto g JOIN articles_photo p ON p.id = g.photo_id
         WHERE g.article_id = a.id),
        (SELECT string_agg(concat_ws(chr(31), m.position, t::text), chr(30)
                           ORDER BY m.position, m.id)
         FROM articles_articletopic m JOIN articles_topic t ON t.id = m.topic_id
         WHERE m.article_id = a.id),
        (SELECT string_agg(c::text, chr(30) ORDER BY c.published_at, c.id)
         FROM articles_correction c WHERE c.article_id = a.id AND c.published_at <= %(now)s),
        (SELECT string_agg(v::text, chr(30) ORDER BY v.number)
         FROM articles_publicversion v WHERE v.article_id = a.id)
    )), 'hex')
FROM articles_article a
WHERE a.state IN ('published', 'withdrawn') AND a.published_at <= %(now)s
"""
_MEMBERS = """
SELECT topic_id, article_id, (extract(epoch FROM published_at) * 1000000)::bigint, position, id
FROM articles_articletopic WHERE published_at <= %(now)s
"""
# Sums of digests: the same whatever order the rows come in.
_RANK = """
SELECT (SELECT sum(hashtextextended(l::text, 1)::numeric) FROM articles_likeness l),
    (SELECT sum(hashtextextended(f::text, 2)::numeric) FROM articles_pairfrequency f),
    (SELECT sum(hashtextextended(s::text, 3)::numeric) FROM articles_pairsample s),
    (SELECT sum(hashtextextended(ROW(topic_id, article_id, published_at)::text, 4)::numeric)
     FROM articles_articletopic WHERE published_at <= %(now)s),
    (SELECT sum(hashtextextended(ROW(article_id, published_at)::text, 5)::numeric)
     FROM articles_searchentry WHERE published_at <= %(now)s)
"""
_TABLES = """
CREATE TABLE article (
    id INTEGER PRIMARY KEY, at INTEGER, day TEXT, published INTEGER, source INTEGER, editor TEXT,
    photos INTEGER, versions TEXT, own BLOB
);
CREATE TABLE member (topic INTEGER, id INTEGER, at INTEGER, position INTEGER, row INTEGER);
"""
_INDEXES = """
CREATE INDEX by_source ON article (source, at, id) WHERE published;
CREATE INDEX by_editor ON article (editor, at, id) WHERE published;
CREATE INDEX by_day ON article (day, at, id) WHERE published;
CREATE INDEX by_topic ON member (topic, at, id);
CREATE INDEX by_article ON member (id, position, row);
CREATE TABLE beside AS
SELECT id, lag(id) OVER everything AS older, lead(id) OVER everything AS newer
FROM article WHERE published WINDOW everything AS (ORDER BY at, id);
CREATE UNIQUE INDEX beside_of ON beside (id);
CREATE TABLE within AS
SELECT topic, id, lag(id) OVER one AS older, lead(id) OVER one AS newer
FROM member WINDOW one AS (PARTITION BY topic ORDER BY at, id);
CREATE UNIQUE INDEX within_of ON within (id, topic);
"""
_ARTICLES = """
SELECT a.id, a.day, a.published, a.photos, a.versions, a.own, o.own, n.own, i.own, w.own
FROM article a
LEFT JOIN beside b ON b.id = a.id
LEFT JOIN article o ON o.id = b.older
LEFT JOIN article n ON n.id = b.newer
LEFT JOIN within t ON t.id = a.id AND t.topic = (
    SELECT topic FROM member m WHERE m.id = a.id ORDER BY position, row LIMIT 1)
LEFT JOIN article i ON i.id = t.older
LEFT JOIN article w ON w.id = t.newer
ORDER BY a.published, a.id
"""
Row = tuple[int, int, bytes]


def digest(*parts: object) -> bytes:
    """A digest of what is equal where its `repr` is."""
    return blake2b(repr(parts).encode(), digest_size=_DIGEST_BYTES).digest()


@dataclass(frozen=True)
class Unit:
    """What is made together: an article with its photos' pages, one page of a list, another page.

    `key`: equal while it would come out the same; None: made each time. An article's lacks its
    related ones (`Outline.whole_key`). `pages` are paths with queries, `files` other paths, which
    each script has its own of, `shared` those that it hasn't.
    """

    name: str
    key: bytes | None
    pages: Sequence[tuple[str, str]]
    files: Sequence[str] = ()
    shared: Sequence[str] = ()
    article: int | None = None  # a published one's id
    follows: bool = False  # its further pages, too


@dataclass
class Outline:
    """The archive of one moment."""

    path: Path
    now: datetime = field(default_factory=timezone.now)
    shared: bytes = b""  # in every key
    rank: bytes = b""

    def __post_init__(self) -> None:
        self._lines = sqlite3.connect(self.path)

    def close(self) -> None:
        """Let go of the file."""
        self._lines.close()

    @property
    def articles(self) -> int:
        """How many there are."""
        return self._one("SELECT count(*) FROM article")

    def note(self) -> Iterator[int]:
        """Read the archive once, at one moment; yields how many articles were read so far."""
        self._lines.executescript(_TABLES)
        columns = ", ".join(
            f'a."{each.column}"'
            for each in Article._meta.concrete_fields
            if each.name not in _UNSHOWN
        )
        asked: dict[str, Any] = {"now": self.now, "zone": settings.TIME_ZONE}
        count = 0
        with transaction.atomic():
            for rows in _read(_OWN.format(columns=columns), asked):
                self._lines.executemany(
                    "INSERT INTO article VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    [(*row[:8], bytes(row[8])) for row in rows],
                )
                count += len(rows)
                yield count
            for rows in _read(_MEMBERS, asked):
                self._lines.executemany("INSERT INTO member VALUES (?, ?, ?, ?, ?)", rows)
            with connection.cursor() as cursor:
                cursor.execute(_RANK, asked)
                self.rank = digest(cursor.fetchone())
        self._lines.executescript(_INDEXES)
        self._lines.commit()

    def surroundings(self) -> bytes:
        """A digest of what stands around every page, without what lives. Eight queries."""
        around = frame()
        beside = sidebar(around.topics)
        blocks = [*beside.blocks, *([beside.pictures] if beside.pictures else [])]
        return digest(
            [_values(each) for each in (*around.topics, *around.pages, *around.licences)],
            [
                (_values(block.topic), self.own([article.pk for article in block.articles]))
                for block in blocks
            ],
            [(_values(each), _values(each.photo)) for each in beside.promos],
            BLOCK_SIZE,
        )

    def own(self, ids: Sequence[int]) -> list[bytes | None]:
        """The articles' own digests, in their order."""
        found = (
            self._lines.execute("SELECT own FROM article WHERE id = ?", [one]).fetchone()
            for one in ids
        )
        return [row[0] if row else None for row in found]

    def topics_of(self, article: int) -> list[int]:
        """The ids of an article's topics."""
        rows = self._lines.execute(
            "SELECT topic FROM member WHERE id = ? ORDER BY position, row", [article]
        )
        return [topic for (topic,) in rows]

    def whole_key(self, key: bytes, related: Sequence[int]) -> bytes:
        """An article's key, with its related articles."""
        return digest(key, self.own(related))

    def article_units(self) -> Iterator[Unit]:
        """Every public article, withdrawn ones first."""
        today = timezone.localdate(self.now)
        for row in self._lines.execute(_ARTICLES):
            number, day, published, photos, versions, own, *beside = row
            path = f"/{day.replace('-', '/')}/{number}/"
            places = [f"{path}photo/{place}/" for place in range(1, photos + 1)]
            if versions:
                places.append(f"{path}{HISTORY}")
                places += [f"{path}{HISTORY}{version}/" for version in versions.split(",")]
            yield Unit(
                name=f"article {number}",
                key=digest(self.shared, own, beside, _age(date.fromisoformat(day), today)),
                pages=[(each, "") for each in (path, *places)],
                files=[f"{path}code.svg"] if published else [],
                shared=[f"{path}{TEXT}"] if published else [],
                article=number if published else None,
                follows=bool(versions),
            )

    def list_units(self) -> Iterator[Unit]:
        """Every page of the lists by topic, source, editor, day and month."""
        for topic in Topic.objects.all():
            rows = self._rows("member m JOIN article USING (id)", "m.topic = ?", topic.pk, "m.at")
            yield from self._pages(topic.get_absolute_url(), rows, paging.LISTED, _values(topic))
        for source in Source.objects.all():
            head = (_values(source), self._span("source", source.pk))
            rows = self._rows("article", "published AND source = ?", source.pk)
            yield from self._pages(source.get_absolute_url(), rows, paging.LISTED, head)
        for (name,) in self._all("SELECT DISTINCT editor FROM article WHERE published"):
            if name:
                rows = self._rows("article", "published AND editor = ?", name)
                yield from self._pages(
                    address("editor", name), rows, paging.LISTED, self._span("editor", name)
                )
        yield from self._by_date()

    def _by_date(self) -> Iterator[Unit]:
        counted = self._all(
            "SELECT day, count(*) FROM article WHERE published GROUP BY 1 ORDER BY 1"
        )
        days = [day for day, _ in counted]
        around = {here: (before, after) for before, here, after in _in_threes(days)}
        months: dict[str, list[tuple[str, int]]] = {}
        for day, count in counted:
            months.setdefault(day[:7], []).append((day, count))
            rows = self._rows("article", "published AND day = ?", day)
            yield from self._pages(f"/{day.replace('-', '/')}/", rows, paging.BY_DATE, around[day])
        for month, held in months.items():
            ends = around[held[0][0]][0], around[held[-1][0]][1]
            rows = self._rows(
                "article", "published AND day BETWEEN ?1 || '-01' AND ?1 || '-31'", month
            )
            yield from self._pages(
                f"/{month.replace('-', '/')}/", rows, paging.BY_DATE, (held, ends)
            )

    def by_day_of_year(self) -> dict[str, bytes]:
        """A digest of all articles of each day that has some, in all years: 历史上的今天."""
        found: dict[str, Any] = {}
        for day, own in self._lines.execute(
            "SELECT substr(day, 6), own FROM article WHERE published ORDER BY at, id"
        ):
            found.setdefault(day, blake2b(digest_size=_DIGEST_BYTES)).update(own)
        return {day: each.digest() for day, each in found.items()}

    def years(self) -> list[str]:
        """Those that have articles."""
        return [
            year
            for (year,) in self._all(
                "SELECT DISTINCT substr(day, 1, 4) FROM article WHERE published"
            )
        ]

    def months(self) -> list[str]:
        """Those that have articles, as 2024-05."""
        return [
            month
            for (month,) in self._all(
                "SELECT DISTINCT substr(day, 1, 7) FROM article WHERE published"
            )
        ]

    def _pages(self, encoded: str, rows: Iterator[Row], size: int, head: object) -> Iterator[Unit]:
        """A list's pages: the first, and every further one as both its neighbours name it.

        From the newer side it is `before` the last row there; from the older side `after` the
        first row there (articles/paging.py).
        """
        path = unquote(encoded)
        shown, number = list(islice(rows, size)), 0
        newer: list[Row] = []
        while True:
            older = list(islice(rows, size))
            made = digest(self.shared, head, [own for *_, own in shown])
            query = f"before={_place(newer[-1])}" if newer else ""
            if shown or not number:
                yield self._page(path, query, digest(made, bool(newer), bool(older)))
            if not older:
                return
            # The same rows, as the next page's link to newer ones shows them.
            yield self._page(path, f"after={_place(older[0])}", digest(made, bool(newer), True))
            newer, shown, number = shown, older, number + 1

    def _page(self, path: str, query: str, key: bytes) -> Unit:
        return Unit(f"{path}?{query}" if query else path, key, [(path, query)])

    def _rows(self, table: str, where: str, value: object, at: str = "at") -> Iterator[Row]:
        return self._lines.execute(
            f"SELECT id, {at}, own FROM {table} WHERE {where} ORDER BY {at} DESC, id DESC", [value]
        )

    def _span(self, column: str, value: object) -> tuple[object, ...]:
        found = self._all(
            f"SELECT min(at), max(at) FROM article WHERE published AND {column} = ?", value
        )
        return tuple(found[0])

    def _all(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        return self._lines.execute(statement, values).fetchall()

    def _one(self, statement: str) -> int:
        return int(self._all(statement)[0][0])


def _read(statement: str, asked: dict[str, Any]) -> Iterator[list[tuple[Any, ...]]]:
    """Rows by the batch, in constant memory; within a transaction."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, asked)
        while rows := cursor.fetchmany(_FETCHED):
            yield rows


def _values(row: models.Model | None) -> dict[str, object]:
    """What a template can read of a row without asking for more."""
    if row is None:
        return {}
    deferred = row.get_deferred_fields()
    return {
        each.attname: getattr(row, each.attname)
        for each in row._meta.concrete_fields
        if each.attname not in deferred
    }


def _place(row: Row) -> paging.Cursor:
    return paging.Cursor.parse(f"{row[1]}-{row[0]}")


def _age(published: date, today: date) -> tuple[bool, int]:
    """Whether an article may be called old, and how many years."""
    birthday_to_come = (today.month, today.day) < (published.month, published.day)
    return (today - published).days > 365, today.year - published.year - birthday_to_come


def _in_threes(days: Sequence[str]) -> Iterable[tuple[str | None, str, str | None]]:
    padded: list[str | None] = [None, *days, None]
    return [
        (before, here, after)
        for (before, here), (_, after) in zip(pairwise(padded), pairwise(padded[1:]), strict=False)
        if here
    ]
