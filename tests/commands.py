"""Management commands as real processes on the tests' database."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

from articles.transfer.importing import LOCK

IMPORT = (sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "import_articles")
EXPORT = (*IMPORT[:2], "export_articles")

Process = subprocess.Popen[bytes]
Start = Callable[..., Process]


def started(folder: Path, *arguments: str) -> Process:
    """A process on the tests' database, in a folder and with files of its own."""
    named = urlsplit(os.environ["DATABASE_URL"])
    mine = named._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    return subprocess.Popen(
        arguments,
        cwd=folder,
        env={
            **os.environ,
            "DATABASE_URL": mine,
            "VAR_DIR": str(folder / "var"),
            "PYTHONPATH": str(settings.BASE_DIR),
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def wait_for(condition: Callable[[], bool], process: Process) -> None:
    """Wait until something is so, as long as the process that brings it about lives."""
    while not condition():
        if process.poll() is not None:
            out, err = process.communicate()
            raise AssertionError((process.returncode, out.decode(), err.decode()))


def is_locked() -> bool:
    """Whether somebody holds the import's lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
            " WHERE locktype = 'advisory' AND datname = current_database()"
            " AND (classid::bigint << 32) + objid::bigint = %s",
            [LOCK],
        )
        return bool(cursor.fetchone()[0])


def finished(process: Process, given: bytes | None = None) -> str:
    """The last line that a process printed before it ended well."""
    out, err = process.communicate(given)
    assert process.returncode == 0, err.decode()
    return out.decode().splitlines()[-1]
