"""One read, counted once a visitor, article and day."""

import secrets
from dataclasses import dataclass
from datetime import date

from django.db import connection

from articles.models import ReadKey
from articles.visitor import identify

KEY_BYTES = 32

# The whole count is one statement, committed before the beacon is answered: the visit, if it is
# the visitor's first of the day, and its event for the roll-up. No row is updated, so the readers
# of a hot article don't wait for each other.
_COUNT = """
WITH shown AS (
    SELECT id, reads FROM articles_article
    WHERE id = %(article)s AND state = 'published' AND published_at <= now()
), visit AS (
    INSERT INTO articles_visit (day, article_id, visitor)
    SELECT %(day)s, id, %(visitor)s FROM shown
    ON CONFLICT DO NOTHING
    RETURNING article_id
), event AS (
    INSERT INTO articles_readevent (article_id, day)
    SELECT article_id, %(day)s FROM visit
    RETURNING article_id
)
SELECT shown.reads, (SELECT count(*) FROM event) FROM shown
"""


@dataclass(frozen=True)
class Outcome:
    """What became of a read: whether it is new, and the article's reads with it."""

    counted: bool
    reads: int


_keys: dict[date, bytes] = {}


def count_read(article: int, day: date, address: str, *browser: str) -> Outcome | None:
    """Count a read of an article by its id; None if readers can't see that article.

    One statement (two more once a day in each process). When it returns, the read is committed.
    """
    visitor = identify(key_of(day), address, *browser)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"article": article, "day": day, "visitor": visitor})
        row = cursor.fetchone()
    return Outcome(counted=bool(row[1]), reads=row[0] + row[1]) if row else None


def key_of(day: date) -> bytes:
    """The day's key: made by whoever needs it first, the same for all processes."""
    if day not in _keys:
        ReadKey.objects.bulk_create(
            [ReadKey(day=day, key=secrets.token_bytes(KEY_BYTES))], ignore_conflicts=True
        )
        _keys.clear()
        _keys[day] = bytes(ReadKey.objects.get(day=day).key)
    return _keys[day]


def forget_keys(today: date) -> None:
    """Drop this process's copies of the keys of days that are over."""
    for day in [day for day in _keys if day < today]:
        del _keys[day]
