"""What the search box offers while a reader types: topics, sources, and the newest titles."""

from dataclasses import dataclass

from articles.models import Article, Source, Topic
from articles.reading import connection
from articles.search import entries
from articles.search.conditions import Filters, conditions
from articles.search.query import Query, parse

MOST = 8
MOST_TITLES = 5
# One character begins too many words to be worth an answer.
LEAST = 2


@dataclass(frozen=True)
class Completion:
    """Where what is being typed may lead: its kind and name in Chinese, and its address."""

    kind: str
    text: str
    url: str


def suggest(typed: str) -> list[Completion]:
    """At most eight places for what was typed so far, names before titles.

    At most nine queries, and one for each term with 来源: or 话题:; none for a single character.
    """
    query = parse(typed)
    if len(query.typed) < LEAST:
        return []
    titles = _titles(query)
    return [*_names(query.typed)[: MOST - len(titles)], *titles]


def _names(typed: str) -> list[Completion]:
    """Topics and sources whose names hold it, best the ones that begin with it. One query.

    The names are few and are all read.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH typed AS (SELECT articles_fold(%s) AS folded),"
            " named AS ("
            "   SELECT 1 AS kind, name, slug FROM articles_topic"
            "   UNION ALL SELECT 2, name, slug FROM articles_source"
            " ),"
            " placed AS ("
            "   SELECT kind, name, slug, strpos(articles_fold(name), folded) AS at"
            "   FROM named, typed WHERE length(folded) >= %s"
            " )"
            " SELECT kind, name, slug FROM placed WHERE at > 0"
            " ORDER BY kind, at, length(name), name LIMIT %s",
            [typed, LEAST, MOST],
        )
        return [
            Completion("话题", name, Topic(slug=slug).get_absolute_url())
            if kind == 1
            else Completion("来源", name, Source(slug=slug).get_absolute_url())
            for kind, name, slug in cursor
        ]


def _titles(query: Query) -> list[Completion]:
    """The newest articles with all of the words in their titles. Eight queries.

    Words that the index doesn't know (one common character each) are left to the search itself.
    """
    try:
        with entries.limited():
            wanted = conditions(query, Filters(), in_titles=True)
            ids = [
                entry.article_id
                for entry in (entries.gather(wanted, MOST_TITLES) if wanted.indexed else [])
            ]
    except entries.TooBroad:
        return []
    found = Article.objects.published().only("title", "published_at").in_bulk(ids)
    return [
        Completion("稿件", found[number].title, found[number].get_absolute_url())
        for number in ids
        if number in found
    ]
