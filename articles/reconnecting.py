"""A connection to PostgreSQL is kept from request to request, and may have broken meanwhile."""

from collections.abc import Callable
from typing import TypeVar

from django.db import Error, connection

Found = TypeVar("Found")


def reconnecting(ask: Callable[[], Found]) -> Found:
    """What `ask` finds out; asked again on a new connection if the kept one has broken.

    For what stands before Django, which tries the connection at the begin of each request. `ask`
    must be one statement, so that nothing is done twice.
    """
    try:
        return ask()
    except Error:
        connection.close()
        return ask()
