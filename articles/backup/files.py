"""Files: copied and hashed in one pass, and on the disk before anybody relies on them."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import TypeVar

CHUNK = 1 << 20
# Files that are copied or hashed at once: enough to keep a disk busy that answers slowly.
AT_ONCE = 4
BATCH = 256
# As Django's storage writes what nginx is to read.
MODE = 0o644


Work = TypeVar("Work")
Outcome = TypeVar("Outcome")


def several(work: Callable[[Work], Outcome], on: Iterable[Work]) -> Iterator[Outcome]:
    """Do the same with each of many, several at once; the outcomes in order. Constant memory."""
    waiting = iter(on)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while batch := list(islice(waiting, BATCH)):
            yield from pool.map(work, batch)


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def copy(source: Path, target: Path) -> str:
    """Copy a file to the disk, and make its folder if need be; the SHA-256 of what was copied."""
    sha256 = hashlib.sha256()
    with source.open("rb") as original:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as copied:
            while chunk := original.read(CHUNK):
                sha256.update(chunk)
                copied.write(chunk)
            os.fchmod(copied.fileno(), MODE)
            copied.flush()
            os.fsync(copied.fileno())
    return sha256.hexdigest()


def write(path: Path, content: bytes) -> str:
    """Write a file to the disk; the SHA-256 of it."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return hashlib.sha256(content).hexdigest()


def settle(folder: Path) -> None:
    """Have the disk know the names in a folder and in all below it."""
    for path in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
        settle_one(path)


def settle_one(folder: Path) -> None:
    """Have the disk know the names in this folder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def names(folder: Path) -> Iterator[str]:
    """What lies in a folder and below, by its path in it: all that is no folder, links included."""
    for path, folders, files in os.walk(folder):
        place = Path(path)
        links = [name for name in folders if (place / name).is_symlink()]
        for name in (*files, *links):
            yield (place / name).relative_to(folder).as_posix()
