"""Statements by hand that PostgreSQL plans once a connection.

For the few that every article's page asks: planning one takes longer than answering it
(docs/performance.md). Django's cursors write values into the statement, so that PostgreSQL never
sees the same twice; psycopg's own sends them beside it, and prepares what it has sent a few times.

PostgreSQL keeps a plan for any values where it looks no dearer than one for these. So a LIMIT
belongs into the statement: it would take an unknown one for a tenth of all rows.

What such a statement gives has to be of types that no migration changes, `text` rather than a
column's own length: PostgreSQL refuses a plan that would give other ones than it was made for.
"""

from collections.abc import Mapping
from typing import Any

import psycopg

from articles.reading import connection

# How often a connection is asked a statement before it prepares it.
_THRESHOLD = 5


def rows(statement: str, asked: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """What the statement finds on the server that the thread reads from. One query."""
    with connection.cursor() as cursor:
        ours: psycopg.Connection[Any] = cursor.connection
        cursor.cursor = psycopg.Cursor(ours)
        # For this one alone: of whatever else is asked psycopg would note the text, values and all.
        ours.prepare_threshold = _THRESHOLD
        try:
            cursor.execute(statement, asked)
        finally:
            ours.prepare_threshold = None
        return list(cursor.fetchall())
