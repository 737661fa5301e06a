"""An article in time, for machines: TimeGate and TimeMap (RFC 7089), and its canonical text."""

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from articles import memento, metadata
from articles.freshness import CACHE_CONTROL, lasting
from articles.models import PublicVersion, said_by
from articles.views.article import sought
from articles.views.history import mementos


@require_safe
def timegate(request: HttpRequest, year: int, month: int, day: int, number: int) -> HttpResponse:
    """302 to the version that held at Accept-Datetime; 400 for a bad date, 404 without versions.

    Two queries. What is negotiated by a header that no cache of ours knows is kept by none.
    """
    found = sought(request, number, memento.TIMEGATE)
    if isinstance(found, HttpResponse):
        return _negotiated(found)
    shown = found.article
    permalink = metadata.absolute(shown.get_absolute_url())
    asked = request.headers.get("Accept-Datetime")
    try:
        at = memento.asked_for(asked) if asked is not None else None
    except ValueError:
        advice = "Accept-Datetime 要写成 Thu, 29 Sep 2022 01:18:00 GMT 这样的时间。\n"
        return _said(permalink, advice, 400)
    kept = mementos(permalink, PublicVersion.objects.texts_of(shown))
    if not kept:
        return _said(permalink, f"这篇稿件没有历史版本，现在的稿件在 {permalink}\n", 404)
    response = _said(permalink, "", 302)
    response["Location"] = memento.chosen(kept, at).address
    return response


@require_safe
def timemap(request: HttpRequest, year: int, month: int, day: int, number: int) -> HttpResponse:
    """All versions of an article, as links. Two queries."""
    found = sought(request, number, memento.TIMEMAP)
    if isinstance(found, HttpResponse):
        return found
    shown = found.article
    permalink = metadata.absolute(shown.get_absolute_url())
    links = memento.timemap(permalink, mementos(permalink, PublicVersion.objects.texts_of(shown)))
    return _kept(request, links, memento.LINK_FORMAT)


@require_safe
def canonical(request: HttpRequest, year: int, month: int, day: int, number: int) -> HttpResponse:
    """The text whose SHA-256 is the article's (docs/fixity.md). One query."""
    found = sought(request, number, memento.TEXT)
    if isinstance(found, HttpResponse):
        return found
    text = said_by(found.article, found.gallery).text()
    return _kept(request, text, "text/plain; charset=utf-8")


def _kept(request: HttpRequest, content: str, kind: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Cache-Control"] = CACHE_CONTROL
    lasting(request)
    return response


def _said(permalink: str, content: str, status: int) -> HttpResponse:
    response = HttpResponse(content, content_type="text/plain; charset=utf-8", status=status)
    response["Link"] = memento.of_timegate(permalink)
    return _negotiated(response)


def _negotiated(response: HttpResponse) -> HttpResponse:
    patch_vary_headers(response, ["accept-datetime"])
    response["Cache-Control"] = "no-store"
    return response
