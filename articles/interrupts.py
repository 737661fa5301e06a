"""Ctrl-C where it may come, and where it has to wait."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def held() -> Iterator[None]:
    """Whoever presses Ctrl-C in here is heard when this ends; for what takes a moment.

    A commit that is interrupted may be in or not, and nobody can tell. Other threads than the
    main one, which Ctrl-C never reaches, are left as they are.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed = False

    def wait(*_: object) -> None:
        nonlocal pressed
        pressed = True

    before = signal.signal(signal.SIGINT, wait)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if pressed:
            signal.raise_signal(signal.SIGINT)
