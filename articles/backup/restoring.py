"""A backup into an empty place: verified first, then files, and last the database in one go.

What is broken off can be begun again: a note among the originals says which backup is being
restored, and until it is gone nothing else is. The database is there whole or not at all.
"""

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.core.files.storage import storages
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader

from articles.backup import files, programs
from articles.backup.loading import Loader
from articles.backup.manifest import DUMP, MEDIA, ORIGINALS, SUMS, About
from articles.backup.photos import are_elsewhere, refuse_elsewhere, site_path
from articles.backup.trouble import Stage, Trouble, explained
from articles.backup.verifying import Backup, verify
from articles.models import Generation
from articles.stages import Show

NOTE = ".restoring"
# A disk of its own has this in its root.
_NO_CONTENT = {"lost+found"}
_RELATIONS = """
SELECT relname FROM pg_class
WHERE relnamespace = %s::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
ORDER BY relname LIMIT 1
"""


@dataclass(frozen=True)
class Restored:
    """What was restored; `migrated`: the backup was of an older version, and is of this one now."""

    about: About
    migrated: bool


def restore(folder: Path, show: Show) -> Restored:
    """Restore a backup; raises Trouble, DatabaseError. Nothing is touched before all is verified.

    Takes about as long as it does to read and write all files once each and to build all indexes.
    """
    refuse_elsewhere()
    backup = verify(folder, show)
    loader = Loader(
        programs.pg_restore(backup.about.pg_dump), folder / DUMP, backup.about.schema, show
    )
    loader.check()
    pending = _unapplied(backup.about)
    _refuse(backup)
    note = _note()
    with explained("图片写不进去，恢复没有完成（再运行一次即可重来）"):
        note.parent.mkdir(parents=True, exist_ok=True)
        files.write(note, _identity(backup).encode())
        _copy(backup, show)
    loader.load()
    with explained("档案已经恢复，请删除这个文件"):
        note.unlink()
    try:
        _bring_up_to_date()
    except (DatabaseError, KeyboardInterrupt) as error:
        raise Trouble(
            f"档案已经恢复，只差升级到这个版本：请运行 manage.py migrate。{error}"
        ) from error
    return Restored(backup.about, bool(pending))


def unfinished() -> bool:
    """Whether a restore was broken off here: then this is no archive yet."""
    return not are_elsewhere() and _note().exists()


def _bring_up_to_date() -> None:
    call_command("migrate", interactive=False, verbosity=0)
    Generation.objects.begin()  # pages that were made before show another archive
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("VACUUM (ANALYZE)")  # else lists are slow until PostgreSQL does so by itself
    connection.close()


def _note() -> Path:
    return Path(storages["originals"].path(NOTE))


def _identity(backup: Backup) -> str:
    return files.digest(backup.folder / SUMS)


def _unapplied(about: About) -> list[tuple[str, str]]:
    """The migrations that this code has and the backup hasn't; Trouble if it is the other way."""
    loader = MigrationLoader(None)
    known = set(loader.disk_migrations)
    for migration in loader.disk_migrations.values():
        known.update(migration.replaces)
    applied = {(app, name) for app, names in about.migrations.items() for name in names}
    if newer := sorted(applied - known):
        app, name = newer[0]
        raise Trouble(
            f"备份来自更新的版本：这里的程序没有迁移 {app}.{name}"
            f"{f' 等 {len(newer)} 个' if len(newer) > 1 else ''}。请先升级程序，什么也没有动。"
        )
    return sorted(set(loader.disk_migrations) - applied)


def _refuse(backup: Backup) -> None:
    """Raise Trouble where a backup can't go: there is something already, or no room."""
    begun = _begun(backup)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        (schema,) = cursor.fetchone()
        if schema != backup.about.schema:
            raise Trouble(f"备份的模式（schema）是 {backup.about.schema}，目标数据库的是 {schema}")
        cursor.execute(_RELATIONS, [schema])
        found = cursor.fetchone()
    if found:
        after = "（上次恢复中断之后有了内容）" if begun else ""
        raise Trouble(
            f"目标数据库不是空的{after}：里面有 {found[0]}。只能恢复到空的数据库，什么也没有动。"
        )
    with explained("用不了存图片的文件夹"):
        for place in places():
            if not begun and (stranger := next(_content(place), None)):
                raise Trouble(
                    f"{place} 不是空的：里面有 {stranger}。只能恢复到空的地方，什么也没有动。"
                )
        if not begun:
            _refuse_without_room(backup)


def _begun(backup: Backup) -> bool:
    """Whether this backup's restore was broken off here. Trouble if another's was."""
    note = _note()
    if not note.exists():
        return False
    if note.read_text() not in (_identity(backup), ""):
        raise Trouble(
            f"这里有另一份备份恢复到一半：请先恢复那一份，或清空{'、'.join(map(str, places()))}"
        )
    return True


def _refuse_without_room(backup: Backup) -> None:
    for kind, place in zip((ORIGINALS, MEDIA), places(), strict=True):
        names = (name for name in backup.sums if name.startswith(f"{kind}/"))
        needed = sum((backup.folder / name).stat().st_size for name in names)
        disk = next(path for path in (place, *place.parents) if path.exists())
        free = shutil.disk_usage(disk).free
        if free < needed:
            raise Trouble(
                f"磁盘不够：图片要 {needed / 2**20:,.0f} MB，{place} 只剩 {free / 2**20:,.0f} MB"
            )


def places() -> list[Path]:
    """The folders that a backup's photos go to."""
    return [Path(storages[name].path("")) for name in ("originals", "default")]


def _content(place: Path) -> Iterator[str]:
    if place.exists():
        yield from (path.name for path in place.iterdir() if path.name not in _NO_CONTENT)


def _photo_files(names: Iterable[str]) -> list[str]:
    return [name for name in names if name.partition("/")[0] in (ORIGINALS, MEDIA)]


def _copy(backup: Backup, show: Show) -> None:
    """The files of photos, each compared once more while it is written."""
    names = _photo_files(backup.sums)

    def copied(name: str) -> None:
        if files.copy(backup.folder / name, site_path(name)) != backup.sums[name]:
            raise Trouble(f"备份里的 {name} 刚才还是好的，现在内容变了")

    for count, _ in enumerate(files.several(copied, names), 1):
        show(Stage.FILES, count, len(names), count)
    for place in places():
        place.mkdir(parents=True, exist_ok=True)
        files.settle(place)
