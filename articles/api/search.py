"""Search."""

from collections.abc import Sequence
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query

from articles import search as engine
from articles.api import shapes, shaping
from articles.api.asking import Searched
from articles.api.routing import operation
from articles.freshness import CACHE_CONTROL

PAGE_SIZE = 20


@operation("api-search", shapes.Found, "搜索", "Search")
def search(request: HttpRequest, response: HttpResponse, asked: Query[Searched]) -> shapes.Found:
    """A page of what is found, by the search page's engine. Up to eighteen queries.

    404 beyond the last page.
    """
    query, position = engine.parse(asked.q), asked.position
    found = engine.find(query, asked.filters, asked.order, position, asked.page, PAGE_SIZE)
    turned = position.older_than or position.newer_than
    if found.too_broad:
        response["Cache-Control"] = CACHE_CONTROL  # not lasting: the next time it may take less
    elif asked.page > found.pages or (turned and not found.hits):
        raise Http404("没有这一页。")
    return shapes.Found(
        query=query.typed,
        shortened=query.cut,
        meaningless=found.meaningless or not query.terms,
        too_broad=found.too_broad,
        total=found.total.number,
        more=found.total.more,
        items=_hits(found.hits),
        narrowing=_ways(found.facets),
        page=found.number,
        pages=found.pages,
        **shaping.ends(found),
    )


def _hits(found: Sequence[engine.Hit]) -> list[shapes.Hit]:
    lines = shaping.lines([one.article for one in found])
    return [
        shapes.Hit(article=line, title=str(one.title), cut=str(one.cut))
        for one, line in zip(found, lines, strict=True)
    ]


def _ways(facets: engine.Facets) -> shapes.Ways:
    return shapes.Ways(
        year=_of_times(facets.years, "%Y", "{0.year} 年"),
        month=_of_times(facets.months, "%Y-%m", "{0.year} 年 {0.month} 月"),
        topic=_of_named(facets.topics),
        source=_of_named(facets.sources),
        estimated=facets.estimated,
    )


def _of_times(options: Sequence[engine.Option], value: str, name: str) -> list[shapes.Way]:
    return [
        shapes.Way(
            value=option.value.strftime(value), name=name.format(option.value), count=option.count
        )
        for option in options
        if isinstance(option.value, date)
    ]


def _of_named(options: Sequence[engine.Option]) -> list[shapes.Way]:
    return [
        shapes.Way(value=option.value.slug, name=option.value.name, count=option.count)
        for option in options
        if not isinstance(option.value, date)
    ]
