"""The search page."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from articles.search import Filters, Sort, find, parse
from articles.views import parameters, render

PAGE_SIZE = 20


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What the archive has for the words in `?q=`; without words, the box alone."""
    query = parse(request.GET.get("q", ""))
    results = find(query, Filters(), Sort.NEWEST, parameters.position(request), 1, PAGE_SIZE)
    return render.page(request, "search", {"results": results})
