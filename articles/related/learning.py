"""Which pairs of characters are common in this archive, and so tell nothing about an article."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from django.db import connection, transaction

from articles.connections import on_connections
from articles.models import Generation, PairSample, SearchEntry

SAMPLE = 5000
# A pair in fewer of the sampled articles is taken for one of a kind.
SELDOM = 3
BATCH = 500

_AT_RANDOM = """
SELECT text FROM articles_searchentry TABLESAMPLE BERNOULLI (%(percent)s) LIMIT %(sample)s
"""
_CHOSEN = "SELECT text FROM articles_entries_of(%(ids)s)"
_COUNT = """
INSERT INTO articles_pairfrequency (pair, articles)
SELECT pair, count(*)
FROM ({sampled}) AS sampled
CROSS JOIN LATERAL (SELECT DISTINCT unnest(articles_pairs(text, 0))) AS distinct_pairs (pair)
GROUP BY pair HAVING count(*) >= %(seldom)s
"""


def keep_learning() -> None:
    """Learn anew if it is time, and note likeness where nothing was known before."""
    for _ in learn_by_steps():
        pass


def learn_by_steps() -> Generator[int, None, None]:
    """Learn anew once the archive has doubled, and note likeness where nothing was known before.

    For whoever has just written many articles; it takes seconds, and about a millisecond for each
    article whose likeness is noted, of which it yields how many each step did. In an archive that
    fits into one sample every article's likeness is made anew; in a greater one what was learned
    still holds.
    """
    size = SearchEntry.objects.count()
    known = PairSample.objects.first()
    if size == 0 or (known is not None and size < 2 * known.archive):
        return
    learn()
    yield from liken_all(missing=size > SAMPLE)


def learn() -> None:
    """Count in how many of some articles, taken at random, each pair occurs.

    What was counted is in use at once; until `liken_all` has come to its end it counts for nothing
    learned, so that what was broken off is begun again.
    """
    size = SearchEntry.objects.count()
    # A few more than needed, for the sample's size is left to chance.
    percent = min(100.0, 110.0 * SAMPLE / max(size, 1))
    _learn(_AT_RANDOM, {"percent": percent, "sample": SAMPLE}, min(size, SAMPLE), 0)


def learn_from(ids: Sequence[int], archive: int) -> None:
    """Count so in these of an archive's articles, none of which has its entry yet.

    Each gets its likeness with its entry, so that this counts for learned at once.
    """
    _learn(_CHOSEN, {"ids": list(ids)}, len(ids), archive)


@transaction.atomic
def _learn(sampled: str, chosen: Mapping[str, Any], articles: int, archive: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")  # holds all pairs of Chinese news
        cursor.execute("DELETE FROM articles_pairfrequency")
        cursor.execute(_COUNT.format(sampled=sampled), {**chosen, "seldom": SELDOM})
        cursor.execute("ANALYZE articles_pairfrequency")
    PairSample.objects.all().delete()
    if articles:
        PairSample.objects.create(articles=articles, archive=archive)


def liken_all(*, missing: bool = False) -> Generator[int, None, None]:
    """Note what each article is alike by, yielding how many were done of each batch.

    In the end pages are made anew. `missing`: only where it is not known yet.
    """
    yield from on_connections(_liken, _batches(missing))
    PairSample.objects.update(archive=SearchEntry.objects.count())
    Generation.objects.begin()


def _batches(missing: bool) -> Iterator[list[int]]:
    """The ids to work through, some at a time."""
    entries = SearchEntry.objects.order_by("pk").values_list("pk", flat=True)
    if missing:
        entries = entries.filter(article__likeness=None)
    ids = entries.iterator(BATCH)
    while batch := list(islice(ids, BATCH)):
        yield batch


def _liken(ids: list[int]) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT articles_liken(%s)", [ids])
    return len(ids)
