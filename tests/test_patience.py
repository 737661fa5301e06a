"""Bounds on waiting for the database, in what answers readers."""

from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from articles import patience
from articles.models import Article
from articles.newsroom.site import Newsroom
from articles.reconnecting import reconnecting

pytestmark = pytest.mark.django_db(transaction=True)


def shown(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        return str(cursor.fetchone()[0])


@pytest.fixture
def bounded(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The tests' connection, as a web process has it."""
    options = dict(connection.settings_dict["OPTIONS"])
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", options)
    patience.bound(connection.settings_dict)
    connection.close()
    yield
    connection.close()


def test_commands_wait_as_long_as_it_takes() -> None:
    assert (shown("statement_timeout"), shown("lock_timeout")) == ("0", "0")
    assert settings.DATABASES["default"]["OPTIONS"]["connect_timeout"] == 3


def test_pages_don_t(bounded: None) -> None:
    assert (shown("statement_timeout"), shown("lock_timeout")) == ("10s", "3s")
    assert shown("idle_in_transaction_session_timeout") == "2min"
    assert shown("jit") == "off"


def test_what_the_address_says_goes_before_it() -> None:
    database = {"OPTIONS": {"options": "-c statement_timeout=2s"}}
    patience.bound(database)
    assert database["OPTIONS"]["options"].endswith("-c statement_timeout=2s")


def test_for_a_while_it_may_take_longer(bounded: None) -> None:
    with patience.unhurried(100, 15):
        assert (shown("statement_timeout"), shown("lock_timeout")) == ("100s", "15s")
    with patience.unhurried():
        assert (shown("statement_timeout"), shown("lock_timeout")) == ("0", "0")
    assert (shown("statement_timeout"), shown("lock_timeout")) == ("10s", "3s")


def test_a_connection_that_breaks_meanwhile_says_what_broke_it(bounded: None) -> None:
    with pytest.raises(OperationalError, match="terminat"), patience.unhurried():
        shown("jit")
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    connection.close()
    assert shown("statement_timeout") == "10s"


def test_what_the_desk_stores_may_take_longer_and_what_it_shows_may_not(
    bounded: None, admin_user: Any
) -> None:
    site = Newsroom()
    seen: list[str] = []

    def look(request: HttpRequest) -> HttpResponse:
        seen.append(shown("statement_timeout"))
        return HttpResponse()

    view = site.admin_view(look)
    for method in ("get", "post"):
        request = getattr(RequestFactory(), method)("/admin/")
        request.user, request._dont_enforce_csrf_checks = admin_user, True
        view(request)
    assert seen == ["10s", "100s"]


def test_what_took_too_long_is_not_asked_again_and_what_broke_is(bounded: None) -> None:
    asked: list[str] = []

    def too_long() -> None:
        asked.append("too long")
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = '5ms'")
            cursor.execute("SELECT pg_sleep(5)")

    with pytest.raises(OperationalError, match="statement timeout"):
        reconnecting(too_long)
    connection.close()

    def broken_once() -> int:
        asked.append("broken")
        with connection.cursor() as cursor:
            if len(asked) == 2:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return Article.objects.count()

    assert reconnecting(broken_once) == 0
    assert asked == ["too long", "broken", "broken"]
