"""What belongs to an article, in its order: topics and photos."""

from collections.abc import Iterable
from typing import Self

from django.db import models
from django.db.models import Count, F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from articles import text
from articles.models.article import NOT_IN_LISTS, Article
from articles.models.photo import Photo
from articles.models.timeline import Timeline
from articles.models.topic import Topic


class ArticleTopicQuerySet(Timeline["ArticleTopic"]):
    """Memberships as lists of a topic's articles."""

    tie = "article_id"

    def visible(self) -> Self:
        """Those of articles that readers may read now."""
        return self.filter(published_at__lte=timezone.now())

    def in_topic(self, topic: Topic) -> Self:
        """Those of one topic."""
        return self.filter(topic=topic)

    def topics_of(self, articles: Iterable[Article]) -> dict[int, list[Topic]]:
        """Topics of several articles by their numbers, in each one's order. At most one query."""
        topics: dict[int, list[Topic]] = {article.pk: [] for article in articles}
        memberships = self.filter(article_id__in=topics).select_related("topic")
        for membership in memberships if topics else ():
            topics[membership.article_id].append(membership.topic)
        return topics

    def with_articles(self) -> Self:
        """With all that a line in a list shows. No further query a row."""
        unseen = (f"article__{name}" for name in NOT_IN_LISTS)
        return self.select_related("article__source", "article__lead_photo").defer(*unseen)

    def with_photo_counts(self) -> Self:
        """With `photo_count`: how many photos each article shows, from the index of its gallery."""
        own = ArticlePhoto.objects.filter(article=OuterRef("article_id")).order_by()
        counted = own.values("article").annotate(count=Count("pk")).values("count")
        return self.annotate(photo_count=Coalesce(Subquery(counted), 0))


class ArticleTopic(models.Model):
    """That an article belongs to a topic.

    `published_at` repeats the article's while it is published and is empty otherwise, so that a
    topic's newest articles are one index scan. Triggers keep it (migration 0002): no writer can
    forget.
    """

    article = models.ForeignKey(Article, models.CASCADE, related_name="memberships", db_index=False)
    topic = models.ForeignKey(
        Topic, models.CASCADE, related_name="memberships", db_index=False, verbose_name="话题"
    )
    position = models.PositiveSmallIntegerField("次序", default=0)
    published_at = models.DateTimeField(null=True, editable=False)

    objects = ArticleTopicQuerySet.as_manager()

    # In rows from `with_photo_counts`.
    photo_count: int

    class Meta:
        """An article's topics are in the editor's order."""

        verbose_name = verbose_name_plural = "所属话题"
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["article", "topic"], name="articletopic_once")
        ]
        indexes = [
            # A topic's page, its block on the home page and in the sidebar, its feed.
            models.Index(
                "topic",
                F("published_at").desc(),
                F("article_id").desc(),
                name="articletopic_newest",
            ),
        ]

    def __str__(self) -> str:
        return str(self.topic)


class ArticlePhotoQuerySet(models.QuerySet["ArticlePhoto"]):
    """Photos as an article shows them."""

    def as_read(self, body: str) -> list["ArticlePhoto"]:
        """One article's photos in the order in which its page shows them, numbered from 1.

        Those that the body doesn't place stand before it. One query.
        """
        return in_reading_order(list(self.select_related("photo")), body)


class ArticlePhoto(models.Model):
    """That an article shows a photo, where in its gallery, with which caption."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="gallery", db_index=False)
    photo = models.ForeignKey(Photo, models.PROTECT, related_name="uses", verbose_name="图片")
    position = models.PositiveSmallIntegerField("次序", default=0)
    caption = models.CharField(
        "图注", max_length=300, blank=True, help_text="留空则用图片自己的图注。"
    )

    objects = ArticlePhotoQuerySet.as_manager()

    # Its place on the article's page, once `as_read` has told.
    number = 0

    class Meta:
        """A gallery is in the editor's order."""

        verbose_name = verbose_name_plural = "图片"
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["article", "photo"], name="articlephoto_once")
        ]

    def __str__(self) -> str:
        return str(self.photo)

    def get_absolute_url(self) -> str:
        """The photo's own page, below the article's; for photos from `as_read`."""
        return f"{self.article.get_absolute_url()}photo/{self.number}/"

    @property
    def shown_caption(self) -> str:
        """The caption that readers see."""
        return self.caption or self.photo.caption

    @property
    def shown_alt(self) -> str:
        """What is read to those who don't see the photo; it is a link's name, so never empty."""
        return self.photo.alt or self.shown_caption or "图片"


def in_reading_order(uses: list[ArticlePhoto], body: str) -> list[ArticlePhoto]:
    """An article's photos as its body shows them, numbered; those without a place come first."""
    tokens = text.photo_tokens(body)
    placed = {token: place for place, token in reversed(list(enumerate(tokens)))}
    # A stable sort: what has no place keeps the editor's order.
    uses.sort(key=lambda use: placed.get(use.photo.token, -1))
    for number, use in enumerate(uses, start=1):
        use.number = number
    return uses
