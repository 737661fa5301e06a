"""The roll-up by itself: a thread in every process that has the desk."""

import logging
import threading

from django.conf import settings
from django.db import connection
from django.utils import timezone

from articles.outages import outage
from articles.reads.rollup import is_due, roll_up

log = logging.getLogger(__name__)


def keep_rolling_up() -> None:
    """Start looking every few seconds for reads that were counted, whichever process counted them.

    Not where only readers are served: such a process may not write what a roll-up writes
    (docs/adr/0023). Its reads wait for a process with the desk.
    """
    if settings.HAS_DESK and settings.READS_ROLL_UP_SECONDS:
        threading.Thread(target=_run, name="reads", daemon=True).start()


def _run() -> None:
    pause = threading.Event()
    while True:
        pause.wait(settings.READS_ROLL_UP_SECONDS)
        try:
            today = timezone.localdate()
            if is_due(today):
                roll_up(today)
        except Exception as error:  # whatever it was, the thread must live to try again
            if outage(error):  # a line is enough, every few seconds
                log.warning("reads wait for the next roll-up: %s", error)
            else:
                log.exception("reads wait for the next roll-up")
            connection.close()
