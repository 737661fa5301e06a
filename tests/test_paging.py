"""Keyset paging: cursors in addresses, and walks through lists by them."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from articles.models import Article, ArticleTopic, Correction
from articles.models.timeline import Timeline
from articles.paging import BadCursor, Cursor, Position
from tests.factories import make_article, make_topic, moment

START = moment("2022-09-29 09:18")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# -- cursors ---------------------------------------------------------------------------------------


@given(
    at=st.timedeltas(timedelta(days=-354_000), timedelta(days=376_000)).map(EPOCH.__add__),
    number=st.integers(1, 10**18 - 1),
)
def test_a_cursor_comes_back_from_its_text(at: datetime, number: int) -> None:
    assert Cursor.parse(str(Cursor(at, number))) == Cursor(at, number)


def test_a_cursor_does_not_depend_on_the_zone_of_its_time() -> None:
    assert str(Cursor(START, 7)) == str(Cursor(START.astimezone(UTC), 7)) == "1664414280000000-7"


@pytest.mark.parametrize(
    "token",
    [
        "", "-", "1", "1-", "-1", "1-0", "1-01", "1--1", "1-1-1", " 1-1", "1-1 ", "1-1\n", "+1-1",
        "1.5-1", "1e9-1", "a-b", "１-１", "٣-٣", "1-1\x00", "0x1-1", "1_0-1", "--1-1",
        "9" * 18 + "-1", "1-" + "9" * 19, "-" + "9" * 17 + "-1", "9" * 5000 + "-1",
    ],
)  # fmt: skip
def test_nonsense_is_no_cursor(token: str) -> None:
    with pytest.raises(BadCursor):
        Cursor.parse(token)


@given(st.text())
def test_any_text_is_a_cursor_or_refused(token: str) -> None:
    try:
        cursor = Cursor.parse(token)
    except BadCursor:
        return
    assert Cursor.parse(str(cursor)) == cursor


def test_a_position_is_the_start_or_before_or_after_a_row() -> None:
    cursor = Cursor(START, 7)
    assert Position.parse("", "") == Position()
    assert Position.parse(str(cursor), "") == Position(older_than=cursor)
    assert Position.parse("", str(cursor)) == Position(newer_than=cursor)
    for before, after in ((str(cursor), str(cursor)), ("x", ""), ("", "x"), ("x", "x")):
        with pytest.raises(BadCursor):
            Position.parse(before, after)


# -- walks -----------------------------------------------------------------------------------------

List = Callable[[Sequence[datetime]], Timeline[Any]]


def articles(times: Sequence[datetime]) -> Timeline[Any]:
    """A list of articles of these times."""
    Article.objects.all().delete()
    Article.objects.bulk_create(
        Article(title="题", state="published", published_at=time) for time in times
    )
    return Article.objects.published()


def memberships(times: Sequence[datetime]) -> Timeline[Any]:
    """A topic's list; its rows' own ids run against those of their articles."""
    found = articles(times)
    topic = make_topic()
    ArticleTopic.objects.bulk_create(
        ArticleTopic(article=article, topic=topic) for article in found.order_by("-pk")
    )
    return ArticleTopic.objects.in_topic(topic).visible()


def corrections(times: Sequence[datetime]) -> Timeline[Any]:
    """The list of all corrections."""
    Article.objects.all().delete()
    article = make_article()
    Correction.objects.bulk_create(
        Correction(article=article, text="字", published_at=time) for time in times
    )
    return Correction.objects.public()


def walk_older(rows: Timeline[Any], size: int) -> tuple[list[Any], Position]:
    """All rows from the newest page on, and the position of the last page."""
    seen: list[Any] = []
    position = Position()
    while True:
        page = rows.page(position, size)
        assert (page.newer is None) == (not seen)
        assert len(page.rows) == size or page.older is None
        seen += page.rows
        if page.older is None:
            return seen, position
        position = Position.parse(before=str(page.older), after="")


def walk_newer(rows: Timeline[Any], size: int, position: Position) -> list[Any]:
    """All rows from a page back to the newest."""
    page = rows.page(position, size)
    seen = list(page.rows)
    while page.newer is not None:
        page = rows.page(Position.parse(before="", after=str(page.newer)), size)
        assert page.older is not None
        assert len(page.rows) == size or page.newer is None
        seen = [*page.rows, *seen]
    return seen


@pytest.mark.django_db
@pytest.mark.parametrize("make", [articles, memberships, corrections])
@given(
    offsets=st.lists(st.integers(0, 6), max_size=24),
    unit=st.sampled_from([timedelta(microseconds=1), timedelta(minutes=1), timedelta(days=40)]),
    size=st.integers(1, 7),
)
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_walking_older_and_back_gives_every_row_once_in_order(
    make: List, offsets: list[int], unit: timedelta, size: int
) -> None:
    rows = make([START + offset * unit for offset in offsets])
    tie = rows.tie
    expected = sorted(rows, key=lambda row: (row.published_at, getattr(row, tie)), reverse=True)
    assert len(expected) == len(offsets)
    seen, last = walk_older(rows, size)
    assert seen == expected
    assert walk_newer(rows, size, last) == expected


@pytest.mark.django_db
@pytest.mark.parametrize("make", [articles, memberships, corrections])
def test_a_page_costs_one_query(make: List) -> None:
    rows = make([START] * 9)
    middle = rows.page(Position(), 3).older
    for position in (Position(), Position(older_than=middle), Position(newer_than=middle)):
        with CaptureQueriesContext(connection) as queries:
            page = rows.page(position, 3)
            assert page.rows
        assert len(queries) == 1


@pytest.mark.django_db
def test_nothing_shifts_when_an_article_is_published_or_withdrawn_in_between() -> None:
    rows = articles([START + timedelta(minutes=number) for number in range(9)])
    in_order = list(rows.newest())
    first = Article.objects.published().page(Position(), 3)
    make_article()
    Article.objects.filter(pk=first.rows[-1].pk).update(state="withdrawn")
    second = Article.objects.published().page(Position(older_than=first.older), 3)
    assert list(second.rows) == in_order[3:6]
    assert second.newer is not None
    back = Article.objects.published().page(Position(newer_than=second.newer), 3)
    assert list(back.rows)[-2:] == in_order[:2]


@pytest.mark.django_db
def test_a_topics_list_is_in_the_order_of_its_articles_not_of_its_memberships() -> None:
    rows = memberships([START] * 5)
    order = [each.article_id for each in rows.newest()]
    assert order == list(Article.objects.newest().values_list("pk", flat=True))


@pytest.mark.django_db
def test_past_either_end_is_an_empty_page() -> None:
    rows = articles([START])
    (only,) = rows
    cursor = rows.cursor(only)
    for position in (Position(older_than=cursor), Position(newer_than=cursor)):
        page = rows.page(position, 3)
        assert (list(page.rows), page.older, page.newer) == ([], None, None)
    assert list(articles([]).page(Position(), 3).rows) == []


@pytest.mark.django_db
def test_cursors_at_the_ends_of_time_are_taken() -> None:
    rows = articles([START])
    for token, older in (("9" * 17 + "-" + "9" * 18, 1), ("-30000000000000000-1", 0)):
        cursor = Cursor.parse(token)
        assert len(rows.page(Position(older_than=cursor), 3).rows) == older
        assert len(rows.page(Position(newer_than=cursor), 3).rows) == 1 - older
