"""Pages (单页)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from articles.models import Page
from articles.views import render


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """关于信网, 联系我们 …"""
    return render.page(request, "page", {"page": get_object_or_404(Page, slug=slug)})
