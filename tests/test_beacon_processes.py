"""Acknowledged reads against a server whose processes are killed: none lost, none twice."""

import http.client
import os
import queue
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

import psutil
import pytest
from django.conf import settings
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from articles.models import Article, DailyReads
from articles.reads import roll_up
from tests.conftest import PHONE
from tests.factories import moment

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.process]

BEACONS, CLIENTS, OTHERS = 20_000, 64, 2_000
KILL_EVERY_SECONDS = 2.0
PATIENCE_SECONDS = 300


class Server:
    """gunicorn over the test's database, with the configuration that ships."""

    def __init__(self) -> None:
        """A free port; nothing runs yet."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        url = urlsplit(os.environ["DATABASE_URL"])
        name = connection.settings_dict["NAME"]
        self.environment = {
            **os.environ,
            "DATABASE_URL": url._replace(path=f"/{name}").geturl(),
            "PORT": str(self.port),
            "HOST": "127.0.0.1",
            "BEHIND_PROXY": "true",
            "SITE_URL": f"http://127.0.0.1:{self.port}",
        }

    def start(self) -> None:
        """Start the master and wait until a worker answers."""
        self.master = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "xinwang.wsgi"],
            cwd=settings.BASE_DIR,
            env=self.environment,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            time.sleep(0.1)
        raise TimeoutError("gunicorn did not start")

    def kill_a_worker(self) -> None:
        """Kill -9 one worker; the master starts another."""
        workers = psutil.Process(self.master.pid).children()
        if workers:
            random.choice(workers).kill()

    def kill(self) -> None:
        """Kill -9 all that still runs."""
        if self.master.poll() is None:
            for process in [*psutil.Process(self.master.pid).children(), self.master]:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
        self.master.wait()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
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


def test_every_acknowledged_read_is_counted_once(server: Server) -> None:
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
