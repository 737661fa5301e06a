"""From when to when: of the archive, a source, an editor."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max, Min, OuterRef, Subquery
from django.utils import timezone

from articles.models import Article, Source
from articles.models.article import ArticleQuerySet
from articles.reading import connection

# Names as printed; an archive with more spellings than this shows the first of them.
MOST_EDITORS = 2000

# A step from each name to the next in the index of editors, never over a name's articles.
_EDITORS = """
WITH RECURSIVE names AS (
    (SELECT editor FROM articles_article
     WHERE state = 'published' AND editor <> '' ORDER BY editor LIMIT 1)
    UNION ALL
    SELECT (SELECT editor FROM articles_article
            WHERE state = 'published' AND editor <> '' AND editor > names.editor
            ORDER BY editor LIMIT 1)
    FROM names WHERE names.editor IS NOT NULL
)
SELECT editor, first.published_at, last.published_at
FROM (SELECT editor FROM names WHERE editor IS NOT NULL LIMIT %(most)s) AS known
CROSS JOIN LATERAL (
    SELECT published_at FROM articles_article AS article
    WHERE state = 'published' AND article.editor <> '' AND article.editor = known.editor
        AND published_at <= %(now)s
    ORDER BY published_at, id LIMIT 1
) AS first
CROSS JOIN LATERAL (
    SELECT published_at FROM articles_article AS article
    WHERE state = 'published' AND article.editor <> '' AND article.editor = known.editor
        AND published_at <= %(now)s
    ORDER BY published_at DESC, id DESC LIMIT 1
) AS last
ORDER BY last.published_at DESC, editor
"""


@dataclass(frozen=True)
class Span:
    """The days of the first and the last article."""

    first: date
    last: date

    @classmethod
    def of(cls, first: datetime, last: datetime) -> "Span":
        """The days on which two moments fall in the paper's city."""
        return cls(timezone.localdate(first), timezone.localdate(last))


def span(articles: ArticleQuerySet) -> Span | None:
    """From when to when some articles are; None where there are none. One query.

    Both ends of an index where the articles are those of a list that has one.
    """
    ends = articles.aggregate(first=Min("published_at"), last=Max("published_at"))
    return Span.of(ends["first"], ends["last"]) if ends["first"] else None


def sources() -> Sequence[tuple[Source, Span]]:
    """All sources that readers can read something of, the latest to be heard of first.

    One query: both ends of each source's part of an index.
    """
    own = Article.objects.published().filter(source=OuterRef("pk")).newest()
    times = own.values("published_at")
    found = Source.objects.annotate(
        first=Subquery(own.reverse().values("published_at")[:1]), last=Subquery(times[:1])
    )
    rows = [(source, source.first, source.last) for source in found if source.first]
    rows.sort(key=lambda row: row[2], reverse=True)
    return [(source, Span.of(first, last)) for source, first, last in rows]


def editors() -> Sequence[tuple[str, Span]]:
    """All editors' names as printed, the latest to have edited first.

    One query: three steps in an index a name, however many articles each edited.
    """
    with connection.cursor() as cursor:
        cursor.execute(_EDITORS, {"most": MOST_EDITORS, "now": timezone.now()})
        return [(name, Span.of(first, last)) for name, first, last in cursor]
