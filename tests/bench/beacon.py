"""Beacons on one hot article, beside plain single-row INSERTs into the same database.

Both are driven by 16 connections on this machine: the beacons by wrk through the gunicorn that
`make run` serves with, the INSERTs by pgbench. The database is a fresh embedded cluster that waits
for the disk at every commit, as in production.
"""

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psycopg

from tests.bench.rows import Row
from xinwang.embedded import Cluster, binaries

ROUNDS, SECONDS, CONNECTIONS = 3, 8, 16
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
    updated_at)
VALUES ('hot', '', '', '', '', '', 'published', now() - interval '1 day', true, 0, 0, '', '', now(),
    now());
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
            "PORT": str(_free_port()),
            "BEHIND_PROXY": "true",
        }
        try:
            subprocess.run(
                [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
                cwd=ROOT, env=environment, check=True,
            )  # fmt: skip
            with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as connection:
                connection.execute(SETUP)
            return [_measure(Path(scratch), cluster, environment)]
        finally:
            cluster.stop()


def _measure(scratch: Path, cluster: Cluster, environment: dict[str, str]) -> Row:
    (scratch / "beacon.lua").write_text(WRK)
    (scratch / "insert.sql").write_text(INSERT)
    ours, theirs, p99 = [], [], []
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "xinwang.wsgi"],
        cwd=ROOT, env=environment,
    )  # fmt: skip
    try:
        _wait(int(environment["PORT"]))
        for _ in range(ROUNDS):
            before = _counted(environment)
            said = _run(
                "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}", "--latency",
                "-s", str(scratch / "beacon.lua"), f"http://127.0.0.1:{environment['PORT']}",
            )  # fmt: skip
            ours.append((_counted(environment) - before) / SECONDS)
            p99.append(_milliseconds(re.search(r"99%\s+([\d.]+)(us|ms|s)", said)))
            said = _run(
                str(binaries() / "pgbench"), "--no-vacuum", f"--client={CONNECTIONS}", "--jobs=1",
                f"--time={SECONDS}", f"--file={scratch / 'insert.sql'}",
                f"--host={cluster.socket_dir}", "--username=postgres", "xinwang",
            )  # fmt: skip
            match = re.search(r"tps = ([\d.]+)", said)
            theirs.append(float(match[1]) if match else 0.0)
    finally:
        server.terminate()
        server.wait()
    return Row("read beacons on one article", ours, "plain INSERTs, pgbench", theirs, 0.7, p99)


def _counted(environment: dict[str, str]) -> int:
    """Reads that are committed, a row a visitor."""
    with psycopg.connect(environment["DATABASE_URL"]) as connection:
        row = connection.execute("SELECT count(*) FROM articles_visit").fetchone()
    return int(row[0]) if row else 0


def _milliseconds(match: re.Match[str] | None) -> float:
    if not match:
        raise ValueError("wrk said no 99th percentile")
    return float(match[1]) * {"us": 0.001, "ms": 1, "s": 1000}[match[2]]


def _run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int) -> None:
    for _ in range(300):
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        time.sleep(0.1)
    raise TimeoutError("gunicorn did not start")
