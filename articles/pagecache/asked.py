"""What tells one finished page from another, read from a request before Django is entered."""

import re
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.http import parse_cookie

from articles import device, edge, oldpaths, programs, traditional

Environ = dict[str, Any]

# What pages are made by, of all that a query string may hold (articles/views: `parameters`,
# `asking`). Whatever else stands there changes no page.
PLACES = frozenset({"before", "after"})
OF_A_SEARCH = PLACES | {"page", "q", "sort", "year", "month", "topic", "source", "from", "to"}
OF_A_PROGRAM = PLACES | {"limit"}
_SEARCH = re.compile(rf"(?:{traditional.PREFIX})?/search/|{programs.PREFIX}v[0-9]+/search\Z")
LONGEST_QUERY = 1000
# What is longer no browser says, and is not remembered.
_LONGEST_ENCODING = 100
# Answered by Django each time: they are somebody's own, or no pages.
_NOT_PAGES = (
    "/admin/",
    "/reader",
    "/reads/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/search/suggest/",
    "/og/",
)
# Sends on by the header Accept-Datetime, which no page is made by (RFC 7089).
_NEGOTIATED = "/timegate/"
# RFC 9110, section 12.5.3; deploy/nginx.conf reads the header in the same way.
_TAKES = {
    name: re.compile(rf"(?:^|[ ,]){name}(?! *; *q=0(?:\.0*)?(?:[ ,]|$))(?:[;, ]|$)")
    for name in ("br", "gzip")
}


class Asked(NamedTuple):
    """A page: whoever asks so gets the same."""

    host: str
    secure: bool
    device: device.Device
    path: str
    query: str


def asked(environ: Environ) -> Asked | None:
    """The page that a request asks for; None if the answer may be somebody's own, or no page.

    `?view=` is left to Django, which remembers the choice in a cookie.
    """
    path = environ.get("PATH_INFO", "")
    query = environ.get("QUERY_STRING", "")
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or path.startswith(_not_pages()):
        return None
    if path.endswith(_NEGOTIATED):
        return None
    said = _query(query) if query else {}
    if said is None:
        return None
    asks = programs.asks(path)
    names = _names(path, said, program=asks) if said else PLACES
    return Asked(
        environ.get("HTTP_HOST", ""),
        edge.is_secure(environ),
        device.DEVICES[0] if asks else _device(environ),  # programs read the same on any
        path,
        urlencode(sorted((name, value) for name, value in said.items() if name in names)),
    )


def encoding(environ: Environ) -> str:
    """How the answer may be packed: the best that the browser takes; "" for not at all."""
    said = environ.get("HTTP_ACCEPT_ENCODING", "")
    return (_best if len(said) <= _LONGEST_ENCODING else _best.__wrapped__)(said)


@lru_cache(256)  # browsers say one of a few dozen things
def _best(said: str) -> str:
    return next((name for name, taken in _TAKES.items() if taken.search(said.lower())), "")


def impersonal(environ: Environ) -> Environ:
    """The request as anybody could send it, whole: a GET without cookies but the device's."""
    chosen = _chosen_device(environ)
    cookie = {"HTTP_COOKIE": f"{device.COOKIE}={chosen}"} if chosen else {}
    rest = {name: value for name, value in environ.items() if name != "HTTP_COOKIE"}
    return {**rest, **cookie, "REQUEST_METHOD": "GET"}


def _not_pages() -> tuple[str, ...]:
    return (*_NOT_PAGES, settings.STATIC_URL, settings.MEDIA_URL)


def _query(query: str) -> dict[str, str] | None:
    """What a query says; None where that is too long, not written as browsers do, or a choice."""
    if len(query) > LONGEST_QUERY or not query.isascii():
        return None
    said = dict(parse_qsl(query, keep_blank_values=True))  # Django, too, takes the last of a name
    return None if "view" in said else said


def _names(path: str, said: dict[str, str], *, program: bool) -> frozenset[str]:
    """The parts of a query that this page, or answer to a program, is made by."""
    if _SEARCH.match(path):
        return OF_A_SEARCH
    if program:
        return OF_A_PROGRAM
    if oldpaths.numbered_at_home(path, said.get(oldpaths.NUMBER)):
        # An article's address in a WordPress of old (articles/views/home.py).
        return PLACES | {oldpaths.NUMBER}
    return PLACES


def _device(environ: Environ) -> device.Device:
    detected = device.detect(
        environ.get("HTTP_USER_AGENT", ""), environ.get("HTTP_SEC_CH_UA_MOBILE", "")
    )
    return device.choose(None, _chosen_device(environ), detected)


def _chosen_device(environ: Environ) -> str | None:
    cookies = environ.get("HTTP_COOKIE", "")
    if device.COOKIE not in cookies:
        return None
    chosen = parse_cookie(cookies).get(device.COOKIE)
    return chosen if chosen in device.DEVICES else None
