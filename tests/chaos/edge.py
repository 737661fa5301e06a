"""Slow clients by the hundred and requests by the thousand that nobody honest sends, at nginx."""

import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from time import monotonic

from tests import malformed
from tests.chaos.tried import Tried
from tests.raw import answers
from tests.scratch import scratch
from tests.serving import ROOT, Gunicorn, collect_static, free_port, nginx
from tests.slow import KINDS, Slow
from xinwang.embedded import Cluster

SLOW = 500
SECONDS = 8
TIMES = 12
AT_ONCE = 32
PATHS = ("/", "/topic/", "/static/css/base.css", "/healthz", "/reader.css")


def edge() -> Iterator[Tried]:
    """Each kind of slow client while readers go on; then nonsense, and what came of it."""
    with _site() as (gunicorn, port):
        for path in PATHS * 4:  # both workers, before anybody counts
            answers(port, f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        for kind in KINDS:
            yield _slow(port, kind)
        for name, door in (("gunicorn alone", gunicorn), ("nginx before it", port)):
            yield _nonsense(name, door)


@contextmanager
def _site() -> Iterator[tuple[int, int]]:
    """A database, gunicorn and nginx of their own; gunicorn's port and nginx's."""
    with ExitStack() as stack:
        folder = stack.enter_context(scratch())
        folder.chmod(0o711)
        cluster = Cluster(folder / "postgres", ("fsync=off", "synchronous_commit=off"))
        url = cluster.start()
        stack.callback(cluster.stop)
        var = Path(folder / "var")
        collect_static(var)
        gunicorn = Gunicorn(url, VAR_DIR=str(var), WEB_CONCURRENCY="2")
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, check=True,
            env={**os.environ, **gunicorn.environment},
        )  # fmt: skip
        gunicorn.start()
        stack.callback(gunicorn.kill)
        port = free_port()
        stack.enter_context(nginx(folder, port, gunicorn.port, var))
        yield gunicorn.port, port


def _slow(port: int, kind: str) -> Tried:
    """So many slow clients of a kind, and four readers; whatever isn't a 200 is lost."""
    seen: Counter[int] = Counter()
    over = threading.Event()
    with Slow(port, kind, SLOW) as slow:
        readers = [threading.Thread(target=_read, args=(port, over, seen)) for _ in range(4)]
        for reader in readers:
            reader.start()
        end = monotonic() + SECONDS
        held = slow.held
        while monotonic() < end:
            slow.trickle()
            over.wait(0.5)
        over.set()
        for reader in readers:
            reader.join()
    bad = sum(number for status, number in seen.items() if status != 200)
    said = f"{held} were on the line at once; {sum(seen.values()):,} requests of readers, all 200"
    if bad:
        said = f"{held} were on the line at once; readers saw {dict(seen)}"
    return Tried(f"slow clients: {kind}", SLOW, said, bad)


def _read(port: int, over: threading.Event, seen: "Counter[int]") -> None:
    """Pages one after the other on a connection of one's own; 0 is no answer at all."""
    number = 0
    while not over.is_set():
        line = HTTPConnection("127.0.0.1", port, timeout=10)
        status = 0
        with suppress(OSError, HTTPException):
            line.request("GET", PATHS[number % len(PATHS)] if number % 30 < 3 else "/topic/")
            answer = line.getresponse()
            answer.read()
            status = answer.status
        line.close()
        seen[status] += 1
        number += 1
        over.wait(0.02)


def _nonsense(name: str, port: int) -> Tried:
    """Malformed requests, each several times; lost is whatever got a page or a 5xx of a fault."""
    requests = malformed.refused()
    seen: Counter[int] = Counter()
    with ThreadPoolExecutor(AT_ONCE) as senders:
        for found in senders.map(partial(answers, port), list(requests.values()) * TIMES):
            seen.update(answer.status for answer in found)
    lost = sum(seen[status] for status in (200, 500, 502, 503, 504))
    statuses = ", ".join(f"{status}: {number}" for status, number in sorted(seen.items()))
    return Tried(
        f"malformed requests of {len(requests)} kinds, {name}", len(requests) * TIMES,
        f"refused ({statuses}), or hung up on", lost,
    )  # fmt: skip
