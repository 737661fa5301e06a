"""Keeps threads free for what is kept while the database makes everything else wait.

A statement that can't go on is given up after seconds (articles/patience.py). Where that happens to
one page it happens to the next, and soon every thread waits, also those that could answer from
memory. So as long as answers end that way, one request at a time is let through, to find out; the
others are asked to come again at once. (Nygard's circuit breaker, "Release It!", 2nd ed., 5.2.)
"""

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from articles import edge, programs
from articles.outages import RETRY_AFTER_SECONDS
from articles.seeing import requests
from articles.seeing.figures import MADE, Outcome

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

# A refusal that took so long has waited in vain. A database that is away refuses in no time.
WAITED_SECONDS = 1.0
_ADVICE = "网站正在恢复，请过几秒再刷新。您没有做错什么。"
_REFUSED = f"{_ADVICE}\n".encode()
_TEXT = "text/plain; charset=utf-8"
_HEADERS = [("Cache-Control", "no-store"), ("Retry-After", str(RETRY_AFTER_SECONDS))]


class Breaker:
    """What a process knows of how its requests end."""

    def __init__(self) -> None:
        """All is well."""
        self._lock = threading.Lock()
        self._waiting_in_vain = False
        self._trying = False

    def before(self, application: Application, *, also_posts: bool = False) -> Application:
        """The application, asked as long as it answers. What is posted always gets in.

        `also_posts`: what is posted here is no editor's work, and can be refused as well.
        """

        def guarded(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
            if environ["REQUEST_METHOD"] not in ("GET", "HEAD") and not also_posts:
                return application(environ, start_response)
            trying = self._begin()
            if trying is None:
                environ[requests.OUTCOME] = Outcome("refused", "503", "", MADE)
                return _refused(environ, start_response)
            begun, ended = time.monotonic(), "500"

            def heard(status: str, headers: Any, *error: Any) -> Any:
                nonlocal ended
                ended = status[:3]
                return start_response(status, headers, *error)

            try:
                return application(environ, heard)
            finally:
                self._end(ended, time.monotonic() - begun, trying)

        return guarded

    def _begin(self) -> bool | None:
        """None: not now. Else whether this is the one that finds out."""
        with self._lock:
            if not self._waiting_in_vain:
                return False
            if self._trying:
                return None
            self._trying = True
            return True

    def _end(self, status: str, seconds: float, trying: bool) -> None:
        with self._lock:
            if status != "503":
                # Whoever was let in before all began to wait says nothing of now.
                self._waiting_in_vain = self._waiting_in_vain and not trying
            elif seconds >= WAITED_SECONDS:
                self._waiting_in_vain = True
            if trying:
                self._trying = False


def _refused(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Ask to come again, as whoever asks can read it."""
    kind, body, more = _TEXT, _REFUSED, edge.headers(edge.is_secure(environ))
    if programs.asks(environ.get("PATH_INFO", "")):
        kind, body = programs.PROBLEM, programs.problem(503, _ADVICE)
        more = [*(dict(more) | {edge.RESOURCE_POLICY: edge.ANYBODYS}).items(), *programs.OPEN]
    number = (requests.HEADER, requests.number(environ))
    sized = [("Content-Type", kind), ("Content-Length", str(len(body)))]
    start_response("503 Service Unavailable", [*sized, *_HEADERS, number, *more])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
