"""Related articles."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from articles import related as module
from articles.models import Article, Topic
from articles.related import related
from tests.factories import make_article, make_source, make_topic, moment

pytestmark = pytest.mark.django_db


def titles(article: Article, topics: list[Topic], size: int = 6) -> list[str]:
    """Titles of what is related."""
    return [other.title for other in related(article, topics, size)]


def test_most_shared_topics_come_first_then_the_newest() -> None:
    a, b, c = (make_topic() for _ in range(3))
    shown = make_article(topics=[a, b, c])
    for title, topics, day in (
        ("一个旧", [a], "2022-09-01"),
        ("一个新", [b], "2022-09-03"),
        ("两个旧", [a, b], "2022-08-01"),
        ("两个新", [b, c], "2022-08-02"),
        ("三个", [c, b, a], "2020-01-01"),
        ("同时先", [c], "2022-09-02"),
        ("同时后", [c], "2022-09-02"),
    ):
        make_article(title=title, topics=topics, published_at=moment(day))
    order = ["三个", "两个新", "两个旧", "一个新", "同时后", "同时先", "一个旧"]
    assert titles(shown, [a, b, c], size=10) == order
    assert titles(shown, [c, a, b], size=3) == order[:3]
    assert titles(shown, [a], size=10) == ["一个旧", "两个旧", "三个"]


def test_only_what_readers_may_read_and_never_itself() -> None:
    topic, other = make_topic(), make_topic()
    shown = make_article(topics=[topic])
    make_article(topics=[topic], state="draft")
    make_article(topics=[topic], state="withdrawn")
    make_article(topics=[topic], published_at=timezone.now() + timedelta(hours=1))
    make_article(topics=[other])
    make_article(topics=[topic], title="可读")
    assert titles(shown, [topic]) == ["可读"]


def test_an_article_without_topics_has_none(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    make_article(topics=[make_topic()])
    with django_assert_num_queries(0):
        assert titles(Article(pk=1), []) == []


def test_an_article_alone_in_its_topics_has_none() -> None:
    topic = make_topic()
    assert titles(make_article(topics=[topic]), [topic]) == []


@pytest.mark.parametrize("count", [1, 2, 6])
def test_it_costs_two_queries_whatever_there_is(
    django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    topics = [make_topic() for _ in range(count)]
    shown = make_article(topics=topics)
    for size in (1, 8):
        for _ in range(size):
            make_article(topics=topics, source=make_source())
        with django_assert_num_queries(2):
            for other in related(shown, topics, 6):
                assert other.source
                assert other.get_absolute_url()


def test_only_the_newest_of_each_topic_are_looked_at() -> None:
    topic, second = make_topic(), make_topic()
    shown = make_article(topics=[topic, second])
    make_article(title="旧而近", topics=[topic, second], published_at=moment("2000-01-01"))
    make_article(title="旧", topics=[topic], published_at=moment("2000-01-01"))
    for _ in range(module.CANDIDATES):
        make_article(topics=[topic])
    found = titles(shown, [topic, second], size=50)
    assert len(found) == module.CANDIDATES + 1
    assert "旧" not in found
    assert "旧而近" in found
