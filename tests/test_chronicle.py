"""The archive in time: neighbours, this day in other years, spans, months."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from articles import chronicle
from articles.chronicle import onthisday
from articles.models import Article
from tests.factories import make_article, make_source, make_topic, moment

pytestmark = pytest.mark.django_db


def title(article: Article | None) -> str | None:
    return article.title if article else None


def test_neighbours_in_time_and_in_the_topic(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    topic = make_topic()
    for name, day, topics in (
        ("早同话题", "2022-09-01", [topic]), ("早", "2022-09-10", []),
        ("此", "2022-09-20", [topic]),
        ("晚", "2022-09-21", []), ("晚同话题", "2022-09-30", [topic]),
    ):  # fmt: skip
        make_article(title=name, published_at=moment(day), topics=topics)
    shown = Article.objects.get(title="此")
    with django_assert_num_queries(1):
        found = chronicle.neighbours(shown, topic)
    assert [title(each) for each in (found.newer, found.older)] == ["晚", "早"]
    assert [title(each) for each in (found.newer_in_topic, found.older_in_topic)] == [
        "晚同话题", "早同话题",
    ]  # fmt: skip
    assert found.topic_says_more
    assert found.older
    assert found.older.get_absolute_url() == Article.objects.get(title="早").get_absolute_url()
    with django_assert_num_queries(1):
        found = chronicle.neighbours(shown, None)
    assert not found.topic_says_more


def test_neighbours_of_the_same_minute_go_by_number_and_all_are_reached() -> None:
    at = moment("2022-09-29 09:18")
    titles = [make_article(title=f"第{n}", published_at=at).title for n in range(5)]
    here: Article | None = Article.objects.get(title="第4")
    seen = []
    while here:
        seen.append(here.title)
        here = chronicle.neighbours(here, None).older
    assert seen == titles[::-1]


def test_hidden_articles_are_nobodys_neighbours() -> None:
    topic = make_topic()
    shown = make_article(topics=[topic])
    for state in ("draft", "withdrawn"):
        make_article(topics=[topic], state=state, published_at=moment("2022-01-01"))
    make_article(topics=[topic], published_at=timezone.now() + timedelta(hours=1))
    assert chronicle.neighbours(shown, topic) == chronicle.Neighbours()
    assert chronicle.neighbours(Article(pk=7), topic) == chronicle.Neighbours()


@pytest.mark.parametrize("view", ["desktop", "mobile"])
def test_the_article_page_leads_to_its_neighbours(client: Client, view: str) -> None:
    topic = make_topic("海洋")
    old = make_article(title="旧", published_at=moment("2022-01-01"), topics=[topic])
    make_article(title="间", published_at=moment("2022-01-02"))
    new = make_article(title="新", published_at=moment("2022-01-03"), topics=[topic])
    client.cookies["view"] = view
    html = client.get(new.get_absolute_url()).content.decode()
    nav = html[html.index('<nav class="neighbours"') :]
    nav = nav[: nav.index("</nav>")]
    assert f'href="{old.get_absolute_url()}"' in nav
    assert "间" in nav
    assert "较早一篇" in nav
    assert "较新一篇" not in nav
    alone = client.get(Article.objects.get(title="间").get_absolute_url()).content.decode()
    assert "按时间" in alone


def test_on_this_day_goes_through_the_years() -> None:
    for day in ("2019-09-29 23:59", "2021-09-29 00:00", "2021-09-28 23:59", "2021-09-30 00:00"):
        make_article(title=day, published_at=moment(day))
    make_article(title="稿", published_at=moment("2021-09-29 08:00"), state="draft")
    found = chronicle.on_this_day(9, 29)
    assert [(each.day, [a.title for a in each.articles], each.more) for each in found] == [
        (date(2021, 9, 29), ["2021-09-29 00:00"], False),
        (date(2019, 9, 29), ["2019-09-29 23:59"], False),
    ]
    assert [each.day.year for each in chronicle.on_this_day(9, 29, leave_out=2021)] == [2019]


def test_on_this_day_of_an_empty_archive_costs_one_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(1):
        assert chronicle.on_this_day(9, 29) == []


def test_the_29th_of_february_is_in_leap_years_alone() -> None:
    for day in ("2019-03-01", "2020-02-29", "2020-02-28", "2021-02-28"):
        make_article(published_at=moment(day))
    assert [each.day for each in chronicle.on_this_day(2, 29)] == [date(2020, 2, 29)]
    make_article(published_at=moment("2021-03-02"))
    Article.objects.filter(published_at__year=2020).delete()
    assert chronicle.on_this_day(2, 29) == []


def test_on_this_day_shows_the_latest_of_a_day_and_says_that_there_are_more(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    monkeypatch.setattr(onthisday, "MOST_YEARS", 30)
    at = moment("2022-09-29 09:00")
    for number in range(onthisday.MOST_A_YEAR + 1):
        make_article(title=f"{number}", published_at=at + timedelta(minutes=number))
    for year in range(1970, 2020):
        make_article(published_at=at.replace(year=year))
    with django_assert_num_queries(3):
        found = chronicle.on_this_day(9, 29)
    assert found[0].more
    assert [a.title for a in found[0].articles] == ["6", "5", "4", "3", "2", "1"]
    assert found[-1].day.year == 1992


@pytest.mark.parametrize("view", ["desktop", "mobile"])
def test_pages_of_days(client: Client, view: str, text_of: Any) -> None:
    client.cookies["view"] = view
    today = timezone.localdate()
    now = make_article(title="今年的")
    make_article(title="那年的", published_at=moment("2004-02-29 08:00"))
    words = text_of(client.get("/on-this-day/02/29/").content.decode())
    assert "那年的" in words
    assert "2月28日" in words
    assert "3月1日" in words
    html = client.get("/on-this-day/03/01/").content.decode()
    for rel, path in (("prev", "/on-this-day/03/02/"), ("next", "/on-this-day/02/29/")):
        assert f'rel="{rel}" href="{path}"' in html  # newest first, as everywhere
    main = client.get("/on-this-day/").content.decode().split("<main")[1].split("</main>")[0]
    assert now.title not in main
    html = client.get(f"/on-this-day/{today:%m/%d}/").content.decode()
    assert ("noindex" in html) == (timezone.localdate(now.published_at) != today)
    empty = client.get("/on-this-day/07/07/")
    assert empty.status_code == 200
    assert 'content="noindex,follow"' in empty.content.decode()
    assert 'href="/on-this-day/02/29/"' in client.get("/2004/02/29/").content.decode()
    assert 'href="/on-this-day/"' in client.get("/archive/").content.decode()


def test_spans_of_sources_and_editors(client: Client) -> None:
    late, early, mute = make_source("晚报"), make_source("早报"), make_source("无稿")
    for day, source, editor in (
        ("2020-01-05", early, "戴慧慧"), ("2021-01-05", early, "张三/李四"),
        ("2019-12-31", late, "戴慧慧"), ("2022-06-07", late, ""),
    ):  # fmt: skip
        make_article(published_at=moment(day), source=source, editor=editor)
    make_article(published_at=moment("2001-01-01"), source=early, editor="戴慧慧", state="draft")
    make_article(
        published_at=timezone.now() + timedelta(days=1), source=early, editor="将来", title="将来"
    )
    make_article(published_at=moment("2001-01-01"), source=mute, editor="没有", state="withdrawn")
    assert chronicle.sources() == [
        (late, chronicle.Span(date(2019, 12, 31), date(2022, 6, 7))),
        (early, chronicle.Span(date(2020, 1, 5), date(2021, 1, 5))),
    ]
    assert chronicle.editors() == [
        ("张三/李四", chronicle.Span(date(2021, 1, 5), date(2021, 1, 5))),
        ("戴慧慧", chronicle.Span(date(2019, 12, 31), date(2020, 1, 5))),
    ]
    assert chronicle.span(Article.objects.published().by_editor("没有")) is None
    for path, words in (
        ("/source/", "2019年12月31日"), ("/editor/", "张三/李四"),
        (late.get_absolute_url(), "2022年6月7日"), ("/editor/戴慧慧/", "2019年12月31日"),
    ):  # fmt: skip
        assert words in client.get(path).content.decode(), path
    assert client.get(mute.get_absolute_url()).status_code == 200


def test_months_with_their_last_change(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    assert chronicle.months() == []
    for day in ("2020-02-01 00:00", "2020-02-29 23:59", "2020-03-01 00:00", "2022-12-31 23:59"):
        make_article(published_at=moment(day))
    Article.objects.filter(published_at=moment("2020-02-01")).update(
        revised_at=moment("2023-05-05 08:00")
    )
    make_article(published_at=moment("2018-01-01"), state="withdrawn")
    make_article(published_at=timezone.now() + timedelta(days=40))
    with django_assert_num_queries(2):
        found = chronicle.months()
    assert [(each.first, timezone.localtime(each.changed)) for each in found] == [
        (date(2022, 12, 1), moment("2022-12-31 23:59")),
        (date(2020, 3, 1), moment("2020-03-01 00:00")),
        (date(2020, 2, 1), moment("2023-05-05 08:00")),
    ]


def test_the_archive_names_no_empty_year_or_month(client: Client) -> None:
    make_article(published_at=moment("2010-05-05"))
    make_article(published_at=moment("2020-07-07"))
    html = client.get("/archive/").content.decode()
    for path in ("/2010/", "/2010/05/", "/2020/", "/2020/07/"):
        assert f'href="{path}"' in html
        assert client.get(path).status_code == 200
    assert 'href="/2015/"' not in html
    assert 'href="/2010/06/"' not in html


def test_a_month_leads_to_the_nearest_months_with_articles(client: Client) -> None:
    for day in ("2019-01-31 23:59", "2022-09-01 00:00", "2022-09-30 23:59", "2023-02-01 00:00"):
        make_article(published_at=moment(day))
    html = client.get("/2022/09/").content.decode()
    assert 'rel="prev" href="/2023/02/"' in html
    assert 'rel="next" href="/2019/01/"' in html
    assert 'rel="prev"' not in client.get("/2023/02/").content.decode()
    assert 'rel="next"' not in client.get("/2019/01/").content.decode()
