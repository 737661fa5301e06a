"""Beacons on one hot article, beside plain single-row INSERTs into the same database.

All are driven by 16 connections on this machine: the beacons by wrk through the gunicorn that
`make run` serves with, the INSERTs by pgbench and, to part what HTTP and Python cost from what the
beacon does, by wrk through the same gunicorn with an application that does nothing else. The
database is a fresh embedded cluster that waits for the disk at every commit, as in production.
"""

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from tests.bench.rows import Row
from xinwang.embedded import Cluster, binaries

ROUNDS, SECONDS, CONNECTIONS, TARGET = 3, 8, 16, 0.7
ROOT = Path(__file__).parents[2]

WRK = """
math.randomseed(os.time())
request = function()
  wrk.headers["X-Forwarded-For"] = string.format("10.%d.%d.%d", math.random(0, 255),
    math.random(0, 255), math.random(0, 255))
  return wrk.format("POST", "/reads/1/?age=9")
end
wrk.headers["User-Agent"] = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148"
wrk.headers["Sec-Fetch-Site"] = "same-origin"
"""
SETUP = """
INSERT INTO articles_article (title, original_title, editor, byline, body, excerpt, state,
    published_at, age_notice, imported_reads, reads, legacy_url, import_digest, created_at,
    updated_at, anchors)
VALUES ('hot', '', '', '', '', '', 'published', now() - interval '1 day', true, 0, 0, '', '', now(),
    now(), '[]');
CREATE TABLE plain (day date, article bigint, visitor bytea);
"""
INSERT = r"INSERT INTO plain VALUES (current_date, 1, decode(md5(random()::text), 'hex'));"


def beacon() -> list[Row]:
    """Reads counted a second, and how that stands to plain INSERTs."""
    with tempfile.TemporaryDirectory() as scratch:
        cluster = Cluster(Path(scratch) / "postgres")
        environment = {
            **os.environ,
            "DATABASE_URL": cluster.start(),
            "SECRET_KEY": "bench",
            "VAR_DIR": scratch,
            "BEHIND_PROXY": "true",
        }
        try:
            subprocess.run(
                [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
                cwd=ROOT, env=environment, check=True,
            )  # fmt: skip
            with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as connection:
                connection.execute(SETUP)
            return _measure(Path(scratch), cluster, environment)
        finally:
            cluster.stop()


def _measure(scratch: Path, cluster: Cluster, environment: dict[str, str]) -> list[Row]:
    (scratch / "beacon.lua").write_text(WRK)
    (scratch / "insert.sql").write_text(INSERT)
    ours, by_pgbench, by_wsgi, p99 = [], [], [], []
    with (
        _gunicorn("xinwang.wsgi", environment) as site,
        _gunicorn("tests.bench.plain_insert", environment) as bare,
    ):
        for _ in range(ROUNDS):
            before = _rows(environment, "articles_visit")
            said = _wrk(scratch, site)
            ours.append((_rows(environment, "articles_visit") - before) / SECONDS)
            p99.append(_milliseconds(re.search(r"99%\s+([\d.]+)(us|ms|s)", said)))
            by_pgbench.append(_pgbench(scratch, cluster))
            before = _rows(environment, "plain")
            _wrk(scratch, bare)
            by_wsgi.append((_rows(environment, "plain") - before) / SECONDS)
    name = "read beacons on one article"
    return [
        Row(name, ours, "plain INSERTs, pgbench", by_pgbench, TARGET, p99),
        Row(name, ours, "plain INSERTs, bare WSGI", by_wsgi, TARGET, p99),
    ]


@contextmanager
def _gunicorn(application: str, environment: dict[str, str]) -> Iterator[int]:
    """The application on a free port, under the configuration that ships."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", application],
        cwd=ROOT, env={**environment, "PORT": str(port)},
    )  # fmt: skip
    try:
        for _ in range(300):
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait()


def _wrk(scratch: Path, port: int) -> str:
    return _run(
        "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}", "--latency",
        "-s", str(scratch / "beacon.lua"), f"http://127.0.0.1:{port}",
    )  # fmt: skip


def _pgbench(scratch: Path, cluster: Cluster) -> float:
    """INSERTs a second."""
    said = _run(
        str(binaries() / "pgbench"), "--no-vacuum", f"--client={CONNECTIONS}", "--jobs=1",
        f"--time={SECONDS}", f"--file={scratch / 'insert.sql'}",
        f"--host={cluster.socket_dir}", "--username=postgres", "xinwang",
    )  # fmt: skip
    match = re.search(r"tps = ([\d.]+)", said)
    if not match:
        raise ValueError("pgbench said no rate")
    return float(match[1])


def _rows(environment: dict[str, str], table: str) -> int:
    """Rows that are committed."""
    with psycopg.connect(environment["DATABASE_URL"]) as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0


def _milliseconds(match: re.Match[str] | None) -> float:
    if not match:
        raise ValueError("wrk said no 99th percentile")
    return float(match[1]) * {"us": 0.001, "ms": 1, "s": 1000}[match[2]]


def _run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
