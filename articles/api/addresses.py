"""Every address of the API, and the way to what stands behind it."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from articles import programs

BASE = f"{programs.PREFIX}v1/".lstrip("/")

ROUTES = {
    "api-articles": "articles",
    "api-article": "articles/<id:number>",
    "api-topics": "topics",
    "api-topic": "topics/<name:slug>/articles",
    "api-sources": "sources",
    "api-source": "sources/<name:slug>/articles",
    "api-editors": "editors",
    "api-editor": "editors/<printed:name>/articles",
    "api-most-read": "most-read/<slug:window>",
    "api-archive": "archive",
    "api-year": "archive/<year:year>",
    "api-month": "archive/<year:year>/<two:month>",
    "api-day": "archive/<year:year>/<two:month>/<two:day>",
    "api-search": "search",
    "api-described": "openapi.json",
    "api-described-in-english": "openapi.en.json",
}


def paths() -> list[URLPattern]:
    """All of them for Django, once its converters are registered (articles/urls.py)."""
    return [path(f"{BASE}{route}", _answered(name), name=name) for name, route in ROUTES.items()]


def _answered(name: str) -> Callable[..., HttpResponseBase]:
    @require_safe
    def view(request: HttpRequest, **parts: Any) -> HttpResponseBase:
        # Half a second and 15 MB, which a process that nobody asks does without (ADR 0028).
        from articles.api.answering import answer

        return answer(name, request, parts)

    return view
