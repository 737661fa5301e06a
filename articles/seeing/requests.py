"""A number for every request: in its answer, in the log, on the page that says what went wrong."""

from contextvars import ContextVar
from random import getrandbits
from typing import Any

from django.conf import settings

HEADER = "X-Request-ID"
# In a request's environ: its number, and what became of it (`figures.Outcome`).
NUMBER, OUTCOME = "xinwang.request", "xinwang.outcome"
_DIGITS = 32
# So much of it a reader can read out; `grep` finds the rest.
_SHOWN = 8

_nobody: dict[str, Any] = {}
_current: ContextVar[dict[str, Any]] = ContextVar("request", default=_nobody)
# Call this with a request's environ when it comes. It is called for pages from memory as well, for
# which every microsecond counts: its number is made when somebody asks.
begin = _current.set


def number(environ: dict[str, Any]) -> str:
    """The request's number: our nginx's own, where it stands before us, else a new one.

    Numbers need not be secret, only different.
    """
    made = environ.get(NUMBER)
    if made is None:
        made = environ.get("HTTP_X_REQUEST_ID", "") if settings.BEHIND_PROXY else ""
        if len(made) != _DIGITS or not (made.isascii() and made.isalnum()):
            made = f"{getrandbits(4 * _DIGITS):0{_DIGITS}x}"
        environ[NUMBER] = made
    return str(made)


def current() -> str:
    """The number of the request that this thread answers; "" where it answers none."""
    environ = _current.get()
    return number(environ) if environ else ""


def shown(environ: dict[str, Any]) -> str:
    """What a page says of its request's number."""
    return number(environ)[:_SHOWN]
