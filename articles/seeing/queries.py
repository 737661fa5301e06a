"""Statements that take long, and those that fail: in the log without values, and counted."""

import logging
import re
from collections.abc import Callable
from time import perf_counter
from typing import Any

from django.conf import settings
from django.db import Error
from django.db.backends.base.base import BaseDatabaseWrapper

from articles.seeing.figures import DATABASE_ERRORS, SLOW_STATEMENTS

log = logging.getLogger(__name__)

_LONGEST = 2_000
# Values travel apart from the statement; what stands in quotes in it is ours, but who knows.
_QUOTED = re.compile(r"'(?:[^']|'')*'")
_COUNTED = "_xinwang_counted"


def watch(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Time every statement of a connection (Django's signal connection_created)."""
    if _timed not in connection.execute_wrappers:
        connection.execute_wrappers.append(_timed)


def failed(error: BaseException) -> None:
    """Count a failure of the database, once however many hear of it."""
    if not getattr(error, _COUNTED, False):
        setattr(error, _COUNTED, True)
        DATABASE_ERRORS.labels(type(error).__name__).inc()


def _timed(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
    began = perf_counter()
    try:
        return execute(sql, params, many, context)
    except Error as error:
        failed(error)
        raise
    finally:
        took = round((perf_counter() - began) * 1000)
        if 0 < settings.SLOW_QUERY_MILLISECONDS <= took:
            _tell(took, str(sql))


def _tell(took: int, sql: str) -> None:
    SLOW_STATEMENTS.inc()
    statement = " ".join(_QUOTED.sub("'…'", sql).split())[:_LONGEST]
    log.warning(
        "slow statement, %d ms: %s", took, statement,
        extra={"milliseconds": took, "statement": statement},
    )  # fmt: skip
