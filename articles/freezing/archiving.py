"""A frozen folder as one file that archives keep and browsers replay (WACZ), whole or not there.

`walking` says what stands at which address, `recording` writes it as WARC, `binding` makes one
file of it. These two need packages that not every site has (requirements-freeze.txt), and are
imported only when they are there.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from articles.freezing import walking
from articles.freezing.trouble import Stage, Trouble
from articles.outages import reason
from articles.stages import Show

SUFFIX = ".wacz"
_PACKAGES = ("warcio", "wacz")
_TOLD_EVERY = 64


@dataclass(frozen=True)
class Archived:
    """What is in the file."""

    records: int
    bytes: int


@dataclass(frozen=True)
class Place:
    """Where the file will be, and where it is made."""

    file: Path
    parts: Path


@contextmanager
def place(root: Path, file: Path) -> Iterator[Place]:
    """Room beside the file, for this run alone; raises Trouble where it can't be.

    Before anything is frozen: that takes hours, in which nobody should wait for a refusal. Where
    the name is a link, the file that it leads to is meant.
    """
    file = file.resolve() if file.is_symlink() else file
    _refuse(root, file)
    parts = file.with_name(f"{file.name}.part")
    with ExitStack() as stack:
        with _told(file):
            stack.enter_context(_locked(parts))
        yield Place(file, parts)


def archive(root: Path, place: Place, show: Show) -> Archived:
    """Write the file, in the place of an older one. Raises Trouble for disks.

    Some 0.6 ms an address; in memory the names in a folder of pages, and 50 MB. Room on the disk:
    the file, a WARC more, and half a kilobyte an address.
    """
    with _told(place.file):
        return _archive(root, place, show)


def _archive(root: Path, place: Place, show: Show) -> Archived:
    from articles.freezing import binding, recording

    with _temporary(place.parts), recording.Records(place.parts) as records:
        total = walking.count(root)
        for count, answers in enumerate(walking.walk(root), start=1):
            for answer in answers:
                records.add(answer)
            if count % _TOLD_EVERY == 0 or count == total:
                show(Stage.RECORDS, count, total, count)
        pages = records.pages()
        done = 0

        def tell() -> None:
            nonlocal done
            done += 1
            if done % _TOLD_EVERY == 0:
                show(Stage.INDEX, done, records.written, done)

        made = place.parts / place.file.name
        binding.bind(made, records.warcs, pages, tell)
    with made.open("rb") as file:
        os.fsync(file.fileno())
    made.replace(place.file)
    return Archived(records.written, place.file.stat().st_size)


@contextmanager
def _told(file: Path) -> Iterator[None]:
    """What fails here is the file for archives; what else a run does has its own words."""
    try:
        yield
    except OSError as error:
        raise Trouble(
            f"写不了 {file}：{reason(error)}。冻结好的文件夹没有动，解决之后再运行一次"
        ) from error


def _refuse(root: Path, file: Path) -> None:
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        raise Trouble(
            "--wacz 要先安装 requirements-freeze.txt 里的包：\n"
            ".venv/bin/pip install --require-hashes --requirement requirements-freeze.txt"
        )
    if file.is_dir():
        raise Trouble(f"{file} 是文件夹：--wacz 后面要写文件名，如 {file / 'site.wacz'}")
    if file.suffix.lower() != SUFFIX:
        raise Trouble(f"{file} 的名字要以 {SUFFIX} 结尾，不然读档案的软件认不出")
    if not file.parent.is_dir():
        raise Trouble(f"没有 {file.parent} 这个文件夹：请先建好")
    if file.parent.resolve().is_relative_to(root.resolve()):
        raise Trouble(f"{file} 在冻结的文件夹 {root} 里面，会随网站发出去：请放到别处")


@contextmanager
def _locked(parts: Path) -> Iterator[None]:
    """An empty folder, gone in the end; what a killed run left in it goes first."""
    parts.mkdir(exist_ok=True)
    descriptor = os.open(parts, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise Trouble(f"另一个进程正在写 {parts.parent} 里的同一个文件，请等它结束") from error
    try:
        for left in parts.iterdir():
            left.unlink()
        yield
    finally:
        shutil.rmtree(parts, ignore_errors=True)
        os.close(descriptor)


@contextmanager
def _temporary(folder: Path) -> Iterator[None]:
    """Let packages sort on the target's disk, where what they leave behind is found."""
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before
