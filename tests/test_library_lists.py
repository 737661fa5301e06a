"""What the library's lists go by: whether a photo is used, and words."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier, Event

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from articles.admin.library import holding
from articles.models import Article, ArticlePhoto, Generation, Photo, Promo
from tests.factories import make_article, make_photo

pytestmark = pytest.mark.django_db

WAIT_SECONDS = 30


def promoted(photo: Photo) -> QuerySet[Promo]:
    promo = Promo.objects.create(kind="image", title="推广", url="https://a.example/", photo=photo)
    return Promo.objects.filter(pk=promo.pk)


USES: dict[str, Callable[[Photo], QuerySet]] = {
    "gallery": lambda photo: ArticlePhoto.objects.filter(
        article=make_article(photos=[photo], lead_photo=None)
    ),
    "lead": lambda photo: Article.objects.filter(pk=make_article(lead_photo=photo).pk),
    "promo": promoted,
}


def used(*photos: Photo) -> list[bool]:
    """What their rows say."""
    return [Photo.objects.get(pk=photo.pk).used for photo in photos]


@pytest.mark.parametrize("name", USES)
def test_a_photo_is_used_as_long_as_something_shows_it(name: str) -> None:
    photo, other = make_photo(), make_photo()
    assert used(photo, other) == [False, False]
    rows = [USES[name](photo) for _ in range(2)]
    assert used(photo, other) == [True, False]
    field = "lead_photo" if name == "lead" else "photo"
    rows[0].update(**{field: other})
    assert used(photo, other) == [True, True]
    rows[1].delete()
    assert used(photo, other) == [False, True]


def test_no_writer_says_of_a_photo_what_is_not_so() -> None:
    photo = make_photo()
    read_before = Photo.objects.get(pk=photo.pk)
    make_article(photos=[photo])
    read_before.caption = "别的图注"
    read_before.save()
    assert used(photo) == [True]
    Photo.objects.update(used=False)
    assert used(photo) == [True]


def test_what_is_used_is_nothing_that_readers_see() -> None:
    photo = make_photo()
    before = Generation.objects.count()
    with connection.cursor() as cursor:  # as if each were a transaction of its own
        cursor.execute("SELECT set_config('xinwang.changed_in', '', true)")
    make_article(state=Article.State.DRAFT, lead_photo=photo)
    assert used(photo) == [True]
    assert Generation.objects.count() == before
    Photo.objects.update(caption="别的")
    assert Generation.objects.count() == before + 1


@pytest.mark.django_db(transaction=True)
def test_a_use_that_comes_while_the_last_one_goes_is_not_overlooked() -> None:
    photo, article = make_photo(), make_article()
    last = ArticlePhoto.objects.create(article=make_article(), photo=photo)
    gone, came = Event(), Event()

    def use() -> None:
        with closing(connection), transaction.atomic():
            gone.wait(WAIT_SECONDS)
            ArticlePhoto.objects.create(article=article, photo=photo)
            came.set()

    with ThreadPoolExecutor(1) as another:
        coming = another.submit(use)
        with transaction.atomic():
            last.delete()
            gone.set()
            assert came.wait(WAIT_SECONDS)
        coming.result(WAIT_SECONDS)
    assert used(photo) == [True]


@pytest.mark.django_db(transaction=True)
def test_two_who_first_use_the_same_photos_in_another_order_both_succeed() -> None:
    photos = [make_photo(), make_photo()]
    articles = [make_article(), make_article()]
    both = Barrier(2, timeout=WAIT_SECONDS)

    def use(article: Article, first: Photo, second: Photo) -> None:
        with closing(connection), transaction.atomic():
            ArticlePhoto.objects.create(article=article, photo=first)
            both.wait()
            ArticlePhoto.objects.create(article=article, photo=second)

    with ThreadPoolExecutor(2) as writers:
        writing = [
            writers.submit(use, articles[0], *photos),
            writers.submit(use, articles[1], *reversed(photos)),
        ]
        for each in writing:
            each.result(WAIT_SECONDS)
    assert used(*photos) == [True, True]


def test_words_are_found_however_they_are_written() -> None:
    photo = make_photo(caption="栈桥的早晨 DSC_0042", alt="海", credit="戴慧慧 摄")
    make_photo(caption="别的", alt="山", credit="")
    for typed in (
        "栈桥", "棧橋", "dsc_0042", "ＤＳＣ", "DSC0042", "海", "早晨 戴慧慧", "sea.jpg 栈桥",
        " 栈桥 \x00", photo.token, photo.sha256.upper(),
    ):  # fmt: skip
        assert list(holding(Photo.objects.all(), typed)) == [photo], typed
    for typed in ("桥栈", "晨戴", "早晨 山", photo.token[:4] + "xyz", "栈桥早晨"):
        assert not holding(Photo.objects.all(), typed).exists(), typed
    assert holding(Photo.objects.all(), " ").count() == 2
    assert holding(Photo.objects.all(), "，").count() == 2  # says nothing


def test_a_gallery_of_many_costs_an_article_s_form_what_one_of_few_does(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(User.objects.create_superuser("editor"))
    article = make_article(photos=[make_photo(caption=f"图{number}") for number in range(12)])
    with django_assert_max_num_queries(27):
        html = client.get(
            reverse("admin:articles_article_change", args=[article.pk])
        ).content.decode()
    for number, use in enumerate(article.gallery.all()):
        assert f'<option value="{use.photo_id}" selected>图{number}</option>' in html
