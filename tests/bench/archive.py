"""A database with a made-up archive (articles/corpus) that later runs find again.

A corpus or a migration that changed makes it anew.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.serving import collect_static
from xinwang.embedded import Cluster

ROOT = Path(__file__).parents[2]
OPTIONS = (
    "shared_buffers=2GB",
    "effective_cache_size=8GB",
    "max_wal_size=8GB",
    "random_page_cost=1.1",
    "work_mem=16MB",
)


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
            _make(url, articles, folder)
            (folder / "whole").touch()
        with psycopg.connect(url) as connection:
            row = connection.execute("SELECT * FROM bench_built").fetchone() or (0, 0, 0)
        yield Archive(url, *row)
    finally:
        cluster.stop()


@contextmanager
def served(articles: int) -> Iterator[tuple[Archive, Path, dict[str, str]]]:
    """An archive, a folder, and the environment of a site over it whose static files are there."""
    with (
        tempfile.TemporaryDirectory(prefix="xinwang-") as scratch,
        archive(articles) as filled,
    ):
        folder = Path(scratch)
        folder.chmod(0o755)
        collect_static(folder)
        yield filled, folder, {**environment(filled.url), "VAR_DIR": scratch}


@contextmanager
def empty(options: Sequence[str] = ()) -> Iterator[tuple[Path, Cluster, str]]:
    """A folder, and an empty archive on a server of its own with these options; its address."""
    with tempfile.TemporaryDirectory(prefix="xinwang-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)
        cluster = Cluster(folder / "postgres", options)
        url = cluster.start()
        try:
            subprocess.run(
                [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
                cwd=ROOT, env={**os.environ, **environment(url)}, check=True,
            )  # fmt: skip
            yield folder, cluster, url
        finally:
            cluster.stop()


def environment(url: str) -> Mapping[str, str]:
    """What Django needs to use this database."""
    return {"DATABASE_URL": url, "SECRET_KEY": "bench"}


def _version() -> str:
    """Changes whenever the texts or the index would."""
    articles = ROOT / "articles"
    sources = [*sorted(articles.glob("corpus/*.py")), *sorted(articles.glob("migrations/*.py"))]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:10]


def _make(url: str, articles: int, folder: Path) -> None:
    """By a process of its own: another archive may follow, and Django has one set of settings."""
    subprocess.run(
        [sys.executable, "-m", "tests.bench.filling", str(articles)],
        cwd=ROOT, check=True,
        env={**os.environ, **environment(url), "VAR_DIR": str(folder),
             "SLOW_QUERY_MILLISECONDS": "0"},
    )  # fmt: skip
