"""Search is always right: whoever writes, and by whatever means, the index says the same."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from articles import reads
from articles.models import Article, ArticleTopic, SearchEntry, Source, Topic
from articles.search import maintenance
from tests.factories import make_article, make_source, make_topic
from tests.lines import make_line, run_import
from tests.searching import found

WORDS = "潮位站的老周"


def is_true() -> bool:
    """Whether every entry is what its article says."""
    return not any(maintenance.check(*ids).wrong for ids in maintenance.batches())


def titles(words: str = WORDS) -> list[str]:
    """What readers find."""
    return sorted(article.title for article in found(words))


def sql(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def by_save(article: Article) -> None:
    article.title = WORDS
    article.save()


def by_update(article: Article) -> None:
    Article.objects.filter(pk=article.pk).update(title=WORDS)


def by_bulk_update(article: Article) -> None:
    article.title = WORDS
    Article.objects.bulk_update([article], ["title"])


def by_sql(article: Article) -> None:
    sql("UPDATE articles_article SET title = %s WHERE id = %s", WORDS, article.pk)


def by_sql_in_the_text(article: Article) -> None:
    sql("UPDATE articles_article SET body = %s WHERE id = %s", f"<p>{WORDS}</p>", article.pk)


def by_upsert(article: Article) -> None:
    article.title = WORDS
    Article.objects.bulk_create(
        [article], update_conflicts=True, unique_fields=["id"], update_fields=["title"]
    )


WRITERS = [by_save, by_update, by_bulk_update, by_sql, by_sql_in_the_text, by_upsert]


@pytest.mark.django_db
@pytest.mark.parametrize("write", WRITERS)
def test_no_change_passes_the_index_by(write: Callable[[Article], None]) -> None:
    article = make_article(title="原来的题目")
    other = make_article(title="别的")
    assert [one.pk for one in found("原来的题目")] == [article.pk]
    write(article)
    assert [one.pk for one in found(WORDS)] == [article.pk]
    assert is_true()
    assert SearchEntry.objects.filter(pk=other.pk).exists()


@pytest.mark.django_db
def test_no_way_of_adding_passes_the_index_by() -> None:
    fresh = {"state": "published", "published_at": timezone.now() - timedelta(hours=1)}
    Article(title=f"{WORDS}一", body="<p>文</p>", **fresh).save()
    Article.objects.bulk_create([Article(title=f"{WORDS}二", body="<p>文</p>", **fresh)])
    model = Article.objects.get(title=f"{WORDS}一")
    columns = ", ".join(
        field.column
        for field in Article._meta.concrete_fields
        if not (field.primary_key or field.generated or field.column in {"title", "legacy_id"})
    )
    sql(
        f"INSERT INTO articles_article (title, {columns})"
        f" SELECT %s, {columns} FROM articles_article WHERE id = %s",
        f"{WORDS}三", model.pk,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM articles_article WHERE id = %s", [model.pk])
        row = cursor.fetchone()
        with cursor.copy(f"COPY articles_article (title, {columns}) FROM STDIN") as copy:
            written = [value if not isinstance(value, list) else "[]" for value in row]
            copy.write_row([f"{WORDS}四", *written])
    run_import(make_line(title=f"{WORDS}五"))
    assert titles() == sorted(f"{WORDS}{number}" for number in "一二三四五")
    assert is_true()


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["draft", "withdrawn"])
def test_what_is_no_longer_published_is_not_found(state: str) -> None:
    article = make_article(title=WORDS)
    assert titles() == [WORDS]
    Article.objects.filter(pk=article.pk).update(state=state)
    assert titles() == []
    Article.objects.filter(pk=article.pk).update(state="published")
    assert titles() == [WORDS]
    sql("DELETE FROM articles_article WHERE id = %s", article.pk)
    assert titles() == []
    assert not SearchEntry.objects.exists()


@pytest.mark.django_db
def test_withdrawing_and_deleting_are_seen_at_once() -> None:
    first, second = make_article(title=f"{WORDS}甲"), make_article(title=f"{WORDS}乙")
    first.withdraw("写错了")
    assert titles() == [f"{WORDS}乙"]
    second.delete()
    assert titles() == []
    assert is_true()


@pytest.mark.django_db
def test_a_scheduled_article_appears_when_its_time_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    make_article(title=WORDS, published_at=timezone.now() + timedelta(minutes=5))
    assert titles() == []
    later = timezone.now() + timedelta(minutes=6)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert titles() == [WORDS]


@pytest.mark.django_db
def test_topics_and_sources_are_followed() -> None:
    article = make_article(title=WORDS)
    sea, city = make_topic("海洋馆"), make_topic("城建")
    article.topics.add(sea)
    assert titles("话题:海洋馆") == [WORDS]
    article.topics.set([city])
    assert titles("话题:海洋馆") == []
    assert titles("话题:城建") == [WORDS]
    ArticleTopic.objects.filter(article=article).update(topic=sea)
    assert titles("话题:海洋馆") == [WORDS]
    Topic.objects.filter(pk=sea.pk).update(name="水族馆")
    assert titles("话题:水族馆") == [WORDS]
    sea.delete()
    assert titles("话题:水族馆") == []
    ArticleTopic.objects.bulk_create([ArticleTopic(article=article, topic=city)])
    assert titles("话题:城建") == [WORDS]
    article.topics.clear()
    assert titles("话题:城建") == []
    Article.objects.update(source=make_source("早报"))
    assert titles("来源:早报") == [WORDS]
    Source.objects.update(name="晚报")
    assert titles("来源:晚报") == [WORDS]
    assert is_true()


@pytest.mark.django_db
def test_a_read_does_not_write_the_entry() -> None:
    article = make_article(title=WORDS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT ctid FROM articles_searchentry")
        before = cursor.fetchall()
        reads.record(article, 7, timezone.localdate())
        Article.objects.update(reads=9)
        cursor.execute("SELECT ctid FROM articles_searchentry")
        assert cursor.fetchall() == before


def test_it_is_found_from_the_commit_on_and_not_before(transactional_db: None) -> None:
    seen: list[list[str]] = []

    def look() -> None:
        """As another reader, on a connection of his own."""
        try:
            seen.append(titles())
        finally:
            connection.close()

    def by_another_reader() -> list[str]:
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
        return seen[-1]

    with transaction.atomic():
        make_article(title=WORDS)
        assert by_another_reader() == []
    assert by_another_reader() == [WORDS]
    with pytest.raises(RuntimeError), transaction.atomic():
        Article.objects.update(title="别的题目")
        raise RuntimeError
    assert by_another_reader() == [WORDS]


@pytest.mark.parametrize("topics_first", [True, False])
def test_two_who_change_one_article_at_once_leave_a_true_entry(
    transactional_db: None, topics_first: bool
) -> None:
    topic = make_topic("海洋馆")
    article = make_article(title="原题", topics=[topic])
    both_have_written = threading.Barrier(2, timeout=20)
    first_is_done = threading.Event()

    def write(change: Callable[[], object], first: bool) -> None:
        try:
            with transaction.atomic():
                change()
                both_have_written.wait()
                if not first:
                    first_is_done.wait(20)
            if first:
                first_is_done.set()
        finally:
            connection.close()

    changes = [
        (lambda: ArticleTopic.objects.filter(article=article).delete(), topics_first),
        (lambda: Article.objects.filter(pk=article.pk).update(editor="戴"), not topics_first),
    ]
    threads = [threading.Thread(target=write, args=change) for change in changes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert is_true()
    assert titles("编辑:戴") == ["原题"]
    assert titles("话题:海洋馆") == []


def test_a_bulk_writer_may_index_by_itself_within_its_transaction(transactional_db: None) -> None:
    topic = make_topic()
    with transaction.atomic():
        sql("SET LOCAL xinwang.indexes_itself = 'on'")
        article = make_article(title=WORDS)
        ArticleTopic.objects.create(article=article, topic=topic)
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        assert titles() == []
        sql("SELECT articles_index(%s)", [article.pk])
    assert titles() == [WORDS]
    assert SearchEntry.objects.get().topics == [topic.pk]
    make_article(title=f"{WORDS}，再访")
    assert len(titles()) == 2, "the next transaction's are indexed by triggers again"
