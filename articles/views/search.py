"""The search page."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from articles.search import find
from articles.views import parameters, render

PAGE_SIZE = 20


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What the archive has for the words in `?q=`; without words, the box alone."""
    results = find(request.GET.get("q", ""), parameters.position(request), PAGE_SIZE)
    return render.page(request, "search", {"results": results, "page": results.page})
