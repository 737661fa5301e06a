"""Whom to read from, what becomes of a page whose server fails, and what may be kept of it."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.db import OperationalError, connections, router

from articles import reading, replicas
from articles.freshness import LASTING
from articles.models import Article, Topic
from articles.outages import Outage, outage
from articles.pagecache import PageCache
from articles.replicas import Servers, Standings, Told, reading_from, watching
from articles.replicas.servers import GIVEN_UP_SECONDS, QUIET_SECONDS
from articles.views import beacon
from tests.test_pagecache import ROOM, Answer, environ

PRIMARY, ONE, TWO = reading.PRIMARY, "replica1", "replica2"
LAG = 2.0
SESSION = f"{site_settings.SESSION_COOKIE_NAME}=abc"


class Clock:
    """What time it is, by hand."""

    now = 100.0

    def __call__(self) -> float:
        """As time.monotonic."""
        return self.now


@pytest.fixture(autouse=True)
def replicas_by_name(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Connections by their names, which nobody opens here."""
    for name in (ONE, TWO):
        monkeypatch.setitem(connections.settings, name, connections.settings[PRIMARY])
    yield
    for name in (ONE, TWO):
        if hasattr(connections._connections, name):
            del connections[name]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def servers(clock: Clock) -> Servers:
    """A primary and two replicas of which nothing is known."""
    return Servers([ONE, TWO], LAG, first=0, clock=clock)


def say(servers: Servers, clock: Clock, **positions: int) -> None:
    """Let servers (`default`, `replica1` …) tell how far they are, now."""
    for name, position in positions.items():
        told = Told(position, name != PRIMARY, f"standing {position}")
        servers.heard(name, clock.now, told)


# -- whom to ask -----------------------------------------------------------------------------------


def test_a_good_replica_goes_before_the_primary_and_an_editor_asks_that_first(
    servers: Servers, clock: Clock
) -> None:
    assert servers.order() == [PRIMARY, ONE, TWO]  # of which nothing is known
    say(servers, clock, default=10, replica1=10, replica2=10)
    assert servers.order() == [ONE, TWO, PRIMARY]
    assert servers.order(for_editors=True) == [PRIMARY, ONE, TWO]
    assert Servers([ONE, TWO], LAG, first=7).order() == [PRIMARY, TWO, ONE]


def test_who_refuses_or_is_quiet_is_left_out_and_comes_back_by_itself(
    servers: Servers, clock: Clock
) -> None:
    say(servers, clock, default=10, replica1=10, replica2=10)
    servers.failed(ONE)
    assert servers.order() == [TWO, PRIMARY, ONE]
    clock.now += QUIET_SECONDS + 0.1
    say(servers, clock, default=10, replica1=10)
    assert servers.order() == [ONE, PRIMARY, TWO]
    say(servers, clock, replica2=10)
    assert servers.order() == [ONE, TWO, PRIMARY]


def test_who_lacks_what_the_primary_had_a_lag_ago_is_left_out(
    servers: Servers, clock: Clock
) -> None:
    for position in (10, 20, 30, 40):
        clock.now += LAG / 2
        say(servers, clock, default=position, replica1=position, replica2=19)
    # The primary had 20 two seconds before it was asked last.
    assert servers.order() == [ONE, PRIMARY, TWO]
    say(servers, clock, replica2=20)
    assert servers.order() == [ONE, TWO, PRIMARY]


def test_a_replica_that_lags_when_first_seen_is_left_out(servers: Servers, clock: Clock) -> None:
    say(servers, clock, default=10, replica1=9, replica2=10)
    assert servers.order() == [TWO, PRIMARY, ONE]


def test_with_the_primary_gone_replicas_stay_as_good_as_they_were(
    servers: Servers, clock: Clock
) -> None:
    say(servers, clock, default=10, replica1=10, replica2=9)
    servers.failed(PRIMARY)
    for _ in range(3):
        clock.now += 100
        say(servers, clock, replica1=10, replica2=9)
        assert servers.order() == [ONE, TWO, PRIMARY]
        assert servers.is_good(ONE)
        assert not servers.is_good(TWO)
    # And to who has never seen it, whoever has most goes first.
    later = Servers([ONE, TWO], LAG, clock=clock)
    say(later, clock, replica1=9, replica2=10)
    assert later.order() == [TWO, ONE, PRIMARY]


