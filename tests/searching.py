"""Searching in tests, and an independent reading of what search ought to find."""

import unicodedata
from collections.abc import Iterable
from datetime import date

from articles import text
from articles.migrations import _characters
from articles.models import Article
from articles.paging import Position
from articles.search import Filters, Results, Sort, Term, find, parse
from articles.search.query import Field

VARIANTS = str.maketrans(_characters.VARIANTS, _characters.READ_AS)
ALL = 100_000


def fold(raw: str) -> str:
    """A text as search compares it, by the rules and not by the database's ranges.

    Letters and digits alone, in lower case, 繁體 as 简体; a line's end stays.
    """
    kept = (
        one
        for one in unicodedata.normalize("NFKD", raw)
        if one == "\n" or unicodedata.category(one)[0] in "LN"
    )
    return "".join(kept).lower().translate(VARIANTS)


def search(
    typed: str, sort: Sort = Sort.NEWEST, size: int = ALL, number: int = 1, **narrow: int | date
) -> Results:
    """The first page, large enough for everything unless said otherwise."""
    filters = Filters(**narrow)  # type: ignore[arg-type]
    return find(parse(typed), filters, sort, Position(), number, size)


def found(typed: str, **narrow: int | date) -> list[Article]:
    """Everything that is found, newest first."""
    return [hit.article for hit in search(typed, **narrow).hits]


def expected(typed: str, articles: Iterable[Article]) -> list[Article]:
    """What ought to be found, by reading everything; newest first. Without 来源: and 话题:."""
    meant = [(term, fold(term.text)) for term in parse(typed).terms]
    meant = [(term, folded) for term, folded in meant if folded]
    hits = [
        article
        for article in articles
        if meant
        and all((folded in _place(term, article)) != term.excluded for term, folded in meant)
    ]
    return sorted(hits, key=lambda article: (article.published_at, article.pk), reverse=True)


def _place(term: Term, article: Article) -> str:
    titles = f"{fold(article.title)}\n{fold(article.original_title)}"
    return {
        Field.TITLE: titles,
        Field.EDITOR: fold(article.editor),
        Field.BYLINE: fold(article.byline),
    }.get(term.field, f"{titles}\n{fold(text.plain(article.body))}")
