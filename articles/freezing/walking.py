"""A frozen folder walked: at which addresses nginx answers, and what (deploy/nginx-frozen.conf).

The other way round than `places`: from the files to what readers ask for. A reader's device can't
be asked of an archive, so that each page has three addresses here: the plain one, which is the
desk's, and those by which the site itself leads from one device to the other.
"""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

from csp.utils import build_policy
from django.conf import settings
from django.utils import timezone

from articles import device as devices
from articles import edge, preferences, traditional
from articles.freezing import places
from articles.freezing.asking import Header
from articles.freezing.beside import MISSING
from articles.freezing.keeping import SUFFIXES

_PAGE = "text/html; charset=utf-8"
_TEXT = "text/plain; charset=utf-8"
_ELSEWHERE = "text/html"  # of what leads elsewhere
# As nginx says it of files: by the address, else by the ending.
_TYPES = tuple(
    (re.compile(pattern), said)
    for pattern, said in (
        (r"/feed/(?:.+/)?atom\.xml$", "application/atom+xml; charset=utf-8"),
        (r"/feed/(?:.+/)?feed\.json$", "application/feed+json; charset=utf-8"),
        (r"/sitemap(?:\.xml$|/)", "application/xml; charset=utf-8"),
        (r"/robots\.txt$", "text/plain"),
        (r"/\.well-known/security\.txt$|/\d+/\d+/\d+/\d+/text\.txt$", _TEXT),
        (r"/search/.+\.sqlite$", "application/vnd.sqlite3"),
        (r"/opensearch\.xml$", "application/opensearchdescription+xml; charset=utf-8"),
    )
)
_ENDINGS = {
    ".avif": "image/avif", ".css": "text/css", ".gif": "image/gif", ".ico": "image/x-icon",
    ".jpg": "image/jpeg", ".js": "application/javascript", ".json": "application/json",
    ".png": "image/png", ".svg": "image/svg+xml", ".txt": "text/plain", ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json", ".webp": "image/webp", ".woff2": "font/woff2",
}  # fmt: skip
_UNKNOWN = "application/octet-stream"  # as Debian's nginx.conf has it
_OPENED_ALONE = re.compile(r"/(?:static|media)/")
# What a worker may do its own script says (deploy/nginx-frozen.conf).
_FINDER = re.compile(r"/static/js/finder\.")
_FINDERS_POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'"
)
_ANYBODYS = re.compile(r"/(?:(?:static|media|og|feed)/|qr[/.]|favicon\.ico$|[12]\d\d\d/[^?]+\.)")
_SAFE = "!$&'()*+,;=/~:@"  # as Django's `reverse` leaves it
_MOVED = re.compile(r'"((?:[^"\\]|\\.)*)" (.*);')
_ESCAPE = re.compile(r"%[0-9a-f]{2}")


@dataclass(frozen=True)
class Answer:
    """What is answered at an address: a file's content, or nothing but the way to go on."""

    address: str  # percent-encoded, with its query
    status: HTTPStatus
    content_type: str
    at: float  # when the file was written
    file: Path | None = None
    location: str = ""
    same: tuple[str, ...] = ()  # other addresses with the same answer

    @property
    def headers(self) -> list[Header]:
        """Those that say what it is and what browsers may do with it; not those for caches."""
        said = dict(_security())
        if _FINDER.match(self.address):
            said[edge.POLICY] = _FINDERS_POLICY
        elif not _OPENED_ALONE.match(self.address):
            said[edge.POLICY] = _policy()
        if self.status == HTTPStatus.OK and _ANYBODYS.match(self.address):
            said[edge.RESOURCE_POLICY] = edge.ANYBODYS
        whereto = [("Location", self.location)] if self.location else []
        return [("Content-Type", self.content_type), *whereto, *said.items()]


def walk(root: Path) -> Iterator[Iterable[Answer]]:
    """The answers of one file after the other; those that come of no file last.

    The desk's pages come first, by falling names: what is new before what is old. In memory is one
    folder of those, of other folders nothing.
    """
    redirected = not (root / "desktop" / traditional.PREFIX.strip("/")).is_dir()
    for device in devices.DEVICES:
        for file in _files(root / device, ordered=device == "desktop"):
            yield _page(root / device, file, device, HTTPStatus.OK, redirected=redirected)
        gone = root / places.GONE / device
        for file in _files(gone):
            yield _page(gone, file, device, HTTPStatus.GONE, redirected=redirected)
    for file in _files(root / places.FILES):
        yield [_file(root / places.FILES, file)]
    for file in _files(root / places.ERROR):
        yield [_missing(file)]
    for file in _files(root / places.READER):
        yield _choices(file)
    yield _today(root, redirected=redirected)
    yield _moved(root / places.MOVED)


