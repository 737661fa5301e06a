"""Pages (单页)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from articles import text
from articles.models import Page, Photo
from articles.views import render


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """关于信网, 联系我们 … One query, two if it shows photos, beside the frame's."""
    shown = get_object_or_404(Page, slug=slug)
    photos = Photo.objects.with_tokens(text.photo_tokens(shown.body))
    return render.page(request, "page", {"page": shown, "photos": photos})
