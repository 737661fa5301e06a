"""What every answer of the API has: its form, how long it stays, what it says where it can't.

This loads django-ninja, and with it pydantic.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.cache import get_conditional_response, set_response_etag
from ninja import NinjaAPI
from ninja.errors import ValidationError
from ninja.renderers import JSONRenderer

from articles import programs
from articles.api import (  # noqa: F401 - archive, lists and search tell the router of themselves
    archive,
    documents,
    lists,
    search,
    shapes,
)
from articles.api.article import Gone, tombstone
from articles.api.routing import router
from articles.freshness import CACHE_CONTROL, MISSING, lasting

Said = Mapping[str, Any]
# Errors of pydantic's, by their types, as one would say them; what they name is put in.
_REASONS = {
    "missing": "缺这个参数。",
    "int_parsing": "应该是整数。",
    "int_from_float": "应该是整数。",
    "greater_than_equal": "不能小于 {ge}。",
    "less_than_equal": "不能大于 {le}。",
    "string_too_short": "不能是空的。",
    "string_pattern_mismatch": "写法不对。",
    "literal_error": "没有这种取值。",
}


class _Chinese(JSONRenderer):
    """JSON as people can read it, too."""

    json_dumps_params = {"ensure_ascii": False, "separators": (",", ":")}


api = NinjaAPI(
    title=documents.TITLE, version="1", description=documents.DESCRIPTION, openapi_url=None,
    docs_url=None, urls_namespace="api", renderer=_Chinese(),
)  # fmt: skip
api.add_router("", router)


@api.exception_handler(ValidationError)
def unreadable(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """400: parameters that aren't written as they should be. In an address, that is a 404."""
    if any(one["loc"][0] == "path" for one in error.errors):
        return missing(request, Http404())
    wrong = [
        shapes.Wrong(name=str(one["loc"][-1]), reason=_reason(one)).model_dump()
        for one in error.errors
    ]
    names = "、".join(dict.fromkeys(one["name"] for one in wrong))
    return programs.refusal(400, f"读不懂的参数：{names}。", errors=wrong)


@api.exception_handler(Http404)
def missing(request: HttpRequest, error: Http404) -> HttpResponse:
    """404, with the reason where one was given in our words."""
    response = programs.refusal(404, programs.reason(error))
    response["Cache-Control"] = MISSING  # of these there is no end: they would drive others out
    return response


@api.exception_handler(Gone)
def gone(request: HttpRequest, error: Gone) -> HttpResponse:
    """410, and why."""
    said = tombstone(error).model_dump(exclude_none=True, exclude={"title"})
    response = programs.refusal(said.pop("status"), said.pop("detail", ""), **said)
    del response["Cache-Control"]
    return response


@api.exception_handler(Exception)
def broken(request: HttpRequest, error: Exception) -> HttpResponse:
    """What else goes wrong is for Django's own handlers (articles/views/errors.py)."""
    raise error


def answer(name: str, request: HttpRequest, parts: Said) -> HttpResponse:
    """Answer the address of that name; 304 for who has the same already.

    What was found stays until content changes, as a page does.
    """
    response = _views[name](request, **parts)
    if response.status_code in (200, 410) and not response.has_header("Cache-Control"):
        response["Cache-Control"] = CACHE_CONTROL
        lasting(request)
    if response.status_code != 200:
        return response
    set_response_etag(response)
    same = get_conditional_response(request, response["ETag"], None, response)
    return same if isinstance(same, HttpResponse) else response


def _reason(error: Said) -> str:
    return _REASONS.get(error["type"], "读不懂。").format(**error.get("ctx", {}))


def _describing(language: str) -> Callable[[HttpRequest], HttpResponse]:
    return lambda request: HttpResponse(
        documents.document(api, language), content_type="application/json; charset=utf-8"
    )


_views: dict[str, Callable[..., HttpResponse]] = {
    **{str(one.name): one.callback for one in api.urls[0] if isinstance(one, URLPattern)},
    "api-described": _describing("zh-CN"),
    "api-described-in-english": _describing("en"),
}