def count(root: Path) -> int:
    """How many times `walk` yields."""
    parts = (*devices.DEVICES, places.GONE, places.FILES, places.ERROR, places.READER)
    return sum(1 for part in parts for _ in _files(root / part)) + 2


def _files(folder: Path, *, ordered: bool = False) -> Iterator[Path]:
    """The files below a folder that are no packed ones; none where it isn't there."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=_rank, reverse=True) if ordered else found
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    yield from _files(Path(entry.path), ordered=ordered)
                elif not entry.name.endswith(SUFFIXES):
                    yield Path(entry.path)
    except FileNotFoundError:
        return


def _rank(entry: "os.DirEntry[str]") -> tuple[bool, int, str]:
    """Numbers by their size, after words."""
    numbered = entry.name.isdigit()
    return numbered, len(entry.name) if numbered else 0, entry.name


def _page(
    under: Path, file: Path, device: devices.Device, status: HTTPStatus, *, redirected: bool
) -> Iterator[Answer]:
    folder = file.parent.relative_to(under).as_posix()
    path = "/" if folder == "." else f"/{quote(folder, safe=_SAFE)}/"
    query = "" if file.name == places.INDEX else file.name.removesuffix(".html")
    plain = f"{path}?{query}" if query else path
    chosen = f"{path}?{query}&view={device}" if query else f"{path}?view={device}"
    at = file.stat().st_mtime
    if device == "mobile":
        yield Answer(chosen, status, _PAGE, at, file)
        return
    yield Answer(plain, status, _PAGE, at, file, same=(chosen,))
    if redirected and status == HTTPStatus.OK:
        other = f"{traditional.PREFIX}{plain}"
        yield Answer(other, HTTPStatus.FOUND, _ELSEWHERE, at, location=plain)


def _file(under: Path, file: Path) -> Answer:
    address = f"/{quote(file.relative_to(under).as_posix(), safe=_SAFE)}"
    said = (kind for pattern, kind in _TYPES if pattern.match(address))
    kind = next(said, _ENDINGS.get(file.suffix, _UNKNOWN))
    return Answer(address, HTTPStatus.OK, kind, file.stat().st_mtime, file)


def _missing(file: Path) -> Answer:
    """The page for what isn't there, at an address that isn't."""
    device, _, script = file.stem.partition("-")
    path = f"/{script}{MISSING}" if script else MISSING
    query = "" if device == "desktop" else f"?view={device}"
    return Answer(f"{path}{query}", HTTPStatus.NOT_FOUND, _PAGE, file.stat().st_mtime, file)


def _choices(file: Path) -> Iterator[Answer]:
    """A reader's style sheet: what those get who have chosen one thing, or nothing."""
    chosen = dict(zip(("size", "theme"), file.stem.split("-"), strict=True))
    unusual = {name: value for name, value in chosen.items() if value != preferences.USUAL[name]}
    names = [] if unusual else ["/reader.css"]
    for name, value in chosen.items():
        if not unusual.keys() - {name}:
            names.append(f"/reader/?{name}={value}")
    for name in names:
        at = file.stat().st_mtime
        yield Answer(name, HTTPStatus.OK, "text/css; charset=utf-8", at, file)


def _today(root: Path, *, redirected: bool) -> Iterator[Answer]:
    """历史上的今天 leads to the day of the walk."""
    now = timezone.localtime()
    for script in ("",) if redirected else ("", traditional.PREFIX):
        path = f"{script}/on-this-day/"
        day = f"{path}{now:%m/%d}/"
        yield Answer(path, HTTPStatus.FOUND, _ELSEWHERE, now.timestamp(), location=day)


def _moved(lines: Path) -> Iterator[Answer]:
    """Addresses of the old system, as the file has them percent-encoded."""
    with lines.open(encoding="utf-8") as file:
        at = os.fstat(file.fileno()).st_mtime
        for line in file:
            found = _MOVED.match(line)
            if found and line.isascii():  # each other one has its encoded twin
                old = re.sub(r"\\(.)", r"\1", found[1])
                old = _ESCAPE.sub(lambda each: each[0].upper(), old)
                yield Answer(old, HTTPStatus.MOVED_PERMANENTLY, _ELSEWHERE, at, location=found[2])


@cache
def _security() -> tuple[Header, ...]:
    return tuple(edge.headers(settings.SITE_URL.startswith("https:")))


@cache
def _policy() -> str:
    return str(build_policy())
