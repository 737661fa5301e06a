"""What is checked, and what a check says."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from articles.models import Article


@dataclass(frozen=True)
class Draft:
    """An article as it stands in its form, saved or not."""

    title: str
    body: str
    original_title: str = ""
    source: bool = False
    topics: int = 0
    photos: frozenset[int] = frozenset()
    number: int | None = None
    published_at: datetime | None = None

    @classmethod
    def of(cls, article: Article) -> Self:
        """A saved article. Two queries."""
        photos = set(article.gallery.values_list("photo_id", flat=True))
        if article.lead_photo_id:
            photos.add(article.lead_photo_id)
        return cls(
            title=article.title,
            body=article.body,
            original_title=article.original_title,
            source=article.source_id is not None,
            topics=article.memberships.count(),
            photos=frozenset(photos),
            number=article.pk,
            published_at=article.published_at,
        )


@dataclass(frozen=True)
class Finding:
    """A warning: what is wrong, in which field of the form, in which block of the body (from 1)."""

    text: str
    field: str
    block: int = 0
