"""One read, counted once a visitor, article and day."""

import secrets
from dataclasses import dataclass
from datetime import date

from django.db import connection

from articles.models import ReadKey
from articles.visitor import identify

KEY_BYTES = 32


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
        # Migration 0004: the visit and its event, in one transaction of their own.
        cursor.execute("SELECT * FROM articles_count_read(%s, %s, %s)", [article, day, visitor])
        counted, total = cursor.fetchone()
    return None if total is None else Outcome(counted, total)


def key_of(day: date) -> bytes:
    """The day's key: made by whoever needs it first, the same for all processes."""
    key = _keys.get(day)
    if key is None:
        forget_keys(day)
        ReadKey.objects.bulk_create(
            [ReadKey(day=day, key=secrets.token_bytes(KEY_BYTES))], ignore_conflicts=True
        )
        key = _keys[day] = bytes(ReadKey.objects.get(day=day).key)
    return key


def forget_keys(today: date) -> None:
    """Drop this process's copies of the keys of days that are over."""
    for day in list(_keys):
        if day < today:
            _keys.pop(day, None)
