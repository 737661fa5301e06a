"""The read beacon: what it counts, once, and what it refuses."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from articles.models import Article, DailyReads, ReadEvent, ReadKey, RecentReads, Visit
from articles.reads import counting, most_read, record, roll_up
from articles.views.beacon import answer, beacon, door
from tests.conftest import PHONE
from tests.factories import make_article, moment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_keys() -> None:
    counting._keys.clear()


def beat(
    client: Client,
    article: Article | int,
    age: Any = 9,
    address: str = "203.0.113.9",
    **headers: str,
) -> Any:
    """A beacon as the page sends it."""
    number = article if isinstance(article, int) else article.pk
    given = {"user-agent": PHONE, "sec-fetch-site": "same-origin", **headers}
    return post(client, f"/reads/{number}/?age={age}", given, REMOTE_ADDR=address)


def post(client: Client, path: str, headers: dict[str, str], **environment: Any) -> Any:
    """A POST without a body (the test client's own would send one)."""
    return client.generic("POST", path, b"", headers=headers, **environment)


def test_a_read_is_counted_once_a_visitor_article_and_day(client: Client) -> None:
    article, other = make_article(reads=12345, imported_reads=12345), make_article()
    assert beat(client, article).json() == {"reads": "1.2万"}
    assert beat(client, article).status_code == 200
    assert beat(client, other).status_code == 200
    assert beat(client, article, address="203.0.113.10").status_code == 200
    assert ReadEvent.objects.filter(article_id=article.pk).count() == 2
    assert roll_up(timezone.localdate()) == 3
    article.refresh_from_db()
    assert (article.reads, article.imported_reads) == (12347, 12345)
    assert DailyReads.objects.get(article=article).count == 2
    assert not ReadEvent.objects.exists()
    assert roll_up(timezone.localdate()) == 0


def test_the_answer_says_the_number_as_it_is(client: Client) -> None:
    article = make_article(reads=41)
    first = beat(client, article)
    assert first.json() == {"reads": "42"}
    assert "no-store" in first["Cache-Control"]
    assert not first.cookies
    roll_up(timezone.localdate())
    assert beat(client, article).json() == {"reads": "42"}


def test_reading_a_page_writes_nothing(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    article = make_article()
    client.get(article.get_absolute_url())
    assert client.get(f"/reads/{article.pk}/?age=9").status_code == 405
    assert client.head(f"/reads/{article.pk}/?age=9").status_code == 405
    assert not Visit.objects.exists()
    beat(client, article)
    with django_assert_num_queries(1):
        beat(client, article)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"user-agent": "Googlebot/2.1"}, 204),
        ({"user-agent": ""}, 204),
        ({"sec-purpose": "prefetch;prerender"}, 204),
        ({"purpose": "prefetch"}, 204),
        ({"transfer-encoding": "chunked"}, 413),
    ],
)
def test_what_is_no_honest_read_is_refused_without_a_query(
    client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    headers: dict[str, str],
    status: int,
) -> None:
    article = make_article()
    with django_assert_num_queries(0):
        response = beat(client, article, **headers)
    assert (response.status_code, response.content) == (status, b"")


def test_older_browsers_are_believed_by_their_origin(client: Client) -> None:
    article = make_article()
    path = f"/reads/{article.pk}/?age=9"
    agent = {"user-agent": PHONE}
    assert post(client, path, agent).status_code == 403
    for origin, status in (
        ("http://testserver", 200),
        ("https://evil.example", 403),
        ("null", 403),
        ("http://[", 403),
    ):
        assert post(client, path, {**agent, "origin": origin}).status_code == status, origin


@pytest.mark.parametrize(
    ("age", "status"),
    [
        (4, 204),
        (86401, 204),
        (10**30, 400),
        ("", 400),
        ("-1", 400),
        ("x", 400),
        ("٩", 400),
        (5, 200),
    ],
)
def test_too_early_too_late_and_senseless_ages(client: Client, age: Any, status: int) -> None:
    assert beat(client, make_article(), age=age).status_code == status


