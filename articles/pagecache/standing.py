"""Where content stands, as this process knows it."""

import logging
import threading
import time
from collections.abc import Callable, Hashable

from django.db import Error
from django.utils import timezone

from articles.models import Generation
from articles.pagecache.asked import Environ
from articles.reconnecting import reconnecting
from articles.seeing import queries

log = logging.getLogger(__name__)

# An edit shows everywhere after these seconds at the latest; nginx adds one of its own.
ASK_EVERY_SECONDS = 0.25
# After a quiet time others wait so long for the one who asks, then go on by what is known.
PATIENCE_SECONDS = 2.0


class Watch:
    """Asks where content stands, a few times a second as long as there are requests.

    One thread asks; the others go on by what is known if that is fresh, else they wait for it, but
    not for long. Without a database what was known last holds: readers go on reading.
    """

    def __init__(self, moved: Callable[[], None]) -> None:
        """`moved` is called when content has changed."""
        self._moved = moved
        self._asking = threading.Lock()
        self._known: Hashable = None
        self._asked_at = float("-inf")
        self._slow = False

    def now(self, _environ: Environ | None = None) -> Hashable:
        """Equal while pages stay as they are; None while that was never known.

        One query where the last answer is old. Every request is told the same.
        """
        if self._age() >= ASK_EVERY_SECONDS:
            if self._asking.acquire(timeout=self._patience()):
                try:
                    if self._age() >= ASK_EVERY_SECONDS:
                        self._ask()
                finally:
                    self._asking.release()
            elif self._age() >= 2 * ASK_EVERY_SECONDS:
                self._slow = True  # one has waited in vain: nobody else need
        return self._known

    def _age(self) -> float:
        return time.monotonic() - self._asked_at

    def _patience(self) -> float:
        """How long to wait for whoever asks just now."""
        if self._known is None:
            return -1  # for as long as it takes
        return 0 if self._slow or self._age() < 2 * ASK_EVERY_SECONDS else PATIENCE_SECONDS

    def _ask(self) -> None:
        try:
            found = self._standing()
        except Error as error:
            queries.failed(error)
            log.warning("finished pages are answered as they were: %s", error)
        else:
            if found != self._known:
                self._known = found
                self._moved()
        self._asked_at = time.monotonic()
        self._slow = False

    def _standing(self) -> Hashable:
        """The day is part of it: pages name it."""
        now = timezone.now()
        return timezone.localdate(now), *reconnecting(lambda: Generation.objects.standing(now))
