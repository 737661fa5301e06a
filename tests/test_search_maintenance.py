"""The commands that prove the index and make it anew."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from articles.models import Article, IndexRebuild, Likeness, PairSample, SearchEntry
from articles.search import maintenance, matching, parse
from tests.factories import make_article, make_topic

Run = Callable[..., str]


@pytest.fixture
def run() -> Run:
    """Run a command; what it says."""

    def command(name: str, *arguments: str) -> str:
        said = StringIO()
        call_command(name, *arguments, stdout=said, stderr=said)
        return said.getvalue().strip()

    return command


def behind_the_back(sql: str, *values: object) -> None:
    """Change something as a damaged restore would: without the triggers."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, values)
        cursor.execute("SET LOCAL session_replication_role = origin")


def found(words: str) -> list[int]:
    """What editors find."""
    return matching(parse(words), 100)


@pytest.mark.django_db
def test_a_true_index_is_said_to_be_true(run: Run) -> None:
    assert run("check_search") == "索引与稿件一致"
    for number in range(45):
        make_article(title=f"栈桥{number}", topics=[make_topic()])
    make_article(state="draft")
    make_article(published_at=timezone.now() + timedelta(days=1))
    assert run("check_search") == "索引与稿件一致"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE articles_article SET title = '回澜阁' WHERE id = %s",
        "UPDATE articles_article SET body = '<p>回澜阁</p>' WHERE id = %s",
        "UPDATE articles_article SET editor = '别人' WHERE id = %s",
        "UPDATE articles_article SET byline = '别人' WHERE id = %s",
        "UPDATE articles_article SET state = 'draft' WHERE id = %s",
        "UPDATE articles_article SET published_at = now() - interval '1 year' WHERE id = %s",
        "UPDATE articles_searchentry SET text = '' WHERE article_id = %s",
        "DELETE FROM articles_searchentry WHERE article_id = %s",
        "DELETE FROM articles_articletopic WHERE article_id = %s",
    ],
)
def test_a_wrong_entry_is_named_and_mended_on_demand(run: Run, damage: str) -> None:
    article = make_article(title="栈桥", topics=[make_topic()])
    make_article()
    behind_the_back(damage, article.pk)
    with pytest.raises(CommandError, match=rf"1 篇稿件与索引不一致（编号 {article.pk}）"):
        run("check_search")
    assert run("check_search", "--repair") == "改正了 1 篇"
    assert run("check_search") == "索引与稿件一致"


@pytest.mark.django_db
def test_entries_that_the_index_does_not_find_are_told(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_article(title="栈桥")
    monkeypatch.setattr(maintenance, "PROBED", 1)
    # An index that has been damaged answers less than there is.
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX searchentry_keys")
        cursor.execute(
            "UPDATE pg_proc SET prosrc = %s WHERE proname = 'articles_search_keys'",
            ["BEGIN RETURN ARRAY[random() * 1000000]::bigint[]; END"],
        )
    with pytest.raises(CommandError, match="请运行 rebuild_search"):
        run("check_search")


@pytest.mark.django_db
def test_the_index_can_be_built_when_there_are_entries() -> None:
    """Whoever builds an index (a restore, REINDEX) has another search_path than the site."""
    article = make_article(title="栈桥")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL search_path = pg_catalog, pg_temp")
        cursor.execute("REINDEX INDEX public.searchentry_keys")
        cursor.execute("SET LOCAL search_path = public")
    assert found("栈桥") == [article.pk]


@pytest.fixture
def archive(transactional_db: None) -> Iterator[list[Article]]:
    """Committed articles of more than one batch of ids, of which some entries are wrong."""
    articles = [make_article(title=f"栈桥第{number}天") for number in range(4)]
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE articles_searchentry SET text = '' WHERE article_id % 2 = 0")
        cursor.execute("DELETE FROM articles_searchentry WHERE article_id %% 2 = %s", [1])
        cursor.execute("SET session_replication_role = origin")
    yield articles


@pytest.mark.parametrize("options", [[], ["--offline"]])
def test_a_rebuild_makes_everything_true(
    archive: list[Article], run: Run, options: list[str]
) -> None:
    assert len(found("栈桥第")) < len(archive)
    assert run("rebuild_search", *options) == "索引已重建，4 篇稿件可供搜索"
    assert sorted(found("栈桥第")) == [article.pk for article in archive]
    assert run("check_search") == "索引与稿件一致"
    assert PairSample.objects.get().archive == len(archive)
    assert Likeness.objects.count() <= len(archive)
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'searchentry_keys'")
        assert maintenance.KEYS.split("(")[0] in cursor.fetchone()[0]


def test_a_rebuild_that_broke_off_goes_on_where_it_was(
    archive: list[Article], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "BATCH", 3)
    done = maintenance.rebuild()
    assert next(done) == 3
    assert IndexRebuild.objects.get().reached == archive[2].pk
    done.close()
    assert list(maintenance.rebuild()) == [1]
    assert not IndexRebuild.objects.exists()
    assert {entry.text for entry in SearchEntry.objects.all()} == {
        f"栈桥第{number}天\n{article.body[3:-5]}\n" for number, article in enumerate(archive)
    }


def test_a_rebuild_leaves_what_is_true_unwritten(transactional_db: None) -> None:
    make_article(title="栈桥")
    with connection.cursor() as cursor:
        cursor.execute("SELECT xmin::text FROM articles_searchentry")
        before = cursor.fetchall()
        list(maintenance.rebuild())
        cursor.execute("SELECT xmin::text FROM articles_searchentry")
        assert cursor.fetchall() == before
