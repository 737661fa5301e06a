"""Names in addresses: Chinese stays Chinese (RFC 3987), and no two things share one."""

import re
from typing import TypeVar

from django.db import models
from django.utils.text import slugify

from articles.converters import NameConverter

M = TypeVar("M", bound=models.Model)


def free_slug(queryset: models.QuerySet[M], name: str, max_length: int = 60) -> str:
    """A slug for `name` that nothing in `queryset` has yet. One query, or one more a collision."""
    stem = slugify(name, allow_unicode=True)[:max_length] or "-"
    slug, count = stem, 1
    while queryset.filter(slug=slug).exists():
        count += 1
        slug = f"{stem[: max_length - len(str(count)) - 1]}-{count}"
    return slug


def called(queryset: models.QuerySet[M], slug: str) -> M | None:
    """The row of that slug. One query; none for what no address could hold (a NUL)."""
    known = re.fullmatch(NameConverter.regex, slug)
    return queryset.filter(slug=slug).first() if known else None
