"""The search page, and what its box suggests while a reader types."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from articles.freshness import FROZEN
from articles.search import Results, TooBroad, find, instead, suggest
from articles.search.query import LONGEST, MOST_TERMS
from articles.views import asking, narrowing, render
from articles.views.asking import Asked

PAGE_SIZE = 20
# As long as a word is being typed and corrected, and no longer.
SUGGESTIONS_CACHED = "public, max-age=60"


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What the archive has for the words in `?q=`, narrowed and sorted; without words, the box.

    404 for what is malformed or beyond the last page. Up to seventeen queries and, where nothing is
    found, 25 for what is near. In files that are frozen, a page that says where to search.
    """
    if FROZEN in request.META:
        return render.plain_page(request, "search_frozen", {})
    asked = asking.read(request)
    context: dict[str, Any] = {
        "asked": asked,
        "title": f"“{asked.query.typed}”的搜索结果" if asked.query.typed else "搜索",
        "chips": narrowing.chips(asked),
        "unnarrowed": asked.address(**narrowing.UNNARROWED),
        "by_relevance": asked.address(sort=""),
        "by_time": asked.address(sort="newest"),
        "longest": LONGEST,
        "most_terms": MOST_TERMS,
    }
    holds = True
    if asked.query.typed and not asked.backwards:
        found = _found(asked)
        # What took too long may take less the next time.
        holds = not found["results"].too_broad and found["nearby"] is not None
        context |= found
    return render.page(request, "search", context, holds=holds)


def _found(asked: Asked) -> dict[str, Any]:
    """The results, the ways on from them, and around an empty page what is near."""
    results = find(asked.query, asked.filters, asked.sort, asked.position, asked.number, PAGE_SIZE)
    turned = asked.position.older_than or asked.position.newer_than
    beyond = asked.number > results.pages or (turned and not results.hits)
    if beyond and not results.too_broad:
        raise Http404("没有这一页。")
    return {
        "results": results,
        "groups": narrowing.groups(asked, results),
        "nearby": _nearby(asked, results),
    }


def _nearby(asked: Asked, results: Results) -> list[narrowing.Nearby] | None:
    """What else finds something; None if that took too long to find out."""
    if results.hits or results.meaningless or results.too_broad:
        return []
    try:
        near = instead(asked.query, asked.filters)
    except TooBroad:
        return None
    return [narrowing.nearby(asked, one) for one in near]


@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """What the box offers for the beginning in `?q=`, as our own script reads it."""
    found = suggest(request.GET.get("q", ""))
    return _json([{"kind": one.kind, "text": one.text, "url": one.url} for one in found])


@require_safe
def opensearch_suggestions(request: HttpRequest) -> HttpResponse:
    """The same as browsers read it: what was typed, texts, kinds, addresses (OpenSearch)."""
    typed = request.GET.get("q", "")
    found = suggest(typed)
    answer = [
        typed[:LONGEST],
        [one.text for one in found],
        [one.kind for one in found],
        [request.build_absolute_uri(one.url) for one in found],
    ]
    return _json(answer, "application/x-suggestions+json")


def _json(answer: object, kind: str = "application/json") -> HttpResponse:
    response = JsonResponse(
        answer, safe=False, content_type=kind, json_dumps_params={"ensure_ascii": False}
    )
    response["Cache-Control"] = SUGGESTIONS_CACHED
    return response
