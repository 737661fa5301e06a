"""Desks (部门): which editors work together on which articles."""

from typing import Any

from django.conf import settings
from django.db import models


class DeskQuerySet(models.QuerySet["Desk"]):
    """Desks as the admin asks for them; all are few."""

    def of(self, user: Any) -> "DeskQuerySet":
        """Those that somebody works at."""
        return self.filter(members=user.pk)


class Desk(models.Model):
    """A part of the newsroom: 要闻, 社会, 文体 … An article belongs to one or to none."""

    name = models.CharField("名称", max_length=60, unique=True)
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        related_name="desks",
        verbose_name="成员",
        blank=True,
        help_text="成员可以写作、修改、发布本部门的稿件。",
    )

    objects = DeskQuerySet.as_manager()

    class Meta:
        """Desks are listed by name."""

        verbose_name = verbose_name_plural = "部门"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
