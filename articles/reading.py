"""Which of the database's servers the present thread reads from (docs/adr/0032).

The primary, unless `at` says otherwise for the time being. `connection` stands for the server's
connection as Django's own of that name stands for the primary's: whatever asks in SQL what readers
see takes it from here. What writes takes Django's.
"""

import os
import socket
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, cast

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import Error

PRIMARY = DEFAULT_DB_ALIAS
# In a request's environ: the server that its page is to be read from; that its database failed;
# that another server will be asked then.
SERVER, FAILED, MORE = "xinwang.server", "xinwang.failed", "xinwang.more"

_alias: ContextVar[str] = ContextVar("alias", default=PRIMARY)
# Whose connections somebody waits at, perhaps.
_in_use: defaultdict[str, set[BaseDatabaseWrapper]] = defaultdict(set)
_lock = threading.Lock()


def alias() -> str:
    """The server's name in settings.DATABASES."""
    return _alias.get()


@contextmanager
def at(server: str) -> Iterator[None]:
    """Have all that this thread reads in here read from that server."""
    ours = connections[server]
    with _lock:
        _in_use[server].add(ours)
    token = _alias.set(server)
    try:
        yield
    finally:
        _alias.reset(token)
        with _lock:
            _in_use[server].discard(ours)


def hang_up(server: str) -> None:
    """Let whoever waits for a server that is silent wait no longer: it gets an OperationalError.

    A machine that has gone, or a process that stands still, closes nothing, and psycopg has no time
    limit for a statement of its own.
    """
    with _lock:
        waiting = list(_in_use[server])
    for one in waiting:
        raw = one.connection
        if raw is None:
            continue  # it is being made, which has a limit (connect_timeout)
        with suppress(OSError, Error), socket.socket(fileno=os.dup(raw.pgconn.socket)) as line:
            line.shutdown(socket.SHUT_RDWR)


class _Connection:
    """The present server's connection, whichever that is."""

    def __getattr__(self, name: str) -> Any:
        return getattr(connections[_alias.get()], name)


connection = cast("BaseDatabaseWrapper", _Connection())


class Router:
    """Django's way to ask: models are read where the thread reads, and written on the primary."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str:
        """The present server."""
        return _alias.get()

    def db_for_write(self, model: type[models.Model], **hints: Any) -> str:
        """The only one that takes it."""
        return PRIMARY

    def allow_relation(self, one: models.Model, other: models.Model, **hints: Any) -> bool:
        """All servers have the same rows."""
        return True

    def allow_migrate(self, database: str, app_label: str, **hints: Any) -> bool:
        """Replicas get their tables as they get everything."""
        return database == PRIMARY
