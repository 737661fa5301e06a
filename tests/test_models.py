"""The models: what the database refuses, who may see what, memberships kept by triggers."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F, ProtectedError
from django.utils import timezone

from articles.models import (
    Article,
    ArticlePhoto,
    ArticleTopic,
    Correction,
    DailyReads,
    Licence,
    Page,
    Photo,
    Promo,
    Source,
    Topic,
)
from tests.factories import make_article, make_photo, make_source, make_topic, moment

pytestmark = pytest.mark.django_db

DAY = date(2022, 9, 29)


# -- what the database refuses ---------------------------------------------------------------------


def article(**fields: Any) -> Callable[[], Any]:
    """Write an article past all that Python checks."""
    return lambda: Article.objects.bulk_create([Article(**{"title": "题", **fields})])


def photo(**fields: Any) -> Photo:
    """A photo's row, without files."""
    given = {"sha256": "a" * 64, "width": 9, "height": 9, "widths": [9], **fields}
    return Photo.objects.create(**given)


@pytest.mark.parametrize(
    ("write", "constraint"),
    [
        (article(state="deleted", published_at=moment("2022-09-29")), "article_state_known"),
        (article(state="published"), "article_public_has_time"),
        (article(state="withdrawn"), "article_public_has_time"),
        (
            article(state="published", published_at=moment("2022-09-29"), title=""),
            "article_public_has_title",
        ),
        (article(legacy_id=""), "article_legacy_id_not_empty"),
        (article(reads=-1), "articles_article_reads_check"),
        (lambda: [article(legacy_id="one")() for _ in "12"], "legacy_id"),
        (lambda: Topic.objects.create(name="题", layout="spiral"), "topic_layout_known"),
        (lambda: [Topic.objects.create(name="题") for _ in "12"], "name"),
        (lambda: [Source.objects.create(name=name, slug="a") for name in "12"], "slug"),
        (lambda: photo(width=0), "photo_has_size"),
        (lambda: photo(height=0), "photo_has_size"),
        (lambda: [photo() for _ in "12"], "sha256"),
        (lambda: Promo.objects.create(kind="image", title="题", url="x"), "promo_image_has_photo"),
        (lambda: Promo.objects.create(kind="song", title="题", url="x"), "promo_image_has_photo"),
    ],
)
def test_the_database_refuses(write: Callable[[], Any], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        write()


def test_the_database_refuses_what_contradicts_its_article() -> None:
    mine, topic, shown = make_article(), make_topic(), photo()
    pairs: list[tuple[Callable[[], Any], str]] = [
        (lambda: Correction.objects.create(article=mine, text=""), "correction_says_something"),
        (lambda: Correction.objects.create(article=mine, text="字", kind="x"), "kind_known"),
        (lambda: [ArticleTopic.objects.create(article=mine, topic=topic) for _ in "12"], "once"),
        (lambda: [ArticlePhoto.objects.create(article=mine, photo=shown) for _ in "12"], "once"),
        (
            lambda: [DailyReads.objects.create(article=mine, day=DAY, count=1) for _ in "12"],
            "dailyreads_once_a_day",
        ),
    ]
    for write, constraint in pairs:
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            write()


def test_drafts_may_lack_everything() -> None:
    Article.objects.create()
    assert str(Article.objects.get()) == "（无标题）"


def test_what_is_in_use_is_not_deleted() -> None:
    source, shown, promoted = make_source(), photo(), photo(sha256="b" * 64)
    mine = make_article(source=source, photos=[shown])
    Promo.objects.create(kind="image", title="题", url="https://x.example/", photo=promoted)
    for used in (source, shown, promoted):
        with pytest.raises(ProtectedError):
            used.delete()
    mine.delete()
    source.delete()
    shown.delete()


def test_what_belongs_to_an_article_goes_with_it() -> None:
    mine = make_article(topics=[make_topic()], photos=[photo()])
    mine.withdraw("错了。")
    DailyReads.objects.create(article=mine, day=DAY, count=1)
    mine.delete()
    for model in (ArticleTopic, ArticlePhoto, Correction, DailyReads):
        assert not model._default_manager.exists()
    assert Topic.objects.exists()
    assert Photo.objects.exists()


# -- who may see what ------------------------------------------------------------------------------


def titles(found: Any) -> set[str]:
    """Titles of some articles."""
    return {each.title for each in found}


@pytest.fixture
def every_state() -> None:
    """An article in each state, before and after its time."""
    now = timezone.now()
    for state in Article.State.values:
        make_article(title=f"{state} 已到", state=state, published_at=now - timedelta(seconds=1))
        make_article(title=f"{state} 未到", state=state, published_at=now + timedelta(hours=1))
    make_article(title="draft 无时", state="draft", published_at=None)


@pytest.mark.usefixtures("every_state")
def test_published_and_public() -> None:
    assert titles(Article.objects.published()) == {"published 已到"}
    assert titles(Article.objects.public()) == {"published 已到", "withdrawn 已到"}


@pytest.mark.usefixtures("every_state")
def test_public_corrections_are_dated_and_on_public_articles() -> None:
    now = timezone.now()
    for each in Article.objects.all():
        Correction.objects.create(article=each, text=each.title)
        Correction.objects.create(article=each, text="将来", published_at=now + timedelta(hours=1))
    shown = Correction.objects.public()
    assert {note.text for note in shown} == {"published 已到", "withdrawn 已到"}


@pytest.fixture
def around_midnight() -> None:
    """Articles on both sides of two midnights in the paper's city."""
    for time in (
        "2022-09-28 23:59:59.999999",
        "2022-09-29 00:00",
        "2022-09-29 23:59:59.999999",
        "2022-09-30 00:00",
    ):
        make_article(title=time[5:16], published_at=moment(time))


@pytest.mark.usefixtures("around_midnight")
def test_days_begin_at_midnight_in_the_papers_city() -> None:
    objects = Article.objects
    assert titles(objects.on(DAY)) == {"09-29 00:00", "09-29 23:59"}
    assert titles(objects.before_day(DAY)) == {"09-28 23:59"}
    assert titles(objects.after_day(DAY)) == {"09-30 00:00"}
    assert titles(objects.between(DAY, DAY + timedelta(1))) == {
        "09-29 00:00", "09-29 23:59", "09-30 00:00",
    }  # fmt: skip
    assert not objects.between(DAY, DAY - timedelta(1)).exists()
    with timezone.override("America/New_York"):
        assert titles(objects.on(DAY)) == {"09-29 00:00", "09-29 23:59"}


def test_by_source_and_editor() -> None:
    source = make_source()
    make_article(title="此", source=source, editor="戴慧慧")
    make_article(title="彼", source=make_source(), editor="戴慧")
    assert titles(Article.objects.from_source(source)) == {"此"}
    assert titles(Article.objects.by_editor("戴慧慧")) == {"此"}
    assert not Article.objects.by_editor("").exists()


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("/a/1.html", "/a/1.html"),
        ("http://old.example/a/1.html", "/a/1.html"),
        ("https://old.example:8080/show.php?id=1&x=http://y/", "/show.php?id=1&x=http://y/"),
        ("https://old.example", ""),
        ("/go?to=http://old.example/a", "/go?to=http://old.example/a"),
        ("/旧/稿.html", "/旧/稿.html"),
    ],
)
def test_old_addresses_are_found_by_their_path(url: str, path: str) -> None:
    make_article(title="别的")
    mine = make_article(legacy_url=url)
    mine.refresh_from_db()
    assert mine.legacy_path == path
    assert list(Article.objects.at_old_paths([path])) == [mine]
    assert not Article.objects.at_old_paths([path + "x"]).exists()


