"""The files of photos into a backup: those that the database names, whole, each with its hash."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from django.core.files.storage import storages

from articles.backup import files
from articles.backup.manifest import MEDIA, ORIGINALS, read_sums
from articles.backup.trouble import ELSEWHERE, Stage, Trouble, explained
from articles.models import Photo
from articles.renditions import ENCODINGS
from articles.stages import Show

_QUERY_BATCH = 1000
# A pass that found fewer new files than this leaves little for the last one, which editors who
# delete a photo wait for.
FEW = 500
# While somebody imports thousands, no pass finds few; each is shorter than the one before it.
MOST_PASSES = 5


@dataclass(frozen=True)
class Taken:
    """What became of a file: its hash, or None where the site has none."""

    name: str
    sha256: str | None
    size: int = 0
    linked: bool = False


class Copier:
    """Takes files into a backup, each of them once; what the database no longer names goes again.

    Memory: some 250 bytes a file.
    """

    def __init__(self, folder: Path, previous: Path | None, show: Show) -> None:
        """`previous` is a backup whose equal files are taken in by a link, not by a copy."""
        self.folder = folder
        self.sums: dict[str, str] = {}
        self.size = self.linked = 0
        self.missing: list[str] = []
        self._previous = previous
        self._known: dict[str, str] = {}
        if previous:
            with explained(f"读不了上一份备份 {previous}"):
                self._known = read_sums(previous)
        self._show = show

    def follow(self) -> None:
        """Copy what the site has, again and again, until little has come since the last time."""
        for _ in range(MOST_PASSES):
            before = len(self.sums)
            self.take_all()
            if len(self.sums) - before < FEW:
                return

    def take_all(self) -> None:
        """Copy what the database names and is not here yet, and drop what it doesn't name.

        A query a thousand photos.
        """
        wanted, self.missing = set[str](), list[str]()
        for taken in files.several(self._taken, self._due(wanted)):
            if taken.sha256 is None:
                self.missing.append(taken.name)
            else:
                self.sums[taken.name] = taken.sha256
                self.size += taken.size
                self.linked += taken.linked
        for name in self.sums.keys() - wanted:
            path = self.folder / name
            self.size -= path.stat().st_size
            path.unlink()
            del self.sums[name]

    def damaged(self) -> list[str]:
        """Originals that are not what was uploaded: their bytes are not those that name them."""
        return sorted(
            name
            for name, sha256 in self.sums.items()
            if name.startswith(f"{ORIGINALS}/") and PurePosixPath(name).stem != sha256
        )

    def _due(self, wanted: set[str]) -> Iterator[str]:
        """The files that are not here yet; `wanted` gets the names of all."""
        photos = Photo.objects.order_by("pk").only("original", "sha256", "widths")
        total = photos.count()
        for count, photo in enumerate(photos.iterator(_QUERY_BATCH), 1):
            for name in _names(photo):
                wanted.add(name)
                if name not in self.sums:
                    yield name
            self._show(Stage.PHOTOS, count, total, count)

    def _taken(self, name: str) -> Taken:
        source, target = site_path(name), self.folder / name
        linked = self._link(name, source, target)
        if linked:
            return linked
        try:
            sha256 = files.copy(source, target)
        except FileNotFoundError as error:
            if error.filename != str(source):
                raise
            return Taken(name, None)
        return Taken(name, sha256, target.stat().st_size)

    def _link(self, name: str, source: Path, target: Path) -> Taken | None:
        """Take a file from the previous backup, if it is whole there and the site's is the same."""
        if self._previous is None or name not in self._known:
            return None
        kept, sha256 = self._previous / name, self._known[name]
        with suppress(OSError):  # a link can't be: then it is copied
            if files.digest(source) == sha256 == files.digest(kept):
                target.parent.mkdir(parents=True, exist_ok=True)
                os.link(kept, target)
                return Taken(name, sha256, target.stat().st_size, linked=True)
        return None


def are_elsewhere() -> bool:
    """Whether photos are not in folders of this machine (articles/objects.py)."""
    try:
        storages["originals"].path("")
    except NotImplementedError:
        return True
    return False


def refuse_elsewhere() -> None:
    """Raise Trouble where photos are in no folder that could be copied."""
    if are_elsewhere():
        raise Trouble(ELSEWHERE)


def site_path(name: str) -> Path:
    """Where the site keeps what a backup has under a name."""
    kind, _, rest = name.partition("/")
    return Path(storages[{ORIGINALS: "originals", MEDIA: "default"}[kind]].path(rest))


def _names(photo: Photo) -> Iterator[str]:
    yield f"{ORIGINALS}/{photo.original.name}"
    for width in photo.widths:
        for extension in ENCODINGS:
            yield f"{MEDIA}/{photo.rendition_name(width, extension)}"
