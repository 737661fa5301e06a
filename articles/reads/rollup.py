"""From counted reads to daily buckets, totals and rankings; what is over is forgotten."""

from datetime import date, timedelta
from hashlib import md5

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from articles import patience
from articles.models import Article, Generation, ReadKey, RollUp, Visit
from articles.reads.counting import forget_keys
from articles.reads.ranking import RANKED, WINDOWS, most_read

# Any number that no other advisory lock of this database uses.
LOCK = 0x7265616473
# Days of 大家爱看's windows, today included.
WEEK, MONTH = 7, 30

# Events leave the queue and enter their bucket, the article's total and its windows in one
# transaction. Those that are being written meanwhile are not seen and wait for the next time.
_ROLL = """
WITH taken AS (
    DELETE FROM articles_readevent RETURNING article_id, day
), fresh AS (
    SELECT taken.article_id, taken.day, count(*) AS count, article.published_at
    FROM taken JOIN articles_article article ON article.id = taken.article_id
    GROUP BY taken.article_id, taken.day, article.published_at
), bucket AS (
    INSERT INTO articles_dailyreads (article_id, day, count)
    SELECT article_id, day, count FROM fresh ORDER BY article_id, day
    ON CONFLICT (article_id, day) DO UPDATE SET count = articles_dailyreads.count + excluded.count
), summed AS (
    SELECT article_id, published_at, sum(count) AS total,
           coalesce(sum(count) FILTER (WHERE day = %(today)s), 0) AS day,
           coalesce(sum(count) FILTER (WHERE day > %(today)s - %(week)s), 0) AS week,
           coalesce(sum(count) FILTER (WHERE day > %(today)s - %(month)s), 0) AS month
    FROM fresh GROUP BY article_id, published_at
), recent AS (
    INSERT INTO articles_recentreads AS old (article_id, published_at, day, week, month)
    SELECT article_id, published_at, day, week, month FROM summed
    WHERE published_at IS NOT NULL ORDER BY article_id
    ON CONFLICT (article_id) DO UPDATE SET
        published_at = excluded.published_at,
        day = old.day + excluded.day,
        week = old.week + excluded.week,
        month = old.month + excluded.month
), total AS (
    UPDATE articles_article article SET reads = article.reads + summed.total
    FROM summed WHERE article.id = summed.article_id
    RETURNING article.reads::text AS now, (article.reads - summed.total)::text AS before
)
SELECT
    (SELECT coalesce(sum(total), 0) FROM summed),
    EXISTS (
        SELECT FROM total
        WHERE left(now, 1) <> left(before, 1) OR length(now) <> length(before)
    )
"""

# A new day moves every window by one: they are made anew from the buckets.
_REBUILD = """
INSERT INTO articles_recentreads (article_id, published_at, day, week, month)
SELECT bucket.article_id, article.published_at,
       coalesce(sum(bucket.count) FILTER (WHERE bucket.day = %(today)s), 0),
       coalesce(sum(bucket.count) FILTER (WHERE bucket.day > %(today)s - %(week)s), 0),
       sum(bucket.count)
FROM articles_dailyreads bucket JOIN articles_article article ON article.id = bucket.article_id
WHERE bucket.day > %(today)s - %(month)s AND article.published_at IS NOT NULL
GROUP BY bucket.article_id, article.published_at
"""


def is_due(today: date) -> bool:
    """Whether reads wait to be taken in, or a day has begun. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM articles_readevent)"
            " OR NOT EXISTS (SELECT FROM articles_rollup WHERE id = 1 AND day = %s)",
            [today],
        )
        return bool(cursor.fetchone()[0])


def roll_up(today: date, wait: bool = False) -> int | None:
    """Take in all counted reads and return how many; None if another process is at it.

    With `wait`, after that process.

    Safe to run at any time from any number of processes. Cost: a statement over the waiting
    events; on the first run of a day, a pass over the last 30 days' buckets as well.
    """
    days: dict[str, date | int] = {"today": today, "week": WEEK, "month": MONTH}
    # However long it takes: nobody waits for it, and what is given up is there the next time, too.
    with patience.unhurried(), transaction.atomic(), connection.cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        else:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
            if not cursor.fetchone()[0]:
                return None
        cursor.execute(_ROLL, days)
        taken, moved = cursor.fetchone()
        new_day = not RollUp.objects.filter(pk=1, day=today).exists()
        if new_day:
            cursor.execute("DELETE FROM articles_recentreads")
            cursor.execute(_REBUILD, days)
            RollUp.objects.update_or_create(pk=1, defaults={"day": today})
            # An event's day is over when nobody can send another: a day's grace, then all goes.
            over = today - timedelta(days=1)
            Visit.objects.filter(day__lt=over).delete()
            ReadKey.objects.filter(day__lt=over).delete()
        _show(moved, new_day)
    forget_keys(today)
    return int(taken)


def record(article: Article, count: int, day: date) -> None:
    """Take in reads of a day that were counted elsewhere. A statement and a roll-up."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO articles_readevent (article_id, day)"
            " SELECT %s, %s FROM generate_series(1, %s)",
            [article.pk, day, count],
        )
    roll_up(timezone.localdate(), wait=True)


def _show(moved: bool, at_once: bool) -> None:
    """Let pages be made anew where numbers or rankings look different, not every moment.

    A number does when its first digit or its length has changed: the page itself asks for it as it
    is (articles/views/beacon.py). A query; once a minute nine more.
    """
    rolled = RollUp.objects.get(pk=1)
    rolled.moved |= moved
    since = timezone.now() - rolled.shown_at
    if at_once or since >= timedelta(seconds=settings.READS_SHOWN_SECONDS):
        ranking = _ranking()
        if rolled.moved or ranking != rolled.ranking:
            Generation.objects.begin()
        rolled.moved, rolled.ranking, rolled.shown_at = False, ranking, timezone.now()
        rolled.save()
    elif moved:
        rolled.save()


def _ranking() -> str:
    """A digest of who stands where in all of 大家爱看."""
    ranks = [[one.article.pk for one in most_read(window, RANKED)] for window in WINDOWS]
    return md5(repr(ranks).encode(), usedforsecurity=False).hexdigest()
