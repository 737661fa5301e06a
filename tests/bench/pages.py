"""Pages a second: finished ones beside files, made ones beside a bare view.

Pages are served by what deploy/ has for users: gunicorn with its configuration, nginx before it.
References run beside them and are driven in turns by the same load: 16 connections that ask for
pages at random. Server, database and load share the machine's cores.
"""

import pickle
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from articles.corpus.cast import topic_paths
from tests.bench.archive import archive, environment
from tests.bench.filling import END
from tests.bench.rows import Row
from tests.bench.wrk import Load, wrk
from tests.serving import Gunicorn, collect_static, free_port, nginx, plain_nginx

ARTICLES = 2_000
ROUNDS, SECONDS, WARM_SECONDS = 3, 6, 3
# Of which so many are asked for where they are kept: each process has to make them first.
KEPT, MAKE_SECONDS = 100, 30
PATHS = """
SELECT to_char(published_at AT TIME ZONE 'Asia/Shanghai', '/YYYY/MM/DD/') || id || '/'
FROM articles_article WHERE state = 'published' AND published_at <= now() ORDER BY id
"""
ASK = """
local paths = {{}}
for path in io.lines("{paths}") do paths[#paths + 1] = path end
math.randomseed(7)
wrk.headers["Accept-Encoding"] = "{encoding}"
request = function() return wrk.format("GET", paths[math.random(#paths)]) end
"""


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


def pages() -> list[Row]:
    """The rows of finished pages and of pages that are made."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="xinwang-")))
        folder.chmod(0o755)
        filled = stack.enter_context(archive(ARTICLES))
        with psycopg.connect(filled.url) as connection:
            paths = [row[0] for row in connection.execute(PATHS)]
        collect_static(folder)
        site = {**environment(filled.url), "VAR_DIR": str(folder)}
        return [*_finished(folder, site, paths), *_made(folder, site, paths)]


def _finished(folder: Path, site: dict[str, str], paths: Sequence[str]) -> Iterator[Row]:
    """Article pages that are kept, packed by gzip (Debian's nginx knows no Brotli)."""
    paths = paths[-KEPT:]
    script = _script(folder, "articles", paths, "gzip")
    with ExitStack() as stack:
        ours = stack.enter_context(Gunicorn(**site).running())
        wrk(ours, script, MAKE_SECONDS)
        kept = {path: _fetched(ours, path) for path in paths}
        (folder / "pages").write_bytes(pickle.dumps(kept))
        bare = Gunicorn(
            application="tests.bench.plain_pages", PLAIN_PAGES=str(folder / "pages"), **site
        )
        theirs = stack.enter_context(bare.running())
        yield _row("article page, gunicorn alone, kept", ours, "bare WSGI dictionary", theirs,
                   script, 0.85)  # fmt: skip
        through, files = free_port(), free_port()
        stack.enter_context(nginx(folder, through, ours, folder))
        for path, (_, body) in kept.items():
            target = folder / "files" / path.strip("/")
            target.mkdir(parents=True)
            (target / "index.html.gz").write_bytes(body)
        stack.enter_context(plain_nginx(folder, files, folder / "files"))
        for path in paths:
            _fetched(through, path)
        yield _row("article page, nginx, kept", through, "nginx, static files, packed", files,
                   script, 0.85)  # fmt: skip


def _made(folder: Path, site: dict[str, str], paths: Sequence[str]) -> Iterator[Row]:
    """Pages that are made for every request."""
    newest = paths[-1]
    kinds = {
        "article page": (paths, 0.20),
        "home": (["/"], 0.10),
        "topic": (topic_paths(END), 0.10),
        "day": ([path.rsplit("/", 2)[0] + "/" for path in paths], 0.10),
        "search": ([f"/search/?q={word}" for word in ("%E5%9C%B0%E9%93%81", "%E9%9D%92%E5%B2%9B")],
                   0.10),
    }  # fmt: skip
    with ExitStack() as stack:
        ours = stack.enter_context(Gunicorn(**site, PAGE_CACHE_MEGABYTES="0").running())
        _, body = _fetched(ours, newest, encoding="")
        (folder / "page").write_bytes(pickle.dumps(body))
        bare = Gunicorn(
            application="tests.bench.plain_view", PLAIN_PAGE=str(folder / "page"), **site
        )
        theirs = stack.enter_context(bare.running())
        for name, (asked, target) in kinds.items():
            script = _script(folder, name.replace(" ", "-"), asked, "")
            yield _row(f"{name}, made anew", ours, "bare Django view", theirs, script, target)


def _row(name: str, ours: int, reference: str, theirs: int, script: Path, target: float) -> Row:
    both = Rounds(ours, script), Rounds(theirs, script)
    for port in (ours, theirs):
        wrk(port, script, WARM_SECONDS)
    for _ in range(ROUNDS):
        for one in both:
            one.measure()
    p99 = [load.p99_ms for load in both[0].loads]
    return Row(name, both[0].rates, reference, both[1].rates, target, p99)


def _script(folder: Path, name: str, paths: Sequence[str], encoding: str) -> Path:
    listed, script = folder / f"{name}.txt", folder / f"{name}.lua"
    listed.write_text("\n".join(paths))
    script.write_text(ASK.format(paths=listed, encoding=encoding))
    return script


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
