"""Empty places to restore into: a database and a folder of their own, reached by processes."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

ROOT = Path(__file__).parents[1]
Done = subprocess.CompletedProcess[str]
# Everything of a schema that isn't a row: functions, tables, indexes, triggers, constraints.
# Without brackets and casts: these PostgreSQL writes otherwise once it has read what it wrote.
SHAPE = r"""
SELECT kind, regexp_replace(said, '::[a-z ]+|[\[\]() ]', '', 'g') FROM (
    SELECT 'function', pg_get_functiondef(oid) FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
    UNION ALL SELECT 'index', indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 'trigger', pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'constraint', concat_ws(' ', conrelid::regclass, conname,
        pg_get_constraintdef(oid))
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
    UNION ALL SELECT 'column', concat_ws(' ', attrelid::regclass, attname, atttypid::regtype,
        attnotnull, attstorage, attidentity, attgenerated, attstattarget)
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i') AND attnum > 0
        AND NOT attisdropped
    UNION ALL SELECT 'table', concat_ws(' ', relname, reloptions)
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
) AS shape (kind, said)
ORDER BY 1, 2
"""


@dataclass(frozen=True)
class Place:
    """A database by its address, and where files go."""

    url: str
    var_dir: Path

    def manage(self, *arguments: object) -> Done:
        """Run a management command to its end."""
        return self._run("manage.py", *map(str, arguments))

    def managed(self, *arguments: object) -> str:
        """Run one that has to end well; its last line."""
        done = self.manage(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()[-1] if done.stdout else ""

    def refused(self, *arguments: object) -> str:
        """Run one that has to fail; what it complained."""
        done = self.manage(*arguments)
        assert done.returncode, done.stdout
        assert "Traceback" not in done.stderr
        return done.stderr

    @contextmanager
    def editors(self, number: int = 1) -> Iterator[list[int]]:
        """So many editors at work (tests/editing.py); in the end, how many rounds each has done."""
        command = [sys.executable, "-m", "tests.editing"]
        editors = [
            subprocess.Popen(
                command, cwd=ROOT, env=self._environment | {"DEBUG": "true"},
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )
            for _ in range(number)
        ]  # fmt: skip
        rounds: list[int] = []
        for editor in editors:
            assert editor.stdout
            assert editor.stdout.readline()  # they have begun
        try:
            yield rounds
        finally:
            said = [editor.communicate()[0] for editor in editors]
        assert not any(editor.returncode for editor in editors)
        rounds += [int(words.split()[-1]) for words in said]

    def start(self, *arguments: object, **environment: str) -> subprocess.Popen[str]:
        """Start a management command."""
        return subprocess.Popen(
            [sys.executable, "manage.py", *map(str, arguments)],
            cwd=ROOT, env=self._environment | environment,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def served(self) -> Done:
        """Run what `make run` does, where it is expected to end by itself."""
        return self._run("-m", "xinwang.run")

    def python(self, code: str, *arguments: object) -> str:
        """What a script prints, with Django set up."""
        done = self._run("-c", f"import django; django.setup()\n{code}", *map(str, arguments))
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def faults(self) -> list[str]:
        """What is torn or lost of what editors have left (tests/editing.py)."""
        done = self._run("-m", "tests.editing", "faults")
        assert done.returncode == 0, done.stderr
        found: list[str] = json.loads(done.stdout)
        return found

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """What a query answers."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(query)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

    @property
    def files(self) -> list[str]:
        """What lies in its folders for photos."""
        return sorted(
            path.relative_to(self.var_dir).as_posix()
            for kind in ("originals", "media")
            for path in (self.var_dir / kind).rglob("*")
            if path.is_file()
        )

    @property
    def is_untouched(self) -> bool:
        """Whether neither the database nor the folders have anything."""
        tables = self.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return not tables and not self.files

    @property
    def _environment(self) -> dict[str, str]:
        return {
            **os.environ, "DATABASE_URL": self.url, "VAR_DIR": str(self.var_dir),
            "DJANGO_SETTINGS_MODULE": "xinwang.settings", "LOG_LEVEL": "WARNING",
        }  # fmt: skip

    def _run(self, *arguments: str) -> Done:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT, env=self._environment, capture_output=True, text=True, check=False,
        )  # fmt: skip


@contextmanager
def empty_place(folder: Path, server: str = "") -> Iterator[Place]:
    """A new database on a server, the one of DATABASE_URL if none is named; gone in the end."""
    address = urlsplit(server or os.environ["DATABASE_URL"])
    name = f"place_{secrets.token_hex(4)}"
    with psycopg.connect(address.geturl(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")  # type: ignore[call-overload]
        try:
            yield Place(address._replace(path=f"/{name}").geturl(), folder)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[call-overload]
