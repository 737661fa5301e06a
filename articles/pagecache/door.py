"""The page cache: a WSGI application before the site's own."""

import threading
import time
from collections.abc import Callable, Hashable, Iterable
from contextlib import AbstractContextManager, closing, nullcontext
from typing import Any, Protocol, runtime_checkable

from cachetools import LRUCache
from django.conf import settings

from articles import edge, programs
from articles.freshness import LASTING, STANDING
from articles.pagecache.asked import Asked, Environ, asked, encoding, impersonal
from articles.pagecache.packed import ENCODINGS, Header, Packed
from articles.pagecache.standing import Watch
from articles.seeing.figures import BROKEN
from articles.seeing.requests import OUTCOME, number

StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

# Whoever asks for a page that is just being made waits so long for it, then makes it as well.
PATIENCE_SECONDS = 10
# What is larger than this part of the memory would drive out too much.
_LARGEST_PART = 16
# A page, and one that was withdrawn.
_WHOLE = frozenset({"200", "410"})
_NOT_MODIFIED = "304 Not Modified"
# Headers of a 304 (RFC 9110, section 15.4.5), and those of every answer.
_OF_NOT_MODIFIED = (
    frozenset({"cache-control", "content-location", "expires", "vary"})
    | edge.NAMES
    | programs.NAMES
)


@runtime_checkable
class _SupportsClose(Protocol):
    """What may be an answer's body, and wants to be told that it was read."""

    def close(self) -> None:
        """It was read, or won't be."""


class Knowing(Protocol):
    """Knows where content stands."""

    def now(self, environ: Environ, /) -> Hashable:
        """For this request: equal while pages stay as they are; None while never known."""


class PageCache:
    """Answers what it keeps; asks the site for the rest, once where many ask for the same."""

    def __init__(
        self,
        application: Application,
        limit: int,
        watch: Knowing | None = None,
    ) -> None:
        """Keep up to `limit` bytes (0: nothing); what was asked for longest ago goes first.

        `watch` knows where content stands, where pages are read from several servers.
        """
        self._application = application
        self._limit = limit
        # By where content stood as well: what was made of older content is never found again.
        self._pages: LRUCache[tuple[Hashable, Asked, str], Packed] = LRUCache(
            limit, getsizeof=lambda page: page.size
        )
        self._making: dict[Asked, threading.Event] = {}
        self._lock = threading.Lock()  # of the two above
        self._watch: Knowing = watch or Watch(moved=self._forget)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        page = asked(environ)
        standing = self._watch.now(environ) if page else None
        if page is None or standing is None:
            return self._application(environ, start_response)
        if not self._limit:
            environ[STANDING] = standing
            return self._application(environ, start_response)
        kept = self._kept(standing, page, encoding(environ))
        if kept:
            return _answer(kept, environ, start_response)
        being_made = self._begin(page)
        if being_made:
            being_made.wait(PATIENCE_SECONDS)
            standing = self._watch.now(environ)  # while we waited content may have changed
            kept = self._kept(standing, page, encoding(environ))
            if kept:
                return _answer(kept, environ, start_response)
        try:
            return self._made(standing, page, environ, start_response)
        finally:
            if not being_made:
                self._end(page)

    def _kept(self, standing: Hashable, page: Asked, encoding: str) -> Packed | None:
        """A page that is kept, packed so; packed anew where it is kept in another packing."""
        with self._lock:
            kept = self._pages.get((standing, page, encoding))
            if kept:
                return kept
            others = (self._pages.get((standing, page, other)) for other in ENCODINGS)
            other = next(filter(None, others), None)
        return self._keep(standing, page, other.repacked(encoding)) if other else None

    def _made(
        self, standing: Hashable, page: Asked, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        """The site's answer, kept if it says that it is lasting."""
        number(environ)
        request = impersonal(environ) | {STANDING: standing}
        caught = _Caught()
        body = self._application(request, caught)
        outcome = environ[OUTCOME] = request.get(OUTCOME, BROKEN)
        if not (request.get(LASTING) and caught.can_be_kept):
            start_response(caught.status, caught.headers)
            if environ["REQUEST_METHOD"] != "HEAD":
                return body
            with _closing(body):
                return []
        with _closing(body):
            made = Packed.of(
                caught.status, caught.headers, b"".join(body), encoding(environ), outcome
            )
        answered = _answer(self._keep(standing, page, made), environ, start_response)
        environ[OUTCOME] = outcome
        return answered

    def _keep(self, standing: Hashable, page: Asked, made: Packed) -> Packed:
        if made.size <= self._limit // _LARGEST_PART:
            with self._lock:
                self._pages[standing, page, made.encoding] = made
        return made

    def _begin(self, page: Asked) -> threading.Event | None:
        """Begin to make a page; whoever does so already says when it has ended."""
        with self._lock:
            being_made = self._making.get(page)
            if being_made is None:
                self._making[page] = threading.Event()
            return being_made

    def _end(self, page: Asked) -> None:
        with self._lock:
            self._making.pop(page).set()

    def _forget(self) -> None:
        with self._lock:
            self._pages.clear()


class _Caught:
    """A start_response that keeps what the site says, for the door to say it."""

    def __init__(self) -> None:
        self.status = ""
        self.headers: list[Header] = []

    def __call__(self, status: str, headers: list[Header], exc_info: object = None) -> None:
        self.status, self.headers = status, headers

    @property
    def can_be_kept(self) -> bool:
        """Whole answers that say the same to everybody."""
        cookie = any(name.lower() == "set-cookie" for name, _ in self.headers)
        return self.status[:3] in _WHOLE and not cookie


def _closing(body: Iterable[bytes]) -> AbstractContextManager[object]:
    """Close an answer's body if it can be closed, as PEP 3333 has it."""
    return closing(body) if isinstance(body, _SupportsClose) else nullcontext()


def _answer(page: Packed, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Send a page, or that the browser has it."""
    until = _until_now() if page.is_brief else ()
    if page.is_found and _has(environ.get("HTTP_IF_NONE_MATCH"), page.etag):
        said = [header for header in page.headers if header[0].lower() in _OF_NOT_MODIFIED]
        environ[OUTCOME] = page.unchanged
        start_response(_NOT_MODIFIED, [*said, ("ETag", page.etag), *until])
        return []
    environ[OUTCOME] = page.found
    start_response(page.status, [*page.whole, *until])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [page.body]


def _has(validators: str | None, etag: str) -> bool:
    """Whether the browser has it (If-None-Match compares weakly: RFC 9110, section 13.1.2)."""
    if not validators:
        return False
    return validators.strip() == "*" or etag in [
        one.strip().removeprefix("W/") for one in validators.split(",")
    ]


def _until_now() -> tuple[Header, ...]:
    """For nginx before us, of what caches may answer for a second: good until this one ends.

    It counts whole seconds, and takes one second (s-maxage=1) for up to two.
    """
    return (("X-Accel-Expires", f"@{int(time.time())}"),) if settings.BEHIND_PROXY else ()