def test_articles_that_stood_nowhere_are_not_at_the_empty_path() -> None:
    make_article()
    assert not Article.objects.at_old_paths([""]).exists()


def test_rows_for_lists_need_no_further_query(
    django_assert_num_queries: Callable[[int], Any],
) -> None:
    for _ in range(3):
        shown = photo(sha256=f"{Photo.objects.count():064d}")
        make_article(source=make_source(), photos=[shown], topics=[make_topic()])
    with django_assert_num_queries(1):
        for each in Article.objects.for_list():
            assert each.source
            assert each.lead_photo
            assert each.excerpt
    with django_assert_num_queries(1):
        for membership in ArticleTopic.objects.visible().with_articles():
            assert membership.article.source
            assert membership.article.lead_photo
            assert membership.article.excerpt


# -- articles --------------------------------------------------------------------------------------


def test_an_excerpt_follows_its_body_and_bodies_are_clean_whoever_writes() -> None:
    mine = make_article(body="<p>甲</p><script>x</script>")
    assert (mine.body, mine.excerpt) == ("<p>甲</p>", "甲")
    mine.body = "乙"
    mine.save()
    assert (mine.body, mine.excerpt) == ("<p>乙</p>", "乙")
    Article.objects.update(body="<p>丙<script>x</script></p>")
    mine.refresh_from_db()
    assert mine.body == "<p>丙</p>"
    (made,) = Article.objects.bulk_create([Article(body="<p onclick=x>丁</p>")])
    assert made.body == Article.objects.get(pk=made.pk).body == "<p>丁</p>"


