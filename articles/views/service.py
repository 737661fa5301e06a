"""Answers for machines: health, robots, OpenSearch, and picture files."""

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import OperationalError, connection
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

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
