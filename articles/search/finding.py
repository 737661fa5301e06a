"""Finding articles: a page of results, how many there are, and how they could be narrowed."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from django.conf import settings
from django.utils import timezone
from django.utils.safestring import SafeString

from articles import text
from articles.models import Article
from articles.paging import Cursor, Page, Position
from articles.reading import connection
from articles.search import entries, marking, scoring
from articles.search.conditions import Conditions, Filters, conditions
from articles.search.entries import Entry, Survey
from articles.search.facets import Facets, Total, count, newest, total
from articles.search.query import Query, of

# Of how many articles the order by relevance is made: the newest with the words in the title, the
# newest with them anywhere, which are of those that were counted (facets.COUNTED).
TITLE_CANDIDATES = 150
CANDIDATES = 300


class Sort(Enum):
    """The orders of results."""

    RELEVANCE = "relevance"
    NEWEST = "newest"


@dataclass(frozen=True)
class Hit:
    """An article that was found, with what was found marked."""

    article: Article
    title: SafeString
    cut: SafeString


@dataclass(frozen=True)
class Results:
    """A page of what was found.

    Newest first, `older` and `newer` say where the neighbouring pages begin. By relevance pages are
    numbered, `number` of `pages`; `beyond`: there are more, which only newest-first lists.
    `meaningless`: not one letter or digit was typed, so nothing was looked for. `too_broad`: it was
    given up, for the words leave nearly everything open.
    """

    query: Query
    hits: Sequence[Hit]
    total: Total
    facets: Facets
    older: Cursor | None = None
    newer: Cursor | None = None
    number: int = 1
    pages: int = 1
    beyond: bool = False
    meaningless: bool = False
    too_broad: bool = False


def find(
    query: Query, filters: Filters, sort: Sort, position: Position, number: int, size: int
) -> Results:
    """The page at `position` (newest first) or page `number` (by relevance), with its surroundings.

    At most seventeen queries, four of them for the limit of time, and one for each term with 来源:
    or 话题:, two by relevance.
    """
    if not query.terms:
        return Results(query, [], Total(0), Facets(), meaningless=bool(query.typed))
    try:
        with entries.limited():
            return _find(query, filters, sort, position, number, size)
    except entries.TooBroad:
        return Results(query, [], Total(0), Facets(), too_broad=True)


def _find(
    query: Query, filters: Filters, sort: Sort, position: Position, number: int, size: int
) -> Results:
    wanted = conditions(query, filters)
    if wanted.meaningless:
        return Results(query, [], Total(0), Facets(), meaningless=True)
    seen = newest(wanted)
    number_found, facets = count(wanted, seen)
    if sort is Sort.RELEVANCE and wanted.needles:
        ranked = relevant(query, filters, wanted, seen)
        found = ranked[(number - 1) * size : number * size]
        hits = _hits(found, wanted.needles)
        return Results(
            query, hits, number_found, facets, number=number,
            pages=max(-(-len(ranked) // size), 1), beyond=number_found.number > len(ranked),
        )  # fmt: skip
    page = Page.cut(entries.gather(wanted, size + 1, position), size, position, Entry.cursor)
    hits = _hits([entry.article_id for entry in page.rows], wanted.needles)
    return Results(query, hits, number_found, facets, older=page.older, newer=page.newer)


def matching(query: Query, limit: int) -> list[int]:
    """For editors: the ids of the newest `limit` articles found, and of unpublished ones.

    Eight queries, and one for each term with 来源: or 话题:. Raises TooBroad.
    """
    with entries.limited():
        wanted = conditions(query, Filters(), scheduled=True)
        if wanted.meaningless:
            return []
        published = [entry.article_id for entry in entries.gather(wanted, limit)]
        return published + entries.gather_unpublished(wanted)


def relevant(query: Query, filters: Filters, wanted: Conditions, seen: Survey) -> list[int]:
    """The ids of the best, best first. At most four queries, and one for each term with a name.

    `seen`: the CANDIDATES newest entries that fulfil the conditions, or more.
    """
    candidates = {entry.article_id for entry in seen.found[:CANDIDATES]}
    if wanted.indexed and not (seen.complete and len(seen.found) <= CANDIDATES):
        entitled = conditions(query, filters, in_titles=True)
        titles = entries.survey(entitled, TITLE_CANDIDATES).found
        candidates |= {entry.article_id for entry in titles}
    described = _described(candidates, wanted.needles)
    return scoring.rank(described, wanted.needles, timezone.localdate())


def _described(ids: set[int], needles: Sequence[str]) -> list[scoring.Candidate]:
    """What the order depends on. One query."""
    often = ", ".join(
        "(octet_length(text) - octet_length(replace(text, %s, ''))) / octet_length(%s)"
        for _ in needles
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT article_id, (published_at AT TIME ZONE %s)::date, title, octet_length(text),"
            f" ARRAY[{often}]"
            " FROM articles_searchentry WHERE article_id = ANY (%s)",
            [settings.TIME_ZONE, *(needle for needle in needles for _ in range(2)), list(ids)],
        )
        return [
            scoring.Candidate(number, day, title.split("\n"), length, counts)
            for number, day, title, length, counts in cursor
        ]


def _hits(ids: Sequence[int], needles: Sequence[str]) -> list[Hit]:
    """The articles in this order, marked. Two queries, seldom three."""
    articles = (
        Article.objects.published()
        .select_related("source", "lead_photo")
        .defer("anchors")
        .in_bulk(list(ids))
    )
    shown = [articles[number] for number in ids if number in articles]
    texts = {article.pk: text.plain(article.body) for article in shown}
    marking.learn([*texts.values(), *(article.title for article in shown)])
    return [
        Hit(
            article,
            marking.mark(article.title, needles),
            marking.cut(texts[article.pk], needles),
        )
        for article in shown
    ]


@dataclass(frozen=True)
class Suggestion:
    """Another search, for who has found nothing, and how much it finds."""

    query: Query
    total: Total
    unfiltered: bool = False


def instead(query: Query, filters: Filters) -> list[Suggestion]:
    """Searches near one that found nothing: without its filters, without one of its words.

    The one that finds least, and so is nearest to what was meant, comes first. Up to 25 queries;
    none of them may take long: raises TooBroad.
    """
    tried: list[tuple[Query, Filters]] = [(query, Filters())] if filters else []
    if len(query.terms) > 1:
        tried += [(query.without(term), filters) for term in query.terms[:4]]
    if len(query.terms) > 2:
        tried += [(of([term]), filters) for term in query.wanted[:4]]
    found: dict[tuple[str, bool], Suggestion] = {}
    with entries.limited():
        for other, narrowed in tried:
            finds = total(conditions(other, narrowed)) if other.wanted else Total(0)
            if finds.number:
                unfiltered = narrowed != filters
                found[other.typed, unfiltered] = Suggestion(other, finds, unfiltered)
    return sorted(
        found.values(),
        key=lambda one: (not one.unfiltered, -len(one.query.terms), one.total.number),
    )[:4]
