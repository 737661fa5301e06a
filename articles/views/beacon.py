"""The read beacon: the only public address that takes a POST.

A page sends it after five seconds in view (static/js/reads.js). Whatever is no reader's honest
read is refused without a word and without a query where possible. `door` answers it before Django
is entered, which costs a fifth; `beacon` is the same behind Django's own routing.
"""

import json
import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from articles.reads import count_read, keeper
from articles.reconnecting import reconnecting
from articles.text import count
from articles.visitor import address, is_program

# Seconds since the page was opened: before, nobody has read; after, a forgotten tab says so.
SOONEST, LATEST = 5, 24 * 3600
AGE = re.compile(r"age=([0-9]{1,9})")
PATH = re.compile(r"/reads/([1-9][0-9]{0,17})/")
HEADERS = [
    ("Cache-Control", "no-store"),
    ("Content-Type", "application/json"),
    ("X-Content-Type-Options", "nosniff"),
]

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


@csrf_exempt  # nothing of a visitor's is changed, and other sites' pages are refused
def beacon(request: HttpRequest, number: int) -> HttpResponse:
    """Count a read; answer with the article's reads as of now."""
    status, body = answer(request.META, number)
    return HttpResponse(body, status=status, headers=dict(HEADERS))


def door(application: Application) -> Application:
    """The WSGI application with the beacon answered in front of it."""

    def answered(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = PATH.fullmatch(environ.get("PATH_INFO", ""))
        if path is None:
            return application(environ, start_response)
        status, body = answer(environ, int(path[1]))
        length = ("Content-Length", str(len(body)))
        start_response(f"{status.value} {status.phrase}", [*HEADERS, length])
        return [body]

    return answered


def answer(environ: Environ, number: int) -> tuple[HTTPStatus, bytes]:
    """What a request for an article's beacon gets: a status, and the number if there is one.

    405 unless it is a POST, 403 for another site's page, 413 for a body, 400 for a senseless age,
    404 for an article that readers can't see, 204 for what is no person's read, 503 while the
    database is away. One statement for what is counted.
    """
    refusal = _refusal(environ)
    if refusal:
        return refusal, b""
    browser = environ.get("HTTP_USER_AGENT", ""), environ.get("HTTP_ACCEPT_LANGUAGE", "")
    visitor = address(environ, settings.BEHIND_PROXY)
    today = timezone.localdate()
    try:
        outcome = reconnecting(lambda: count_read(number, today, visitor, *browser))
    except Error:
        return HTTPStatus.SERVICE_UNAVAILABLE, b""  # the page keeps the number it came with
    if outcome is None:
        return HTTPStatus.NOT_FOUND, b""
    keeper.notice()
    return HTTPStatus.OK, json.dumps({"reads": count(outcome.reads)}).encode()


def _refusal(environ: Environ) -> HTTPStatus | None:
    """Why a request counts nothing, as far as it says so itself."""
    age = AGE.fullmatch(environ.get("QUERY_STRING", ""))
    if environ["REQUEST_METHOD"] != "POST":
        return HTTPStatus.METHOD_NOT_ALLOWED
    if (environ.get("CONTENT_LENGTH") or "0") != "0" or "HTTP_TRANSFER_ENCODING" in environ:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    if not _from_our_page(environ):
        return HTTPStatus.FORBIDDEN
    if age is None:
        return HTTPStatus.BAD_REQUEST
    if _is_no_reader(environ) or not SOONEST <= int(age[1]) <= LATEST:
        return HTTPStatus.NO_CONTENT
    return None


def _from_our_page(environ: Environ) -> bool:
    """Browsers say where a POST comes from; one that doesn't is not a page of ours."""
    site = environ.get("HTTP_SEC_FETCH_SITE")
    if site is not None:
        return bool(site == "same-origin")
    return environ.get("HTTP_ORIGIN") == settings.SITE_URL


def _is_no_reader(environ: Environ) -> bool:
    """Programs, pages fetched in advance, and editors who look at their own work."""
    purpose = environ.get("HTTP_SEC_PURPOSE", "") + environ.get("HTTP_PURPOSE", "")
    cookies = re.split(r"[;\s]+", environ.get("HTTP_COOKIE", ""))
    at_the_desk = any(each.startswith(f"{settings.SESSION_COOKIE_NAME}=") for each in cookies)
    return "prefetch" in purpose or at_the_desk or is_program(environ.get("HTTP_USER_AGENT", ""))
