"""Corrections (更正)."""

from django.db import models
from django.utils import timezone

from articles.models.article import Article
from articles.models.timeline import Timeline


class CorrectionQuerySet(Timeline["Correction"]):
    """Corrections as the pages ask for them."""

    def published(self) -> "CorrectionQuerySet":
        """Those whose time has come."""
        return self.filter(published_at__lte=timezone.now())

    def public(self) -> "CorrectionQuerySet":
        """Those that readers may see: published, on an article that is or was."""
        return self.published().filter(
            article__state__in=Article.PUBLIC_STATES,
            article__published_at__lte=timezone.now(),
        )


class Correction(models.Model):
    """A dated, public note on an article."""

    class Kind(models.TextChoices):
        """What the note does."""

        CORRECTION = "correction", "更正"
        ADDITION = "addition", "补充"
        RETRACTION = "retraction", "撤稿"

    article = models.ForeignKey(Article, models.CASCADE, related_name="corrections")
    kind = models.CharField("类别", max_length=10, choices=Kind, default=Kind.CORRECTION)
    published_at = models.DateTimeField("发布时间", default=timezone.now)
    text = models.TextField("说明", max_length=1000)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        """Newest first, on the article and in the index of all."""

        verbose_name = verbose_name_plural = "更正"
        ordering = ["-published_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["correction", "addition", "retraction"]),
                name="correction_kind_known",
            ),
            models.CheckConstraint(condition=~models.Q(text=""), name="correction_says_something"),
        ]
        indexes = [
            models.Index(fields=["-published_at", "-id"], name="correction_newest"),  # 更正 index
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}：{self.text[:30]}"