def test_a_promoted_replica_is_read_while_the_old_primary_is_away(
    servers: Servers, clock: Clock
) -> None:
    say(servers, clock, default=10, replica1=10, replica2=10)
    servers.failed(PRIMARY)
    servers.heard(ONE, clock.now, Told(12, False, "later"))
    assert servers.order() == [TWO, ONE, PRIMARY]
    servers.failed(TWO)
    assert servers.standing() == (ONE, "later")


def test_only_who_is_silent_for_long_is_hung_up(servers: Servers, clock: Clock) -> None:
    assert servers.silent() == []  # never heard of
    say(servers, clock, default=10, replica1=10, replica2=10)
    servers.failed(TWO)
    clock.now += GIVEN_UP_SECONDS - 0.1
    say(servers, clock, default=10)
    assert servers.silent() == []
    clock.now += 0.2
    assert servers.silent() == [ONE]


def test_where_content_stands_is_told_with_the_server_that_says_so(
    servers: Servers, clock: Clock
) -> None:
    assert servers.standing() == (PRIMARY, None)
    say(servers, clock, default=11, replica1=10, replica2=11)
    assert servers.standing() == (TWO, "standing 11")
    servers.failed(TWO)
    assert servers.standing() == (PRIMARY, "standing 11")
    servers.failed(PRIMARY)
    assert servers.standing() == (ONE, "standing 10")


@pytest.mark.django_db(transaction=True)
def test_who_waits_for_a_silent_server_is_let_go() -> None:
    """A statement that would take a minute stands for a server that says nothing."""
    waiting, ended = threading.Event(), []

    def wait() -> None:
        with reading.at(PRIMARY):
            try:
                with reading.connection.cursor() as cursor:
                    waiting.set()
                    cursor.execute("SELECT pg_sleep(60)")
            except OperationalError as error:
                ended.append(error)
            connections[PRIMARY].close()

    waiter = threading.Thread(target=wait)
    waiter.start()
    assert waiting.wait(10)
    while waiter.is_alive():
        reading.hang_up(ONE)  # nobody is there
        reading.hang_up(PRIMARY)
        waiter.join(0.05)
    assert len(ended) == 1
    assert outage(ended[0]) is Outage.AWAY
    assert not reading._in_use[PRIMARY]


# -- requests --------------------------------------------------------------------------------------


class Site:
    """Pages that say which server they were read from; some servers fail."""

    def __init__(self) -> None:
        self.failing: set[str] = set()
        self.text = {PRIMARY: "new", ONE: "new", TWO: "new"}
        self.asked: list[str] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        """As WSGI has it; `errors.server_error` notes that the database failed."""
        name = reading.alias()
        self.asked.append(name)
        environ[LASTING] = True
        failed = name in self.failing
        if failed:
            environ[reading.FAILED] = True
        start_response("503 No" if failed else "200 OK", [("Content-Type", "text/plain")])
        return [self.text[name].encode()]


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def reader(site: Site, servers: Servers, clock: Clock) -> PageCache:
    """The page cache over the door over the site; all servers are well."""
    say(servers, clock, default=10, replica1=10, replica2=10)
    return PageCache(reading_from(servers, site), ROOM, Standings(servers))


def test_readers_read_from_a_replica_and_everything_else_is_the_primarys(
    servers: Servers, clock: Clock, site: Site
) -> None:
    say(servers, clock, default=10, replica1=10, replica2=10)
    door = reading_from(servers, site)
    for asked in (
        environ("/"), environ("/og/1"), environ("/", method="HEAD"), environ("/admin/"),
        environ("/", method="POST"), environ("/", cookie=f"a=b; {SESSION}"),
    ):  # fmt: skip
        Answer(door, asked)
    assert site.asked == [ONE, ONE, ONE, PRIMARY, PRIMARY, PRIMARY]
    assert reading.alias() == PRIMARY


