"""A connection to PostgreSQL is kept from request to request, and may have broken meanwhile."""

from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

Found = TypeVar("Found")


def reconnecting(ask: Callable[[], Found]) -> Found:
    """What `ask` finds out; asked again on a new connection if the kept one has broken.

    For what stands before Django, which tries the connection at the begin of each request. `ask`
    must be one statement, so that nothing is done twice. What was refused or took too long on a
    connection that is whole is not asked again.
    """
    try:
        return ask()
    except (OperationalError, InterfaceError):
        if connection.connection is None or connection.is_usable():
            raise  # it could not be made at all, or is well
        connection.close()
        return ask()
