"""Editors are told of each other."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from articles import history, presence
from articles.models import Article, OpenArticle
from tests.desk import at_desk, change_path, editor_named
from tests.factories import make_article

pytestmark = pytest.mark.django_db


@pytest.fixture
def dai() -> User:
    return editor_named("dai", "戴慧慧")


@pytest.fixture
def wang() -> User:
    return editor_named("wang", "王编辑")


def path_of(article: Article) -> str:
    return reverse("admin:articles_article_presence", args=[article.pk])


def test_who_opens_an_article_hears_who_has_it_open(dai: User, wang: User) -> None:
    article, other = make_article(), make_article()
    at_desk(dai).post(path_of(article), {"idle": "200"})
    said = "戴慧慧 正在编辑这篇稿件（3 分钟前有动作）。"
    desk = at_desk(wang)
    assert said in desk.get(change_path(article)).content.decode()
    assert said not in desk.get(change_path(other)).content.decode()
    assert desk.post(path_of(article), {}).json()["others"] == [said]
    assert at_desk(dai).post(path_of(article), {}).json()["others"] == [
        "王编辑 正在编辑这篇稿件（刚刚还有动作）。"
    ]


def test_who_leaves_or_falls_silent_is_gone(dai: User, wang: User) -> None:
    article = make_article()
    for user in (dai, wang):
        at_desk(user).post(path_of(article), {})
    assert at_desk(dai).post(path_of(article), {"leaving": "1"}).status_code == 204
    assert presence.others(article.pk, wang) == []
    OpenArticle.objects.update(seen_at=timezone.now() - presence.GONE_AFTER - timedelta(seconds=1))
    assert presence.others(article.pk, dai) == []
    presence.arrive(make_article().pk, dai)
    assert OpenArticle.objects.count() == 1  # those who are gone are forgotten


def test_many_windows_are_one_row(dai: User) -> None:
    article = make_article()
    for _ in range(5):
        presence.arrive(article.pk, dai)
    assert OpenArticle.objects.count() == 1


def test_who_saved_since_is_told_with_the_way_to_the_difference(dai: User, wang: User) -> None:
    article = make_article()
    desk = at_desk(wang)
    shown = desk.get(change_path(article)).context["keeping"]["newest"]
    assert desk.post(path_of(article), {"newest": shown}).json()["saved"] is None
    with history.recording([article], dai):
        Article.objects.filter(pk=article.pk).update(title="她的")
    saved = desk.post(path_of(article), {"newest": shown}).json()["saved"]
    when = timezone.localtime()
    assert saved["said"].startswith("戴慧慧 ")
    assert saved["said"].endswith("已保存，您看到的不是最新版本。")
    assert f"{when:%H}" in saved["said"]
    assert "她的" in desk.get(saved["url"]).content.decode()
    assert (
        at_desk(dai)
        .post(path_of(article), {"newest": shown})
        .json()["saved"]["said"]
        .startswith("您在另一个窗口")
    )


def test_only_who_may_change_says_so_by_post_with_a_token(dai: User) -> None:
    article = make_article()
    assert Client().post(path_of(article)).status_code == 302
    reader = at_desk(editor_named("reader", permissions=("view_article",)))
    assert reader.post(path_of(article)).status_code == 403
    assert at_desk(dai).get(path_of(article)).status_code == 403
    assert (
        at_desk(dai).post(reverse("admin:articles_article_presence", args=[10**30])).status_code
        == 404
    )
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(dai)
    assert strict.post(path_of(article)).status_code == 403
    assert not OpenArticle.objects.exists()


@pytest.mark.parametrize("idle", ["", "-5", "x", "٣", "9" * 40, "9" * 5000, "999999999"])
def test_nonsense_does_no_harm(dai: User, idle: str) -> None:
    article = make_article()
    assert at_desk(dai).post(path_of(article), {"idle": idle, "newest": idle}).status_code == 200
    row = OpenArticle.objects.get()
    assert row.seen_at - row.active_at <= presence.LONGEST_IDLE


def test_a_beat_costs_the_same_however_many_are_there(
    dai: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    article = make_article()
    desk = at_desk(dai)
    for number in range(3):
        presence.arrive(article.pk, editor_named(f"other{number}"))
    desk.post(path_of(article))
    with django_assert_max_num_queries(7):
        desk.post(path_of(article))
