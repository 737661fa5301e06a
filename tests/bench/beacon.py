"""Beacons on one hot article, beside plain single-row INSERTs into the same database.

All are driven by 16 connections on this machine: the beacons by wrk through the gunicorn that
`make run` serves with, the INSERTs by pgbench and, to part what HTTP and Python cost from what the
beacon does, by wrk through the same gunicorn with an application that does nothing else. The
database is a fresh embedded cluster that waits for the disk at every commit, as in production.
"""

import re
import subprocess
from pathlib import Path

import psycopg

from tests.bench.archive import empty, environment
from tests.bench.rows import Row
from tests.bench.wrk import CONNECTIONS, wrk
from tests.serving import Gunicorn
from xinwang.embedded import Cluster, binaries

ROUNDS, SECONDS, TARGET = 3, 3, 0.7

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
    with empty() as (folder, cluster, url):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(SETUP)
        return _measure(folder, cluster, url)


def _measure(scratch: Path, cluster: Cluster, url: str) -> list[Row]:
    script = scratch / "beacon.lua"
    script.write_text(WRK)
    (scratch / "insert.sql").write_text(INSERT)
    ours, by_pgbench, by_wsgi, p99 = [], [], [], []
    with (
        Gunicorn(**environment(url)).running() as site,
        Gunicorn(application="tests.bench.plain_insert", **environment(url)).running() as bare,
    ):
        for _ in range(ROUNDS):
            before = _rows(url, "articles_visit")
            load = wrk(site, script, SECONDS)
            ours.append((_rows(url, "articles_visit") - before) / SECONDS)
            p99.append(load.p99_ms)
            by_pgbench.append(_pgbench(scratch, cluster))
            before = _rows(url, "plain")
            wrk(bare, script, SECONDS)
            by_wsgi.append((_rows(url, "plain") - before) / SECONDS)
    name = "read beacons on one article"
    return [
        Row(name, ours, "plain INSERTs, pgbench", by_pgbench, TARGET, p99),
        Row(name, ours, "plain INSERTs, bare WSGI", by_wsgi, TARGET, p99),
    ]


def _pgbench(scratch: Path, cluster: Cluster) -> float:
    """INSERTs a second."""
    command = (
        str(binaries() / "pgbench"), "--no-vacuum", f"--client={CONNECTIONS}", "--jobs=1",
        f"--time={SECONDS}", f"--file={scratch / 'insert.sql'}",
        f"--host={cluster.socket_dir}", "--username=postgres", "xinwang",
    )  # fmt: skip
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    match = re.search(r"tps = ([\d.]+)", said)
    if not match:
        raise ValueError("pgbench said no rate")
    return float(match[1])


def _rows(url: str, table: str) -> int:
    """Rows that are committed."""
    with psycopg.connect(url) as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0
