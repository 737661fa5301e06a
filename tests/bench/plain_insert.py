"""A bare WSGI application that does nothing but one plain INSERT: what HTTP and Python cost."""

import os
import secrets
import threading
from collections.abc import Callable, Iterable
from typing import Any

import psycopg

_own = threading.local()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Insert a row, commit, answer."""
    if not hasattr(_own, "connection"):
        _own.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    _own.connection.execute(
        "INSERT INTO plain VALUES (current_date, 1, %s)", [secrets.token_bytes(16)]
    )
    start_response("200 OK", [("Content-Length", "0")])
    return [b""]
