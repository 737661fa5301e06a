"""What has a bound rather than a rival: edits seen, memory, starting, one request alone, growth.

Served by what deploy/ has for users, as in `pages`.
"""

import http.client
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import psycopg

from tests.bench import asked
from tests.bench.archive import Archive, archive, environment, served
from tests.bench.rows import Bound
from tests.bench.wrk import script, wrk
from tests.serving import ROOT, Gunicorn, ended, free_port, nginx, wait_for

ROUNDS, SECONDS = 3, 2
EDITS, WORKERS, LINES = 20, 4, 16
DIFFERENT, MEGABYTE = 10_000, 2**20
SMALL = 1_000
STARTS = 3
_EDIT = "UPDATE articles_article SET title = %s WHERE id = %s"
_NEWEST = """
SELECT id, to_char(published_at AT TIME ZONE 'Asia/Shanghai', '/YYYY/MM/DD/') || id || '/'
FROM articles_article WHERE state = 'published' ORDER BY published_at DESC LIMIT %s
"""


def limits(articles: int) -> Iterator[Bound]:
    """Every row, over an archive of so many articles."""
    with served(articles) as (filled, folder, site):
        yield _alone(folder, site, filled)
        yield _seen(folder, site, filled)
        yield _memory(site, filled)
        if articles > SMALL:
            with archive(SMALL) as small:
                yield from _grown(folder, site, filled, small)
    yield from _started()


def _alone(folder: Path, site: dict[str, str], filled: Archive) -> Bound:
    """An article made for one reader at a time: how long that takes."""
    with Gunicorn(**site, PAGE_CACHE_MEGABYTES="0").running() as port:
        asking = script(folder, "alone", asked.paths(filled, "article page"), "")
        wrk(port, asking, SECONDS, connections=1)
        p50 = [wrk(port, asking, SECONDS, connections=1).p50_ms for _ in range(ROUNDS)]
    return Bound("article page, made anew, one request alone, p50", p50, "ms", 1.5)


def _seen(folder: Path, site: dict[str, str], filled: Archive) -> Bound:
    """A change in the database: when the last of four workers and nginx show it."""
    gunicorn = Gunicorn(**site, WEB_CONCURRENCY=str(WORKERS))
    took = []
    with ExitStack() as stack:
        direct = stack.enter_context(gunicorn.running())
        through = free_port()
        stack.enter_context(nginx(folder, through, direct, folder))
        database = stack.enter_context(psycopg.connect(filled.url, autocommit=True))
        number, path = database.execute(_NEWEST, [1]).fetchone() or (0, "/")
        lines = [
            stack.enter_context(closing(http.client.HTTPConnection("127.0.0.1", port)))
            for port in [direct] * LINES + [through]
        ]
        for edit in range(EDITS):
            title = f"改动{edit}之{random.randrange(10**9)}"
            time.sleep(random.random())
            database.execute(
                "UPDATE articles_article SET title = %s WHERE id = %s", [title, number]
            )
            took.append(_until_all_show(lines, path, title.encode()))
    return Bound(f"an edit is seen by {WORKERS} workers and through nginx", took, "s", 1.5)


def _until_all_show(lines: Sequence[http.client.HTTPConnection], path: str, said: bytes) -> float:
    """Seconds until the page says it on every line."""
    began = time.monotonic()
    waiting = list(lines)
    while waiting:
        waiting = [line for line in waiting if said not in _page(line, path)]
        time.sleep(0.01)
    return time.monotonic() - began


def _page(line: http.client.HTTPConnection, path: str) -> bytes:
    line.request("GET", path)
    return line.getresponse().read()


def _memory(site: dict[str, str], filled: Archive) -> Bound:
    """What a worker holds when it has answered ten thousand different pages."""
    gunicorn = Gunicorn(**site, WEB_CONCURRENCY="1")
    with gunicorn.running() as port, psycopg.connect(filled.url) as database:
        paths = [path for _, path in database.execute(_NEWEST, [DIFFERENT])]
        paths += [f"{path}?view={device}" for device in ("mobile", "desktop") for path in paths]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda some: _read(port, some), [paths[n:DIFFERENT:4] for n in range(4)]))
        held = sum(worker.memory_info().rss for worker in gunicorn.workers) / MEGABYTE
    return Bound(f"memory of a worker after {DIFFERENT:,} different pages", [held], "MB", 120)


def _read(port: int, paths: Sequence[str]) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as line:
        for path in paths:
            _page(line, path)


def _grown(folder: Path, site: dict[str, str], large: Archive, small: Archive) -> Iterator[Bound]:
    """Each kind of page in the large archive beside the small one, in turns."""
    with ExitStack() as stack:
        here = stack.enter_context(Gunicorn(**site, PAGE_CACHE_MEGABYTES="0").running())
        other = {**site, **environment(small.url)}
        there = stack.enter_context(Gunicorn(**other, PAGE_CACHE_MEGABYTES="0").running())
        for name in asked.KINDS:
            asking = [
                (
                    port,
                    script(folder, f"{name}-{port}".replace(" ", "-"), asked.paths(held, name), ""),
                )
                for port, held in ((here, large), (there, small))
            ]
            for port, lines in asking:
                wrk(port, lines, SECONDS, connections=1)
            ratios = []
            for _ in range(ROUNDS):
                ours, theirs = (wrk(port, lines, SECONDS, 1).p50_ms for port, lines in asking)
                ratios.append(ours / theirs)
            yield Bound(
                f"{name}, made anew, p50 among {large.articles:,} articles ÷ among {SMALL:,}",
                ratios, "×", 1.3,
            )  # fmt: skip


def _started() -> Iterator[Bound]:
    """`make run` a second time until the first page; and how long Python alone takes to load."""
    with tempfile.TemporaryDirectory(prefix="xinwang-") as scratch:
        Path(scratch).chmod(0o755)
        served = {**os.environ, "VAR_DIR": scratch, "PORT": str(free_port())}
        served.pop("DATABASE_URL", None)
        _first_page(served)
        yield Bound(
            "make run, second time, until the first page",
            [_first_page(served) for _ in range(STARTS)], "s", 5,
        )  # fmt: skip
        loading = {**served, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
        yield Bound(
            "of which Python loads the application",
            [_timed(lambda: _load(loading)) for _ in range(STARTS)], "s", 1,
        )  # fmt: skip


def _first_page(served: dict[str, str]) -> float:
    """Seconds from the command to a page; then it stops."""
    began = time.monotonic()
    with ended(subprocess.Popen([sys.executable, "-m", "xinwang.run"], cwd=ROOT, env=served,
                                stdout=subprocess.DEVNULL)):  # fmt: skip
        port = int(served["PORT"])
        wait_for(port)
        _read(port, ["/"])
        return time.monotonic() - began


def _load(environ: dict[str, str]) -> None:
    subprocess.run([sys.executable, "-c", "import xinwang.wsgi"], cwd=ROOT, env=environ, check=True)


def _timed(work: Callable[[], None]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began
