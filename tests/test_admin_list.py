"""The desk's list of articles: found by an index, counted no further than shown, narrowed."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import escape

from articles.admin import listing
from articles.models import Article, Desk, Source, Topic
from articles.search import entries
from tests.factories import make_article, make_source, make_topic, moment
from tests.plans import indexes, kinds, parsed, plan_of, statements, whole
from tests.test_plans import many  # noqa: F401

pytestmark = pytest.mark.django_db

ARTICLES = "/admin/articles/article/"
# Of the list and of 今日工作, however many articles there are.
MOST_QUERIES = {ARTICLES: 9, "/admin/": 18}


@pytest.fixture
def editor(client: Client) -> Client:
    """An editor at the desk."""
    client.force_login(User.objects.create_superuser("editor"))
    return client


def listed(desk: Client, /, **query: Any) -> list[str]:
    """The titles on the list's page."""
    page = desk.get(ARTICLES, query)
    assert page.status_code == 200
    return [article.title for article in page.context["cl"].result_list]


def test_filters_narrow_by_what_editors_ask_for(editor: Client) -> None:
    topic, source, desk = make_topic(), make_source(), Desk.objects.create(name="社会")
    make_article(title="草", state="draft", published_at=None)
    make_article(title="待", published_at=timezone.now() + timedelta(days=400))
    make_article(title="旧", published_at=moment("2022-09-29 23:59"), topics=[topic])
    make_article(title="新", source=source, editor="戴慧慧", desk=desk)
    make_article(title="撤", state="withdrawn", published_at=moment("2022-10-01 00:00"))
    assert listed(editor) == ["草", "待", "新", "撤", "旧"]
    for query, found in (
        ({"state": "draft"}, ["草"]), ({"state": "scheduled"}, ["待"]),
        ({"state": "published"}, ["新", "旧"]), ({"state": "withdrawn"}, ["撤"]),
        ({"topic": topic.pk}, ["旧"]), ({"source": source.pk}, ["新"]),
        ({"editor": "戴慧慧"}, ["新"]), ({"editor": " "}, ["草", "待", "新", "撤", "旧"]),
        ({"desk": desk.pk}, ["新"]), ({"topic": ""}, ["草", "待", "新", "撤", "旧"]),
        ({"day": "2022-09-29"}, ["旧"]), ({"day": "2022/9"}, ["旧"]),
        ({"day": "2022-12"}, []), ({"day": "2022"}, ["撤", "旧"]),
        ({"day": "2022", "state": "withdrawn"}, ["撤"]),
    ):  # fmt: skip
        assert listed(editor, **query) == found, query
    html = editor.get(ARTICLES, {"day": "2022", "editor": "戴慧慧"}).content.decode()
    assert '<input type="hidden" name="day" value="2022">' in html  # kept by the other filters


@pytest.mark.parametrize(
    "query",
    [
        {"day": "x"}, {"day": "2022-13"}, {"day": "0000"}, {"day": "9999"}, {"topic": "x"},
        {"source": "9" * 30}, {"editor": "\x00"}, {"q": "\x00"}, {"p": "99999"}, {"o": "1.-3"},
    ],
)  # fmt: skip
def test_senseless_queries_do_no_harm(editor: Client, query: dict[str, str]) -> None:
    make_article()
    assert editor.get(ARTICLES, query, follow=True).status_code == 200


@pytest.mark.parametrize("said", ["昨晚", "2022-13-45", "0000", "<b>"])
def test_a_date_that_is_none_is_said_to_be_none(editor: Client, said: str) -> None:
    make_article(title="潮起")
    html = editor.get(ARTICLES, {"day": said}).content.decode()
    assert f"看不懂日期“{escape(said)}”" in html
    assert "潮起" not in html
    assert f'value="{escape(said)}"' in html  # to be mended, not typed anew


