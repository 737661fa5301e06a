"""Answers for machines: robots, OpenSearch, files of pictures and QR codes."""

from datetime import date
from http import HTTPStatus
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from articles import metadata, opengraph, qr
from articles.addresses import address
from articles.edge import shown_by_others
from articles.freshness import conditional
from articles.models import Article, Promo
from articles.renditions import ENCODINGS

CACHE_SECONDS = 3600
IMMUTABLE = "public, max-age=31536000, immutable"
CONTENT_TYPES = {"webp": "image/webp", "jpg": "image/jpeg"}


@require_safe
@conditional(CACHE_SECONDS)
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers may read: everything but search and the editors' desk."""
    return render(request, "robots.txt", {"site": settings.SITE_URL}, content_type="text/plain")


@require_safe
@conditional(CACHE_SECONDS)
def opensearch(request: HttpRequest) -> HttpResponse:
    """The search box as browsers install it (OpenSearch 1.1)."""
    context = {"name": settings.SITE_NAME, "url": settings.SITE_URL}
    return render(
        request, "opensearch.xml", context,
        content_type="application/opensearchdescription+xml; charset=utf-8",
    )  # fmt: skip


@require_safe
@conditional(CACHE_SECONDS)
def manifest(request: HttpRequest) -> HttpResponse:
    """How the site looks on a phone's home screen (https://www.w3.org/TR/appmanifest/)."""
    icons = [("img/icon-192.png", 192, "any"), ("img/icon-512.png", 512, "any"),
             ("img/icon-maskable-512.png", 512, "maskable")]  # fmt: skip
    said = {
        "id": address("home"),
        "name": settings.SITE_NAME,
        "short_name": settings.SITE_NAME,
        "description": settings.SITE_DESCRIPTION,
        "lang": "zh-CN",
        "dir": "ltr",
        "start_url": address("home"),
        "scope": address("home"),
        "display": "minimal-ui",
        "background_color": opengraph.PAPER,
        "theme_color": opengraph.PAPER,
        "icons": [
            {
                "src": static(name),
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": purpose,
            }
            for name, size, purpose in icons
        ],
    }
    return JsonResponse(
        said,
        content_type="application/manifest+json",
        json_dumps_params={"ensure_ascii": False},
    )


@require_safe
@shown_by_others
@conditional(24 * 3600)
def favicon(request: HttpRequest) -> HttpResponse:
    """The icon where browsers and readers of feeds look for it unasked."""
    path = finders.find("img/favicon.ico")
    if not path:
        raise Http404("没有图标。")
    return HttpResponse(Path(str(path)).read_bytes(), content_type="image/x-icon")


@require_safe
@shown_by_others
def og(request: HttpRequest, number: int, digest: str, extension: str) -> HttpResponse:
    """The picture for links to a published article, as it looks now; 404 for any other.

    One query. The first request for a picture draws it; nobody can have one drawn that no page
    names.
    """
    articles = Article.objects.published().select_related("source", "lead_photo")
    article = get_object_or_404(articles.defer("body", "anchors"), pk=number)
    if opengraph.preview(article).path != request.path:
        raise Http404("没有这张图片。")
    response = HttpResponse(
        opengraph.picture(article), content_type="image/jpeg" if extension == "jpg" else "image/png"
    )
    response["Cache-Control"] = IMMUTABLE
    return response


@require_safe
@shown_by_others
def rendition(request: HttpRequest, token: str, width: int, extension: str) -> HttpResponseBase:
    """A rendition's file. Behind nginx the files are served without asking us (deploy/).

    A page that shows a picture whose file is lost gets a placeholder, still as a 404; whoever asks
    for the picture alone gets the page that says so.
    """
    name = f"{token}-{width}.{extension}"
    if extension not in ENCODINGS or not default_storage.exists(name):
        if "text/html" in request.headers.get("Accept", ""):
            raise Http404("没有这张图片。")
        return _placeholder(request)
    response = FileResponse(default_storage.open(name), content_type=CONTENT_TYPES[extension])
    response["Cache-Control"] = IMMUTABLE
    return response


def _placeholder(request: HttpRequest) -> HttpResponse:
    """Browsers show the body of a 404 where it is a picture; it must not be kept."""
    response = render(
        request, "placeholder.svg", content_type="image/svg+xml", status=HTTPStatus.NOT_FOUND
    )
    response["Cache-Control"] = "no-store"
    return response


@require_safe
@shown_by_others
def site_code(request: HttpRequest) -> HttpResponse:
    """The home page's QR code."""
    return _code(metadata.as_read("/"))


@require_safe
@shown_by_others
def article_code(
    request: HttpRequest, year: int, month: int, day: int, number: int, anchor: int | None = None
) -> HttpResponse:
    """An article's QR code, or a paragraph's: the permalink, with `#p12`. No query.

    It stands for its address alone, so every cache may keep it; whether there is such an article
    is seen when somebody follows the code.
    """
    try:
        date(year, month, day)
    except ValueError as error:
        raise Http404("没有这一天。") from error
    permalink = address("article", year, month, day, number)
    return _code(metadata.as_read(f"{permalink}#p{anchor}" if anchor else permalink))


@require_safe
@shown_by_others
def promo_code(request: HttpRequest, number: int) -> HttpResponse:
    """A promo's QR code; editors may change where it leads. One query."""
    promo = get_object_or_404(Promo.objects.shown(), pk=number, kind=Promo.Kind.QR)
    return _code(promo.url, "public, max-age=300")


def _code(address: str, cache: str = IMMUTABLE) -> HttpResponse:
    response = HttpResponse(qr.image(address), content_type="image/svg+xml")
    response["Cache-Control"] = cache
    return response
