"""The API's description (OpenAPI 3.1), in Chinese and in English: one form, two wordings."""

import json
from functools import cache
from typing import Any

from django.conf import settings
from ninja import NinjaAPI

from articles import programs
from articles.api.addresses import BASE
from articles.api.wording import both, only

TITLE = both(f"{settings.SITE_NAME} JSON 接口", f"{settings.SITE_NAME} JSON API")
DESCRIPTION = both(
    "只读。任何网站的脚本都可以读（CORS），不用凭据。编码是 UTF-8，时间带时区（+08:00）。"
    "每个地址也接受 HEAD；带着上次的 ETag 来问（If-None-Match），没有变就答 304。"
    "出错时答问题详情（RFC 9457），是中文的。不认识的参数不起作用。",
    "Read-only. Scripts of any site may read it (CORS), without credentials. UTF-8; times have"
    " their offset (+08:00). Every address takes HEAD as well; who asks with the last ETag"
    " (If-None-Match) gets a 304 where nothing has changed. Errors are problem details (RFC 9457)"
    " in Chinese. Unknown parameters do nothing.",
)
_STATUSES = {
    200: both("找到了", "Found"),
    304: both("没有变", "Not modified"),
    400: both("参数读不懂", "A parameter can't be read"),
    404: both("没有", "Not found"),
    410: both("稿件已撤下，附时间和原因", "The article was withdrawn, with when and why"),
    429: both("请求得太快，看 Retry-After", "Too many requests, see Retry-After"),
    503: both("暂时答不了，看 Retry-After", "Not at the moment, see Retry-After"),
}


@cache
def document(api: NinjaAPI, language: str) -> bytes:
    """The description in one language, as it goes out."""
    said: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix=BASE)))
    for methods in said["paths"].values():
        methods.pop("head")  # the same as GET; the description says so
        _settle(methods["get"])
    said["servers"] = [{"url": settings.SITE_URL}]
    return json.dumps(only(language, said), ensure_ascii=False).encode()


def _settle(operation: dict[str, Any]) -> None:
    """Say of an operation's answers in which form they come, and what else may."""
    answers = operation["responses"]
    if not any(one["in"] == "query" for one in operation["parameters"]):
        del answers["400"]
    problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
    for status, text in _STATUSES.items():
        answer = answers.get(str(status))
        if answer is None and status in (400, 410):
            continue
        answer = answers.setdefault(str(status), {})
        answer["description"] = text
        if status >= 400:
            content = answer.get("content", {})
            answer["content"] = {programs.PROBLEM: content.get("application/json", problem)}
