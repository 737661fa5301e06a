"""Names in addresses: Chinese stays Chinese (RFC 3987), and no two things share one."""

from typing import TypeVar

from django.db import models
from django.utils.text import slugify

M = TypeVar("M", bound=models.Model)


def free_slug(queryset: models.QuerySet[M], name: str, max_length: int = 60) -> str:
    """A slug for `name` that nothing in `queryset` has yet. One query, or one more a collision."""
    stem = slugify(name, allow_unicode=True)[:max_length] or "-"
    slug, count = stem, 1
    while queryset.filter(slug=slug).exists():
        count += 1
        slug = f"{stem[: max_length - len(str(count)) - 1]}-{count}"
    return slug
