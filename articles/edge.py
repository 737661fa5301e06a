"""What every answer says of security, whoever gives it (docs/security.md says what each is for).

Django's middleware, the doors before Django and gunicorn's worker take it from here; nginx says the
same in deploy/nginx.conf, and a test compares the two.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
Header = tuple[str, str]

# Of what browsers can do, a page of ours uses the clipboard (复制链接) and full screen, no more.
_UNUSED = (
    "accelerometer", "autoplay", "bluetooth", "camera", "display-capture", "encrypted-media",
    "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer",
    "microphone", "midi", "payment", "publickey-credentials-get", "screen-wake-lock", "serial",
    "usb", "web-share", "window-management", "xr-spatial-tracking",
)  # fmt: skip
OWN, ANYBODYS = "same-origin", "cross-origin"
POLICY = "Content-Security-Policy"
RESOURCE_POLICY = "Cross-Origin-Resource-Policy"
TRANSPORT = "Strict-Transport-Security"
# The policy of what is no page: opened by itself it can do nothing.
NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
HEADERS: tuple[Header, ...] = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("Permissions-Policy", ", ".join(f"{name}=()" for name in _UNUSED)),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    (RESOURCE_POLICY, OWN),
    (POLICY, NOTHING),
)
NAMES = frozenset(name.lower() for name, _ in HEADERS) | {TRANSPORT.lower()}


def headers(secure: bool) -> list[Header]:
    """All of them for an answer that is no page; HSTS by https alone (RFC 6797, section 7.2)."""
    return [*HEADERS, *transport(secure)]


def transport(secure: bool) -> list[Header]:
    """HSTS, where the site has it and the request came by https."""
    seconds = settings.SECURE_HSTS_SECONDS
    if not (seconds and secure):
        return []
    return [(TRANSPORT, f"max-age={seconds}; includeSubDomains; preload")]


def shown_by_others(view: View[P]) -> View[P]:
    """Let pages of others show what the view answers: pictures, codes, feeds and their icon."""

    @wraps(view)
    def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response.headers[RESOURCE_POLICY] = ANYBODYS
        return response

    return answer


def is_secure(environ: Mapping[str, Any]) -> bool:
    """Whether a request came by https, as Django tells it (SECURE_PROXY_SSL_HEADER)."""
    if settings.BEHIND_PROXY and "HTTP_X_FORWARDED_PROTO" in environ:
        forwarded = str(environ["HTTP_X_FORWARDED_PROTO"]).partition(",")[0].strip()
        return forwarded == "https"
    return bool(environ.get("wsgi.url_scheme") == "https")
