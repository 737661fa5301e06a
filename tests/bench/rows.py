"""A row of the table: ours and its reference, measured in turns."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Row:
    """What was measured, per second, in several rounds; and how it stands to its reference."""

    HEAD: ClassVar[str] = (
        "| what | ours, a second (min / median / max) | reference | reference, a second"
        " | ratio | target | p99 |\n|---|---|---|---|---|---|---|"
    )

    name: str
    ours: Sequence[float]
    reference: str
    theirs: Sequence[float]
    target: float
    p99_ms: Sequence[float]

    @property
    def ratio(self) -> float:
        """Median of the rounds' own ratios: neighbours on the machine disturb both alike."""
        return statistics.median(a / b for a, b in zip(self.ours, self.theirs, strict=True))

    def __str__(self) -> str:
        p99 = f"{statistics.median(self.p99_ms):.0f} ms" if self.p99_ms else "–"
        return (
            f"| {self.name} | {_spread(self.ours)} | {self.reference} | {_spread(self.theirs)}"
            f" | {self.ratio:.2f} | {self.target:.2f} | {p99} |"
        )


@dataclass(frozen=True)
class Bound:
    """What was measured, and the most that it may be."""

    HEAD: ClassVar[str] = "| what | min / median / max | at most |\n|---|---|---|"

    name: str
    values: Sequence[float]
    unit: str
    most: float

    def __str__(self) -> str:
        return (
            f"| {self.name} | {_spread(self.values, 2)} {self.unit} | {self.most:g} {self.unit} |"
        )


@dataclass(frozen=True)
class Kind:
    """How long pages of a kind take, asked for one after the other, in milliseconds."""

    HEAD: ClassVar[str] = "| page | median, ms | longest, ms |\n|---|---|---|"

    name: str
    took: Sequence[float]

    def __str__(self) -> str:
        return f"| {self.name} | {statistics.median(self.took):.1f} | {max(self.took):.1f} |"


def _spread(values: Sequence[float], digits: int = 0) -> str:
    return " / ".join(
        f"{value:,.{digits}f}" for value in (min(values), statistics.median(values), max(values))
    )


@dataclass(frozen=True)
class Table:
    """A heading's worth of rows of another kind, with what has to be said before them."""

    said: str
    head: Sequence[str]
    rows: Sequence[Sequence[object]]

    def __str__(self) -> str:
        lines = [self.head, ["---"] * len(self.head), *self.rows]
        return "\n".join(
            [self.said, "", *("| " + " | ".join(map(str, line)) + " |" for line in lines)]
        )