def test_the_list_is_neither_counted_nor_paged_beyond_what_is_useful(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MOST_LISTED", 120)
    Article.objects.bulk_create(Article(title=f"稿{number}") for number in range(130))
    page = editor.get(ARTICLES)
    assert "120 篇以上" in page.content.decode()
    assert page.context["cl"].paginator.num_pages == 3
    with CaptureQueriesContext(connection) as asked:
        editor.get(ARTICLES)
    assert all("LIMIT" in query["sql"] for query in asked if "COUNT(" in query["sql"])


def test_pages_cost_the_same_however_many_rows(editor: Client) -> None:
    for path, most in MOST_QUERIES.items():
        counts = []
        for _ in range(2):
            for number in range(12):
                make_article(source=make_source(), topics=[make_topic()], photos=[])
                make_article(state="draft", title=f"草稿{number}")
            with CaptureQueriesContext(connection) as asked:
                assert editor.get(path).status_code == 200
            counts.append(len(asked))
        assert counts[0] == counts[1] <= most, (path, counts)
    article = make_article(source=make_source(), topics=[make_topic()])
    with CaptureQueriesContext(connection) as asked:
        editor.get(f"{ARTICLES}{article.pk}/change/")
    assert len(asked) <= 24  # six of them for its version, three for the checks


@pytest.fixture
def archive(many: tuple[Topic, Source]) -> dict[str, Any]:  # noqa: F811
    """4,000 published articles, some of them a desk's, and what isn't published."""
    topic, source = many
    desk = Desk.objects.create(name="社会")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE articles_article SET desk_id = %s WHERE id %% 40 = 0", [desk.pk])
        cursor.execute(
            "UPDATE articles_article SET state = 'draft', published_at = NULL WHERE id % 50 = 0"
        )
        cursor.execute("UPDATE articles_article SET state = 'withdrawn' WHERE id % 99 = 0"
                       " AND published_at IS NOT NULL")  # fmt: skip
        cursor.execute("ANALYZE")
    return {"topic": topic.pk, "source": source.pk, "desk": desk.pk}


def test_every_list_of_the_desk_is_a_scan_of_an_index(
    editor: Client, archive: dict[str, Any]
) -> None:
    lists: dict[str, tuple[dict[str, Any], str]] = {
        "everything": ({}, "article_newest"),
        "a day": ({"day": "2020-03-01"}, "article_newest"),
        "drafts": ({"state": "draft"}, "article_unpublished"),
        "withdrawn": ({"state": "withdrawn"}, "article_unpublished"),
        "published": ({"state": "published"}, "article_newest"),
        "scheduled": ({"state": "scheduled"}, "article_newest"),
        "a topic": ({"topic": archive["topic"]}, "articletopic_newest"),
        "a source": ({"source": archive["source"]}, "article_by_source"),
        "an editor": ({"editor": "编辑1"}, "article_by_editor"),
        "a desk": ({"desk": archive["desk"]}, "article_by_desk"),
    }
    for name, (query, index) in lists.items():
        rows = editor.get(ARTICLES, query).context["cl"].queryset
        page = parsed(rows[:50].explain(format="json"))
        few = name in ("drafts", "a day")  # of these a page is sorted as soon
        # Of a scratch archive's drafts either index is good: few enough are read, then sorted.
        good = {index, "article_drafts"} if name == "drafts" else {index}
        assert indexes(page) & good, (name, page)
        assert few or "Sort" not in kinds(page), (name, page)
        # Of nearly everything, any 2,001 rows are as good as others; a topic's are a join.
        count = parsed(rows.order_by()[: listing.MOST_LISTED + 1].explain(format="json"))
        read = page if name in ("everything", "published", "a topic") else [*page, *count]
        assert "articles_article" not in whole(read), (name, read)


def test_today_reads_the_first_rows_of_indexes(editor: Client, archive: dict[str, Any]) -> None:
    lists = [sql for sql in statements(lambda: editor.get("/admin/")) if "articles_article" in sql]
    assert len(lists) >= 10
    for sql in lists:
        assert "LIMIT" in sql
        assert "articles_article" not in whole(plan_of(sql)), sql


def test_drafts_are_searched_by_their_words(editor: Client) -> None:
    make_article(title="栈桥落日", body="<p>棧橋有了</p>", state="draft")
    make_article(title="别的", body="<p>栈桥有了</p>", state="draft", editor="戴慧慧")
    make_article(title="中山路", state="draft")
    assert listed(editor, q="栈桥有") == ["别的", "栈桥落日"]
    assert listed(editor, q="标题:栈桥") == ["栈桥落日"]
    assert listed(editor, q="栈桥 编辑:戴慧慧") == ["别的"]
    assert listed(editor, q="编辑:戴慧慧") == ["别的"]
    assert listed(editor, q="栈桥 -标题:别") == ["栈桥落日"]
    assert listed(editor, q="桥") == ["别的", "栈桥落日"]


def test_drafts_without_the_words_are_not_read(editor: Client) -> None:
    make_article(title="栈桥", state="draft")
    Article.objects.bulk_create(
        Article(title=f"稿件{number}", body=f"<p>第{number}篇，海风。</p>")
        for number in range(2000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE articles_article")
    plan = plan_of(
        "SELECT id FROM articles_article WHERE state <> 'published' AND"
        " articles_unpublished_keys(title, original_title, body) @> articles_pairs('栈桥', 0)"
    )
    assert "article_unpublished_keys" in indexes(plan), plan
    assert listed(editor, q="栈桥") == ["栈桥"]


def test_of_many_drafts_with_the_words_the_newest_are_found(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entries, "UNPUBLISHED", 2)
    for number in range(4):
        make_article(title=f"栈桥{number}", state="draft", published_at=None)
    assert listed(editor, q="栈桥") == ["栈桥3", "栈桥2"]
