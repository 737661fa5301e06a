"""An article with all that belongs to it, by one statement: the same as Django's ORM would find."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DataError, connection, models, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from articles import prepared
from articles.chronicle import neighbours
from articles.models import Article, ArticlePhoto, Correction, PublicVersion, public_article
from articles.related import related
from articles.sidebar import latest
from tests.factories import make_article, make_photo, make_source, make_topic

pytestmark = pytest.mark.django_db


def fields(found: models.Model | None) -> dict[str, Any]:
    assert found is not None
    return {field.attname: getattr(found, field.attname) for field in found._meta.concrete_fields}


def test_everything_is_as_the_orm_has_it(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    first, second = make_photo(330, 220, caption="图“一”"), make_photo(400, 300)
    topics = [make_topic("汐"), make_topic("潮", description="一\n二", featured=True)]
    made = make_article(
        title='"栈桥"\\', body=f'<p>字</p><figure data-photo="{second.token}"></figure>',
        source=make_source(url="https://paper.example/"), topics=topics, photos=[second, first],
        legacy_url="http://old.example/a.htm", anchors=[[1], [2]],
    )  # fmt: skip
    Correction.objects.create(article=made, text="旧", published_at=made.published_at)
    Correction.objects.create(article=made, text="新", kind="addition")
    Correction.objects.create(
        article=made, text="以后", published_at=timezone.now() + timedelta(days=1)
    )
    stored = Article.objects.select_related("source", "lead_photo").get(pk=made.pk)
    with django_assert_num_queries(1):
        found = public_article(made.pk)
        assert found
        assert fields(found.article) == fields(stored)
        assert fields(found.article.source) == fields(stored.source)
        assert fields(found.article.lead_photo) == fields(stored.lead_photo)
        assert [use.article for use in found.gallery] == [found.article] * 2
    assert [fields(topic) for topic in found.topics] == [fields(topic) for topic in topics]
    uses = ArticlePhoto.objects.select_related("photo").filter(article=made)
    expected = uses.as_read(made.body)
    assert [fields(use) for use in found.gallery] == [fields(use) for use in expected]
    assert [fields(use.photo) for use in found.gallery] == [fields(use.photo) for use in expected]
    assert [use.number for use in found.gallery] == [1, 2]
    notes = made.corrections.published()
    assert [fields(note) for note in found.corrections] == [fields(note) for note in notes]
    assert [note.text for note in found.corrections] == ["新", "旧"]
    assert not found.has_versions


def test_all_is_in_the_editors_order_whichever_came_first() -> None:
    topics, photos = [make_topic() for _ in range(3)], [make_photo() for _ in range(3)]
    made = make_article(topics=topics, photos=photos)
    for model, order in ((made.memberships, [2, 1, 1]), (made.gallery, [2, 1, 1])):
        for row, position in zip(model.order_by("id"), order, strict=True):
            model.filter(pk=row.pk).update(position=position)
    at = timezone.now()
    for text in ("先", "后"):
        Correction.objects.create(article=made, text=text, published_at=at)
    found = public_article(made.pk)
    assert found
    assert found.topics == [topics[1], topics[2], topics[0]]
    assert [use.photo for use in found.gallery] == [photos[1], photos[2], photos[0]]
    assert [note.text for note in found.corrections] == ["后", "先"]


def test_an_article_may_have_nothing_but_itself() -> None:
    made = make_article()
    found = public_article(made.pk)
    assert found
    assert (found.article, found.article.source, found.article.lead_photo) == (made, None, None)
    assert (found.topics, found.gallery, found.corrections) == ([], [], [])


def test_it_is_the_stored_one_and_can_be_saved() -> None:
    made = make_article(body="<p>旧</p>")
    found = public_article(made.pk)
    assert found
    found.article.body = "<p>新</p>"
    found.article.save()
    made.refresh_from_db()
    assert made.body == "<p>新</p>"


def test_whether_it_has_versions_is_told() -> None:
    made = make_article()
    PublicVersion.objects.create(article=made, number=1, kind="first", content={"title": "题"})
    found = public_article(made.pk)
    assert found
    assert found.has_versions


@pytest.mark.parametrize("state", Article.State.values)
@pytest.mark.parametrize("hours", [-1, 1])
def test_statements_by_hand_show_what_the_queryset_shows(state: str, hours: int) -> None:
    topic = make_topic()
    at = timezone.now() + timedelta(hours=hours)
    other = make_article(topics=[topic], state=state, published_at=at)
    shown = make_article(topics=[topic], published_at=timezone.now() - timedelta(days=1))
    is_public = Article.objects.public().filter(pk=other.pk).exists()
    assert (public_article(other.pk) is not None) == is_public
    published = list(Article.objects.published().filter(pk=other.pk))
    assert list(related(shown, [topic], 6)) == published
    beside = neighbours(shown, topic)
    assert [one for one in (beside.newer, beside.newer_in_topic) if one] == published * 2
    without_shown = [one for one in latest([topic], 6)[topic.pk].articles if one != shown]
    assert without_shown == published


def test_what_is_beside_an_article_tells_nothing_false() -> None:
    topic = make_topic()
    shown, other = (make_article(topics=[topic], reads=7, source=make_source()) for _ in "甲乙")
    for one in (related(shown, [topic], 6)[0], neighbours(shown, topic).newer):
        assert one
        assert (one, one.reads, one.state, one.source) == (other, 7, other.state, other.source)


def test_statements_that_are_planned_outlive_a_migration() -> None:
    """PostgreSQL refuses a kept plan that gives other types than it was made for."""
    topic = make_topic()
    shown, other = make_article(topics=[topic]), make_article(topics=[topic])
    for migration in (
        "SET CONSTRAINTS ALL IMMEDIATE",  # what is pending forbids the others
        "ALTER TABLE articles_article ADD COLUMN later integer",
        "DROP TRIGGER articles_content_update ON articles_article;"
        "DROP TRIGGER articles_index_changed ON articles_article;"
        "ALTER TABLE articles_article ALTER COLUMN title TYPE varchar(999)",
    ):
        # In a block, for psycopg forgets its plans at an ALTER of its own, and hears of no other.
        with connection.cursor() as cursor:
            cursor.execute(f"DO $$ BEGIN {migration}; END $$")
        for _ in range(6):  # prepared after some times
            found = public_article(shown.pk)
            assert found
            assert found.article == shown
            assert list(related(shown, [topic], 6)) == [other]
            assert neighbours(shown, topic).newer == other


def test_what_is_asked_between_neither_counts_nor_drives_plans_out() -> None:
    shown = make_article()

    def kept() -> set[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM pg_prepared_statements")
            return {name for (name,) in cursor.fetchall()}

    before = kept()
    for turn in range(8):
        with connection.cursor() as cursor:
            for number in range(101):  # more than psycopg remembers of a connection
                cursor.execute(f"SELECT {turn * 1000 + number}")
        with pytest.raises(DataError), transaction.atomic():
            prepared.rows("SELECT 1 / %(number)s::int", {"number": 0})
        assert public_article(shown.pk)
    assert len(kept() - before) == 1


def test_only_what_has_a_page_is_found() -> None:
    draft = make_article(state="draft")
    scheduled = make_article(published_at=timezone.now() + timedelta(hours=1))
    for number in (draft.pk, scheduled.pk, 10**18 - 1):
        assert public_article(number) is None
    withdrawn = make_article()
    withdrawn.withdraw("数据未经核实。")
    found = public_article(withdrawn.pk)
    assert found
    assert found.article.state == Article.State.WITHDRAWN
    assert [note.text for note in found.corrections] == ["数据未经核实。"]
