"""Every page's last step: the template of the reader's device, inside the site's frame."""

from collections.abc import Hashable, Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode

from articles import traditional
from articles.device import VARY
from articles.freshness import CACHE_CONTROL, MISSING, lasting, standing
from articles.sidebar import Frame, Sidebar, frame, sidebar

# What names a page of a list (articles/views/parameters.py).
PLACES = ("before", "after")


def page(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, holds: bool = True
) -> HttpResponse:
    """A page with the sidebar: eight queries beside its own, none while content stands.

    `holds`: it stays as it is until content changes.
    """
    around, beside = _surroundings(standing(request))
    return _render(request, template, {"frame": around, "sidebar": beside, **context}, holds=holds)


def plain_page(
    request: HttpRequest, template: str, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """A page without the sidebar: three queries beside its own, none while content stands."""
    held = standing(request)
    around = _surroundings(held)[0] if held else frame()
    return _render(request, template, {"frame": around, **context}, status)


def _surroundings(standing: Hashable) -> tuple[Frame, Sidebar]:
    """What stands around every page, kept while content stands."""
    return _kept_surroundings(standing) if standing else _kept_surroundings.__wrapped__(standing)


@lru_cache(maxsize=2)  # pages of two generations may be in the making
def _kept_surroundings(_standing: Hashable) -> tuple[Frame, Sidebar]:
    around = frame()
    return around, sidebar(around.topics)


def _render(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    status: int = HTTPStatus.OK,
    *,
    holds: bool = True,
) -> HttpResponse:
    device = request.device  # type: ignore[attr-defined]
    held = standing(request)
    everything = {
        "device": device,
        "site": {
            "name": settings.SITE_NAME,
            "description": settings.SITE_DESCRIPTION,
            "url": settings.SITE_URL,
            "since": settings.COPYRIGHT_SINCE,
        },
        "today": timezone.localdate(),
        "script": {
            "traditional": traditional.is_traditional(request.path),
            "other": traditional.counterpart(request.path),
        },
        "whole": _whole(request, context),
        "shared": {"standing": held, "seconds": None if held else 0},
        **context,
    }
    response = render(request, f"{device}/{template}.html", everything, status=status)
    if status == HTTPStatus.NOT_FOUND:  # of these there is no end: they would drive pages out
        response["Cache-Control"] = MISSING
    else:
        response["Cache-Control"] = CACHE_CONTROL
        if holds:
            lasting(request)
    patch_vary_headers(response, VARY)
    return response


def _whole(request: HttpRequest, context: Mapping[str, Any]) -> str:
    """This page's query string, for links to it in the other script and for the other device.

    Only what a page is made by: pages are cached by it.
    """
    if "asked" in context:
        return str(context["asked"].whole)
    return urlencode({name: request.GET[name] for name in PLACES if name in request.GET})
