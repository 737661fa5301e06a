"""The database into a backup: by pg_dump, of one snapshot, without what is soon forgotten."""

import hashlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection, transaction
from psycopg.sql import Identifier

from articles.backup import programs
from articles.backup.files import CHUNK
from articles.backup.trouble import Stage, Trouble
from articles.stages import Show

# What is forgotten within a day or two has no place in a backup that is kept for years: by whom
# an article was read today (and the key to it), who is logged in, whose logins failed from where,
# who has an article open. The tables are restored empty.
FORGOTTEN = (
    "articles_readkey",
    "articles_visit",
    "articles_openarticle",
    "django_session",
    "axes_accessattempt",
    "axes_accessattemptexpiration",
    "axes_accessfailurelog",
    "axes_accesslog",
)
# What pg_dump said last, if it failed.
_LINES_SAID = 5


@contextmanager
def snapshot() -> Iterator[str]:
    """A transaction that sees the database as it is now, and the snapshot's name for others."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        # pg_dump takes its time, and so may the last photos.
        cursor.execute(
            "SELECT set_config('idle_in_transaction_session_timeout', '0', true),"
            " set_config('statement_timeout', '0', true), pg_export_snapshot()"
        )
        yield cursor.fetchone()[-1]


def dump(program: Path, schema: str, number: str, target: Path, show: Show) -> str:
    """Write what the snapshot sees; the SHA-256 of the dump. Raises Trouble, OSError.

    The site's schema alone, without owners and grants: they belong to the server.
    """
    literally = Identifier(schema).as_string(None)  # pg_dump's patterns quote as SQL does
    command: list[str | Path] = [
        program, "--format=custom", "--no-owner", "--no-acl", "--no-password",
        f"--schema={literally}", f"--snapshot={number}",
        *(f"--exclude-table-data={literally}.{table}" for table in FORGOTTEN),
    ]  # fmt: skip
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command,
            env={**programs.environment(), "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
            start_new_session=True,  # Ctrl-C is for us, who then end it
        )
        try:
            sha256 = _written(process, target, show)
        except BaseException:
            process.kill()
            raise
        finally:
            status = process.wait()
            if process.stdout:
                process.stdout.close()
        if status:
            said.seek(0)
            lines = said.read().decode(errors="replace").splitlines()[-_LINES_SAID:]
            raise Trouble("\n".join(["数据库导不出来，pg_dump 说：", *lines]))
    return sha256


def _written(process: subprocess.Popen[bytes], target: Path, show: Show) -> str:
    sha256, position = hashlib.sha256(), 0
    with target.open("wb") as file:
        while process.stdout and (chunk := process.stdout.read(CHUNK)):
            file.write(chunk)
            sha256.update(chunk)
            position += len(chunk)
            show(Stage.DATABASE, position, None, position >> 20)
        file.flush()
        os.fsync(file.fileno())
    return sha256.hexdigest()
