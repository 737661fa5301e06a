"""A row of the table: what was tried, how often, what readers and editors saw, what was lost."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Tried:
    """A failure that was provoked so many times; `lost` counts what must be nothing."""

    HEAD: ClassVar[str] = "| what was done | times | what was seen | lost |\n|---|---|---|---|"

    what: str
    times: int
    seen: str
    lost: int

    def __str__(self) -> str:
        return f"| {self.what} | {self.times:,} | {self.seen} | {self.lost or 'nothing'} |"
