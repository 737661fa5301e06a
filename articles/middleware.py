"""What is worked out once for every request."""

from collections.abc import Callable

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation

from articles import device as devices
from articles import traditional as scripts

COOKIE_SECONDS = 365 * 24 * 3600

Answer = Callable[[HttpRequest], HttpResponse]


def device(get_response: Answer) -> Answer:
    """Set `request.device`; remember the reader's choice when the address makes one.

    `?view=desktop|mobile` overrides what the browser says and is kept in a cookie. Pages made for
    a device say in `Vary` what it was read from (`views.render`).
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        asked = request.GET.get("view")
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
        if desk or request.path == reverse("healthz"):
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
