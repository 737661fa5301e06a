"""The index proved, and made anew.

The database keeps the index by itself; this is for whoever has restored half a backup, switched
triggers off, or wants to know.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier

from django.db import connection
from django.db.models import Max

from articles.models import Article, IndexRebuild, SearchEntry
from articles.search.entries import KEYS

BATCH = 500
# Of so many entries each, one is looked for in the index by pairs of its own.
PROBED = 20
# As migration 0006 has it.
_INDEX = f"""
CREATE INDEX searchentry_keys ON articles_searchentry USING gin ({KEYS});
ALTER INDEX searchentry_keys ALTER COLUMN 1 SET STATISTICS 0;
"""

_DIFFERENT = """
SELECT coalesce(entry.article_id, expected.article_id)
FROM (SELECT * FROM articles_searchentry WHERE article_id BETWEEN %(first)s AND %(last)s) AS entry
FULL JOIN (
    SELECT * FROM articles_entries_of(ARRAY(
        SELECT id FROM articles_article
        WHERE id BETWEEN %(first)s AND %(last)s AND state = 'published'
    ))
) AS expected USING (article_id)
WHERE (entry.published_at, entry.title, entry.text, entry.editor, entry.byline, entry.source_id,
        entry.topics)
    IS DISTINCT FROM
    (expected.published_at, expected.title, expected.text, expected.editor, expected.byline,
        expected.source_id, expected.topics)
"""
# The index's answer and nobody else's: the entry's own row may not be looked at by its number.
_PROBE = f"""
SELECT count(*) FROM (
    SELECT article_id FROM articles_searchentry WHERE {KEYS} @> %s::bigint[] OFFSET 0
) AS found WHERE article_id = %s
"""


@dataclass
class Differences:
    """What a check found: articles whose entries are wrong, entries that the index can't find."""

    wrong: Sequence[int]
    unfindable: Sequence[int]


def batches(after: int = 0) -> Iterator[tuple[int, int]]:
    """The ranges of ids to work through, first and last, from the one after `after`."""
    highest = [
        model.objects.aggregate(highest=Max("pk"))["highest"] or 0
        for model in (Article, SearchEntry)
    ]
    for first in range(after + 1, max(highest) + 1, BATCH):
        yield first, min(first + BATCH - 1, max(highest))


def check(first: int, last: int) -> Differences:
    """Compare the entries of a range of ids with their articles, and probe the index."""
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENT, {"first": first, "last": last})
        wrong = [row[0] for row in cursor]
        cursor.execute(
            f"SELECT article_id, {KEYS} FROM articles_searchentry"
            " WHERE article_id BETWEEN %s AND %s AND article_id %% %s = 0",
            [first, last, PROBED],
        )
        probes = cursor.fetchall()
        unfindable = []
        for number, keys in probes:
            # Twenty of them, spread over the whole: together they are the entry's alone.
            cursor.execute(_PROBE, [keys[:: max(len(keys) // 20, 1)], number])
            if not cursor.fetchone()[0]:
                unfindable.append(number)
    return Differences(wrong, unfindable)


def repair(ids: Sequence[int]) -> int:
    """Make the entries of these articles true; how many had to change."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT articles_index(%s)", [list(ids)])
        changed: int = cursor.fetchone()[0]
        return changed


def rebuild() -> Iterator[tuple[int, int]]:
    """Make every entry true while the site serves, yielding the ranges of ids that are done.

    Broken off, it goes on where it was when it is called again. What is true already is not
    written. At last the index itself is built anew beside the old one.
    """
    state, _ = IndexRebuild.objects.get_or_create(pk=1, defaults={"reached": 0})
    for first, last in batches(state.reached):
        repair(range(first, last + 1))
        IndexRebuild.objects.filter(pk=1).update(reached=last)
        yield first, last
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('searchentry_keys')")
        if cursor.fetchone()[0] is None:  # an offline rebuild was broken off
            cursor.execute(_INDEX)
        else:
            cursor.execute("REINDEX INDEX CONCURRENTLY searchentry_keys")
    IndexRebuild.objects.all().delete()


def rebuild_offline(workers: int = 2) -> Iterator[tuple[int, int]]:
    """Empty the index and build it in bulk: much faster, but nothing is found until it is done."""
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX IF EXISTS searchentry_keys")
        cursor.execute("TRUNCATE articles_searchentry, articles_likeness")
    IndexRebuild.objects.all().delete()
    ranges = list(batches())
    everybody = Barrier(workers)
    with ThreadPoolExecutor(workers) as pool:
        try:
            for done, _ in zip(ranges, pool.map(_fill, ranges), strict=True):
                yield done
        finally:
            for _ in range(workers):
                pool.submit(_leave, everybody)
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '1GB'")
        cursor.execute(_INDEX)
        cursor.execute("RESET maintenance_work_mem")
        cursor.execute("VACUUM ANALYZE articles_searchentry")


def _leave(everybody: Barrier) -> None:
    """Close a thread's connection; the barrier gives each thread this once."""
    everybody.wait()
    connection.close()


def _fill(ids: tuple[int, int]) -> None:
    repair(range(ids[0], ids[1] + 1))
