"""Lists that run newest first and are paged by keyset."""

from typing import Self, TypeVar

from django.db import models
from django.db.models import F, Q

from articles.paging import Cursor, Page, Position

M = TypeVar("M", bound=models.Model)


class Timeline(models.QuerySet[M]):
    """A QuerySet over rows with `published_at`, and an id that settles ties."""

    tie = "id"

    def newest(self) -> Self:
        """Newest first; the order that every index on published_at has."""
        return self.order_by(F("published_at").desc(), F(self.tie).desc())

    def older_than(self, cursor: Cursor) -> Self:
        """Rows that come after `cursor` in a newest-first list."""
        return self.filter(
            Q(published_at__lt=cursor.at) | Q(**{f"{self.tie}__lt": cursor.id}),
            published_at__lte=cursor.at,  # alone, so that it bounds the index scan
        )

    def newer_than(self, cursor: Cursor) -> Self:
        """Rows that come before `cursor` in a newest-first list."""
        return self.filter(
            Q(published_at__gt=cursor.at) | Q(**{f"{self.tie}__gt": cursor.id}),
            published_at__gte=cursor.at,
        )

    def page(self, position: Position, size: int) -> Page[M]:
        """The `size` rows at a position, and where its neighbours begin. One query."""
        rows = self.newest()
        if position.older_than:
            rows = rows.older_than(position.older_than)
        if position.newer_than:
            rows = rows.newer_than(position.newer_than).reverse()
        return Page.cut(list(rows[: size + 1]), size, position, self.cursor)

    def cursor(self, row: M) -> Cursor:
        """The place of a row in its list."""
        return Cursor(row.published_at, getattr(row, self.tie))  # type: ignore[attr-defined]
