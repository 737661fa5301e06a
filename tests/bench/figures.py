"""What the index costs: its size, and what it adds to saving an article."""

from collections.abc import Mapping
from time import perf_counter

from django.db import connection, transaction

from tests.bench.latency import Spread, spread

SAVES = 200
COPIED = """
INSERT INTO articles_article (title, original_title, source_id, editor, byline, body, anchors,
    excerpt, state, published_at, age_notice, imported_reads, reads, legacy_url, import_digest,
    created_at, updated_at)
SELECT title, original_title, source_id, editor, byline, body, anchors, excerpt, state,
    now() - interval '1 minute', age_notice, 0, 0, '', 'bench', now(), now()
FROM articles_article WHERE id = %s
"""
CHANGED = "UPDATE articles_article SET body = body || '<p>更正：第二段有误。</p>' WHERE id = %s"


def size_ratio() -> float:
    """Bytes of entries and all their indexes for each byte of titles and bodies."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_total_relation_size('articles_searchentry')::float"
            " / (SELECT sum(octet_length(title) + octet_length(body)) FROM articles_article)"
        )
        return float(cursor.fetchone()[0])


def index_sizes() -> tuple[float, float]:
    """Kilobytes an article of the index of keys, and of all that search keeps."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_relation_size('searchentry_keys') / 1000.0 / count(*),"
            " pg_total_relation_size('articles_searchentry') / 1000.0 / count(*)"
            " FROM articles_searchentry"
        )
        one, whole = cursor.fetchone()
        return float(one), float(whole)


def saves(articles: int) -> Mapping[str, Spread]:
    """Milliseconds of transactions that save one article each, committed to disk; then undone."""
    numbers = range(articles // 2, articles // 2 + SAVES)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE kept AS SELECT id, body FROM articles_article WHERE id = ANY (%s)",
            [list(numbers)],
        )
    times = {
        "insert": spread([_seconds(COPIED, number) for number in numbers]),
        "change of the body": spread([_seconds(CHANGED, number) for number in numbers]),
    }
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM articles_article WHERE import_digest = 'bench'")
        cursor.execute(
            "UPDATE articles_article AS article SET body = kept.body FROM kept"
            " WHERE kept.id = article.id"
        )
        cursor.execute("DROP TABLE kept")
        cursor.execute("SELECT gin_clean_pending_list('searchentry_keys')")
    return times


def _seconds(statement: str, number: int) -> float:
    began = perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [number])
    return perf_counter() - began
