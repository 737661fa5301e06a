"""How far a long command is: a bar where a person watches, else a line now and then."""

import time
from collections.abc import Callable
from typing import Self

from tqdm import tqdm

# Between two lines of a log, in seconds.
EVERY = 10
_BAR = "{desc} {percentage:3.0f}%|{bar}| {postfix}"
_BAR_WITHOUT_END = "{desc} {postfix}"


class Progress:
    """Counts, and says how many a second and how long the rest will take."""

    def __init__(
        self, what: str, total: int | None, say: Callable[[str], object], unit: str = "篇"
    ) -> None:
        """`total` is the whole way, None: not known; `say` gets the lines; articles by default."""
        self._what = what
        self._unit = unit
        self._total = total
        self._say = say
        self._began = self._said_at = time.monotonic()
        self._bar = tqdm(
            total=total, desc=what, leave=False, disable=None,
            bar_format=_BAR if total else _BAR_WITHOUT_END,
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Take the bar away."""
        self._bar.close()

    def reach(self, position: int, count: int) -> None:
        """So far on the way, with so many done."""
        now = time.monotonic()
        if not self._bar.disable:
            self._bar.set_postfix_str(self._state(position, count, now), refresh=False)
            self._bar.update(position - self._bar.n)
        elif now - self._said_at >= EVERY:
            self._said_at = now
            self._say(f"{self._what}：{self._state(position, count, now)}")

    def _state(self, position: int, count: int, now: float) -> str:
        spent = max(now - self._began, 0.001)
        said = f"{count:,} {self._unit}，每秒 {count / spent:,.0f} {self._unit}"
        if not self._total or not position:
            return said
        share = min(position / self._total, 1.0)
        return f"{said}，{share:.0%}，还需 {duration(spent / share - spent)}"


def duration(seconds: float) -> str:
    """A length of time as one says it: 40 秒, 12 分钟, 1 小时 5 分钟."""
    if seconds < 60:
        return f"{seconds:.0f} 秒"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} 分钟"
    rest = f" {minutes % 60} 分钟" if minutes % 60 else ""
    return f"{minutes // 60} 小时{rest}"
