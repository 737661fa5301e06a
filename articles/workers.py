"""Processes that work for this one: they know Django, and end when it ends, however that is."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import connection, get_context, parent_process
from typing import ParamSpec, TypeVar

import django

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


class Workers:
    """So many processes, started as they are needed; about a second each."""

    def __init__(self, processes: int) -> None:
        """Spawned, not forked: no open connection, no lock and no thread is shared."""
        self._pool = ProcessPoolExecutor(
            processes, mp_context=get_context("spawn"), initializer=_begin
        )

    def submit(
        self, work: Callable[Given, Answer], *given: Given.args, **named: Given.kwargs
    ) -> Future[Answer]:
        """Have it done. If a process is killed, this and all answers raise BrokenProcessPool."""
        with _interrupts_held():
            return self._pool.submit(work, *given, **named)

    def close(self) -> None:
        """End them; what they are at is finished first, what waits is dropped."""
        self._pool.shutdown(cancel_futures=True)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Ctrl-C comes a moment later; processes that start meanwhile never get it.

    The terminal sends it to all of them, and it is for the one that they work for. A mask, unlike
    the handler of `interrupts.held`, is what processes inherit.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin() -> None:
    """What a process does first; this module imports no models, which need it done."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    django.setup()


def _end_with_parent() -> None:
    """A pool's processes wait for work for ever if the one that gives it is killed."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
