"""How far a command of several stages is: a bar a stage, or lines of a log."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from articles.backup import Stage
from articles.management.progress import Progress

# What each stage of a backup or a restore counts.
_UNITS: Mapping[StrEnum, str] = {
    Stage.PHOTOS: "张",
    Stage.DATABASE: "MB",
    Stage.VERIFYING: "个文件",
    Stage.FILES: "个文件",
    Stage.ROWS: "行",
    Stage.INDEXES: "个",
}


class Stages:
    """Shows stage after stage; an `articles.stages.Show`."""

    def __init__(self, say: Callable[[str], object], units: Mapping[StrEnum, str] = _UNITS) -> None:
        """`say` takes the lines where nobody watches a bar; `units` is what each stage counts."""
        self._say = say
        self._units = units
        self._stage: StrEnum | None = None
        self._progress: Progress | None = None

    def __enter__(self) -> "Stages":
        return self

    def __exit__(self, *error: object) -> None:
        self._close()

    def __call__(self, stage: StrEnum, position: int, total: int | None, count: int) -> None:
        """One step further."""
        if stage != self._stage or self._progress is None:
            self._close()
            self._stage = stage
            self._say(f"{stage}……")
            self._progress = Progress(stage, total, self._say, self._units[stage])
        self._progress.reach(position, count)

    def _close(self) -> None:
        if self._progress:
            self._progress.close()
            self._progress = None
