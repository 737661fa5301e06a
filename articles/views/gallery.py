"""A photo's own page, below its article's."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from articles import metadata, opengraph, renditions
from articles.views import render
from articles.views.article import sought

PREVIEW_WIDTH = 1280


@require_safe
def photo(
    request: HttpRequest, year: int, month: int, day: int, number: int, place: int
) -> HttpResponse:
    """One of an article's photos, large, with the ways to the others.

    404 where it has none of that number, 410 when it was withdrawn, 301 from other dates. One
    query beside the frame's. The lightbox on the article's page has this address
    (static/js/lightbox.js).
    """
    found = sought(request, number, f"photo/{place}/")
    if isinstance(found, HttpResponse):
        return found
    shown, gallery = found.article, found.gallery
    if place > len(gallery):
        raise Http404("这篇稿件没有这张图片。")
    use = gallery[place - 1]
    widest = max(use.photo.widths)
    context = {
        "article": shown,
        "use": use,
        "gallery": gallery,
        "previous": gallery[place - 2] if place > 1 else None,
        "next": gallery[place] if place < len(gallery) else None,
        "preview": opengraph.Preview(
            renditions.url(use.photo, PREVIEW_WIDTH), use.shown_alt,
            min(PREVIEW_WIDTH, widest),
            use.photo.rendition_height(min(widest, PREVIEW_WIDTH)),
        ),
        "json_ld": metadata.page_of(
            {**metadata.photo(use, renditions.url(use.photo, widest)),
             "isPartOf": metadata.absolute(shown.get_absolute_url())}
        ),
    }  # fmt: skip
    return render.plain_page(request, "photo", context)
