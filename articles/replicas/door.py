"""A request is read from one of the servers, and from the next if that one fails."""

import time
from collections.abc import Callable, Hashable, Iterable
from functools import partial
from typing import Any

from django.conf import settings

from articles import reading
from articles.freshness import LASTING, STANDING
from articles.replicas.servers import Servers

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

# After so long nobody tries once more. Two that are silent may cost that (GIVEN_UP_SECONDS each);
# a statement that was given up took longer, and would elsewhere (articles/patience.py).
ENOUGH_SECONDS = 8.0


def reading_from(servers: Servers, application: Application) -> Application:
    """The application, reading where `servers` says; what is posted and the desk are left alone."""

    def answered(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if not _reads(environ):
            return application(environ, start_response)
        begun = time.monotonic()
        kept_as = environ.get(reading.SERVER)
        names = _names(servers, environ)
        while True:
            name, more = names.pop(0), bool(names)
            heard: list[Any] = []
            environ |= {reading.FAILED: False, reading.MORE: more}
            if kept_as != name:
                environ.pop(STANDING, None)
            with reading.at(name):
                body = application(environ, partial(_hear, heard))
            if kept_as != name:
                # Content may stand elsewhere on this one: nobody may keep the page as that one's.
                environ.pop(LASTING, None)
            if not (environ[reading.FAILED] and more) or _long_since(begun):
                start_response(*heard)
                return body
            _close(body)

    return answered


class Standings:
    """For the page cache: where content stands on the server that a request is then read from."""

    def __init__(self, servers: Servers) -> None:
        self._servers = servers

    def now(self, environ: Environ) -> Hashable:
        """Equal while pages stay as they are; None while that was never known. Asks nobody."""
        name, found = self._servers.standing(for_editors=_is_an_editors(environ))
        environ[reading.SERVER] = name
        return found


def _reads(environ: Environ) -> bool:
    desk = settings.HAS_DESK and environ.get("PATH_INFO", "").startswith("/admin/")
    return environ["REQUEST_METHOD"] in ("GET", "HEAD") and not desk


def _names(servers: Servers, environ: Environ) -> list[str]:
    """The servers to ask; first the one that the page cache has asked where content stands."""
    order = servers.order(for_editors=_is_an_editors(environ))
    named = environ.get(reading.SERVER)
    if named is None or not servers.answers(named):
        return order
    return [named, *(name for name in order if name != named)]


def _is_an_editors(environ: Environ) -> bool:
    return settings.HAS_DESK and f"{settings.SESSION_COOKIE_NAME}=" in environ.get(
        "HTTP_COOKIE", ""
    )


def _hear(heard: list[Any], status: str, headers: list[Any], *error: Any) -> None:
    heard[:] = status, headers


def _long_since(begun: float) -> bool:
    return time.monotonic() - begun > ENOUGH_SECONDS


def _close(body: Iterable[bytes]) -> None:
    close = getattr(body, "close", None)
    if close:
        close()
