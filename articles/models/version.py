"""Public versions (公开版本) of articles: what readers had, and why it changed."""

from collections.abc import Iterable

from django.db import models
from django.utils import timezone

from articles.canonical import Picture, Said
from articles.models.article import Article
from articles.models.membership import ArticlePhoto
from articles.models.timeline import Timeline


def said_by(article: Article, gallery: Iterable[ArticlePhoto]) -> Said:
    """What an article says; `gallery` comes from `as_read`. No query if the source is loaded."""
    return Said(
        title=article.title,
        original_title=article.original_title,
        source=article.source.name if article.source else "",
        byline=article.byline,
        editor=article.editor,
        published_at=article.published_at,
        body=article.body,
        pictures=tuple(Picture(use.photo.sha256, use.shown_caption) for use in gallery),
    )


class PublicVersionQuerySet(Timeline["PublicVersion"]):
    """Public versions as the pages ask for them."""

    tie = "number"

    def of(self, article: Article) -> "PublicVersionQuerySet":
        """One article's."""
        return self.filter(article=article)

    def texts_of(self, article: Article) -> list["PublicVersion"]:
        """One article's texts by number, without what they say. One query."""
        return list(self.of(article).with_text().defer("content").order_by("number"))

    def with_text(self) -> "PublicVersionQuerySet":
        """Those that have a text: a withdrawal has none."""
        return self.exclude(kind=PublicVersion.Kind.RETRACTION)


class PublicVersion(models.Model):
    """An article as it was first published, or as a notable change left it.

    An article that was never changed notably has none. They are never rewritten (a trigger refuses
    it), and readers have them as long as they have the article.
    """

    class Kind(models.TextChoices):
        """Why the version is there."""

        FIRST = "first", "首次发布"
        REVISION = "revision", "修改"
        CORRECTION = "correction", "更正"
        ADDITION = "addition", "补充"
        RETRACTION = "retraction", "撤稿"
        RESTORATION = "restoration", "恢复发布"

    article = models.ForeignKey(
        Article, models.CASCADE, related_name="public_versions", db_index=False
    )
    number = models.PositiveIntegerField("版次")
    kind = models.CharField("类别", max_length=11, choices=Kind)
    published_at = models.DateTimeField("从何时起", default=timezone.now)
    reason = models.CharField("修改说明", max_length=200, blank=True)
    # A `Said`; empty for a withdrawal.
    content = models.JSONField("内容", default=dict, blank=True)
    sha256 = models.CharField("指纹", max_length=64, blank=True)

    objects = PublicVersionQuerySet.as_manager()

    class Meta:
        """An article's versions are found by their number, and newest first."""

        verbose_name = verbose_name_plural = "公开版本"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["article", "number"], name="publicversion_once"),
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=[
                        "first", "revision", "correction", "addition", "retraction", "restoration",
                    ]
                ),
                name="publicversion_kind_known",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"第 {self.number} 版"

    @property
    def has_text(self) -> bool:
        """Whether readers had an article then."""
        return self.kind != self.Kind.RETRACTION

    @property
    def said(self) -> Said:
        """What the article said."""
        return Said.of_json(self.content)
