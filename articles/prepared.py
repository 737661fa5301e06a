"""Statements by hand that PostgreSQL plans once a connection.

For the few that every article's page asks: planning one takes longer than answering it
(docs/performance.md). Django's cursors write values into the statement, so that PostgreSQL never
sees the same twice; psycopg's own sends them beside it, and prepares what it has sent a few times
(`prepare_threshold` in settings.py).

What such a statement gives has to be of types that no migration changes, `text` rather than a
column's own length: PostgreSQL refuses a plan that would give other ones than it was made for.
"""

from collections.abc import Mapping
from typing import Any

import psycopg
from django.db import ProgrammingError
from psycopg.errors import InsufficientPrivilege

from articles.reading import connection


def rows(statement: str, asked: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """What the statement finds on the server that the thread reads from. One query."""
    try:
        with connection.cursor() as cursor:
            cursor.cursor = psycopg.Cursor(cursor.connection)
            cursor.execute(statement, asked)
            return list(cursor.fetchall())
    except ProgrammingError as error:
        # While a migration has the readers' views away (ADR 0023), a plan is made of the tables
        # behind them, and PostgreSQL keeps it when they are back. It goes with its connection.
        if isinstance(error.__cause__, InsufficientPrivilege) and not connection.in_atomic_block:
            connection.close()
        raise