def test_a_permalink_is_of_the_papers_day() -> None:
    mine = make_article(published_at=moment("2022-01-01 00:30"))
    assert mine.get_absolute_url() == f"/2022/01/01/{mine.pk}/"
    with pytest.raises(ValueError, match="publish time"):
        Article(pk=1).get_absolute_url()


def test_a_withdrawn_article_says_when_and_why() -> None:
    mine = make_article(topics=[make_topic()])
    mine.title = "没存的改动"
    mine.withdraw("数据未经核实。", at=moment("2022-10-01 08:00"))
    mine.refresh_from_db()
    assert mine.state == "withdrawn"
    assert mine.title != "没存的改动"
    note = mine.corrections.get()
    assert (note.kind, note.text) == ("retraction", "数据未经核实。")
    assert note.published_at == moment("2022-10-01 08:00")
    assert str(note) == "撤稿：数据未经核实。"


def test_a_withdrawal_without_a_reason_changes_nothing() -> None:
    mine = make_article()
    with pytest.raises(IntegrityError), transaction.atomic():
        mine.withdraw("")
    mine.refresh_from_db()
    assert mine.state == "published"


def test_old_news_is_a_year_old() -> None:
    now = timezone.now()
    assert make_article(published_at=now - timedelta(days=366)).is_old
    assert not make_article(published_at=now - timedelta(days=364)).is_old
    assert not make_article(published_at=now - timedelta(days=999), age_notice=False).is_old
    assert not Article().is_old


def test_the_last_change_is_the_revision_or_the_publication() -> None:
    mine = make_article()
    assert mine.modified_at == mine.published_at
    mine.revised_at = timezone.now()
    assert mine.modified_at == mine.revised_at


# -- photos, topics, sources, pages ----------------------------------------------------------------


def test_a_caption_is_the_articles_or_the_photos() -> None:
    shown = make_photo(caption="图注")
    mine = make_article(photos=[shown])
    use = mine.gallery.get()
    assert (use.shown_caption, str(use)) == ("图注", "图注")
    use.caption = "本文的说法"
    assert use.shown_caption == "本文的说法"
    assert Photo.objects.get_by_natural_key(*shown.natural_key()) == shown


@pytest.mark.parametrize("model", [Topic, Source])
def test_slugs_are_made_once_of_names_and_are_never_shared(model: Any) -> None:
    slugs = [
        model.objects.create(name=name).slug for name in ("青岛 晚报", "青岛-晚报", "！", "？")
    ]
    assert slugs == ["青岛-晚报", "青岛-晚报-2", "-", "--2"]
    first = model.objects.get(name="青岛 晚报")
    first.name = "改名"
    first.save()
    assert first.slug == "青岛-晚报"
    long = [model.objects.create(name="长" * 59 + end).slug for end in "一二"]
    assert [len(slug) for slug in long] == [60, 60]
    many = [model.objects.create(name="x" * 50 + "!" * number).slug for number in range(1, 11)]
    assert many == ["x" * 50, *(f"{'x' * 50}-{number}" for number in range(2, 11))]
    for thing in model.objects.all():
        assert thing.get_absolute_url().endswith("/")


def test_topics_are_in_the_editors_order() -> None:
    later, first = make_topic(position=2), make_topic(position=1)
    assert list(Topic.objects.all()) == [first, later]


def test_licences_of_the_icp_register_lead_there() -> None:
    assert Licence(kind="icp", text="鲁ICP备1号").link == "https://beian.miit.gov.cn/"
    assert Licence(kind="icp", url="https://x.example/").link == "https://x.example/"
    assert Licence(kind="news").link == ""


def test_pages_in_the_footer_come_without_bodies() -> None:
    Page.objects.create(slug="a", title="甲", position=2)
    Page.objects.create(slug="b", title="乙", position=1, body="<p>x</p><script>y</script>")
    Page.objects.create(slug="c", title="丙", in_footer=False)
    assert [page.title for page in Page.objects.in_footer()] == ["乙", "甲"]
    assert "body" in Page.objects.in_footer()[0].get_deferred_fields()
    assert Page.objects.get(slug="b").body == "<p>x</p>"


# -- memberships kept by triggers ------------------------------------------------------------------

WHEN, LATER = moment("2022-09-29 09:18"), moment("2022-10-01 08:00")


def listed(mine: Article) -> set[Any]:
    """The times under which topics list an article."""
    return set(mine.memberships.values_list("published_at", flat=True))


def run(sql: str, *parameters: Any) -> None:
    """Run a statement."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


@pytest.fixture
def mine() -> Article:
    """A published article in two topics, beside one that nothing is done to."""
    make_article(title="旁边的", topics=[make_topic()], published_at=WHEN)
    return make_article(topics=[make_topic(), make_topic()], published_at=WHEN)


@pytest.fixture(autouse=True)
def neighbours_stay(request: pytest.FixtureRequest) -> Any:
    """Whatever is done to an article, its neighbour's memberships stay as they are."""
    yield
    if "mine" in request.fixturenames:
        assert listed(Article.objects.get(title="旁边的")) == {WHEN}


