"""Acknowledged reads against a server whose processes are killed: none lost, none twice."""

import http.client
import os
import queue
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from articles.models import Article, DailyReads
from articles.reads import roll_up
from tests.conftest import PHONE
from tests.factories import moment
from tests.serving import Gunicorn

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.process]

BEACONS, CLIENTS, OTHERS = 20_000, 64, 2_000
KILL_EVERY_SECONDS = 2.0
PATIENCE_SECONDS = 300


@pytest.fixture
def server() -> Iterator[Gunicorn]:
    url = urlsplit(os.environ["DATABASE_URL"])
    made = Gunicorn(url._replace(path=f"/{connection.settings_dict['NAME']}").geturl())
    made.start()
    yield made
    made.kill()


def articles() -> list[int]:
    """One hot article and many others, by their ids."""
    rows = Article.objects.bulk_create(
        Article(title=f"标题{number}", state="published", published_at=moment("2022-09-29 09:18"))
        for number in range(1 + OTHERS)
    )
    return [row.pk for row in rows]


class Reader(threading.Thread):
    """Takes beacons from a queue and sends each until it is acknowledged."""

    def __init__(self, port: int, work: "queue.Queue[tuple[int, str]]", faults: list[str]) -> None:
        """A reader of its own, with a connection of its own."""
        super().__init__(daemon=True)
        self.port, self.work, self.faults = port, work, faults

    def run(self) -> None:
        """Until the queue is empty."""
        self.line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with suppress(queue.Empty):
            while True:
                article, address = self.work.get_nowait()
                while (
                    status := self._send(article, address)
                ) >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
                    time.sleep(0.05)
                if status != http.HTTPStatus.OK:
                    self.faults.append(str(status))
        self.line.close()

    def _send(self, article: int, address: str) -> int:
        """One try; a connection that broke counts as the server's fault."""
        headers = {
            "User-Agent": PHONE,
            "Sec-Fetch-Site": "same-origin",
            "X-Forwarded-For": address,
        }
        try:
            self.line.request("POST", f"/reads/{article}/?age=9", headers=headers)
            answer = self.line.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            self.line.close()
            return http.HTTPStatus.SERVICE_UNAVAILABLE
        return answer.status


def test_every_acknowledged_read_is_counted_once(server: Gunicorn) -> None:
    hot, *others = articles()
    distinct: list[tuple[int, str]] = []
    for number in range(BEACONS):
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        distinct.append((hot if number % 2 else others[number % OTHERS], address))
    work: queue.Queue[tuple[int, str]] = queue.Queue()
    sent = distinct + random.sample(distinct, BEACONS // 20)  # some send theirs again
    random.shuffle(sent)
    for beacon in sent:
        work.put(beacon)
    faults: list[str] = []
    readers = [Reader(server.port, work, faults) for _ in range(CLIENTS)]
    for reader in readers:
        reader.start()
    restarted = False
    give_up = time.monotonic() + PATIENCE_SECONDS
    while any(reader.is_alive() for reader in readers) and time.monotonic() < give_up:
        time.sleep(KILL_EVERY_SECONDS)
        if not restarted and work.qsize() < len(sent) // 2:
            server.kill()
            server.start()
            restarted = True
        else:
            server.kill_a_worker()
    assert not any(reader.is_alive() for reader in readers)
    assert restarted
    assert faults == []
    server.master.send_signal(signal.SIGTERM)
    server.master.wait(30)
    roll_up(timezone.localdate(), wait=True)
    of_hot = sum(1 for article, _ in distinct if article == hot)
    assert Article.objects.get(pk=hot).reads == of_hot
    assert DailyReads.objects.aggregate(total=Sum("count"))["total"] == BEACONS
    assert Article.objects.aggregate(total=Sum("reads"))["total"] == BEACONS
