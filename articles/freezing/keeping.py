"""Files of a frozen site: whole or not there, written only where they differ, packed beside."""

import contextlib
import gzip
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import brotli
from django.conf import settings

from articles.device import DEVICES
from articles.freezing.places import FILES, GONE, OWN, SEARCH

_PARTS = "parts"
_BROTLI_LEVEL, _GZIP_LEVEL = 5, 6  # as articles/pagecache packs pages
SUFFIXES = (".br", ".gz")


@dataclass
class Written:
    """How much a run has changed."""

    files: int = 0
    bytes: int = 0

    def add(self, other: "Written") -> None:
        """What another process has written."""
        self.files += other.files
        self.bytes += other.bytes


class Folder:
    """The frozen folder, for one process."""

    def __init__(self, root: Path) -> None:
        """It is there, and so is its own part."""
        self.root = root
        self.written = Written()

    def put(self, name: str, content: bytes, *, pack: bool = True) -> None:
        """Let a file hold this; nothing is written where it does already."""
        path = self.root / name
        packed = SUFFIXES if pack else ()
        if self._holds(path, content) and all(
            path.with_name(path.name + suffix).exists() for suffix in packed
        ):
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        # The plain file last: as long as it differs, the next run writes all three.
        if pack:
            self._write(path.with_name(f"{path.name}.br"), _brotli(content))
            self._write(
                path.with_name(f"{path.name}.gz"), gzip.compress(content, _GZIP_LEVEL, mtime=0)
            )
        self._write(path, content)
        self.written.files += 1
        self.written.bytes += len(content)

    def share(self, name: str, source: Path) -> bool:
        """Let a file be another one's twin: linked where that can be, else copied.

        For what never changes under its name. False where the source is lost.
        """
        path = self.root / name
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_size == source.stat().st_size:
                return True
        part = self._part()
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            try:
                os.link(source, part)
            except FileNotFoundError:
                return False
            except OSError:  # another disk
                shutil.copyfile(source, part)
            os.replace(part, path)  # noqa: PTH105 - both are paths already
        finally:
            part.unlink(missing_ok=True)  # a link onto its own twin leaves it there
        self.written.files += 1
        self.written.bytes += path.stat().st_size
        return True

    @contextlib.contextmanager
    def making(self, name: str) -> Iterator[Path]:
        """Where to make a file that is too large for memory; it has its name when it is whole."""
        path, part = self.root / name, self._part()
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield part
            with part.open("rb") as made:
                os.fsync(made.fileno())  # nobody reads it through again to see that it is whole
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        self.written.files += 1
        self.written.bytes += path.stat().st_size

    def remove(self, name: str) -> None:
        """Take a file away with its packed ones, and folders that are empty then."""
        path = self.root / name
        for each in (path, *(path.with_name(path.name + suffix) for suffix in SUFFIXES)):
            each.unlink(missing_ok=True)
        for folder in path.parents:
            if folder == self.root:
                break
            try:
                folder.rmdir()
            except OSError:  # others are in it
                break

    def served(self) -> Iterator[tuple[str, float]]:
        """Files of pages and feeds by name, each with its time; a packed one counts as its own."""
        urls = (settings.STATIC_URL, settings.MEDIA_URL)
        apart = (*(f"{FILES}{url}" for url in urls), SEARCH)
        for top in (*DEVICES, GONE, FILES):
            for folder, _, names in os.walk(self.root / top):
                for each in names:
                    path = Path(folder, each)
                    name = str(path.relative_to(self.root))
                    if not name.startswith(apart):
                        plain = name.removesuffix(".br").removesuffix(".gz")
                        yield plain, path.stat().st_mtime

    def begin(self) -> None:
        """Take away what a killed run had begun to write; one process, before all others."""
        shutil.rmtree(self.root / OWN / _PARTS, ignore_errors=True)
        (self.root / OWN / _PARTS).mkdir(parents=True)

    def _holds(self, path: Path, content: bytes) -> bool:
        try:
            return path.stat().st_size == len(content) and path.read_bytes() == content
        except (FileNotFoundError, NotADirectoryError):
            return False

    def _write(self, path: Path, content: bytes) -> None:
        """By another name in a folder that nobody serves, then renamed."""
        part = self._part()
        try:
            part.write_bytes(content)
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise

    def _part(self) -> Path:
        return self.root / OWN / _PARTS / uuid4().hex


def _brotli(content: bytes) -> bytes:
    packed: bytes = brotli.compress(content, mode=brotli.MODE_TEXT, quality=_BROTLI_LEVEL)
    return packed
