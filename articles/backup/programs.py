"""PostgreSQL's own programs: which there are, and how they reach the site's database."""

import os
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

from articles.backup.trouble import Trouble

# Where systems keep every main version; what is first on PATH may be a wrapper that chooses one.
_KEPT = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql@*/bin")
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


def pg_dump(server: int) -> tuple[Path, int]:
    """The pg_dump for a server of that main version, and its own: the same, else the next newer.

    An older one refuses to dump a newer server; a newer one's dump is less widely readable.
    """
    found = _versions("pg_dump")
    fit = [version for version in found if version >= server]
    if not fit:
        raise Trouble(_lacking("pg_dump", server, found))
    return found[min(fit)], min(fit)


def pg_restore(dumped_by: int) -> Path:
    """A pg_restore that reads what that main version of pg_dump has written: the newest."""
    found = _versions("pg_restore")
    if not found or max(found) < dumped_by:
        raise Trouble(_lacking("pg_restore", dumped_by, found))
    return found[max(found)]


def environment() -> dict[str, str]:
    """How a program reaches the database that Django is connected to.

    In variables, with the password: a command line can be read by everybody on the machine.
    """
    connection.ensure_connection()
    said = {
        option.envvar.decode(): option.val.decode()
        for option in connection.connection.pgconn.info
        if option.envvar and option.val
    }
    return {"PATH": os.environ.get("PATH", ""), "HOME": os.environ.get("HOME", "/"), **said}


def _lacking(program: str, needed: int, found: dict[int, Path]) -> str:
    have = f"这里最新的是 {max(found)} 版" if found else "这里一个也没有"
    return (
        f"需要 {needed} 版或更新的 {program}，{have}。"
        f"Debian、Ubuntu：apt install postgresql-client-{needed}"
    )


def _versions(program: str) -> dict[int, Path]:
    """Every main version of a program that this machine has."""
    found: dict[int, Path] = {}
    for folder in _folders():
        path = folder / program
        if os.access(path, os.X_OK) and (version := _version(path)):
            found.setdefault(version, path)
    return found


def _folders() -> Iterator[Path]:
    for pattern in _KEPT:
        yield from sorted(Path("/").glob(pattern))
    own: Path | None = import_string(settings.POSTGRES_PROGRAMS)()
    if own:
        yield own
    yield from map(Path, filter(None, os.environ.get("PATH", "").split(os.pathsep)))


@cache
def _version(path: Path) -> int | None:
    done = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    match = _VERSION.search(done.stdout)
    return int(match[1]) if match else None
