"""The articles before and after one: in time, and in a topic."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from articles import prepared
from articles.models import Article, Topic


@dataclass(frozen=True)
class Neighbours:
    """The nearest articles, with title and permalink alone; None: there is none."""

    newer: Article | None = None
    older: Article | None = None
    newer_in_topic: Article | None = None
    older_in_topic: Article | None = None

    @property
    def topic_says_more(self) -> bool:
        """Whether the topic's neighbours are others than those in time."""
        in_topic = (self.newer_in_topic, self.older_in_topic)
        return any(in_topic) and in_topic != (self.newer, self.older)


# Each is the first row of an index scan: of the archive's own order, and of the topic's.
_IN_TIME = """
(SELECT '{where}' AS place, id, published_at, title::text
FROM articles_article
WHERE state = 'published' AND published_at <= %(now)s
    AND (published_at, id) {side} (%(at)s, %(article)s)
ORDER BY published_at {order}, id {order} LIMIT 1)
"""
_IN_TOPIC = """
(SELECT '{where}_in_topic' AS place, article.id, article.published_at, article.title::text
FROM articles_articletopic AS member JOIN articles_article AS article ON article.id = article_id
WHERE topic_id = %(topic)s AND member.published_at <= %(now)s
    AND (member.published_at, article_id) {side} (%(at)s, %(article)s)
ORDER BY member.published_at {order}, article_id {order} LIMIT 1)
"""
_SIDES = (
    {"where": "newer", "side": ">", "order": "ASC"},
    {"where": "older", "side": "<", "order": "DESC"},
)
_BESIDE = "UNION ALL".join(
    statement.format(**side) for statement in (_IN_TIME, _IN_TOPIC) for side in _SIDES
)


def neighbours(article: Article, topic: Topic | None) -> Neighbours:
    """What stands beside a published article in the archive and in one topic. One query."""
    if article.published_at is None:
        return Neighbours()
    asked: dict[str, Any] = {
        "article": article.pk,
        "at": article.published_at,
        "topic": topic.pk if topic else None,
        "now": timezone.now(),
    }
    found = prepared.rows(_BESIDE, asked)
    return Neighbours(**{place: Article.titled(*row) for place, *row in found})