def test_a_body_is_refused(client: Client) -> None:
    article = make_article()
    response = client.post(
        f"/reads/{article.pk}/?age=9", data=b"x" * 100_000, content_type="text/plain",
        headers={"user-agent": PHONE, "sec-fetch-site": "same-origin"},
    )  # fmt: skip
    assert response.status_code == 413


def test_articles_that_readers_cannot_see_count_nothing(client: Client) -> None:
    withdrawn = make_article()
    withdrawn.withdraw("有误。")
    hidden = [
        withdrawn,
        make_article(state=Article.State.DRAFT),
        make_article(published_at=timezone.now() + timedelta(days=1)),
    ]
    for article in [*hidden, 999_999_999_999]:
        assert beat(client, article).status_code == 404
    assert not Visit.objects.exists()
    assert not ReadEvent.objects.exists()


def test_editors_at_the_desk_are_no_readers(client: Client) -> None:
    client.force_login(User.objects.create_superuser("editor", password="secret"))
    assert beat(client, make_article()).status_code == 204


def test_behind_a_proxy_the_last_address_counts(client: Client, settings: Any) -> None:
    article = make_article()
    settings.BEHIND_PROXY = True
    for forged in ("1.1.1.1, 203.0.113.9", "2.2.2.2, 203.0.113.9"):
        beat(client, article, address="127.0.0.1", **{"x-forwarded-for": forged})
    assert Visit.objects.count() == 1


def test_what_is_over_is_forgotten() -> None:
    article = make_article()
    day = date(2026, 3, 1)
    for ago in (0, 1, 2, 3):
        counting.count_read(article.pk, day - timedelta(days=ago), "203.0.113.9", PHONE)
    assert ReadKey.objects.count() == 4
    assert roll_up(day) == 4
    assert {key.day for key in ReadKey.objects.all()} == {day, day - timedelta(days=1)}
    assert {visit.day for visit in Visit.objects.all()} == {day, day - timedelta(days=1)}
    assert set(counting._keys) <= {day}
    assert DailyReads.objects.count() == 4


def test_windows_move_with_the_days() -> None:
    steady, hot = make_article(), make_article()
    first = date(2026, 3, 1)
    for number in range(30):
        _bucket(steady, first + timedelta(days=number), 1)
    _bucket(hot, first + timedelta(days=20), 9)
    for day, steadily, hotly in (
        (29, (1, 7, 30), (0, 0, 9)),
        (35, (0, 1, 24), (0, 0, 9)),
        (49, (0, 0, 10), (0, 0, 9)),
        (50, (0, 0, 9), None),
        (90, None, None),
    ):
        roll_up(first + timedelta(days=day))
        rows = {row.article_id: (row.day, row.week, row.month) for row in _recent()}
        assert (rows.get(steady.pk), rows.get(hot.pk)) == (steadily, hotly), day


def test_what_comes_in_later_adds_to_every_window() -> None:
    article = make_article()
    today = timezone.localdate()
    record(article, 2, today)
    record(article, 3, today)
    record(article, 4, today - timedelta(days=6))
    record(article, 5, today - timedelta(days=29))
    record(article, 6, today - timedelta(days=30))
    (row,) = _recent()
    assert (row.day, row.week, row.month) == (5, 9, 14)
    article.refresh_from_db()
    assert article.reads == 20


def _recent() -> list[RecentReads]:
    return list(RecentReads.objects.all())


def _bucket(article: Article, day: date, count: int) -> None:
    DailyReads.objects.create(article=article, day=day, count=count)


def test_the_ranking_goes_by_reads_then_by_newest() -> None:
    today = timezone.localdate()
    old = make_article(published_at=moment("2022-01-01 08:00"))
    new = make_article(published_at=moment("2023-01-01 08:00"))
    top = make_article(published_at=moment("2021-01-01 08:00"))
    gone = make_article()
    for article, count in ((old, 5), (new, 5), (top, 9), (gone, 99)):
        record(article, count, today)
    gone.withdraw("有误。")
    for window in ("day", "week", "month", "all"):
        assert [(ranked.article, ranked.reads) for ranked in most_read(window, 10)] == [
            (top, 9), (new, 5), (old, 5),
        ]  # fmt: skip


