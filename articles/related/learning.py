"""Which pairs of characters are common in this archive, and so tell nothing about an article."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import connection, transaction

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
    """Learn anew once the archive has doubled, and note likeness where nothing was known before.

    For whoever has just written many articles; it takes seconds. In an archive that fits into one
    sample every article's likeness is made anew; in a greater one what was learned still holds.
    """
    size = SearchEntry.objects.count()
    known = PairSample.objects.first()
    if size == 0 or (known is not None and size < 2 * known.archive):
        return
    learn()
    for _ in liken_all(missing=size > SAMPLE):
        pass


def learn() -> None:
    """Count in how many of some articles, taken at random, each pair occurs."""
    size = SearchEntry.objects.count()
    # A few more than needed, for the sample's size is left to chance.
    percent = min(100.0, 110.0 * SAMPLE / max(size, 1))
    _learn(_AT_RANDOM, {"percent": percent, "sample": SAMPLE}, min(size, SAMPLE), size)


def learn_from(ids: Sequence[int], archive: int) -> None:
    """Count so in these articles of so many, which needn't have entries yet."""
    _learn(_CHOSEN, {"ids": list(ids)}, len(ids), archive)


@transaction.atomic
def _learn(sampled: str, chosen: Mapping[str, Any], articles: int, archive: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM articles_pairfrequency")
        cursor.execute(_COUNT.format(sampled=sampled), {**chosen, "seldom": SELDOM})
        cursor.execute("ANALYZE articles_pairfrequency")
    PairSample.objects.all().delete()
    if articles:
        PairSample.objects.create(articles=articles, archive=archive)


def liken_all(*, missing: bool = False) -> Iterator[int]:
    """Note what each article is alike by, yielding how many were done of each batch.

    In the end pages are made anew. `missing`: only where it is not known yet.
    """
    last = 0
    while True:
        entries = SearchEntry.objects.filter(pk__gt=last).order_by("pk")
        if missing:
            entries = entries.filter(article__likeness=None)
        ids = list(entries.values_list("pk", flat=True)[:BATCH])
        if not ids:
            Generation.objects.begin()
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT articles_liken(%s)", [ids])
        last = ids[-1]
        yield len(ids)
