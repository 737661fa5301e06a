"""Which articles to read next: of the same topics, and most alike in what they say."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from articles import prepared
from articles.models import Article, Topic

# So many stand below an article.
SHOWN = 6
# How many of each topic's newest articles, and how many of the most alike, are looked at.
CANDIDATES = 12
ALIKE = 24
# The seldomest pairs, by which so many articles are expected to tell, are enough to find them: what
# two have in common beyond those is counted, but costs the same in an archive of any size.
ENOUGH = 500
# What an article's likeness is worth beside one topic that both have, were the two the same.
LIKENESS_WEIGHT = 4.0

# The weight of a pair is how seldom it is; an article's, the sum over those that both tell by.
# Small differences in likeness are noise: within half a topic, news counts for more.
_CHOSEN = """
WITH mine AS (
    SELECT pair, weight, sum(expected) OVER (ORDER BY expected, pair) - expected AS before
    FROM articles_likeness AS likeness
    CROSS JOIN articles_pairsample AS sample
    CROSS JOIN LATERAL unnest(likeness.pairs) AS pair
    LEFT JOIN articles_pairfrequency AS known USING (pair)
    CROSS JOIN LATERAL (
        SELECT ln(sample.articles::float / coalesce(known.articles, 1)) AS weight,
            coalesce(known.articles, 1)::float * sample.archive / sample.articles AS expected
    ) AS pair_in_archive
    WHERE likeness.article_id = %(article)s
), alike AS MATERIALIZED (
    SELECT likeness.article_id,
        (SELECT sum(weight) FROM mine WHERE pair = ANY (likeness.pairs))
        / (SELECT sum(weight) FROM mine) AS share
    FROM articles_likeness AS likeness
    WHERE likeness.pairs && (SELECT array_agg(pair) FROM mine WHERE before < {enough})
        AND likeness.article_id <> %(article)s
    ORDER BY share DESC, likeness.article_id DESC
    LIMIT {alike}
), near AS (
    SELECT article_id, published_at, {likeness} * share AS worth
    FROM alike JOIN articles_searchentry AS entry USING (article_id)
    WHERE entry.published_at <= %(now)s AND share > 0
    UNION ALL
    SELECT newest.article_id, newest.published_at, 1
    FROM unnest(%(topics)s::bigint[]) AS topic (id)
    CROSS JOIN LATERAL (
        SELECT article_id, published_at
        FROM articles_articletopic
        WHERE topic_id = topic.id AND published_at <= %(now)s AND article_id <> %(article)s
        ORDER BY published_at DESC, article_id DESC
        LIMIT {candidates}
    ) AS newest
), chosen AS (
    SELECT article_id, floor(sum(worth) * 2) AS worth FROM near
    GROUP BY article_id
    ORDER BY worth DESC, max(published_at) DESC, article_id DESC
    LIMIT {size}
)
SELECT article.id, article.published_at, article.title::text
FROM chosen JOIN articles_article AS article ON article.id = article_id
WHERE state = 'published' AND article.published_at <= %(now)s
ORDER BY worth DESC, article.published_at DESC, article.id DESC
"""


def related(article: Article, topics: Sequence[Topic], size: int) -> Sequence[Article]:
    """Articles most alike in topics and in what they say; the newer of two that are so equally.

    With title and permalink alone. One query.
    """
    asked: dict[str, Any] = {
        "article": article.pk,
        "topics": [topic.pk for topic in topics],
        "now": timezone.now(),
    }
    statement = _CHOSEN.format(
        enough=ENOUGH, alike=ALIKE, likeness=LIKENESS_WEIGHT, candidates=CANDIDATES, size=size
    )
    found = prepared.rows(statement, asked)
    return [Article.titled(*row) for row in found]
