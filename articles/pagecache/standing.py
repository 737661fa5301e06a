"""Where content stands, as this process knows it."""

import logging
import threading
import time
from collections.abc import Callable, Hashable

from django.db import Error
from django.utils import timezone

from articles.models import Generation
from articles.reconnecting import reconnecting

log = logging.getLogger(__name__)

# An edit shows everywhere after these seconds at the latest; nginx adds one of its own.
ASK_EVERY_SECONDS = 0.25


class Watch:
    """Asks where content stands, a few times a second as long as there are requests.

    One thread asks while the others go on by what is known. Without a database what was known last
    holds: readers go on reading.
    """

    def __init__(self, moved: Callable[[], None]) -> None:
        """`moved` is called when content has changed, before anybody hears of it."""
        self._moved = moved
        self._asking = threading.Lock()
        self._known: Hashable = None
        self._asked_at = float("-inf")

    def now(self) -> Hashable:
        """Equal while pages stay as they are; None while that was never known.

        One query where the last answer is old.
        """
        if time.monotonic() - self._asked_at >= ASK_EVERY_SECONDS and self._asking.acquire(
            blocking=self._known is None
        ):
            try:
                if time.monotonic() - self._asked_at >= ASK_EVERY_SECONDS:
                    self._ask()
            finally:
                self._asking.release()
        return self._known

    def _ask(self) -> None:
        try:
            found = self._standing()
        except Error as error:
            log.warning("finished pages are answered as they were: %s", error)
        else:
            if found != self._known:
                self._moved()
                self._known = found
        self._asked_at = time.monotonic()

    def _standing(self) -> Hashable:
        """The day is part of it: pages name it."""
        now = timezone.now()
        return timezone.localdate(now), *reconnecting(lambda: Generation.objects.standing(now))
