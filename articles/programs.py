"""What programs are told that ask the API, whoever answers: who may read it, and what is amiss.

Doors, middleware and pages of errors know an address of the API by its beginning. What they refuse
there they refuse as problem details (RFC 9457), in Chinese. nginx says the same by itself in
deploy/nginx.conf.
"""

import json
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpResponse

PREFIX = "/api/"
METHODS = ("GET", "HEAD", "OPTIONS")
PROBLEM = "application/problem+json"
# Scripts of any site may read it: it is everybody's, and nothing is said to one alone. No
# credentials (https://fetch.spec.whatwg.org/#http-cors-protocol).
OPEN = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "ETag, Retry-After, X-Request-ID"),
)
NAMES = frozenset(name.lower() for name, _ in OPEN)
# What a browser may ask first, and how long it may go by the answer.
_PREFLIGHT = {
    "Allow": ", ".join(METHODS),
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
}
TITLES = {
    400: "这个请求我们读不懂",
    403: "这里不对外开放",
    404: "这里没有您要找的内容",
    405: "这个地址不接受这样的请求",
    410: "这篇稿件已经撤下",
    500: "网站出了点问题",
    503: "网站正在恢复",
}


def asks(path: str) -> bool:
    """Whether who asks for this path is a program, and reads JSON."""
    return path.startswith(PREFIX)


def preflight() -> HttpResponse:
    """What OPTIONS is answered with."""
    response = HttpResponse(status=HTTPStatus.NO_CONTENT, headers=_PREFLIGHT)
    del response["Content-Type"]
    return response


def problem(status: int, detail: str = "", **more: Any) -> bytes:
    """What is amiss, as RFC 9457 has it; `more`: members of our own. Its status is all its type."""
    said = {"title": TITLES[status], "status": status, **({"detail": detail} if detail else {})}
    return json.dumps({**said, **more}, ensure_ascii=False).encode()


def refusal(status: int, detail: str = "", **more: Any) -> HttpResponse:
    """The same as an answer, which no cache keeps."""
    response = HttpResponse(problem(status, detail, **more), PROBLEM, status)
    response["Cache-Control"] = "no-store"
    return response


def reason(missing: BaseException) -> str:
    """Why there is nothing, where a view said so in our words."""
    said = missing.args[0] if isinstance(missing, Http404) and missing.args else ""
    return said if isinstance(said, str) and said.endswith("。") else ""
