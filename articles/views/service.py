"""Answers for machines: health, robots, OpenSearch, files of pictures and QR codes."""

from datetime import date

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import OperationalError, connection
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from articles import metadata, qr
from articles.renditions import ENCODINGS

IMMUTABLE = "public, max-age=31536000, immutable"
CONTENT_TYPES = {"webp": "image/webp", "jpg": "image/jpeg"}


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process answers and reaches its database, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except OperationalError:
        return HttpResponse("database unreachable\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers may read: everything but search and the editors' desk."""
    return render(request, "robots.txt", {"site": settings.SITE_URL}, content_type="text/plain")


@require_safe
def opensearch(request: HttpRequest) -> HttpResponse:
    """The search box as browsers install it (OpenSearch 1.1)."""
    context = {"name": settings.SITE_NAME, "url": settings.SITE_URL}
    return render(
        request, "opensearch.xml", context,
        content_type="application/opensearchdescription+xml; charset=utf-8",
    )  # fmt: skip


@require_safe
def rendition(request: HttpRequest, token: str, width: int, extension: str) -> HttpResponseBase:
    """A rendition's file. Behind nginx the files are served without asking us (deploy/)."""
    name = f"{token}-{width}.{extension}"
    if extension not in ENCODINGS or not default_storage.exists(name):
        raise Http404("没有这张图片。")
    response = FileResponse(default_storage.open(name), content_type=CONTENT_TYPES[extension])
    response["Cache-Control"] = IMMUTABLE
    return response


@require_safe
def site_code(request: HttpRequest) -> HttpResponse:
    """The home page's QR code."""
    return _code("/")


@require_safe
def paragraph_code(
    request: HttpRequest, year: int, month: int, day: int, number: int, anchor: int
) -> HttpResponse:
    """A paragraph's QR code: its article's permalink with `#p12`. Asks the database nothing.

    It stands for its address alone, so every cache may keep it; whether there is such an article
    is seen when somebody follows the code.
    """
    try:
        date(year, month, day)
    except ValueError as error:
        raise Http404("没有这一天。") from error
    permalink = reverse("article", args=[year, month, day, number])
    return _code(f"{permalink}#p{anchor}")


def _code(path: str) -> HttpResponse:
    response = HttpResponse(qr.image(metadata.as_read(path)), content_type="image/svg+xml")
    response["Cache-Control"] = IMMUTABLE
    return response
