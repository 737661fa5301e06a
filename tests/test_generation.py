"""A generation begins with every change that readers can see, and with no other."""

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from articles.models import (
    Article,
    ArticleTopic,
    Correction,
    Generation,
    Licence,
    Page,
    Photo,
    Promo,
    PublicVersion,
    RecentReads,
    RollUp,
    SearchEntry,
    Source,
    Topic,
)
from articles.models.generation import Standing
from articles.reads import count_read, roll_up
from tests.factories import make_article, make_photo, make_source, make_topic

pytestmark = pytest.mark.django_db(transaction=True)


def standing() -> Standing:
    return Generation.objects.standing(timezone.now())[:4]


def moves(change: Callable[[], object]) -> bool:
    before = standing()
    change()
    return standing() != before


@pytest.fixture
def article() -> Article:
    photo = make_photo(caption="栈桥")
    return make_article(
        title="潮", source=make_source("晚报", slug="wanbao"), photos=[photo],
        topics=[make_topic("话题", slug="huati")],
    )  # fmt: skip


CHANGES: dict[str, Callable[[], object]] = {
    "an article": lambda: make_article(title="新"),
    "a title": lambda: Article.objects.update(title="改"),
    "an article's save": lambda: Article.objects.get().save(),
    "a withdrawal": lambda: Article.objects.get().withdraw("数据有误。"),
    "an article deleted": lambda: Article.objects.all().delete(),
    "an article's topic": lambda: ArticleTopic.objects.all().delete(),
    "a photo's caption": lambda: Photo.objects.update(caption="灯塔"),
    "a source's name": lambda: Source.objects.update(name="日报"),
    "a topic's name": lambda: Topic.objects.update(name="海"),
    "a new topic": lambda: make_topic("山", slug="shan"),
    "a Page": lambda: Page.objects.create(slug="about", title="关于"),
    "a promo": lambda: Promo.objects.create(title="推", url="https://example.com/"),
    "a licence": lambda: Licence.objects.create(text="鲁ICP备1号"),
    "a public version": lambda: PublicVersion.objects.create(
        article=Article.objects.get(), number=1, kind="first"
    ),
    "a correction": lambda: Correction.objects.create(
        article=Article.objects.get(), kind="correction", text="更正。"
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_it_moves_with_what_readers_see(article: Article, change: Callable[[], object]) -> None:
    assert moves(change)


def test_it_stays_with_what_they_do_not(article: Article) -> None:
    draft = make_article(title="稿", state="draft")

    def write() -> None:
        draft.title = "稿件"
        draft.save()

    assert not moves(write)
    assert not moves(lambda: make_article(title="又一稿", state="draft"))
    assert not moves(draft.delete)
    assert not moves(lambda: Topic.objects.update(name="话题"))  # as it was
    assert not moves(lambda: Article.objects.update(reads=7))
    assert not moves(lambda: count_read(article.pk, timezone.localdate(), "1.2.3.4", "甲", "zh"))


def test_what_is_learned_of_likeness_moves_it(article: Article) -> None:
    assert moves(lambda: call_command("rebuild_search", stdout=io.StringIO()))


def test_a_draft_that_goes_out_moves_it() -> None:
    draft = make_article(title="稿", state="draft")
    draft.state = "published"
    assert moves(draft.save)


def test_it_moves_with_the_transaction_and_once(article: Article) -> None:
    before, count = standing(), Generation.objects.count()
    other = connection.copy()
    try:
        with transaction.atomic():
            Article.objects.update(title="改")
            Topic.objects.update(name="改")
            make_article(title="又")
            with other.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM articles_generation")
                assert cursor.fetchone() == (count,)  # to others nothing has happened yet
    finally:
        other.close()
    assert standing() != before
    assert Generation.objects.count() == count + 1


@pytest.mark.parametrize("table", ["topic", "article", "licence"])
def test_a_table_that_is_emptied_moves_it(article: Article, table: str) -> None:
    def empty() -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE articles_{table} CASCADE")

    assert moves(empty)


def test_a_repaired_index_moves_it(article: Article) -> None:
    SearchEntry.objects.update(text="错")
    assert moves(lambda: call_command("check_search", repair=True, stdout=io.StringIO()))


def test_a_new_days_rankings_show_at_once(article: Article) -> None:
    today = timezone.localdate()
    yesterday = today - timedelta(days=1)
    roll_up(yesterday)
    count_read(article.pk, yesterday, "1.2.3.4", "甲", "zh")
    roll_up(yesterday)
    roll_up(yesterday)
    assert moves(lambda: roll_up(today))
    assert not moves(lambda: roll_up(today))


def test_who_overtakes_another_in_the_rankings_moves_it(article: Article) -> None:
    today = timezone.localdate()
    other = make_article(title="乙")
    roll_up(today)
    for number, reads in ((article.pk, 62), (other.pk, 60)):
        Article.objects.filter(pk=number).update(reads=1100)
        RecentReads.objects.create(
            article_id=number, published_at=article.published_at, day=reads, week=reads,
            month=reads,
        )  # fmt: skip
    RollUp.objects.update(shown_at=timezone.now() - timedelta(minutes=2))
    roll_up(today)
    overtakes = []
    for reader in range(2):
        RollUp.objects.update(shown_at=timezone.now() - timedelta(minutes=2))
        count_read(other.pk, today, f"1.2.{reader}.4", "甲", "zh")
        overtakes.append(moves(lambda: roll_up(today)))
    assert overtakes == [False, True]  # as many, and newer


def test_what_is_taken_back_moves_nothing(article: Article) -> None:
    def undone() -> None:
        with transaction.atomic():
            Article.objects.update(title="改")
            transaction.set_rollback(True)

    assert not moves(undone)


def test_a_transaction_with_a_part_taken_back_moves_it(article: Article) -> None:
    def partly() -> None:
        with transaction.atomic():
            with transaction.atomic():
                Article.objects.update(title="改")
                transaction.set_rollback(True)
            Topic.objects.update(name="改")

    assert moves(partly)


def test_no_writer_waits_for_another(article: Article) -> None:
    """An editor's save does not wait for an import that goes on for long; both are noticed."""
    began = standing()
    other = connection.copy()
    try:
        with transaction.atomic():
            Article.objects.update(title="改")
            with other.cursor() as cursor:
                cursor.execute("SET statement_timeout = '3s'")
                cursor.execute("UPDATE articles_topic SET name = 'x'")  # else it would time out
            other.commit()
            with other.cursor() as cursor:
                cursor.execute("SELECT min(id), max(id), count(*), max(begun_at)"
                               " FROM articles_generation")  # fmt: skip
                of_the_second = cursor.fetchone()
        # The first ends last: the latest number stays what it was.
        assert len({began, of_the_second, standing()}) == 3
        assert of_the_second[1] == standing()[1]
    finally:
        other.close()


def test_no_reader_waits_for_who_alters_a_table(article: Article) -> None:
    """Finished pages can do without; and the short wait is the question's alone."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("LOCK TABLE articles_article IN ACCESS EXCLUSIVE MODE")
            with pytest.raises(OperationalError, match="lock timeout"):
                standing()
            cursor.execute("ROLLBACK")
    finally:
        other.close()
    assert standing()[0] is not None
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone()[0] == "0"


def test_time_alone_brings_articles_and_corrections_out(article: Article) -> None:
    now = timezone.now()
    coming = make_article(title="将", published_at=now + timedelta(minutes=5))
    article.corrections.create(
        kind="correction", text="更正。", published_at=now + timedelta(minutes=9)
    )
    stands = Generation.objects.standing
    at = [stands(now + timedelta(minutes=minutes)) for minutes in (0, 4, 6, 8, 10, 99)]
    assert at[0] == at[1] != at[2] == at[3] != at[4] == at[5]
    Article.objects.filter(pk=coming.pk).update(state="withdrawn")  # its note is to come as well
    assert stands(now + timedelta(minutes=4))[4:] != stands(now + timedelta(minutes=6))[4:]


def test_it_never_stands_where_it_stood_before(article: Article) -> None:
    """Not even when the numbers begin anew, as in a copy of the database."""
    seen = set()
    for name in ("一", "二", "三"):
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE articles_generation RESTART IDENTITY")
        Topic.objects.update(name=name)
        seen.add(standing())
    assert len(seen) == 3


def test_few_are_kept_and_each_is_told_from_all_others(article: Article) -> None:
    seen = set()
    for number in range(350):
        Topic.objects.update(name=f"话题{number}")
        seen.add(standing())
    assert len(seen) == 350
    assert Generation.objects.count() <= 200


def test_every_column_of_an_article_but_its_reads_moves_it() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT event_object_column FROM information_schema.triggered_update_columns"
            " WHERE trigger_name = 'articles_content_update'"
            " AND event_object_table = 'articles_article'"
        )
        watched = {row[0] for row in cursor.fetchall()}
    columns = {field.column for field in Article._meta.concrete_fields if not field.generated}
    assert watched == columns - {"id", "reads"}


@pytest.mark.parametrize(
    ("before", "reads", "shown"),
    [(0, 1, True), (3, 1, True), (10, 1, False), (19, 1, True), (99, 1, True), (120, 50, False),
     (190, 20, True)],
)  # fmt: skip
def test_reads_move_it_when_a_number_looks_different(
    article: Article, before: int, reads: int, shown: bool
) -> None:
    roll_up(timezone.localdate())
    count_read(article.pk, timezone.localdate(), "9.9.9.9", "甲", "zh")  # so that it is ranked
    RollUp.objects.update(shown_at=timezone.now() - timedelta(minutes=2))
    roll_up(timezone.localdate())
    Article.objects.update(reads=before)
    RollUp.objects.update(shown_at=timezone.now() - timedelta(minutes=2))
    for reader in range(reads):
        count_read(article.pk, timezone.localdate(), f"1.2.{reader}.4", "甲", "zh")
    assert moves(lambda: roll_up(timezone.localdate())) is shown


def test_reads_move_it_once_a_minute_at_most(article: Article) -> None:
    def read(reader: int) -> None:
        count_read(article.pk, timezone.localdate(), f"1.2.{reader}.4", "甲", "zh")
        roll_up(timezone.localdate())

    roll_up(timezone.localdate())
    RollUp.objects.update(shown_at=timezone.now() - timedelta(seconds=61))
    assert moves(lambda: read(1))
    assert not moves(lambda: read(2))
    RollUp.objects.update(shown_at=timezone.now() - timedelta(seconds=61))
    assert moves(lambda: roll_up(timezone.localdate()))  # what was held back
    assert not moves(lambda: roll_up(timezone.localdate()))
