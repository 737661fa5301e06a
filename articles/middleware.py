"""What is worked out once for every request."""

from collections.abc import Callable

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from articles import device as devices

COOKIE = "view"
COOKIE_SECONDS = 365 * 24 * 3600


def device(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Set `request.device`; remember the reader's choice when the address makes one.

    `?view=desktop|mobile` overrides what the browser says and is kept in a cookie. Pages made for
    a device say in `Vary` what it was read from (`views.render`).
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        asked = request.GET.get("view")
        request.device = devices.choose(  # type: ignore[attr-defined]
            asked,
            request.COOKIES.get(COOKIE),
            devices.detect(
                request.headers.get("User-Agent", ""), request.headers.get("Sec-CH-UA-Mobile", "")
            ),
        )
        response = get_response(request)
        if asked in devices.DEVICES:
            response.set_cookie(
                COOKIE, asked, max_age=COOKIE_SECONDS, samesite="Lax", secure=request.is_secure(),
                httponly=True,
            )  # fmt: skip
        return response

    return middleware


def editors_alone(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Answer readers' pages to editors who are logged in, and to nobody else.

    For a process that is the editors' alone (XINWANG_SERVE=editorial): they may look at what they
    publish, and the public has one site, not two.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        desk = request.path.startswith(reverse("admin:index"))
        user = request.user
        if desk or request.path == reverse("healthz") or (user.is_active and user.is_staff):
            return get_response(request)
        return redirect_to_login(request.get_full_path(), reverse("admin:login"))

    return middleware
