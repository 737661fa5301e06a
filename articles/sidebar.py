"""What stands beside and around every page's own content."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from articles import reads
from articles.models import Article, Licence, Page, Promo, Topic
from articles.reading import connection

BLOCK_SIZE = 6
STRIP_SIZE = 6
MOST_READ_SIZE = 10

# Of each topic the first rows of its index.
_LATEST = """
SELECT topic.id, latest.article_id
FROM unnest(%(topics)s::bigint[]) AS topic (id)
CROSS JOIN LATERAL (
    SELECT article_id, published_at
    FROM articles_articletopic
    WHERE topic_id = topic.id AND published_at <= %(now)s
        AND article_id <> ALL (%(without)s::bigint[])
    ORDER BY published_at DESC, article_id DESC
    LIMIT %(size)s
) AS latest
ORDER BY latest.published_at DESC, latest.article_id DESC
"""


@dataclass(frozen=True)
class Block:
    """A topic and its latest articles."""

    topic: Topic
    articles: Sequence[Article]


@dataclass(frozen=True)
class Frame:
    """Navigation and footer: on every page."""

    topics: Sequence[Topic]
    pages: Sequence[Page]
    licences: Sequence[Licence]

    @property
    def navigation(self) -> Sequence[Topic]:
        """The topics named in the navigation line."""
        return [topic for topic in self.topics if topic.in_navigation]


@dataclass(frozen=True)
class Sidebar:
    """Blocks of featured topics, 大家爱看, 精彩美图, promos: on every page for reading."""

    blocks: Sequence[Block]
    most_read: Sequence[reads.Ranked]
    pictures: Block | None
    promos: Sequence[Promo]


def frame() -> Frame:
    """Navigation and footer as they are now. Three queries."""
    return Frame(
        topics=list(Topic.objects.shown()),
        pages=list(Page.objects.in_footer()),
        licences=list(Licence.objects.all()),
    )


def sidebar(topics: Sequence[Topic]) -> Sidebar:
    """The sidebar made of these topics. Five queries, however many articles there are."""
    pictures = next((topic for topic in topics if topic.layout == Topic.Layout.PICTURES), None)
    featured = [topic for topic in topics if topic.featured and topic != pictures]
    found = latest([*featured, *([pictures] if pictures else [])], max(BLOCK_SIZE, STRIP_SIZE))
    return Sidebar(
        blocks=[found[topic.pk] for topic in featured if found[topic.pk].articles],
        most_read=reads.ranking_for_sidebar(MOST_READ_SIZE),
        pictures=found[pictures.pk] if pictures and found[pictures.pk].articles else None,
        promos=list(Promo.objects.shown()),
    )


def latest(topics: Sequence[Topic], size: int, without: Collection[int] = ()) -> dict[int, Block]:
    """The latest articles of each topic, by the topic's id. Two queries, however many topics.

    `without` names articles that the page shows elsewhere.
    """
    if not topics:
        return {}
    asked: dict[str, Any] = {
        "topics": [topic.pk for topic in topics],
        "without": list(without),
        "now": timezone.now(),
        "size": size,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LATEST, asked)
        members = list(cursor)
    articles = Article.objects.for_list().in_bulk([article for _, article in members])
    return {
        topic.pk: Block(
            topic,
            [articles[pk] for owner, pk in members if owner == topic.pk and pk in articles],
        )
        for topic in topics
    }
