"""Threads stay free for kept pages while the database makes everything else wait in vain."""

import json
from collections.abc import Iterable
from typing import Any

import pytest

from articles.pagecache import Breaker, breaker


class Clock:
    """Time that goes as told."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        """As the module asks for it."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(breaker, "time", made)
    return made


class Site:
    """Answers as it is told to, after as long as it is told to."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.asked = clock, 0
        self.status, self.seconds = "200 OK", 0.01
        self.meanwhile: Any = None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """A WSGI application."""
        self.asked += 1
        status, seconds, meanwhile = self.status, self.seconds, self.meanwhile
        self.meanwhile = None
        if meanwhile:
            meanwhile()
        self.clock.now += seconds
        start_response(status, [])
        return [b"page"]


def ask(application: Any, method: str = "GET") -> tuple[str, bytes]:
    heard: list[str] = []
    body = b"".join(
        application({"REQUEST_METHOD": method}, lambda status, headers: heard.append(status))
    )
    return heard[0], body


def test_who_waited_in_vain_lets_one_at_a_time_find_out(clock: Clock) -> None:
    site = Site(clock)
    guarded = Breaker().before(site)
    assert ask(guarded) == ("200 OK", b"page")
    site.status, site.seconds = "503 Service Unavailable", 3.0
    ask(guarded)
    during: list[tuple[str, bytes]] = []
    site.meanwhile = lambda: during.append(ask(guarded))
    assert ask(guarded)[1] == b"page"  # the one that finds out
    assert during[0][0] == "503 Service Unavailable"
    assert "网站正在恢复" in during[0][1].decode()
    assert site.asked == 3
    site.status, site.seconds = "200 OK", 0.01
    assert ask(guarded) == ("200 OK", b"page")
    site.meanwhile = lambda: during.append(ask(guarded))
    assert ask(guarded) == during[1] == ("200 OK", b"page")


def test_an_editors_save_always_gets_in_and_a_beacon_may_be_refused(clock: Clock) -> None:
    site, shared = Site(clock), Breaker()
    guarded, beacon = shared.before(site), shared.before(site, also_posts=True)
    site.status, site.seconds = "503 Service Unavailable", 3.0
    ask(guarded)
    during: list[tuple[str, bytes]] = []
    site.meanwhile = lambda: during.extend([ask(guarded, "POST"), ask(beacon, "POST")])
    ask(guarded)
    assert [body == b"page" for _, body in during] == [True, False]


def test_a_program_is_refused_as_it_can_read(clock: Clock) -> None:
    site = Site(clock)
    guarded = Breaker().before(site)
    site.status, site.seconds = "503 Service Unavailable", 3.0
    ask(guarded)
    said: list[tuple[str, dict[str, str], Iterable[bytes]]] = []

    def asks() -> None:
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/api/v1/articles"}
        heard: list[Any] = []
        body = guarded(environ, lambda *args: heard.extend(args))
        said.append((heard[0], dict(heard[1]), body))

    site.meanwhile = asks
    ask(guarded)
    status, headers, body = said[0]
    problem = json.loads(b"".join(body))
    assert (status[:3], problem["status"]) == ("503", 503)
    assert "网站正在恢复" in problem["detail"]
    assert headers["Content-Type"] == "application/problem+json"
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_a_database_that_is_away_keeps_nobody_out(clock: Clock) -> None:
    site = Site(clock)
    guarded = Breaker().before(site)
    site.status, site.seconds = "503 Service Unavailable", 0.05
    ask(guarded)
    during: list[tuple[str, bytes]] = []
    site.meanwhile = lambda: during.append(ask(guarded))
    ask(guarded)
    assert during[0][1] == b"page"


def test_one_that_breaks_gives_up_its_place(clock: Clock) -> None:
    site = Site(clock)

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if site.status == "broken":
            raise RuntimeError
        return site(environ, start_response)

    guarded = Breaker().before(application)
    site.status, site.seconds = "503 Service Unavailable", 3.0
    ask(guarded)
    site.status = "broken"
    with pytest.raises(RuntimeError):
        ask(guarded)
    site.status, site.seconds = "200 OK", 0.01
    assert ask(guarded) == ("200 OK", b"page")
