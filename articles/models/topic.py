"""Topics (话题)."""

from typing import Any

from django.db import models

from articles.addresses import address
from articles.models.slugs import free_slug


class TopicQuerySet(models.QuerySet["Topic"]):
    """Topics as the pages ask for them; all are few and read in order."""

    def shown(self) -> "TopicQuerySet":
        """Those that stand on every page: in the navigation, the sidebar or the picture strip."""
        return self.filter(
            models.Q(in_navigation=True)
            | models.Q(featured=True)
            | models.Q(layout=Topic.Layout.PICTURES)
        )


class Topic(models.Model):
    """What articles belong to: 青岛话题, 深度报道, 精彩美图 …"""

    class Layout(models.TextChoices):
        """How a topic's own page shows its articles."""

        LIST = "list", "列表"
        PICTURES = "pictures", "图片"

    name = models.CharField("名称", max_length=60, unique=True)
    slug = models.SlugField(
        "地址名",
        max_length=60,
        unique=True,
        allow_unicode=True,
        blank=True,
        help_text="用在网址里，留空则按名称生成；发布后不宜再改。",
    )
    description = models.CharField("简介", max_length=200, blank=True)
    layout = models.CharField("版式", max_length=10, choices=Layout, default=Layout.LIST)
    position = models.PositiveSmallIntegerField("次序", default=100, help_text="小的在前。")
    in_navigation = models.BooleanField("显示在导航", default=False)
    featured = models.BooleanField("显示在首页和侧栏", default=False)

    objects = TopicQuerySet.as_manager()

    class Meta:
        """Topics are ordered by hand."""

        verbose_name = verbose_name_plural = "话题"
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(layout__in=["list", "pictures"]), name="topic_layout_known"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, with a slug of its own if it has none."""
        self.slug = self.slug or free_slug(Topic.objects.exclude(pk=self.pk), self.name)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        """The topic's page."""
        return address("topic", self.slug)
