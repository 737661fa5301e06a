"""Finding articles by what they say (docs/adr/0012).

`parse` takes apart what was typed, `find` finds; nothing here writes the index, which the database
keeps by itself (migration 0006), but `maintenance`, which proves it.
"""

from articles.search.conditions import Filters
from articles.search.entries import TooBroad
from articles.search.facets import Facets, Option, Total
from articles.search.finding import Hit, Results, Sort, Suggestion, find, instead, matching
from articles.search.query import Query, Term, parse
from articles.search.suggesting import Completion, suggest

__all__ = [
    "Completion",
    "Facets",
    "Filters",
    "Hit",
    "Option",
    "Query",
    "Results",
    "Sort",
    "Suggestion",
    "Term",
    "TooBroad",
    "Total",
    "find",
    "instead",
    "matching",
    "parse",
    "suggest",
]
