"""How far something is that is done in stages."""

from enum import StrEnum
from typing import Protocol


class Show(Protocol):
    """Is told how far a stage is: so far of the whole way, with so many things done."""

    def __call__(self, stage: StrEnum, position: int, total: int | None, count: int) -> None:
        """`total` is None where the end is not known."""