def test_reads_of_a_deleted_article_vanish_quietly() -> None:
    article = make_article()
    counting.count_read(article.pk, timezone.localdate(), "203.0.113.9", PHONE)
    article.delete()
    assert roll_up(timezone.localdate()) == 0
    assert not ReadEvent.objects.exists()


def test_in_front_of_django_the_answer_is_the_same() -> None:
    article = make_article(reads=41)
    heard: list[tuple[str, dict[str, str]]] = []

    def start_response(status: str, headers: list[tuple[str, str]]) -> None:
        heard.append((status, dict(headers)))

    def behind(environ: dict[str, Any], start: Any) -> list[bytes]:
        return [b"django"]

    ask = door(behind)
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": f"/reads/{article.pk}/",
        "QUERY_STRING": "age=9",
        "HTTP_USER_AGENT": PHONE,
        "HTTP_SEC_FETCH_SITE": "same-origin",
        "REMOTE_ADDR": "203.0.113.9",
        "HTTP_HOST": "testserver",
    }
    assert ask(environ, start_response) == [b'{"reads": "42"}']
    assert heard[0][0] == "200 OK"
    assert heard[0][1]["Cache-Control"] == "no-store"
    assert ask({**environ, "REQUEST_METHOD": "GET"}, start_response) == [b""]
    assert heard[1][0] == "405 Method Not Allowed"
    for path in ("/", "/reads/", "/reads/0/", "/reads/1/2/", "/reads/99999999999999999999/"):
        assert ask({**environ, "PATH_INFO": path}, start_response) == [b"django"]


def test_without_a_database_the_beacon_is_refused_quietly(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: object) -> None:
        raise OperationalError("no connection")

    monkeypatch.setattr("articles.views.beacon.count_read", away)
    monkeypatch.setattr("articles.reconnecting.connection", SimpleNamespace(connection=None))
    status, body = answer(
        {
            "REQUEST_METHOD": "POST", "QUERY_STRING": "age=9", "HTTP_USER_AGENT": PHONE,
            "HTTP_SEC_FETCH_SITE": "same-origin",
        },
        1,
    )  # fmt: skip
    assert (status, body) == (503, b"")
    whole = RequestFactory().post(
        "/reads/1/?age=9", headers={"user-agent": PHONE, "sec-fetch-site": "same-origin"}
    )
    whole.META["CONTENT_LENGTH"] = "0"
    refused = beacon(whole, 1)
    assert refused.status_code == 503
    assert int(refused["Retry-After"]) > 0


def test_an_article_taken_off_the_site_meanwhile_holds_nobody_up() -> None:
    gone, stays = make_article(), make_article()
    for article in (gone, stays):
        counting.count_read(article.pk, timezone.localdate(), "203.0.113.9", PHONE)
    Article.objects.filter(pk=gone.pk).update(state="draft", published_at=None)
    assert roll_up(timezone.localdate()) == 2
    assert DailyReads.objects.get(article=stays).count == 1


def test_an_editors_save_leaves_the_reads_that_came_meanwhile() -> None:
    article = make_article(reads=40)
    at_the_desk = Article.objects.get(pk=article.pk)
    record(article, 7, timezone.localdate())
    at_the_desk.title = "改过的标题"
    at_the_desk.save()
    article.refresh_from_db()
    assert (article.title, article.reads) == ("改过的标题", 47)


def test_a_broken_connection_costs_no_read(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def once_away(number: int, *rest: object) -> counting.Outcome:
        asked.append(number)
        if len(asked) == 1:
            raise OperationalError("the connection is closed")
        return counting.Outcome(counted=True, reads=1)

    monkeypatch.setattr("articles.views.beacon.count_read", once_away)
    broken = SimpleNamespace(connection=object(), is_usable=lambda: False, close=lambda: None)
    monkeypatch.setattr("articles.reconnecting.connection", broken)
    environ = {
        "REQUEST_METHOD": "POST", "QUERY_STRING": "age=9", "HTTP_USER_AGENT": PHONE,
        "HTTP_SEC_FETCH_SITE": "same-origin", "HTTP_COOKIE": "my_sessionid=1; view=mobile",
    }  # fmt: skip
    assert answer(environ, 7) == (200, b'{"reads": "1"}')
    assert asked == [7, 7]
