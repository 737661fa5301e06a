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
from django.http.request import split_domain_port, validate_host
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from articles import edge
from articles.outages import RETRY_AFTER_SECONDS
from articles.reads import count_read
from articles.reconnecting import reconnecting
from articles.replicas import primary_is_away
from articles.seeing import queries, requests
from articles.seeing.figures import MADE, READS, Outcome
from articles.text import count
from articles.visitor import address, is_program

# Seconds since the page was opened: before, nobody has read; after, a forgotten tab says so.
SOONEST, LATEST = 5, 24 * 3600
AGE = re.compile(r"age=([0-9]{1,9})")
PATH = re.compile(r"/reads/([1-9][0-9]{0,17})/")
HEADERS = [("Cache-Control", "no-store"), ("Content-Type", "application/json")]
_MORE = {
    HTTPStatus.METHOD_NOT_ALLOWED: [("Allow", "POST")],
    HTTPStatus.SERVICE_UNAVAILABLE: [("Retry-After", str(RETRY_AFTER_SECONDS))],
}

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


@csrf_exempt  # nothing of a visitor's is changed, and other sites' pages are refused
def beacon(request: HttpRequest, number: int) -> HttpResponse:
    """Count a read; answer with the article's reads as of now."""
    status, body = answer(request.META, number)
    return HttpResponse(body, status=status, headers=dict(_headers(status)))


def door(
    application: Application, guard: Callable[[Application], Application] = lambda same: same
) -> Application:
    """The WSGI application with the beacon answered in front of it.

    `guard`: what stands before the beacon, as before pages that have to be made.
    """

    def counted(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        known = _is_for_us(environ)
        number = int(environ["PATH_INFO"].split("/")[2])
        status, body = answer(environ, number) if known else (HTTPStatus.BAD_REQUEST, b"")
        length = ("Content-Length", str(len(body)))
        environ[requests.OUTCOME] = Outcome("beacon", str(status.value), "", MADE)
        said = [
            *_headers(status),
            length,
            (requests.HEADER, requests.number(environ)),
            *edge.headers(edge.is_secure(environ)),
        ]
        start_response(f"{status.value} {status.phrase}", said)
        return [body]

    guarded = guard(counted)

    def answered(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        ours = PATH.fullmatch(environ.get("PATH_INFO", ""))
        return (guarded if ours else application)(environ, start_response)

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
    if primary_is_away():
        return HTTPStatus.SERVICE_UNAVAILABLE, b""  # asking would keep a thread from readers
    browser = environ.get("HTTP_USER_AGENT", ""), environ.get("HTTP_ACCEPT_LANGUAGE", "")
    visitor = address(environ, settings.BEHIND_PROXY)
    today = timezone.localdate()
    try:
        outcome = reconnecting(lambda: count_read(number, today, visitor, *browser))
    except Error as error:
        queries.failed(error)
        return HTTPStatus.SERVICE_UNAVAILABLE, b""  # the page keeps the number it came with
    if outcome is None:
        return HTTPStatus.NOT_FOUND, b""
    if outcome.counted:
        READS.inc()
    return HTTPStatus.OK, json.dumps({"reads": count(outcome.reads)}).encode()


def _headers(status: HTTPStatus) -> list[tuple[str, str]]:
    return [*HEADERS, *_MORE.get(status, [])]


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


def _is_for_us(environ: Environ) -> bool:
    """Whether it is addressed to this site, as Django asks of all that reaches it."""
    host, _ = split_domain_port(environ.get("HTTP_HOST", "").lower())
    return bool(host) and validate_host(host, settings.ALLOWED_HOSTS)


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
