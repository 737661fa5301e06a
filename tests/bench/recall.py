"""Whether a search finds all that holds a text and nothing else, against reading every text."""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.db import connection

from articles.corpus.vocabulary import SEED
from articles.search import Filters, entries
from articles.search.conditions import conditions
from articles.search.query import Term, of
from tests.bench.queries import substrings
from tests.bench.references import Engine, Entry

SUBSTRINGS, LENGTHS = 500, range(2, 13)
# How many times a text is looked through for a substring at most: about a microsecond each.
LOOKS = 50_000_000


@dataclass(frozen=True)
class Accuracy:
    """Over some substrings: the share of what there is that is found, and of that what is right."""

    substrings: int
    recall: float
    precision: float


def ours(articles: int, texts: Sequence[str]) -> Accuracy:
    """Every entry that the index finds, against every text of the archive read anew."""
    needles = _needles(texts, min(SUBSTRINGS, LOOKS // articles))
    with connection.chunked_cursor() as cursor:
        cursor.execute("SELECT article_id, text FROM articles_searchentry")
        rows = iter(lambda: cursor.fetchmany(500), [])
        truth = _holding(needles, (Entry(*row) for chunk in rows for row in chunk))
    return _accuracy(needles, truth, _found)


def of_engine(engine: Engine, texts: Sequence[Entry]) -> Accuracy:
    """Every text that the engine finds, of those that it has; too short a substring finds none."""
    needles = _needles([entry.text for entry in texts], SUBSTRINGS)

    def found(needle: str) -> set[int]:
        if len(needle) < engine.shortest:
            return set()
        return {*engine.newest([needle], len(texts))}

    return _accuracy(needles, _holding(needles, texts), found)


def _needles(texts: Sequence[str], many: int) -> list[str]:
    return list(substrings(random.Random(SEED), texts, many, LENGTHS))


def _holding(needles: Sequence[str], texts: Iterable[Entry]) -> list[set[int]]:
    """By needle, who holds it."""
    held: list[set[int]] = [set() for _ in needles]
    for entry in texts:
        for number, needle in enumerate(needles):
            if needle in entry.text:
                held[number].add(entry.number)
    return held


def _accuracy(
    needles: Sequence[str], truth: Sequence[set[int]], search: Callable[[str], set[int]]
) -> Accuracy:
    right = there = said = 0
    for needle, true in zip(needles, truth, strict=True):
        found = search(needle)
        right, there, said = right + len(found & true), there + len(true), said + len(found)
    return Accuracy(len(needles), right / there, right / said)


def _found(needle: str) -> set[int]:
    wanted = conditions(of([Term(needle)]), Filters())
    return {entry.article_id for entry in entries.gather(wanted, 2**31 - 1)}
