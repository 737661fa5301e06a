"""A dump into an empty database, in one transaction: all of it or nothing.

pg_restore only turns the dump into statements here; they go through Django's own connection. So no
password has to be handed on, what is told of progress is what is done, and settings that an older
server doesn't know can be left out: an archive may move from PostgreSQL 18 to 15.
"""

import re
import subprocess
import tempfile
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any

from django.db import connection, transaction

from articles.backup.trouble import Stage, Trouble
from articles.stages import Show

# Before each thing that it restores pg_restore says what comes.
_ENTRY = b"\n--\n-- Name: "
_SET = re.compile(rb"SET (\w+) = [^\n]*;\n?")
# What psql alone understands (since the releases of August 2025).
_FOR_PSQL = re.compile(rb"\\(?:un)?restrict \w+\n?")
# Which rows a role may see belongs to the role, as its grants do, and the role to the server:
# create_reader_role says it anew (ADR 0023).
_OF_ROLES = re.compile(rb"[^\n]*; Type: (?:POLICY|ROW SECURITY); ")
_EVERY_ROWS = 1000


class Loader:
    """Brings a dump into the database that Django is connected to."""

    def __init__(self, program: Path, dump: Path, schema: str, show: Show) -> None:
        """`program` is a pg_restore that can read the dump; `schema` the one that was dumped."""
        self._command: list[str | Path] = [
            program,
            f"--schema={schema}",
            "--no-owner",
            "--no-acl",
            "--file=-",
            dump,
        ]
        self._show = show

    def check(self) -> None:
        """Raise Trouble if pg_restore can't read the dump. Changes nothing."""
        with self._statements("--list") as said:
            said.read()

    def load(self) -> None:
        """Tables and functions, rows, then indexes and triggers; raises Trouble, DatabaseError.

        Closes the connection: the dump's statements have turned its settings over.
        """
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT name FROM pg_settings")
                known = {name.encode() for (name,) in cursor.fetchall()}
                raw = cursor.connection.cursor()
                for statements in self._entries("--section=pre-data", known):
                    raw.execute(statements)
                self._rows(raw, known)
                raw.execute("SET maintenance_work_mem = '1GB'")  # for the index of search
                parts = list(self._entries("--section=post-data", known))
                for count, statements in enumerate(parts, 1):
                    raw.execute(statements)
                    self._show(Stage.INDEXES, count, len(parts), count)
        finally:
            connection.close()

    def _entries(self, section: str, known: set[bytes]) -> Iterator[bytes]:
        """The statements of a section, together as they restore one thing."""
        with self._statements(section) as said:
            head, *entries = said.read().split(_ENTRY)
        yield b"".join(_sendable(line, known) for line in head.splitlines(keepends=True))
        for entry in entries:
            if _OF_ROLES.match(entry):
                continue
            yield _FOR_PSQL.sub(b"", b"-- " + entry)

    def _rows(self, raw: Any, known: set[bytes]) -> None:
        count = 0
        with self._statements("--section=data") as lines:
            for line in lines:
                if line.startswith(b"COPY "):
                    with raw.copy(line) as copy, closing(_rows_of(lines)) as rows:
                        for row in rows:
                            copy.write(row)
                            count += 1
                            if count % _EVERY_ROWS == 0:
                                self._show(Stage.ROWS, count, None, count)
                elif statement := _sendable(line, known).strip():
                    raw.execute(statement)

    @contextmanager
    def _statements(self, *options: str) -> Iterator[IO[bytes]]:
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(
                [*self._command, *options],
                env={"LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=said,
                start_new_session=True,
            )
            with process, closing(process.stdout or tempfile.TemporaryFile()) as statements:
                try:
                    yield statements
                except BaseException:
                    process.kill()
                    raise
            if process.returncode:
                said.seek(0)
                reason = said.read().decode(errors="replace").strip()
                raise Trouble(f"读不出备份里的数据库，pg_restore 说：\n{reason}")


def _rows_of(lines: IO[bytes]) -> Generator[bytes, None, None]:
    """The rows of a COPY, up to the line that ends them."""
    for line in lines:
        if line == b"\\.\n":
            return
        yield line
    raise Trouble("读不出备份里的数据库：在一张表的中间断了")


def _sendable(line: bytes, known: set[bytes]) -> bytes:
    """A line of settings as this server takes it: empty if it doesn't know what is set."""
    setting = _SET.fullmatch(line)
    if _FOR_PSQL.fullmatch(line) or line.startswith(b"--") or (setting and setting[1] not in known):
        return b""
    return line