def test_the_next_server_is_asked_until_one_answers(
    servers: Servers, clock: Clock, site: Site
) -> None:
    say(servers, clock, default=10, replica1=10, replica2=10)
    door = reading_from(servers, site)
    site.failing = {ONE, TWO}
    assert Answer(door, environ()).status == "200 OK"
    assert site.asked == [ONE, TWO, PRIMARY]
    site.failing, site.asked = {ONE, TWO, PRIMARY}, []
    assert Answer(door, environ()).status == "503 No"
    assert site.asked == [ONE, TWO, PRIMARY]
    site.asked = []
    assert Answer(door, environ("/admin/")).status == "503 No"
    assert site.asked == [PRIMARY]


def test_what_took_long_to_fail_is_not_tried_elsewhere(
    servers: Servers, clock: Clock, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(servers, clock, default=10, replica1=10, replica2=10)
    monkeypatch.setattr("articles.replicas.door.ENOUGH_SECONDS", -1)
    site.failing = {ONE}
    assert Answer(reading_from(servers, site), environ()).status == "503 No"


def test_a_page_of_another_server_is_shown_and_not_kept(reader: PageCache, site: Site) -> None:
    """The next server may be behind: kept, its page would stand for what the first one said."""
    site.text[TWO] = "old"
    site.failing = {ONE}
    assert Answer(reader, environ()).text == "old"
    site.failing = set()
    assert Answer(reader, environ()).text == "new"
    assert site.asked == [ONE, TWO, ONE]


def test_a_page_is_made_where_it_was_asked_how_content_stands(
    reader: PageCache, site: Site, servers: Servers, clock: Clock
) -> None:
    """A lagging replica's page stands for that replica's content alone."""
    clock.now += LAG
    say(servers, clock, default=11, replica1=10, replica2=11)
    site.text[ONE] = "old"
    assert Answer(reader, environ()).text == "old"  # within the lag that is allowed
    servers.failed(ONE)
    assert Answer(reader, environ()).text == "new"
    say(servers, clock, replica1=11)
    site.text[ONE] = "new"
    assert Answer(reader, environ()).text == "new"
    assert site.asked == [ONE, TWO]


def test_an_editor_sees_what_was_just_saved(
    reader: PageCache, site: Site, servers: Servers, clock: Clock
) -> None:
    Answer(reader, environ())
    clock.now += LAG
    say(servers, clock, default=11, replica1=10, replica2=10)
    site.text[ONE] = "old"
    assert Answer(reader, environ(cookie=SESSION)).text == "new"
    assert site.asked == [ONE, PRIMARY]


# -- Django ----------------------------------------------------------------------------------------


def test_models_are_read_where_the_thread_reads_and_written_on_the_primary(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(router.__dict__, "routers", [reading.Router()])
    assert router.db_for_read(Article) == PRIMARY
    with reading.at(ONE):
        assert router.db_for_read(Article) == ONE
        assert router.db_for_write(Article) == PRIMARY
        assert Topic.objects.all().db == ONE
    assert router.allow_migrate(PRIMARY, "articles")
    assert not router.allow_migrate(ONE, "articles")


def test_without_replicas_nothing_watches_and_nobody_is_asked(settings: Any) -> None:
    assert site_settings.REPLICAS == []
    assert site_settings.DATABASE_ROUTERS == []
    assert watching.watched() is None
    assert replicas.told() == {}
    assert not replicas.primary_is_away()


def test_a_beacon_is_refused_unasked_while_the_primary_is_away(
    servers: Servers, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No database is at hand in this test: asking it would fail the test."""
    say(servers, clock, replica1=10, replica2=10)
    monkeypatch.setattr(watching, "_watched", servers)
    asked = environ(
        "/reads/1/", "age=9", method="POST", sec_fetch_site="same-origin", user_agent="Firefox/130"
    )
    assert beacon.answer(asked, 1) == (503, b"")
    assert replicas.told() == {PRIMARY: False, ONE: False, TWO: False}
