"""gunicorn's threaded worker; what it refuses by itself it refuses in our words.

gunicorn answers a request that it cannot read before any application hears of it, with an English
page that repeats what was sent, and writes the sender's address into its log. Here the answer is a
line of Chinese with the headers of every answer, and the log has the reason alone.
"""

import socket
from http import HTTPStatus
from typing import Any

from gunicorn import util
from gunicorn.http import errors
from gunicorn.workers.gthread import ThreadWorker

_UNREADABLE = "这个请求我们读不懂。"
# What isn't named here is a 400.
_STATUSES: tuple[tuple[type[Exception], HTTPStatus, str], ...] = (
    (errors.LimitRequestLine, HTTPStatus.REQUEST_URI_TOO_LONG, "网址太长。"),
    (errors.LimitRequestHeaders, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "请求头太大。"),
    (errors.UnsupportedTransferCoding, HTTPStatus.NOT_IMPLEMENTED, _UNREADABLE),
    (errors.ExpectationFailed, HTTPStatus.EXPECTATION_FAILED, _UNREADABLE),
)
_OURS = (errors.InvalidResponseHeader, errors.InvalidResponseHeaderName)


class Worker(ThreadWorker):  # type: ignore[misc]
    """The worker that deploy/gunicorn.conf.py names."""

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:
        """Answer what could not be read (400 and its like), or what broke outside Django (500)."""
        if isinstance(exc, errors.ParseException) and not isinstance(exc, _OURS):
            status, advice = _refusal(exc)
            self.log.info("refused a request: %s", type(exc).__name__)
        else:
            status, advice = HTTPStatus.INTERNAL_SERVER_ERROR, "网站出了点问题，请过一会儿再试。"
            self.log.error("error outside Django", exc_info=exc)
        try:
            util.write_nonblock(client, _answer(status, advice))
        except OSError:
            self.log.debug("nobody takes the answer")


def _refusal(error: Exception) -> tuple[HTTPStatus, str]:
    for kind, status, advice in _STATUSES:
        if isinstance(error, kind):
            return status, advice
    return HTTPStatus.BAD_REQUEST, _UNREADABLE


def _answer(status: HTTPStatus, advice: str) -> bytes:
    from articles import edge  # the settings are ready once a worker answers

    body = f"{advice}\n".encode()
    said = [
        ("Connection", "close"), ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(body))), ("Cache-Control", "no-store"),
        *edge.headers(secure=False),
    ]  # fmt: skip
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", *(f"{n}: {v}" for n, v in said)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
