"""A database of synthetic articles, indexed for search, that later runs find again.

Loaded and indexed in bulk, on two connections. A corpus or a migration that changed makes it anew.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psycopg

from tests.bench import corpus
from xinwang.embedded import Cluster

ROOT = Path(__file__).parents[2]
OPTIONS = (
    "shared_buffers=2GB",
    "effective_cache_size=8GB",
    "max_wal_size=8GB",
    "random_page_cost=1.1",
    "work_mem=16MB",
)
WORKERS = 2
CHUNK, BATCH = 10_000, 500
INDEXES = ("searchentry_keys", "searchentry_newest")
SETTINGS = (
    "SET synchronous_commit = off; SET maintenance_work_mem = '1GB';"
    " SET max_parallel_maintenance_workers = 2"
)
ARTICLE = """COPY articles_article (id, title, original_title, source_id, editor, byline, body,
    anchors, excerpt, state, published_at, age_notice, imported_reads, reads, legacy_url,
    import_digest, created_at, updated_at) FROM STDIN"""
MEMBER = "COPY articles_articletopic (article_id, topic_id, position, published_at) FROM STDIN"
NAMED = """
INSERT INTO articles_source (id, name, slug, url)
    SELECT n, '来源' || n, 'source-' || n, '' FROM generate_series(1, {sources}) AS n;
INSERT INTO articles_topic (id, name, slug, description, layout, position, in_navigation, featured)
    SELECT n, '话题' || n, 'topic-' || n, '', 'list', 100, false, false
    FROM generate_series(1, {topics}) AS n;
CREATE TABLE bench_built (articles int, fill_seconds float, index_seconds float);
"""


@dataclass(frozen=True)
class Archive:
    """A running database of so many articles, and how long indexing them took, in seconds."""

    url: str
    articles: int
    fill_seconds: float
    index_seconds: float

    @property
    def built_per_second(self) -> float:
        """Articles indexed in bulk a second: entries written, then the index made."""
        return self.articles / (self.fill_seconds + self.index_seconds)


@contextmanager
def archive(articles: int) -> Iterator[Archive]:
    """The database of `articles` articles, made if it isn't there; its server stops in the end."""
    kept = Path(os.environ.get("VAR_DIR") or ROOT / "var").resolve() / "bench"
    folder = kept / f"{articles}-{_version()}"
    if not (folder / "whole").exists():
        for old in kept.glob(f"{articles}-*"):
            shutil.rmtree(old)
    cluster = Cluster(folder / "postgres", OPTIONS)
    url = cluster.start()
    try:
        if not (folder / "whole").exists():
            _make(url, articles)
            (folder / "whole").touch()
        with psycopg.connect(url) as connection:
            row = connection.execute("SELECT * FROM bench_built").fetchone() or (0, 0, 0)
        yield Archive(url, *row)
    finally:
        cluster.stop()


def environment(url: str) -> Mapping[str, str]:
    """What Django needs to use this database."""
    return {"DATABASE_URL": url, "SECRET_KEY": "bench"}


def _version() -> str:
    """Changes whenever the texts or the index would."""
    sources = [Path(corpus.__file__), *sorted((ROOT / "articles" / "migrations").glob("*.py"))]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:10]


def _make(url: str, articles: int) -> None:
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT, env={**os.environ, **environment(url)}, check=True,
    )  # fmt: skip
    newest = datetime.now(UTC).date() - timedelta(days=1)
    tables = ("articles_article", "articles_articletopic")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(NAMED.format(sources=corpus.SOURCES, topics=corpus.TOPICS))
        for table in tables:
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        _in_parts(_load, CHUNK, url, articles, newest)
        for table in tables:
            connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        connection.execute(
            "SELECT setval(pg_get_serial_sequence('articles_article', 'id'), %s)", [articles]
        )
        connection.execute("VACUUM ANALYZE articles_article, articles_articletopic")
        fill, index = index_in_bulk(connection, url, articles)
        connection.execute("VACUUM ANALYZE articles_searchentry")
        connection.execute("INSERT INTO bench_built VALUES (%s, %s, %s)", [articles, fill, index])
        connection.execute("CHECKPOINT")


def _in_parts(work: Callable[..., None], length: int, url: str, articles: int, *rest: Any) -> None:
    """Have the work done on articles 1 to `articles`, `length` at a time, by two processes."""
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        parts = [
            pool.submit(work, url, first, min(first + length - 1, articles), articles, *rest)
            for first in range(1, articles + 1, length)
        ]
        for part in parts:
            part.result()


def _load(url: str, first: int, last: int, articles: int, newest: date) -> None:
    members = []
    with psycopg.connect(url) as connection:
        connection.execute(SETTINGS)
        with connection.cursor().copy(ARTICLE) as copy:
            for text in corpus.texts(first, last, articles, newest):
                at = text.published_at
                copy.write_row((
                    text.number, text.title, "", text.source, text.editor, text.byline, text.body,
                    "[]", "", "published", at, True, 0, 0, "", "", at, at,
                ))  # fmt: skip
                members += [(text.number, topic, 0, at) for topic in text.topics]
        with connection.cursor().copy(MEMBER) as copy:
            for member in members:
                copy.write_row(member)


def index_in_bulk(connection: psycopg.Connection, url: str, articles: int) -> tuple[float, float]:
    """Write all entries and then make their indexes anew; how long each took, in seconds."""
    connection.execute(SETTINGS)
    made = connection.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE indexname = ANY (%s)", [list(INDEXES)]
    ).fetchall()
    for name, _ in made:
        connection.execute(f"DROP INDEX {name}")
    began = time.monotonic()
    _in_parts(_fill, CHUNK, url, articles)
    filled = time.monotonic()
    for _, definition in made:
        connection.execute(definition)
    connection.execute("ALTER INDEX searchentry_keys ALTER COLUMN 1 SET STATISTICS 0")
    return filled - began, time.monotonic() - filled


def _fill(url: str, first: int, last: int, _articles: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SETTINGS)
        for start in range(first, last + 1, BATCH):
            connection.execute(
                "SELECT articles_index(ARRAY(SELECT generate_series(%s::bigint, %s)))",
                [start, min(start + BATCH - 1, last)],
            )
