"""The articles before and after one: in time, and in a topic."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, Value

from articles.models import Article, ArticleTopic, Topic
from articles.paging import Cursor


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


def neighbours(article: Article, topic: Topic | None) -> Neighbours:
    """What stands beside a published article in the archive and in one topic.

    One query: two rows, or four, each the first of an index scan.
    """
    if article.published_at is None:
        return Neighbours()
    here = Cursor(article.published_at, article.pk)
    everything = Article.objects.published()
    rows: list[QuerySet[Any, Any]] = [
        everything.newer_than(here).newest().reverse().values_list(
            Value("newer"), "pk", "published_at", "title"
        )[:1],
        everything.older_than(here).newest().values_list(
            Value("older"), "pk", "published_at", "title"
        )[:1],
    ]  # fmt: skip
    if topic:
        members = ArticleTopic.objects.in_topic(topic).visible()
        rows += [
            members.newer_than(here).newest().reverse().values_list(
                Value("newer_in_topic"), "article_id", "published_at", "article__title"
            )[:1],
            members.older_than(here).newest().values_list(
                Value("older_in_topic"), "article_id", "published_at", "article__title"
            )[:1],
        ]  # fmt: skip
    found = rows[0].union(*rows[1:], all=True)
    return Neighbours(
        **{where: Article(pk=pk, published_at=at, title=title) for where, pk, at, title in found}
    )
