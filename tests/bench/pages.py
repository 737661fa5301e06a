"""Pages a second: finished ones beside files, made ones beside a bare view.

Pages are served by what deploy/ has for users: gunicorn with its configuration, nginx before it.
References run beside them and are driven in turns by the same load: 16 connections that ask for
pages at random. Server, database and load share the machine's cores.
"""

import pickle
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench import asked
from tests.bench.archive import Archive, served
from tests.bench.rows import Row
from tests.bench.wrk import Load, script, wrk
from tests.serving import Gunicorn, free_port, nginx, plain_nginx

# Many short rounds: each has connections of its own, and now and then all of them fall to one of
# gunicorn's processes, which then answers a third of what they answer together.
ROUNDS, SECONDS, WARM_SECONDS = 7, 1, 1
# Of which so many are asked for where they are kept: each process has to make them first.
KEPT, MAKE_SECONDS = 100, 10
TARGETS = {"article page": 0.20}
# What nginx says of a file by itself.
_OF_A_FILE = {"Content-Type", "Content-Length", "Content-Encoding", "ETag", "Last-Modified"}


@dataclass
class Rounds:
    """What was measured of one server, round by round."""

    port: int
    script: Path
    loads: list[Load] = field(default_factory=list)

    def measure(self) -> None:
        """One round more."""
        self.loads.append(wrk(self.port, self.script, SECONDS))

    @property
    def rates(self) -> list[float]:
        """Pages a second."""
        return [load.per_second for load in self.loads]


def pages(articles: int) -> Iterator[Row]:
    """Finished pages and pages that are made, over an archive of so many articles."""
    with served(articles) as (filled, folder, site):
        yield from _finished(folder, site, asked.paths(filled, "article page")[:KEPT])
        yield from _made(folder, site, filled)


def _finished(folder: Path, site: dict[str, str], paths: Sequence[str]) -> Iterator[Row]:
    """Article pages that are kept, packed by gzip (Debian's nginx knows no Brotli)."""
    asking = script(folder, "articles", paths, "gzip")
    with ExitStack() as stack:
        ours = stack.enter_context(Gunicorn(**site).running())
        wrk(ours, asking, MAKE_SECONDS)
        kept = {path: _fetched(ours, path) for path in paths}
        (folder / "pages").write_bytes(pickle.dumps(kept))
        bare = Gunicorn(
            application="tests.bench.plain_pages", PLAIN_PAGES=str(folder / "pages"), **site
        )
        theirs = stack.enter_context(bare.running())
        yield _row("article page, gunicorn alone, kept", ours, "bare WSGI dictionary", theirs,
                   asking, 0.85)  # fmt: skip
        through, files = free_port(), free_port()
        stack.enter_context(nginx(folder, through, ours, folder))
        for path, (_, body) in kept.items():
            target = folder / "files" / path.strip("/")
            target.mkdir(parents=True)
            (target / "index.html.gz").write_bytes(body)
        headers = {name: value for name, value in kept[paths[0]][0] if name not in _OF_A_FILE}
        stack.enter_context(plain_nginx(folder, files, folder / "files", headers))
        for path in paths:
            _fetched(through, path)
        yield _row("article page, nginx, kept", through, "nginx, static files, packed", files,
                   asking, 0.85)  # fmt: skip


def _made(folder: Path, site: dict[str, str], filled: Archive) -> Iterator[Row]:
    """Pages that are made for every request."""
    with ExitStack() as stack:
        ours = stack.enter_context(Gunicorn(**site, PAGE_CACHE_MEGABYTES="0").running())
        _, body = _fetched(ours, asked.paths(filled, "article page")[0], encoding="")
        (folder / "page").write_bytes(pickle.dumps(body))
        bare = Gunicorn(
            application="tests.bench.plain_view", PLAIN_PAGE=str(folder / "page"), **site
        )
        theirs = stack.enter_context(bare.running())
        for kind in asked.KINDS:
            asking = script(folder, kind.replace(" ", "-"), asked.paths(filled, kind), "")
            yield _row(f"{kind}, made anew", ours, "bare Django view", theirs, asking,
                       TARGETS.get(kind, 0.10))  # fmt: skip


def _row(name: str, ours: int, reference: str, theirs: int, asking: Path, target: float) -> Row:
    both = Rounds(ours, asking), Rounds(theirs, asking)
    for port in (ours, theirs):
        wrk(port, asking, WARM_SECONDS)
    for _ in range(ROUNDS):
        for one in both:
            one.measure()
    p99 = [load.p99_ms for load in both[0].loads]
    return Row(name, both[0].rates, reference, both[1].rates, target, p99)


def _fetched(port: int, path: str, encoding: str = "gzip") -> tuple[list[tuple[str, str]], bytes]:
    """A page's headers and body as they come."""
    asking = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", headers={"Accept-Encoding": encoding}
    )
    with urllib.request.urlopen(asking) as answer:
        headers = [
            (name, value)
            for name, value in answer.getheaders()
            if name not in ("Server", "Date", "Connection", "X-Accel-Expires")
        ]
        return headers, answer.read()
