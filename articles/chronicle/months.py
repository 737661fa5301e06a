"""The months that have articles, and when each last changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db.models import Max
from django.db.models.functions import TruncMonth
from django.utils import timezone

from articles.models import Article
from articles.reading import connection

# A step from each month's newest article to the next one's, never over a month's articles. Where
# row security holds (ADR 0023) only a bare bound is looked up in the index: it is made apart.
_NEWEST = """
WITH RECURSIVE months AS (
    SELECT published_at, date_trunc('month', published_at, %(zone)s) AS begun
    FROM (SELECT published_at FROM articles_article
          WHERE state = 'published' AND published_at <= %(now)s
          ORDER BY published_at DESC, id DESC LIMIT 1) AS newest
    UNION ALL
    SELECT older.published_at, date_trunc('month', older.published_at, %(zone)s)
    FROM months, LATERAL (
        SELECT published_at FROM articles_article
        WHERE state = 'published' AND published_at < months.begun
        ORDER BY published_at DESC, id DESC LIMIT 1
    ) AS older
)
SELECT published_at FROM months
"""


@dataclass(frozen=True)
class Month:
    """A month's first day, and the last change of substance to its articles."""

    first: date
    changed: datetime


def months() -> Sequence[Month]:
    """All months with published articles, newest first.

    Two queries: a step in the index a month, and the articles that were revised, from an index that
    holds no others.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, {"now": timezone.now(), "zone": settings.TIME_ZONE})
        newest = {_month(moment): moment for (moment,) in cursor}
    revised = (
        Article.objects.published()
        .filter(revised_at__isnull=False)
        .annotate(month=TruncMonth("published_at"))
        .values_list("month")
        .annotate(Max("revised_at"))
        .order_by()
    )
    changed = {_month(month): moment for month, moment in revised}
    return [
        Month(first, max(moment, changed.get(first, moment))) for first, moment in newest.items()
    ]


def _month(moment: datetime) -> date:
    return timezone.localdate(moment).replace(day=1)
