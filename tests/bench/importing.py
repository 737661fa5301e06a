"""Importing beside a plain COPY of the very same rows that then makes the same indexes.

Both begin with an empty archive on a database of their own, one after the other. The import is the
command as users run it, from its start to its end: it reads JSON, checks, sanitizes, writes and
indexes. The reference has rows that are ready, files of them already in PostgreSQL's own format,
and tables without triggers, references or indexes, which it makes when all rows are in.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from articles.corpus.cast import sources, topics
from articles.corpus.plan import Plan, story
from tests.bench.archive import OPTIONS, ROOT, empty, environment
from tests.bench.filling import END
from tests.bench.rows import Bound, Row

ARTICLES = int(os.environ.get("BENCH_IMPORT", "8000"))
# What its memory is measured beside.
FEW = ARTICLES // 4
ROUNDS = 2
TARGET = 0.5
TABLES = ("articles_article", "articles_articletopic", "articles_searchentry")
CONNECTIONS = 2
SETTINGS = (
    "SET synchronous_commit = off; SET maintenance_work_mem = '1GB';"
    " SET max_parallel_maintenance_workers = 2"
)


@dataclass(frozen=True)
class Run:
    """What an import took: seconds, and the most memory of all its processes, in megabytes."""

    seconds: float
    megabytes: float


def importing() -> Iterator[Row]:
    """The row of a first import into an empty archive."""
    ours, theirs = [], []
    with empty(OPTIONS) as (folder, _, url):
        lines = write_lines(folder / "articles.jsonl", ARTICLES)
        for _ in range(ROUNDS):
            _empty_again(url)
            ours.append(ARTICLES / run_import(url, lines).seconds)
            theirs.append(ARTICLES / _plain_copy(url, folder))
    yield Row(
        f"import of {ARTICLES:,} articles, with its index", ours,
        "COPY of the same rows, then the same indexes", theirs, TARGET, [],
    )  # fmt: skip


def held() -> Iterator[Bound]:
    """The most memory that an import and its processes take: of four times as many the same."""
    with empty(OPTIONS) as (folder, _, url):
        megabytes = []
        for articles in (FEW, ARTICLES):
            lines = write_lines(folder / "articles.jsonl", articles)
            _empty_again(url)
            megabytes.append(run_import(url, lines).megabytes)
    few, many = megabytes
    yield Bound(
        f"memory of an import, {ARTICLES:,} articles ({many:.0f} MB) ÷ {FEW:,}",
        [many / few], "×", 1.3,
    )  # fmt: skip


def write_lines(path: Path, articles: int) -> Path:
    """A file of so many made-up articles, without photos."""
    plan = Plan(articles, END)
    named = topics(END)
    with path.open("w", encoding="utf-8") as file:
        for number in range(1, plan.published + 1):
            one = story(plan, number)
            assert one.published_at
            line = {
                "id": str(number), "title": one.title, "source": sources()[one.source - 1],
                "editor": one.editor, "byline": one.byline, "body": one.body,
                "published_at": one.published_at.isoformat(),
                "topics": [named[topic - 1].name for topic in one.topics],
            }  # fmt: skip
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    return path


def run_import(url: str, lines: Path) -> Run:
    """Run the command."""
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "import_articles", str(lines)],
        cwd=ROOT, env={**os.environ, **environment(url)}, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    watcher = _Watcher(process.pid)
    watcher.start()
    if process.wait():
        raise RuntimeError("the import failed")
    seconds = time.monotonic() - began
    watcher.join()
    return Run(seconds, watcher.peak / 1e6)


class _Watcher(threading.Thread):
    """Looks at a process and its children's own memory while it lives."""

    def __init__(self, pid: int) -> None:
        super().__init__()
        self._process = psutil.Process(pid)
        self.peak = 0

    def run(self) -> None:
        while self._process.is_running() and self._process.status() != psutil.STATUS_ZOMBIE:
            self.peak = max(self.peak, self._held())
            time.sleep(1)

    def _held(self) -> int:
        held = 0
        try:
            for one in (self._process, *self._process.children(recursive=True)):
                held += one.memory_full_info().uss
        except psutil.Error:
            return 0  # one has just ended
        return held


def _empty_again(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        tables = connection.execute(
            "SELECT string_agg(tablename, ', ') FROM pg_tables WHERE tablename LIKE 'articles\\_%'"
        ).fetchone() or ("",)
        connection.execute(f"TRUNCATE {tables[0]} RESTART IDENTITY")
        connection.execute("CHECKPOINT")


def _plain_copy(url: str, folder: Path) -> float:
    """Copy what the import has written into bare tables, on both cores; how long it took."""
    files = {table: folder / f"{table}.copy" for table in TABLES}
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS plain CASCADE; CREATE SCHEMA plain")
        indexes = _indexes(connection)
        for table, path in files.items():
            _write_out(connection, table, path)
            connection.execute(f"CREATE TABLE plain.{table} (LIKE public.{table} INCLUDING STORAGE"
                               " INCLUDING GENERATED)")  # fmt: skip
        connection.execute("ALTER TABLE plain.articles_searchentry SET (parallel_workers = 2)")
        connection.execute("CHECKPOINT")
        began = time.monotonic()
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            list(pool.map(lambda table: _copy_in(url, table, files[table]), TABLES))
            # The great one has parallel workers of its own; the others are made meanwhile.
            list(pool.map(lambda index: _make(url, index), indexes))
        taken = time.monotonic() - began
        connection.execute("DROP SCHEMA plain CASCADE")
    return taken


def _indexes(connection: psycopg.Connection) -> list[str]:
    """The statements that make the same indexes on the bare tables, the costliest first."""
    made = connection.execute(
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = ANY (%s)"
        " ORDER BY indexname <> 'searchentry_keys', indexname",
        [list(TABLES)],
    )
    return [definition.replace(" ON public.", " ON plain.") for (definition,) in made]


def _write_out(connection: psycopg.Connection, table: str, path: Path) -> None:
    columns = _columns(connection, table)
    rows = f"COPY (SELECT {columns} FROM {table} ORDER BY 1) TO STDOUT"
    with path.open("wb") as file, connection.cursor() as cursor, cursor.copy(rows) as copy:
        for part in copy:
            file.write(part)


def _columns(connection: psycopg.Connection, table: str) -> str:
    """Those that are not generated."""
    named: Mapping[int, str] = dict(
        connection.execute(
            "SELECT attnum, attname FROM pg_attribute WHERE attrelid = %s::regclass"
            " AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
            [table],
        ).fetchall()
    )
    return ", ".join(named.values())


def _copy_in(url: str, table: str, path: Path) -> None:
    with psycopg.connect(url) as connection:
        columns = _columns(connection, table)
        with (
            path.open("rb") as file,
            connection.cursor().copy(f"COPY plain.{table} ({columns}) FROM STDIN") as copy,
        ):
            while part := file.read(1 << 20):
                copy.write(part)


def _make(url: str, index: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SETTINGS)
        connection.execute(index)
