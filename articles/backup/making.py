"""A backup, made while the site serves: database and files of one moment, or no backup at all.

Photos are copied first, for they take longest and never change; what came or went meanwhile is
settled at the end. Then the last files and the dump are of the same snapshot. Between the snapshot
and the last file no file is deleted (`files_stay`): the only moment for which an editor waits, and
then only one who deletes a photo.
"""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.core.files.storage import storages
from django.db import connection
from django.utils import timezone

from articles import renditions
from articles.backup import dumping, files, programs
from articles.backup.manifest import ABOUT, DUMP, FORMAT, SUMS, About, Migrations, encode_sums
from articles.backup.photos import Copier, refuse_elsewhere
from articles.backup.trouble import Trouble, explained
from articles.connections import alone
from articles.models import Article, Photo
from articles.stages import Show

# Any number that no other advisory lock of this database uses.
LOCK = 0x6261636B7570
UNFINISHED = ".part"


@dataclass(frozen=True)
class Made:
    """A backup that was made; `linked` files were taken from the previous one."""

    about: About
    linked: int


class Busy(Exception):
    """Another backup is being made."""


class _Server(NamedTuple):
    version: str
    pg_dump: Path
    pg_dump_version: int
    schema: str


def make(folder: Path, previous: Path | None, show: Show) -> Made:
    """Make a backup in a new folder; raises Trouble, and leaves nothing that looks like one."""
    refuse_elsewhere()
    folder = folder.absolute()
    _refuse(folder)
    server = _server()
    unfinished = folder.with_name(folder.name + UNFINISHED)
    try:
        with alone(LOCK, Busy), _begun(unfinished), explained("备份没有完成，什么也没有留下"):
            made = _filled(unfinished, Copier(unfinished, previous, show), server, show)
            files.settle(unfinished)
            unfinished.replace(folder)
            files.settle_one(folder.parent)
    except Busy as error:
        raise Trouble("另一个备份正在进行，请等它结束") from error
    return made


def _filled(folder: Path, copier: Copier, server: _Server, show: Show) -> Made:
    copier.follow()
    with ExitStack() as held:
        held.enter_context(renditions.files_stay())
        with dumping.snapshot() as number:
            copier.take_all()
            held.close()
            taken_at = timezone.now()
            digest = dumping.dump(server.pg_dump, server.schema, number, folder / DUMP, show)
            about = _about(server, taken_at, copier, (folder / DUMP).stat().st_size)
    sums = {**copier.sums, DUMP: digest, ABOUT: files.write(folder / ABOUT, about.encode())}
    files.write(folder / SUMS, encode_sums(sums))
    return Made(about, copier.linked)


def _about(server: _Server, taken_at: datetime, copier: Copier, dumped: int) -> About:
    return About(
        format=FORMAT,
        taken_at=timezone.localtime(taken_at).isoformat(timespec="seconds"),
        server=server.version,
        pg_dump=server.pg_dump_version,
        schema=server.schema,
        migrations=_migrations(),
        articles=Article.objects.count(),
        photos=Photo.objects.count(),
        files=len(copier.sums) + 1,
        size=copier.size + dumped,
        missing=sorted(copier.missing),
        damaged=copier.damaged(),
    )


def _migrations() -> Migrations:
    applied: Migrations = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
        for app, name in cursor.fetchall():
            applied.setdefault(app, []).append(name)
    return applied


def _server() -> _Server:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), current_schema()")
        version, schema = cursor.fetchone()
    major: int = connection.connection.info.server_version // 10000
    return _Server(version, *programs.pg_dump(major), schema)


def _refuse(folder: Path) -> None:
    """Raise Trouble where no backup may go."""
    with explained(f"用不了 {folder}"):
        served = [storages["default"].path(""), storages["originals"].path("")]
        for place in (*served, str(settings.STATIC_ROOT)):
            if folder.resolve().is_relative_to(Path(place).resolve()):
                raise Trouble(f"不能备份到 {place} 里面：那是网站自己的文件夹")
        if folder.is_mount():
            raise Trouble(f"{folder} 是一个挂载点：请给出其中的新文件夹")
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            raise Trouble(f"{folder} 已经存在，又不是文件夹")
        if folder.is_dir() and any(folder.iterdir()):
            raise Trouble(f"{folder} 里已有东西：备份只写进新的或空的文件夹，不覆盖")


@contextmanager
def _begun(unfinished: Path) -> Iterator[None]:
    """An empty folder that only its owner looks into; gone again if anything fails.

    What a killed backup left there goes first.
    """
    with explained(f"用不了 {unfinished}"):
        if unfinished.exists():
            if any(path.name not in {"originals", "media", ABOUT, DUMP, SUMS}
                   for path in unfinished.iterdir()):  # fmt: skip
                raise Trouble(f"{unfinished} 里有别的东西，请先把它移开")
            shutil.rmtree(unfinished)
        unfinished.mkdir(mode=0o700, parents=True)
    try:
        yield
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
