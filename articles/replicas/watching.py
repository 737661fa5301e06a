"""Finds out how the database's servers are: a thread for each, in every process that reads them.

Costs each server two short questions, five times a second and process.
"""

import logging
import os
import threading
import time
from collections.abc import Hashable, Mapping

from django.conf import settings
from django.db import Error, connections
from django.utils import timezone

from articles import reading
from articles.models import Generation
from articles.reading import PRIMARY
from articles.replicas.servers import ASK_EVERY_SECONDS, Servers, Told

log = logging.getLogger(__name__)

# A worker that has just begun waits so long to know the servers before it answers.
FIRST_ANSWERS_SECONDS = 1.0

# Anybody may ask this, the readers' role as well.
_POSITION = """
SELECT pg_is_in_recovery(), pg_wal_lsn_diff(
    CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_flush_lsn() END,
    '0/0'
)::bigint
"""

_watched: Servers | None = None


def watched() -> Servers | None:
    """Begin to watch the servers of settings.REPLICAS; None where there are none.

    To be called once in a process that answers requests.
    """
    global _watched  # noqa: PLW0603 - a process has one set of servers
    if not settings.REPLICAS:
        return None
    _watched = Servers(settings.REPLICAS, settings.REPLICA_LAG_SECONDS, first=os.getpid())
    asked = [threading.Event() for _ in _watched.names]
    for name, once in zip(_watched.names, asked, strict=True):
        threading.Thread(
            target=_keep_asking, args=(_watched, name, once), name=name, daemon=True
        ).start()
    threading.Thread(target=_keep_hanging_up, args=(_watched,), name="silent", daemon=True).start()
    until = time.monotonic() + FIRST_ANSWERS_SECONDS
    for once in asked:
        once.wait(max(0.0, until - time.monotonic()))
    return _watched


def primary_is_away() -> bool:
    """Whether it is known, without asking, that nothing can be written now."""
    return _watched is not None and not _watched.answers(PRIMARY)


def told() -> Mapping[str, bool]:
    """Which servers are well, by name; empty where there is but one."""
    return _watched.summary() if _watched else {}


def ask(name: str, before: Told | None = None) -> Told:
    """What a server says of itself. Two statements; raises Django's errors where it is away.

    The position first: so `standing` is at least of that position. Where somebody alters the tables
    that tell it, content stands as it did `before`.
    """
    with reading.at(name):
        with reading.connection.cursor() as cursor:
            cursor.execute(_POSITION)
            is_replica, position = cursor.fetchone()
        now = timezone.now()
        standing: Hashable
        try:
            standing = (timezone.localdate(now), *Generation.objects.standing(now))
        except Error:
            if not reading.connection.is_usable():
                raise
            standing = before.standing if before else None
    return Told(-1 if position is None else position, is_replica, standing)


def _keep_asking(servers: Servers, name: str, once: threading.Event) -> None:
    well, told = True, None
    while True:
        asked_at = time.monotonic()
        try:
            told = ask(name, told)
            servers.heard(name, asked_at, told)
        except Exception as error:  # whatever it was, the thread must live to ask again
            servers.failed(name)
            connections[name].close()
            if well:
                log.warning("the database's server %s is away: %s", name, error)
            well = False
        else:
            if not well:
                log.warning("the database's server %s is back", name)
            well = True
        once.set()
        time.sleep(ASK_EVERY_SECONDS)


def _keep_hanging_up(servers: Servers) -> None:
    while True:
        time.sleep(ASK_EVERY_SECONDS)
        for name in servers.silent():
            reading.hang_up(name)
