"""Related articles: what else a reader of this one may want."""

from collections import Counter
from collections.abc import Sequence

from articles.models import Article, ArticleTopic, Topic

# How many of each topic's newest articles are looked at.
CANDIDATES = 12


def related(article: Article, topics: Sequence[Topic], size: int) -> Sequence[Article]:
    """Articles that share most topics with this one, newest first among equals. Two queries."""
    if not topics:
        return []
    newest = [
        ArticleTopic.objects.in_topic(topic)
        .visible()
        .exclude(article=article)
        .newest()
        .values_list("article_id", flat=True)[:CANDIDATES]
        for topic in topics
    ]
    rows = newest[0].union(*newest[1:], all=True) if len(newest) > 1 else newest[0]
    shared = Counter(rows)
    found = Article.objects.for_list().in_bulk(shared.keys())
    return sorted(
        found.values(),
        key=lambda other: (shared[other.pk], other.published_at, other.pk),
        reverse=True,
    )[:size]
