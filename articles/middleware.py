"""What is worked out once for every request."""

import re
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation

from articles import device as devices
from articles import edge, programs
from articles import traditional as scripts
from articles.seeing import requests
from articles.seeing.figures import MADE, Outcome

COOKIE_SECONDS = 365 * 24 * 3600

READ, DESK, BEACON = ("GET", "HEAD"), ("GET", "HEAD", "POST"), ("POST",)
_BEACON = re.compile(r"/reads/[1-9][0-9]{0,17}/")

Answer = Callable[[HttpRequest], HttpResponse]


def guarded(get_response: Answer) -> Answer:
    """Have every answer say what `edge` says, and its number: the outermost of all.

    An answer that has a header of its own keeps it: pages their policy, pictures that they may be
    shown by others. Static files may, too. A method that an address does not take is a 405 here,
    before anything looks at cookies or the database. What programs ask for anybody's scripts may
    read, and here browsers hear of that beforehand (OPTIONS).
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        allowed = _methods(request.path_info)
        asks = programs.asks(request.path_info)
        if request.method not in allowed:
            response = _refused(allowed, asks=asks)
        elif request.method == "OPTIONS":
            response = programs.preflight()
        else:
            response = get_response(request)
        if asks:
            for name, value in (*programs.OPEN, (edge.RESOURCE_POLICY, edge.ANYBODYS)):
                response[name] = value
        for name, value in edge.headers(request.is_secure()):
            response.headers.setdefault(name, value)
        if request.path_info.startswith(settings.STATIC_URL):
            response[edge.RESOURCE_POLICY] = edge.ANYBODYS
        response[requests.HEADER] = requests.number(request.META)
        request.META[requests.OUTCOME] = _outcome(request, response.status_code)
        return response

    return middleware


def _methods(path: str) -> tuple[str, ...]:
    if settings.HAS_DESK and path.startswith("/admin/"):
        return DESK
    if programs.asks(path):
        return programs.METHODS
    return BEACON if _BEACON.fullmatch(path) else READ


def _outcome(request: HttpRequest, status: int) -> Outcome:
    """What is counted of a request: the name of its address, of which there are few."""
    match = request.resolver_match
    if match is None:
        kind = "static" if request.path_info.startswith(settings.STATIC_URL) else "other"
    else:
        kind = match.url_name or "other"
        kind = "desk" if match.app_names else kind
    device = "" if programs.asks(request.path_info) else getattr(request, "device", "")
    return Outcome(kind, str(status), device, MADE)


def _refused(allowed: tuple[str, ...], *, asks: bool) -> HttpResponse:
    if asks:
        response = programs.refusal(HTTPStatus.METHOD_NOT_ALLOWED)
    else:
        response = HttpResponse(
            "这个地址不接受这样的请求。\n", status=HTTPStatus.METHOD_NOT_ALLOWED,
            content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"},
        )  # fmt: skip
    response["Allow"] = ", ".join(allowed)
    return response


def device(get_response: Answer) -> Answer:
    """Set `request.device`; remember the reader's choice when the address makes one.

    `?view=desktop|mobile` overrides what the browser says and is kept in a cookie. Pages made for
    a device say in `Vary` what it was read from (`views.render`).
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        asked = None if programs.asks(request.path_info) else request.GET.get("view")
        request.device = devices.choose(  # type: ignore[attr-defined]
            asked,
            request.COOKIES.get(devices.COOKIE),
            devices.detect(
                request.headers.get("User-Agent", ""), request.headers.get("Sec-CH-UA-Mobile", "")
            ),
        )
        response = get_response(request)
        if asked in devices.DEVICES:
            response.set_cookie(
                devices.COOKIE, asked, max_age=COOKIE_SECONDS, samesite="Lax",
                secure=request.is_secure(), httponly=True,
            )  # fmt: skip
        return response

    return middleware


def editors_alone(get_response: Answer) -> Answer:
    """Answer readers' pages to editors who are logged in, and to nobody else.

    For a process that is the editors' alone (XINWANG_SERVE=editorial): they may look at what they
    publish, and the public has one site, not two.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        desk = request.path.startswith(reverse("admin:index"))
        user = request.user
        if programs.asks(request.path):  # and there is no such thing here
            return programs.refusal(HTTPStatus.NOT_FOUND)
        if desk or request.path in (reverse("healthz"), reverse("readyz"), reverse("metrics")):
            return get_response(request)
        if not (user.is_active and user.is_staff):
            return redirect_to_login(request.get_full_path(), reverse("admin:login"))
        response = get_response(request)
        response["Cache-Control"] = "private, no-store"  # no cache in front may show it to others
        return response

    return middleware


def traditional(get_response: Answer) -> Answer:
    """Answer addresses of the 繁體 view, `/zh-hant/…`, with the page in traditional characters.

    Django's language of the request makes every address that the page names one of the same view
    (`i18n_patterns` in the site's URLs). Costs a page some milliseconds (docs/performance.md),
    every other request a comparison.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if not scripts.is_traditional(request.path_info):
            return get_response(request)
        with translation.override(scripts.LANGUAGE):
            response = get_response(request)
        kind = response.get("Content-Type", "").partition(";")[0]
        if kind in _CONVERTED and not response.streaming:
            response.content = _CONVERTED[kind](response.content.decode())
            if response.has_header("Content-Length"):
                response["Content-Length"] = str(len(response.content))
        return response

    return middleware


# Pages, and what the search box suggests: in its JSON, all but the texts is ASCII.
_CONVERTED = {"text/html": scripts.page, "application/json": scripts.convert}
