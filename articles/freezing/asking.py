"""The site asked in this process, as a reader's browser would: Django's own WSGI application."""

import io
import logging
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler

from articles import device as devices
from articles.freshness import FROZEN, STANDING

Header = tuple[str, str]


@dataclass(frozen=True)
class Answer:
    """What the site says."""

    status: int
    headers: tuple[Header, ...]
    body: bytes

    def header(self, name: str) -> str:
        """A header's value; "" where there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    @property
    def is_page(self) -> bool:
        """Whether it is made for a device."""
        return self.header("Content-Type").startswith("text/html")


def ask(
    path: str,
    query: str = "",
    device: devices.Device = "desktop",
    *,
    standing: Hashable = None,
    choices: Mapping[str, str] | None = None,
) -> Answer:
    """The answer to a GET of nobody in particular. `path` is not percent-encoded.

    What shares a `standing` shares what stands around pages (views/render.py), which is made once.
    `choices`: cookies beside the device's.
    """
    url = urlsplit(settings.SITE_URL)
    secure = url.scheme == "https"
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path.encode().decode("latin-1"),  # PEP 3333
        "QUERY_STRING": query,
        "SERVER_NAME": url.hostname,
        "SERVER_PORT": str(url.port or (443 if secure else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": url.netloc,
        "HTTP_COOKIE": "; ".join(
            f"{name}={value}" for name, value in {devices.COOKIE: device, **(choices or {})}.items()
        ),
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": url.scheme,
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        FROZEN: True,
    }
    if settings.BEHIND_PROXY and secure:
        environ["HTTP_X_FORWARDED_PROTO"] = "https"
    if standing is not None:
        environ[STANDING] = standing
    said: list[Any] = []

    def start(status: str, headers: list[Header], exc_info: Any = None, /) -> Any:
        said[:] = [int(status[:3]), tuple(headers)]

    answered = _site()(environ, start)
    try:
        body = b"".join(answered)
    finally:
        close = getattr(answered, "close", None)
        if close:
            close()
    return Answer(said[0], said[1], body)


@cache
def _site() -> WSGIHandler:
    """One a process. What is gone or missing is no warning here."""
    logging.getLogger("django.request").setLevel(logging.ERROR)
    return WSGIHandler()