def test_memberships_follow_save(mine: Article) -> None:
    assert listed(mine) == {WHEN}
    mine.published_at = LATER
    mine.save()
    assert listed(mine) == {LATER}
    for state in ("draft", "withdrawn"):
        mine.state = state
        mine.save()
        assert listed(mine) == {None}
        mine.state = "published"
        mine.save()
        assert listed(mine) == {LATER}
    mine.state, mine.published_at = "draft", None
    mine.save()
    assert listed(mine) == {None}


def test_memberships_follow_queryset_update(mine: Article) -> None:
    found = Article.objects.filter(pk=mine.pk)
    found.update(published_at=LATER)
    assert listed(mine) == {LATER}
    found.update(published_at=F("published_at") + timedelta(hours=1))
    assert listed(mine) == {LATER + timedelta(hours=1)}
    found.update(state="draft")
    assert listed(mine) == {None}
    found.update(state="published", published_at=WHEN)
    assert listed(mine) == {WHEN}


def test_memberships_follow_bulk_update(mine: Article) -> None:
    mine.published_at = LATER
    Article.objects.bulk_update([mine], ["published_at"])
    assert listed(mine) == {LATER}


def test_memberships_follow_raw_sql(mine: Article) -> None:
    run("UPDATE articles_article SET published_at = %s WHERE id = %s", LATER, mine.pk)
    assert listed(mine) == {LATER}
    run("UPDATE articles_article SET state = 'withdrawn' WHERE id = %s", mine.pk)
    assert listed(mine) == {None}
    run("UPDATE articles_article SET state = 'published' WHERE id = %s", mine.pk)
    assert listed(mine) == {LATER}


def test_memberships_follow_withdrawing_and_publishing_again(mine: Article) -> None:
    mine.withdraw("错了。")
    assert listed(mine) == {None}
    mine.state = "published"
    mine.save(update_fields=["state"])
    assert listed(mine) == {WHEN}


def test_memberships_made_in_bulk_know_their_articles_time(mine: Article) -> None:
    draft = make_article(state="draft", published_at=WHEN)
    soon = make_article(published_at=timezone.now() + timedelta(hours=1))
    topic = make_topic()
    wrong = moment("1999-01-01")
    ArticleTopic.objects.bulk_create(
        ArticleTopic(article=each, topic=topic, published_at=wrong) for each in (mine, draft, soon)
    )
    times = dict(ArticleTopic.objects.filter(topic=topic).values_list("article", "published_at"))
    assert times == {mine.pk: WHEN, draft.pk: None, soon.pk: soon.published_at}
    visible = ArticleTopic.objects.in_topic(topic).visible()
    assert [each.article_id for each in visible] == [mine.pk]


def test_memberships_cant_be_made_to_lie(mine: Article) -> None:
    mine.memberships.update(published_at=LATER)
    assert listed(mine) == {WHEN}
    run("UPDATE articles_articletopic SET published_at = NULL WHERE article_id = %s", mine.pk)
    assert listed(mine) == {WHEN}


def test_a_membership_moved_to_another_article_takes_its_time(mine: Article) -> None:
    other = make_article(published_at=LATER)
    mine.memberships.update(article=other)
    assert listed(other) == {LATER}


def test_other_changes_leave_memberships_alone(mine: Article) -> None:
    def versions() -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, ctid::text FROM articles_articletopic ORDER BY id")
            return cursor.fetchall()

    before = versions()
    Article.objects.update(reads=F("reads") + 1, title=F("title"), state="published")
    mine.title = "改"
    mine.save()
    assert versions() == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("first", "then"), [("draft", "published"), ("published", "withdrawn")])
def test_a_membership_made_while_its_article_changes_state_is_right(first: str, then: str) -> None:
    moving = make_article(state=first, published_at=WHEN)
    topic = make_topic()
    backend: list[int] = []
    failures: list[BaseException] = []

    def join_topic() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                backend.append(cursor.fetchone()[0])
            ArticleTopic.objects.create(article_id=moving.pk, topic_id=topic.pk)
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    def waits_for_us() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", backend[:1] or [0])
            return bool(cursor.fetchone()[0])

    thread = threading.Thread(target=join_topic)
    with transaction.atomic():
        Article.objects.filter(pk=moving.pk).update(state=then)
        thread.start()
        while thread.is_alive() and not waits_for_us():
            pass
    thread.join()
    assert not failures
    assert listed(moving) == {WHEN if then == "published" else None}
