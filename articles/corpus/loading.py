"""Articles into the database by COPY, any part by any process.

Triggers stay on, but for those of search: they cost little beside the whole. So memberships get
their times, and pages their generations, as from any other writer.
"""

from collections.abc import Sequence
from typing import Any

import psycopg

from articles.corpus.plan import Plan, Story, story

# An article's rows in other tables have numbers of their own, whoever writes them: so many apart.
TOPICS_APART, PHOTOS_APART, DAYS_APART = 16, 4, 64
SETTINGS = "SET synchronous_commit = off; SET xinwang.indexes_itself = 'on'"
ARTICLE = (
    "id", "title", "original_title", "source_id", "desk_id", "editor", "byline", "body", "anchors",
    "excerpt", "state", "published_at", "revised_at", "age_notice", "lead_photo_id",
    "imported_reads", "reads", "legacy_id", "legacy_url", "import_digest", "created_at",
    "updated_at",
)  # fmt: skip
Row = tuple[Any, ...]


def load(conninfo: str, plan: Plan, first: int, last: int) -> int:
    """Write articles `first` to `last`, both included, in one transaction; how many."""
    topics: list[Row] = []
    photos: list[Row] = []
    notes: list[Row] = []
    reads: list[Row] = []
    with psycopg.connect(conninfo) as connection:
        connection.execute(SETTINGS)
        with connection.cursor().copy(_copy("article", ARTICLE)) as copy:
            for number in range(first, last + 1):
                one = story(plan, number)
                copy.write_row(_article(one))
                topics += _topics(one)
                photos += _photos(one)
                notes += _notes(one)
                reads += _reads(one)
        _write(connection, "articletopic", ("id", "article_id", "topic_id", "position"), topics)
        gallery = ("id", "article_id", "photo_id", "position", "caption")
        _write(connection, "articlephoto", gallery, photos)
        said = ("id", "article_id", "kind", "published_at", "text")
        _write(connection, "correction", said, notes)
        _write(connection, "dailyreads", ("id", "article_id", "day", "count"), reads)
    return last - first + 1


def _copy(table: str, columns: Sequence[str]) -> str:
    return f"COPY articles_{table} ({', '.join(columns)}) FROM STDIN"


def _write(
    connection: psycopg.Connection, table: str, columns: Sequence[str], rows: Sequence[Row]
) -> None:
    with connection.cursor().copy(_copy(table, columns)) as copy:
        for row in rows:
            copy.write_row(row)


def _article(one: Story) -> Row:
    revised = one.note.published_at if one.note else None
    return (
        one.number, one.title, one.original_title, one.source, one.desk, one.editor, one.byline,
        one.body, "[]", one.excerpt, one.state, one.published_at, revised, True,
        one.gallery[0].id if one.gallery else None, one.imported_reads, one.reads, one.legacy_id,
        one.legacy_url, "", one.created_at, revised or one.published_at or one.created_at,
    )  # fmt: skip


def _topics(one: Story) -> list[Row]:
    return [
        (one.number * TOPICS_APART + place, one.number, topic, place)
        for place, topic in enumerate(one.topics)
    ]


def _photos(one: Story) -> list[Row]:
    return [
        (one.number * PHOTOS_APART + place, one.number, picture.id, place, picture.caption)
        for place, picture in enumerate(one.gallery)
    ]


def _notes(one: Story) -> list[Row]:
    if one.note is None:
        return []
    return [(one.number, one.number, one.note.kind, one.note.published_at, one.note.text)]


def _reads(one: Story) -> list[Row]:
    return [
        (one.number * DAYS_APART + place, one.number, day, count)
        for place, (day, count) in enumerate(sorted(one.daily_reads.items()))
    ]
