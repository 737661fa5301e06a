"""Which articles to read next: of the same topics, and most alike in what they say."""

import math
from collections import Counter
from collections.abc import Sequence

from django.db import connection
from django.utils import timezone

from articles.models import Article, ArticleTopic, Topic

# How many of each topic's newest articles, and how many of the most alike, are looked at.
CANDIDATES = 12
ALIKE = 24
# What an article's likeness is worth beside one topic that both have, were the two the same.
LIKENESS_WEIGHT = 4.0

# The weight of a pair is how seldom it is; an article's, the sum over those that both tell by.
_MOST_ALIKE = """
WITH mine AS (
    SELECT pair, ln(sample.articles::float / coalesce(known.articles, 1)) AS weight
    FROM articles_likeness AS likeness
    CROSS JOIN articles_pairsample AS sample
    CROSS JOIN LATERAL unnest(likeness.pairs) AS pair
    LEFT JOIN articles_pairfrequency AS known USING (pair)
    WHERE likeness.article_id = %(article)s
), alike AS MATERIALIZED (
    SELECT likeness.article_id,
        (SELECT sum(weight) FROM mine WHERE pair = ANY (likeness.pairs))
        / (SELECT sum(weight) FROM mine) AS share
    FROM articles_likeness AS likeness
    WHERE likeness.pairs && (SELECT array_agg(pair) FROM mine)
        AND likeness.article_id <> %(article)s
    ORDER BY share DESC, likeness.article_id DESC
    LIMIT %(most)s
)
SELECT alike.article_id, alike.share
FROM alike JOIN articles_searchentry AS entry USING (article_id)
WHERE entry.published_at <= %(now)s AND alike.share > 0
"""


def related(article: Article, topics: Sequence[Topic], size: int) -> Sequence[Article]:
    """Articles most alike in topics and in what they say; the newer of two that are so equally.

    Three queries; two where it has no topics.
    """
    worth = {number: LIKENESS_WEIGHT * share for number, share in _most_alike(article)}
    for number, shared in _of_the_same_topics(article, topics).items():
        worth[number] = worth.get(number, 0.0) + shared
    if not worth:
        return []
    found = Article.objects.published().for_list().in_bulk(list(worth))
    return sorted(
        found.values(),
        # Small differences in likeness are noise; among such, news counts for more.
        key=lambda other: (math.floor(worth[other.pk] * 2), other.published_at, other.pk),
        reverse=True,
    )[:size]


def _most_alike(article: Article) -> list[tuple[int, float]]:
    """The articles that say the same telling pairs, and which share of them. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_MOST_ALIKE, {"article": article.pk, "most": ALIKE, "now": timezone.now()})
        return list(cursor)


def _of_the_same_topics(article: Article, topics: Sequence[Topic]) -> Counter[int]:
    """How many of these topics each of their newest articles has. One query, or none."""
    if not topics:
        return Counter()
    newest = [
        ArticleTopic.objects.in_topic(topic)
        .visible()
        .exclude(article=article)
        .newest()
        .values_list("article_id", flat=True)[:CANDIDATES]
        for topic in topics
    ]
    rows = newest[0].union(*newest[1:], all=True) if len(newest) > 1 else newest[0]
    return Counter(rows)
