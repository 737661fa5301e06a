"""What a check says while it goes."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeVar

from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)


class Fault(NamedTuple):
    """Something that is not as it should be."""

    # article, version, photo, rendition, link or redirect
    kind: str
    # What it is about: an article's or photo's number, a page's address.
    about: str
    # In Chinese, without a full stop.
    what: str


class Step(NamedTuple):
    """So many more are done, and this was found."""

    done: int
    faults: Sequence[Fault]


def batches(rows: "QuerySet[M]", size: int) -> Iterator[list[M]]:
    """All rows in the order of their keys, some at a time; a query a batch, and its prefetches."""
    last = 0
    while batch := list(rows.filter(pk__gt=last).order_by("pk")[:size]):
        yield batch
        last = batch[-1].pk
