"""The index proved, and made anew.

The database keeps the index by itself; this is for whoever has restored half a backup, switched
triggers off, or wants to know, and for who writes very many articles at once.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread

from django.db import connection, transaction
from django.db.models import Max

from articles import reading
from articles.connections import on_connections
from articles.models import Article, Generation, IndexRebuild, SearchEntry
from articles.search.entries import KEYS

BATCH = 500
# Of so many entries each, one is looked for in the index by pairs of its own.
PROBED = 20
# An index of fewer entries is built again in no time.
HARDLY_ANY = 100
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


# Merging what was read is the smaller part; its tuples are keys, and told once it begins.
_BUILT = """
SELECT CASE WHEN blocks_total > 0 THEN blocks_done::float / blocks_total ELSE 1.0 END
FROM pg_stat_progress_create_index
WHERE datname = current_database() AND relid = 'articles_searchentry'::regclass
"""
_IN_STEP = """
SELECT
    EXISTS (SELECT FROM pg_index
        WHERE indexrelid = to_regclass('searchentry_keys') AND indisvalid)
    AND NOT EXISTS (SELECT FROM articles_indexrebuild WHERE in_bulk)
    AND NOT EXISTS (
        SELECT FROM (
            SELECT id FROM articles_article WHERE state = 'published'
            ORDER BY published_at DESC, id DESC LIMIT 100
        ) AS newest
        WHERE NOT EXISTS (SELECT FROM articles_searchentry WHERE article_id = newest.id)
    )
"""
_IN_RANGE = """
SELECT id FROM articles_article WHERE id BETWEEN %(first)s AND %(last)s
UNION
SELECT article_id FROM articles_searchentry WHERE article_id BETWEEN %(first)s AND %(last)s
"""


@dataclass
class Differences:
    """What a check found: articles whose entries are wrong, entries that the index can't find."""

    wrong: Sequence[int]
    unfindable: Sequence[int]


def batches(after: int = 0) -> Iterator[tuple[int, int]]:
    """The ranges of ids to work through, first and last, from the one after `after`.

    Each holds at most so many articles as are worked on at once, however far apart their ids are.
    """
    while True:
        ids = Article.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)
        last = max(ids[:BATCH], default=0)
        if not last:
            break
        yield after + 1, last
        after = last
    stray = SearchEntry.objects.filter(pk__gt=after).aggregate(highest=Max("pk"))["highest"]
    if stray:
        yield after + 1, stray


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


@contextmanager
def by_hand() -> Iterator[None]:
    """Within a transaction: the triggers index nothing, for the writer calls `repair` for all."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL xinwang.indexes_itself = 'on'")
        yield
        cursor.execute("SET LOCAL xinwang.indexes_itself = 'off'")


def is_in_step() -> bool:
    """Whether the index is there and has the newest articles. One statement, some hundred rows.

    `check_search` proves the whole; this tells at once that triggers are off, that half a backup
    was restored, or that an import has left the index for later.
    """
    with reading.connection.cursor() as cursor:
        cursor.execute(_IN_STEP)
        return bool(cursor.fetchone()[0])


def is_to_be_built() -> bool:
    """Whether nothing worth keeping is in the index, so that it may as well be built in bulk."""
    return is_postponed() or SearchEntry.objects.order_by("pk")[:HARDLY_ANY].count() < HARDLY_ANY


def is_postponed() -> bool:
    """Whether articles were written whose entries wait for the index to be built in bulk."""
    return IndexRebuild.objects.filter(in_bulk=True).exists()


def postpone() -> None:
    """Note that articles written in this transaction wait for a rebuild to get their entries."""
    IndexRebuild.objects.bulk_create(
        [IndexRebuild(pk=1, reached=0, in_bulk=True)],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["reached", "in_bulk"],
    )


def rebuild() -> Generator[int, None, None]:
    """Make every entry true while the site serves, yielding how many articles each step did.

    Broken off, it goes on where it was when it is called again. What is true already is not
    written. At last the index itself is built anew beside the old one.
    """
    state, _ = IndexRebuild.objects.get_or_create(pk=1, defaults={"reached": 0})
    reached = state.reached
    for first, last in batches(reached):
        done = _fill((first, last))
        IndexRebuild.objects.filter(pk=1, reached=reached).update(reached=last)
        reached = last
        yield done
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('searchentry_keys')")
        if cursor.fetchone()[0] is None:  # an offline rebuild was broken off
            cursor.execute(_INDEX)
        else:
            cursor.execute("REINDEX INDEX CONCURRENTLY searchentry_keys")
    # An import may have postponed more meanwhile.
    IndexRebuild.objects.filter(pk=1, reached=reached).delete()


def fill_anew() -> Generator[int, None, None]:
    """Empty the index and write all entries, yielding how many articles each step did.

    Much faster than `rebuild`, but nothing is found until `build` has followed. Broken off, it is
    done by `rebuild`, or begun again. Close what this returns if you leave it early.
    """
    empty()
    yield from fill()


def empty() -> None:
    """Forget all entries, and what was learned of pairs: it was of another archive."""
    with transaction.atomic(), connection.cursor() as cursor:
        postpone()
        cursor.execute("DROP INDEX IF EXISTS searchentry_keys")
        cursor.execute("TRUNCATE articles_searchentry, articles_likeness, articles_pairsample")


def fill() -> Generator[int, None, None]:
    """Write all entries on two connections, yielding how many articles each step did."""
    return on_connections(_fill, batches())


def build(report: Callable[[float], object]) -> None:
    """Make the index of all entries in bulk; `report` is told each second which share is done."""
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '1GB'")
        with _watched(report):
            cursor.execute(_INDEX)
        cursor.execute("RESET maintenance_work_mem")
    IndexRebuild.objects.all().delete()
    Generation.objects.begin()  # pages of results were made without it
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE articles_searchentry")


@contextmanager
def _watched(report: Callable[[float], object]) -> Iterator[None]:
    """Tell how much of a table has been read for its new index, from a thread beside."""
    done = Event()

    def watch() -> None:
        while not done.wait(1):
            with connection.cursor() as cursor:
                cursor.execute(_BUILT)
                for (share,) in cursor.fetchall():
                    report(share)
        connection.close()

    watcher = Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _fill(ids: tuple[int, int]) -> int:
    """Make the entries of a range of ids true; how many articles and entries there are."""
    with connection.cursor() as cursor:
        cursor.execute(_IN_RANGE, {"first": ids[0], "last": ids[1]})
        found = [row[0] for row in cursor]
    repair(found)
    return len(found)
