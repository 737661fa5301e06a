"""Keyset paging: a place in a list ordered newest first, as text in an address.

A page is found by the last row of the page before it, never by counting rows, so page 10,000 costs
what page 1 costs and nothing shifts when an article is published in between.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

# Rows of a page: of topics, sources, editors and corrections; of days and months.
LISTED, BY_DATE = 30, 40

Row = TypeVar("Row")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TOKEN = re.compile(r"(-?[0-9]{1,17})-([1-9][0-9]{0,17})")


class BadCursor(ValueError):
    """The text names no place in a list."""


@dataclass(frozen=True)
class Cursor:
    """The row before which (or after which) a page begins: its time, and its id for ties."""

    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{(self.at - _EPOCH) // timedelta(microseconds=1)}-{self.id}"

    @classmethod
    def parse(cls, token: str) -> "Cursor":
        """Read what `str()` wrote; raise BadCursor for anything else."""
        match = _TOKEN.fullmatch(token)
        if not match:
            raise BadCursor(token)
        try:
            return cls(_EPOCH + timedelta(microseconds=int(match[1])), int(match[2]))
        except OverflowError as error:
            raise BadCursor(token) from error


@dataclass(frozen=True)
class Position:
    """What a reader asked for: the rows older than a cursor, newer than one, or the newest."""

    older_than: Cursor | None = None
    newer_than: Cursor | None = None

    @classmethod
    def parse(cls, before: str, after: str) -> "Position":
        """From the address's `before` and `after`; raise BadCursor if both or senseless."""
        if before and after:
            raise BadCursor(f"{before} {after}")
        return cls(
            older_than=Cursor.parse(before) if before else None,
            newer_than=Cursor.parse(after) if after else None,
        )


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows, newest first, and where the neighbouring pages begin (None: there are none)."""

    rows: Sequence[Row]
    older: Cursor | None
    newer: Cursor | None

    @classmethod
    def cut(
        cls,
        found: Sequence[Row],
        size: int,
        position: Position,
        place: Callable[[Row], Cursor],
    ) -> "Page[Row]":
        """The page made of up to `size` + 1 rows read from a position on, in reading order.

        Read towards newer rows, they come oldest first. The row too many tells that more follow.
        """
        backwards = position.newer_than is not None
        more, rows = len(found) > size, list(found[:size])
        if backwards:
            rows.reverse()
        if not rows:
            return cls([], None, None)
        has_older = more or backwards
        has_newer = more if backwards else position.older_than is not None
        return cls(
            rows,
            older=place(rows[-1]) if has_older else None,
            newer=place(rows[0]) if has_newer else None,
        )
