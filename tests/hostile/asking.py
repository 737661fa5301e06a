"""A request as bytes go over the wire, sent to Django alone or by a socket."""

import http.client
import socket
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import quote_from_bytes

from django.test import Client

PATIENCE_SECONDS = 60
FORM = "application/x-www-form-urlencoded"
TOKEN = "t" * 32  # of CSRF: in the cookie as in the form


@dataclass(frozen=True)
class Asked:
    """What is sent, and who sends it (a session's key, or nothing)."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    session: str = ""

    def __str__(self) -> str:
        return f"{self.method} {self.target} {dict(self.headers)} {self.body[-3000:]!r}"

    @property
    def cookies(self) -> str:
        """The header: odd ones that were asked for, then who it is."""
        own = [f"sessionid={self.session}", f"csrftoken={TOKEN}"] if self.session else []
        return "; ".join([*own, *filter(None, [self.headers.get("Cookie")])])


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes
    why: str = ""  # what went wrong inside, where that can be known

    def header(self, name: str) -> str:
        """A header's value, or nothing."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    @property
    def text(self) -> str:
        """The body as words."""
        return self.body.decode("utf-8", "replace")


class Site(Protocol):
    """Whatever answers."""

    def __call__(self, asked: Asked) -> Answer:
        """Send it and read all that comes back."""


def in_process(asked: Asked) -> Answer:
    """Django's own answer, an error of ours as the page that readers get."""
    client = Client(raise_request_exception=False)
    given = {
        name: _as_wsgi(value)
        for name, value in asked.headers.items()
        if name not in ("Cookie", "Content-Type")
    }
    kind = _as_wsgi(asked.headers.get("Content-Type", FORM))
    response = client.generic(
        asked.method, asked.target, asked.body, kind, headers=given,
        HTTP_COOKIE=_as_wsgi(asked.cookies),
    )  # fmt: skip
    failed = getattr(response, "exc_info", None)
    why = "".join(traceback.format_exception(*failed)[-4:]) if failed else ""
    return Answer(response.status_code, list(response.items()), response.getvalue(), why)


def _as_wsgi(header: str) -> str:
    """Bytes of a header as WSGI hands them over (PEP 3333)."""
    return header.encode("utf-8", "surrogatepass").decode("latin-1")


class BySocket:
    """A server on a port of this machine, each request over a connection of its own."""

    def __init__(self, port: int) -> None:
        """Nothing is sent yet."""
        self.port = port

    def __call__(self, asked: Asked) -> Answer:
        """Send it as it is, whatever HTTP thinks of it."""
        lines = [f"{asked.method} {asked.target} HTTP/1.1", "Connection: close"]
        headers = {"Host": f"127.0.0.1:{self.port}", **asked.headers, "Cookie": asked.cookies}
        if asked.body or asked.method == "POST":
            headers["Content-Length"] = str(len(asked.body))
            if asked.session:
                headers["X-CSRFToken"] = TOKEN
        lines += [f"{name}: {value}" for name, value in headers.items() if value]
        sent = "\r\n".join(lines).encode("utf-8", "surrogatepass") + b"\r\n\r\n" + asked.body
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE_SECONDS) as connection:
            # Refused before all was read, what was said stands in the buffer.
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(sent)
            response = http.client.HTTPResponse(connection, method=asked.method)
            response.begin()
            return Answer(response.status, response.getheaders(), response.read())


def form_body(fields: Sequence[tuple[str, str]]) -> bytes:
    """Fields as a form sends them, lone surrogates and all."""
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in fields).encode()


def _quoted(said: str) -> str:
    return quote_from_bytes(said.encode("utf-8", "surrogatepass"), safe="")


def parts_body(
    fields: Sequence[tuple[str, str]], files: Sequence[tuple[str, str, bytes]]
) -> tuple[bytes, str]:
    """Fields and files (field, name, content) as a multipart body, and its content type."""
    edge = "----edge"
    pieces = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode(
            "utf-8", "surrogatepass"
        )
        for name, value in fields
    ]
    for name, called, content in files:
        head = (
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="{called}"\r\n'
            "Content-Type: image/jpeg\r\n\r\n"
        )
        pieces.append(head.encode("utf-8", "surrogatepass") + content + b"\r\n")
    return b"".join([*pieces, f"--{edge}--\r\n".encode()]), f"multipart/form-data; boundary={edge}"
