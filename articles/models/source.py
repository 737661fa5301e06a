"""Sources (来源)."""

from typing import Any

from django.db import models

from articles.addresses import address
from articles.models.slugs import free_slug


class Source(models.Model):
    """The paper or agency that an article came from."""

    name = models.CharField("名称", max_length=60, unique=True)
    slug = models.SlugField(
        "地址名",
        max_length=60,
        unique=True,
        allow_unicode=True,
        blank=True,
        help_text="用在网址里，留空则按名称生成；发布后不宜再改。",
    )
    url = models.URLField("网址", blank=True)

    class Meta:
        """Sources are listed by name."""

        verbose_name = verbose_name_plural = "来源"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, with a slug of its own if it has none."""
        self.slug = self.slug or free_slug(Source.objects.exclude(pk=self.pk), self.name)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        """The list of the source's articles."""
        return address("source", self.slug)
