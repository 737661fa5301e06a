"""The roll-up by itself: a thread in every process that counts reads."""

import logging
import threading
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from articles.reads.rollup import roll_up

log = logging.getLogger(__name__)


class Keeper:
    """Rolls up a few seconds after a read was counted here, and when a new day begins.

    What a killed process leaves behind is taken in by the next roll-up of any other.
    """

    def __init__(self) -> None:
        """The thread starts with the first read."""
        self._waiting = threading.Event()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def notice(self) -> None:
        """A read was counted. Costs nothing."""
        self._waiting.set()
        if self._thread is None and settings.READS_ROLL_UP_SECONDS:
            with self._starting:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="reads", daemon=True)
                    self._thread.start()

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            self._waiting.wait(timeout=_seconds_to_midnight() + 1)
            self._waiting.clear()
            pause.wait(settings.READS_ROLL_UP_SECONDS)
            try:
                if roll_up(timezone.localdate()) is None:
                    self._waiting.set()  # another process took what it saw; ours may be left
            except Exception:  # whatever it was, the thread must live to try again
                log.exception("reads wait for the next roll-up")
                self._waiting.set()
            finally:
                connection.close()


def _seconds_to_midnight() -> float:
    now = timezone.localtime()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return (midnight - now).total_seconds()


keeper = Keeper()
