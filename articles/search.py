"""Finding articles by words. Every term must occur in the title or the text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F, Func, Q, TextField, Value

from articles.models import Article
from articles.paging import Page, Position

LONGEST_QUERY = 100
MOST_TERMS = 8
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ufffd\ud800-\udfff]+")


@dataclass(frozen=True)
class Results:
    """What was looked for and what was found."""

    query: str
    terms: Sequence[str]
    page: Page[Article]


def clean(query: str) -> str:
    """The query as it is shown and searched: one line, printable, at most LONGEST_QUERY long."""
    return " ".join(_UNPRINTABLE.sub(" ", query).split())[:LONGEST_QUERY].strip()


def find(query: str, position: Position, size: int) -> Results:
    """A page of the published articles that hold every term, newest first.

    One query. It reads every article's text, so its cost grows with the archive.
    """
    query = clean(query)
    terms = query.split()[:MOST_TERMS]
    if not terms:
        return Results(query, [], Page([], None, None))
    words = Func(
        F("body"), Value("<[^>]*>"), Value(""), Value("g"),
        function="regexp_replace", output_field=TextField(),
    )  # fmt: skip
    found = Article.objects.published().for_list().alias(words=words)
    for term in terms:
        found = found.filter(Q(title__icontains=term) | Q(words__icontains=term))
    return Results(query, terms, found.page(position, size))
