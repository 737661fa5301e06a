"""Rows by COPY: the same as any other way of writing makes, refused as any other."""

from typing import Any

import pytest
from django.db import DataError, IntegrityError, connection, models
from django.utils import timezone

from articles.models import Article, ArticlePhoto, ArticleTopic, Correction, Desk
from articles.transfer import copying
from tests.factories import make_article, make_photo, make_source, make_topic, moment
from tests.lines import make_line, run_import

pytestmark = pytest.mark.django_db


def full_article(number: int) -> Article:
    """An article with something in every field."""
    return Article(
        title=f"标题\t\\N{number}", original_title="原\n题", source=make_source(),
        desk=Desk.objects.create(name=f"部门{number}"), editor="戴", byline="记者",
        body="<p>甲</p><script>x()</script>", anchors=[[2], [1, 3]], excerpt="甲",
        state="withdrawn", published_at=moment("2022-09-29 09:18"), age_notice=False,
        revised_at=moment("2022-09-29 10:00"), lead_photo=make_photo(), imported_reads=3, reads=7,
        legacy_id=f"old-{number}", legacy_url="http://old.example.com/1?a=1",
        import_digest="d" * 64,
    )  # fmt: skip


def rows(model: type[models.Model]) -> list[dict[str, Any]]:
    """What stands in the columns of all rows, but for what must differ."""
    differ = {"id", "legacy_id", "title", "created_at", "updated_at", "article_id"}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {model._meta.db_table} ORDER BY id")
        names = [column.name for column in cursor.description]
        return [
            {name: value for name, value in zip(names, row, strict=True) if name not in differ}
            for row in cursor
        ]


def test_no_column_is_forgotten() -> None:
    one, other = full_article(1), full_article(2)
    other.source, other.desk, other.lead_photo = one.source, one.desk, one.lead_photo
    empty = {
        field.name
        for field in Article._meta.concrete_fields
        if not (field.primary_key or field.generated or field.name in {"created_at", "updated_at"})
        and field.value_from_object(one) in field.empty_values
    }
    assert not empty, "give these fields a value, so that this test sees whether they are written"
    Article.objects.bulk_create([one])
    (other.pk,) = copying.draw_numbers(Article, 1)
    copying.copy([other])
    written, copied = rows(Article)
    assert copied == written
    stored = Article.objects.get(pk=other.pk)
    assert (stored.title, stored.legacy_path) == (other.title, "/1?a=1")
    assert stored.body == "<p>甲</p>"
    assert abs(stored.created_at - timezone.now()).total_seconds() < 60


def test_what_belongs_to_an_article_is_copied_whole() -> None:
    one, other = make_article(), make_article()
    topic, photo, now = make_topic(), make_photo(), timezone.now()
    Article.objects.update(published_at=now)

    def belongings(article: Article) -> list[list[models.Model]]:
        return [
            [ArticleTopic(article=article, topic=topic, position=4)],
            [ArticlePhoto(article=article, photo=photo, position=5, caption="图")],
            [Correction(article=article, kind="addition", published_at=now, text="补\\.\n")],
        ]

    for written, copied in zip(belongings(one), belongings(other), strict=True):
        model = type(written[0])
        model._default_manager.bulk_create(written)
        copying.copy(copied)
        first, second = rows(model)
        assert first == second
    assert ArticleTopic.objects.get(article=other).published_at == now


def test_numbers_are_drawn_in_order_and_never_again() -> None:
    first, second = copying.draw_numbers(Article, 3), copying.draw_numbers(Article, 2)
    assert sorted(first + second) == first + second
    assert make_article().pk > second[-1]
    assert copying.draw_numbers(Article, 0) == []


def test_what_the_database_refuses_is_an_error_of_djangos() -> None:
    article = make_article()
    with pytest.raises(IntegrityError):
        copying.copy(
            [Correction(article=article, kind="?", published_at=timezone.now(), text="字")]
        )


def test_what_is_too_long_is_an_error_of_djangos() -> None:
    with pytest.raises(DataError):
        copying.copy([Article(pk=1, title="长" * 201)])


def test_an_imported_article_has_all_that_follows_from_its_body() -> None:
    run_import(make_line(body="<div>甲乙丙。<script>x</script><p>丁"))
    article = Article.objects.get()
    before = {field.attname: field.value_from_object(article) for field in article._meta.fields}
    article.derive()
    assert before == {
        field.attname: field.value_from_object(article) for field in article._meta.fields
    }
