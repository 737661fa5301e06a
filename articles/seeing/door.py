"""The outermost WSGI application: a number for every request, and a count of what became of it."""

from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Any

from articles.seeing import requests
from articles.seeing.figures import BROKEN, TALLY

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


def seen(application: Application) -> Application:
    """The application, each of its requests numbered and counted."""
    begin, count, outcome = requests.begin, TALLY.count, requests.OUTCOME

    def answered(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        began = perf_counter()
        begin(environ)
        try:
            return application(environ, start_response)
        finally:
            count(environ.get(outcome, BROKEN), began)

    return answered
