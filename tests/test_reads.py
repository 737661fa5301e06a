"""Reads and 大家爱看: counting, windows, order."""

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from articles import reads
from articles.models import Article, DailyReads
from tests.factories import make_article, make_source, moment

DAY = date(2022, 9, 29)


def ranked(window: str, size: int = 10) -> list[tuple[str, int]]:
    """Titles and reads of a ranking."""
    return [(each.article.title, each.reads) for each in reads.most_read(window, size)]


def ago(days: int) -> date:
    """A day before today in the paper's city."""
    return timezone.localdate() - timedelta(days)


@pytest.mark.django_db
def test_reads_are_counted_by_day_and_in_all() -> None:
    article = make_article(reads=40, imported_reads=40)
    other = make_article()
    reads.record(article, 3, DAY)
    reads.record(article, 2, DAY)
    reads.record(article, 1, DAY + timedelta(1))
    article.refresh_from_db()
    assert article.reads == 46
    assert list(article.daily_reads.order_by("day").values_list("day", "count")) == [
        (DAY, 5),
        (DAY + timedelta(1), 1),
    ]
    other.refresh_from_db()
    assert (other.reads, other.daily_reads.count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_reads_counted_at_the_same_time_are_all_counted() -> None:
    article = make_article()

    def count() -> None:
        for _ in range(25):
            reads.record(article, 1, DAY)
        connection.close()

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    article.refresh_from_db()
    assert (article.reads, DailyReads.objects.get().count) == (100, 100)


@pytest.mark.django_db
def test_a_read_is_no_edit() -> None:
    article = make_article()
    before = article.updated_at
    reads.record(article, 1, DAY)
    article.refresh_from_db()
    assert article.updated_at == before


@pytest.mark.django_db
@pytest.mark.parametrize(("window", "days"), [("day", 1), ("week", 7), ("month", 30)])
def test_a_window_ends_today_and_leaves_out_the_day_before_it(window: str, days: int) -> None:
    inside, outside = make_article(title="内"), make_article(title="外")
    reads.record(inside, 2, ago(days - 1))
    if days > 1:
        reads.record(inside, 3, ago(0))
    reads.record(outside, 100, ago(days))
    assert ranked(window) == [("内", 2 if days == 1 else 5)]


@pytest.mark.django_db
def test_all_time_counts_imported_reads_and_leaves_out_the_unread() -> None:
    make_article(title="多", reads=9)
    make_article(title="少", reads=1)
    make_article(title="没人看")
    assert ranked("all") == [("多", 9), ("少", 1)]
    assert ranked("all", size=1) == [("多", 9)]


@pytest.mark.django_db
@pytest.mark.parametrize("window", ["day", "all"])
def test_most_reads_first_then_newest_then_latest_id(window: str) -> None:
    for title, day, count in (
        ("甲", "2022-09-28", 5),
        ("乙", "2022-09-30", 5),
        ("丙", "2022-09-29", 5),
        ("丁", "2022-09-29", 5),
        ("戊", "2022-09-01", 6),
    ):
        reads.record(make_article(title=title, published_at=moment(day)), count, ago(0))
    assert [title for title, _ in ranked(window)] == ["戊", "乙", "丁", "丙", "甲"]
    assert [title for title, _ in ranked(window, size=2)] == ["戊", "乙"]


@pytest.mark.django_db
@pytest.mark.parametrize("window", ["day", "week", "month", "all"])
def test_only_what_readers_may_read_is_ranked(window: str) -> None:
    hidden: list[dict[str, Any]] = [
        {"state": "draft"},
        {"state": "withdrawn"},
        {"published_at": timezone.now() + timedelta(hours=1)},
    ]
    for fields in hidden:
        reads.record(make_article(**fields), 100, ago(0))
    reads.record(make_article(title="可见"), 1, ago(0))
    assert ranked(window) == [("可见", 1)]


@pytest.mark.django_db
@pytest.mark.parametrize("window", ["week", "all"])
def test_a_ranking_costs_the_same_however_many_it_has(
    window: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for size in (1, 8):
        for _ in range(size):
            reads.record(make_article(source=make_source()), 1, ago(0))
        with django_assert_num_queries(1):
            for each in reads.most_read(window, 10):
                assert each.article.source
                assert each.article.title
                assert each.article.lead_photo is None


@pytest.mark.django_db
def test_the_sidebar_fills_a_thin_week_with_all_time() -> None:
    for number in range(3):
        make_article(title=f"往年{number}", reads=1000 - number)
    week = make_article(title="本周", reads=0)
    both = make_article(title="都有", reads=5000)
    reads.record(week, 2, ago(3))
    reads.record(both, 1, ago(1))
    shown = [(each.article.title, each.reads) for each in reads.ranking_for_sidebar(4)]
    assert shown == [("本周", 2), ("都有", 1), ("往年0", 1000), ("往年1", 999)]
    assert [each.article.title for each in reads.ranking_for_sidebar(1)] == ["本周"]


@pytest.mark.django_db
def test_the_sidebar_of_a_full_week_asks_for_nothing_more(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    assert list(reads.ranking_for_sidebar(3)) == []
    for _ in range(3):
        reads.record(make_article(), 1, ago(0))
    with django_assert_num_queries(1):
        assert len(reads.ranking_for_sidebar(3)) == 3
    with django_assert_num_queries(2):
        assert len(reads.ranking_for_sidebar(4)) == 3


@pytest.mark.django_db
def test_reads_go_with_their_article() -> None:
    article = make_article()
    reads.record(article, 1, DAY)
    Article.objects.all().delete()
    assert not DailyReads.objects.exists()
