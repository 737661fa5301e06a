"""The reader's style sheet, and the address that changes what it holds."""

import re

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

from articles import preferences

COOKIE_SECONDS = 365 * 24 * 3600
# Chromium takes a style sheet that it still has in memory whatever `Vary: Cookie` says, and going
# back takes one that is only `no-cache`: either would show the theme of before the choice.
NEVER_KEPT = "private, no-store"


@require_safe
def style(request: HttpRequest) -> HttpResponse:
    """The style sheet of the reader's choices. Asks the database nothing."""
    return _sheet(preferences.kept(request.COOKIES))


@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Keep the choice in `?size=` or `?theme=`: 303 back to the page, 400 for an unknown one.

    Our own script asks for `text/css` and gets the new style sheet instead. What a reader has by
    default is kept by no cookie. Asks the database nothing.
    """
    try:
        made = preferences.asked(request.GET.dict())
    except preferences.UnknownChoice as error:
        raise BadRequest("no such preference") from error
    if request.headers.get("Accept", "") == "text/css":
        response = _sheet(preferences.kept(request.COOKIES) | made)
    else:
        response = HttpResponse(status=303, headers={"Location": _way_back(request)})
        response["Cache-Control"] = NEVER_KEPT
    for name, value in made.items():
        if value == preferences.USUAL[name]:
            response.delete_cookie(name, samesite="Lax")
        else:
            response.set_cookie(
                name, value, max_age=COOKIE_SECONDS, samesite="Lax", secure=request.is_secure(),
                httponly=True,
            )  # fmt: skip
    return response


def _sheet(choices: dict[str, str]) -> HttpResponse:
    """The style sheet; it knows the site's name, too, which stands at the foot of printed pages."""
    name = re.sub(r'["\\\n]', "", settings.SITE_NAME)
    written = f':root{{--site:"{name}"}}{preferences.style(choices)}'
    headers = {"Cache-Control": NEVER_KEPT}
    return HttpResponse(written, content_type="text/css; charset=utf-8", headers=headers)


def _way_back(request: HttpRequest) -> str:
    """The page of ours where the choice was made; its full address, for a path may begin with //.

    The front page for who comes from elsewhere, or whose browser doesn't say.
    """
    page = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(page, {request.get_host()}, request.is_secure())
    return page if ours and page.isascii() else "/"
