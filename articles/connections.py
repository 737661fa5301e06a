"""Work that nobody else does meanwhile, and work on several connections at once."""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import TypeVar

from django.db import connection

Part = TypeVar("Part")
Answer = TypeVar("Answer")


@contextmanager
def alone(lock: int, busy: type[Exception]) -> Iterator[None]:
    """Hold one of the database's advisory locks; raise `busy` if somebody else does.

    Whoever holds it may take it again.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [lock])
        if not cursor.fetchone()[0]:
            raise busy
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [lock])


def on_connections(
    work: Callable[[Part], Answer], parts: Iterable[Part], connections: int = 2
) -> Generator[Answer, None, None]:
    """Do the work on each part, each in a transaction of its own, and yield the answers in order.

    Within a transaction of the caller's, which no other connection sees into, on its own alone.
    Constant memory. Close what this returns if you leave it early: the rest is then left undone.
    """
    if connection.in_atomic_block:
        yield from map(work, parts)
        return
    everybody = Barrier(connections)
    waiting: deque[Future[Answer]] = deque()
    with ThreadPoolExecutor(connections) as pool:
        try:
            for part in parts:
                waiting.append(pool.submit(work, part))
                if len(waiting) > 2 * connections:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for begun in waiting:
                begun.cancel()
            for _ in range(connections):
                pool.submit(_leave, everybody)


def _leave(everybody: Barrier) -> None:
    """Close a thread's connection; the barrier gives each thread this once."""
    everybody.wait()
    connection.close()
