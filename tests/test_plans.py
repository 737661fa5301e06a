"""How PostgreSQL answers the lists: by an index in the list's own order, never by sorting."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F, QuerySet

from articles import chronicle
from articles.models import Article, ArticleTopic, Correction, RecentReads, Source, Topic
from articles.paging import Cursor, Position
from articles.search import Filters, entries, parse
from articles.search.conditions import conditions
from tests import plans
from tests.factories import make_article, make_source, make_topic, moment
from tests.plans import Node, explained, indexes, kinds, parsed, statements, whole

pytestmark = pytest.mark.django_db

START = moment("2020-01-01 00:00")
CURSOR = Cursor(START + timedelta(hours=2000), 2000)


@pytest.fixture
def many() -> tuple[Topic, Source]:
    """Enough rows that an index is worth while; the planner knows them. Search knows them not."""
    with connection.cursor() as cursor:
        # Not in what other tests have left behind in tables and indexes: plans go by their size.
        cursor.execute("TRUNCATE articles_article CASCADE")
        cursor.execute("SET CONSTRAINTS articles_index_new DEFERRED")
    topics = [make_topic() for _ in range(4)]
    sources = [make_source() for _ in range(4)]
    articles = Article.objects.bulk_create(
        Article(
            title=f"标题{number}",
            state="published",
            published_at=START + timedelta(hours=number),
            source=sources[0 if number % 200 else 1],
            editor="编辑1" if number % 200 == 0 else "编辑0",
            reads=number * 7 % 1000,
            legacy_url=f"http://old.example/{number}.htm",
        )
        for number in range(4000)
    )
    ArticleTopic.objects.bulk_create(
        ArticleTopic(article=article, topic=topics[article.pk % 4]) for article in articles
    )
    Correction.objects.bulk_create(
        Correction(article=article, text="更正。", published_at=article.published_at or START)
        for article in articles
    )
    RecentReads.objects.bulk_create(
        RecentReads(
            article=article, published_at=START, day=article.pk % 97, week=article.pk % 89,
            month=article.pk % 83,
        )
        for article in articles
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return topics[0], sources[1]


LISTS: dict[str, tuple[Callable[[Topic, Source], QuerySet[Any]], str]] = {
    "newest": (lambda t, s: Article.objects.published().newest(), "article_newest"),
    "older": (
        lambda t, s: Article.objects.published().newest().older_than(CURSOR),
        "article_newest",
    ),
    "newer": (
        lambda t, s: Article.objects.published().newest().reverse().newer_than(CURSOR),
        "article_newest",
    ),
    "day": (
        lambda t, s: Article.objects.published().on(CURSOR.at.date()).newest(),
        "article_newest",
    ),
    "source": (
        lambda t, s: Article.objects.published().from_source(s).newest(),
        "article_by_source",
    ),
    "editor": (
        lambda t, s: Article.objects.published().by_editor("编辑1").newest(),
        "article_by_editor",
    ),
    "topic": (
        lambda t, s: ArticleTopic.objects.in_topic(t).visible().newest(),
        "articletopic_newest",
    ),
    "older in topic": (
        lambda t, s: ArticleTopic.objects.in_topic(t).visible().newest().older_than(CURSOR),
        "articletopic_newest",
    ),
    "most read": (
        lambda t, s: Article.objects.published().order_by(
            F("reads").desc(), F("published_at").desc(), F("id").desc()
        ),
        "article_most_read",
    ),
    **{
        window: (
            lambda t, s, window=window: RecentReads.objects.filter(
                **{f"{window}__gt": 0},
                article__state="published",
                article__published_at__lte=START + timedelta(days=9999),
            ).order_by(F(window).desc(), F("published_at").desc(), F("article_id").desc()),
            f"recentreads_{window}",
        )
        for window in ("day", "week", "month")
    },
    "corrections": (lambda t, s: Correction.objects.public().newest(), "correction_newest"),
}


def test_a_list_is_a_scan_of_its_own_index(many: tuple[Topic, Source]) -> None:
    for name, (make, index) in LISTS.items():
        plan = parsed(make(*many)[:20].explain(format="json"))
        assert index in indexes(plan), (name, plan)
        assert not kinds(plan) & {"Seq Scan", "Sort"}, (name, plan)
    for make, index in (
        (lambda t, s: Article.objects.published().by_editor("编辑1"), "article_by_editor"),
        (lambda t, s: Article.objects.published().from_source(s), "article_by_source"),
        (lambda t, s: Article.objects.published(), "article_newest"),
    ):
        plan = explained(lambda make=make: chronicle.span(make(*many)))
        assert index in indexes(plan), plan
        assert not kinds(plan) & {"Seq Scan", "Sort"}, plan
    found = Article.objects.public().at_old_paths(["/7.htm", "/7.htm/"])
    plan = parsed(found.explain(format="json"))
    assert "article_legacy_path" in indexes(plan), plan
    assert found.count() == 1
    found = Article.objects.public().at_old_number("/?p=7")
    plan = parsed(found.explain(format="json"))
    assert not kinds(plan) & {"Seq Scan", "Sort"}, plan


def test_neighbours_are_the_first_rows_of_index_scans(many: tuple[Topic, Source]) -> None:
    article = Article.objects.filter(topics=many[0])[500]
    plan = explained(lambda: chronicle.neighbours(article, many[0]))
    assert {"article_newest", "articletopic_newest"} <= indexes(plan)
    assert not kinds(plan) & {"Seq Scan", "Sort"}, plan
    found = chronicle.neighbours(article, many[0])
    assert all([found.newer, found.older, found.newer_in_topic, found.older_in_topic])


def test_on_this_day_scans_the_newest_once_a_year(many: tuple[Topic, Source]) -> None:
    for year in range(1990, 2020):
        make_article(published_at=moment(f"{year}-03-04 10:00"))
    found = chronicle.on_this_day(3, 4)
    assert len(found) == 31
    plan = plans.plan_of(statements(lambda: chronicle.on_this_day(3, 4))[1])
    assert indexes(plan) == {"article_newest"}
    assert not kinds(plan) & {"Seq Scan", "Sort"}, plan


def test_months_and_names_are_stepped_through(many: tuple[Topic, Source]) -> None:
    Article.objects.filter(pk__in=Article.objects.values("pk")[:9]).update(revised_at=START)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE articles_article")
    plan = explained(chronicle.months)
    assert {"article_newest", "article_revised"} == indexes(plan)
    assert "Seq Scan" not in kinds(plan), plan
    plan = explained(chronicle.editors)
    assert {"article_by_editor"} == indexes(plan)
    assert "Seq Scan" not in kinds(plan), plan
    plan = explained(chronicle.sources)
    assert whole(plan) == {"articles_source"}
    assert indexes(plan) == {"article_by_source"}
    assert "Sort" not in {
        node["Node Type"] for node in plan if node.get("Relation Name") == "articles_article"
    }


@pytest.fixture
def searchable() -> None:
    """Entries that search finds."""
    topic = make_topic("话题")
    for number in range(300):
        make_article(title=f"标题{number}", topics=[topic], editor=f"编辑{number % 3}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT gin_clean_pending_list('searchentry_keys')")
        cursor.execute("ANALYZE articles_searchentry")


def plan_of(typed: str, position: Position) -> list[Node]:
    """The nodes of the plan for a page of what was typed."""
    found, values = entries._statement(conditions(parse(typed), Filters()), position)
    return plans.plan_of(f"SELECT article_id {found} LIMIT 21", values)


@pytest.mark.parametrize("position", [Position(), Position(older_than=CURSOR)])
def test_search_asks_its_own_index_and_that_alone(searchable: None, position: Position) -> None:
    for typed in ("标题12", "标题", "标题 题29", "编辑:编辑1", "标题12 话题:话"):
        plan = plan_of(typed, position)
        assert indexes(plan) == {"searchentry_keys"}, typed
        assert not kinds(plan) & {"Seq Scan", "Gather", "Gather Merge"}, typed


def test_a_sample_asks_the_index_for_its_months_too(searchable: None) -> None:
    for number in range(100):
        make_article(title=f"标题{number}", published_at=moment("2012-06-30 23:59"))
    june = Filters(first=date(2012, 6, 1), last=date(2012, 6, 30))
    found: list[entries.Counted] = []
    asked = plans.statements(
        lambda: found.extend(entries.sample(conditions(parse("标题"), june), 16))
    )[-1]
    assert found
    assert {entry.month for entry in found} == {2012 * 12 + 5}
    plan = plans.plan_of(asked, options="ANALYZE")
    assert indexes(plan) == {"searchentry_keys"}
    assert sum(node.get("Rows Removed by Filter", 0) for node in plan) == 0
    years = Filters(first=date(2002, 1, 1), last=date(2012, 6, 30))
    assert entries.sample(conditions(parse("标题"), years), 16) == found


def test_one_common_character_walks_the_newest(searchable: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # 300 rows are soon read and sorted
    plan = plan_of("我", Position())
    assert indexes(plan) == {"searchentry_newest"}
    assert "Sort" not in kinds(plan)
