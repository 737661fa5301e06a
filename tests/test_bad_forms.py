"""Forms of the desk that no browser of ours sends: each was a fault once."""

from typing import Any

import pytest
from django.test import Client

from articles.models import Article, Desk, Photo, Promo
from tests.desk import at_desk, change_path, editor_named, opened
from tests.factories import make_article, make_photo
from tests.people import somebody

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ARTICLES = "/admin/articles/article/"
NONSENSE = ("#p1", "\xa0", "9" * 40)


@pytest.fixture
def editor() -> Client:
    return at_desk(editor_named("superuser"))


@pytest.mark.parametrize("sent", NONSENSE)
@pytest.mark.parametrize("field", ["source", "lead_photo", "memberships-0-topic"])
def test_a_choice_that_is_none_is_refused_in_words(editor: Client, field: str, sent: str) -> None:
    article = make_article(title="原题")
    page = editor.post(
        change_path(article), opened(editor, article, **{field: sent, "title": "改"})
    )
    assert page.status_code == 200
    assert "errorlist" in page.content.decode()
    assert Article.objects.get().title == "原题"


@pytest.mark.parametrize("sent", NONSENSE)
def test_a_promos_picture_that_is_none_is_refused_in_words(editor: Client, sent: str) -> None:
    data = {"kind": "image", "title": "推广", "url": "https://p.example/", "photo": sent}
    page = editor.post("/admin/articles/promo/add/", data | {"position": "1"})
    assert page.status_code == 200
    assert "errorlist" in page.content.decode()
    assert not Promo.objects.exists()


@pytest.mark.parametrize("sent", NONSENSE)
def test_a_topic_for_many_that_is_none_is_refused_in_words(editor: Client, sent: str) -> None:
    article = make_article()
    data = {
        "action": "add_topic",
        "_selected_action": str(article.pk),
        "confirmed": "1",
        "topic": sent,
    }
    page = editor.post(ARTICLES, data)
    assert page.status_code == 200
    assert "errorlist" in page.content.decode()


@pytest.mark.parametrize("broken", [{}, {"title": ""}, {"corrections-TOTAL_FORMS": "x"}])
def test_nobody_saves_as_new(editor: Client, broken: dict[str, Any]) -> None:
    article = make_article(desk=Desk.objects.create(name="别的部门"))
    sent = opened(editor, article) | broken | {"_saveasnew": "1"}
    writer = at_desk(somebody("编辑", Desk.objects.create(name="要闻部")))
    for somebodys in (editor, writer):
        for path in (f"{ARTICLES}add/", change_path(article)):
            assert somebodys.post(path, sent).status_code == 403
    assert Article.objects.count() == 1


@pytest.mark.parametrize("sent", [*NONSENSE, ""])
def test_a_description_of_no_photo_is_refused(editor: Client, sent: str) -> None:
    photo = make_photo(alt="海")
    data = {
        "form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": sent, "form-0-alt": "山",
    }  # fmt: skip
    page = editor.post(f"/admin/articles/photo/describe/?id={photo.pk}", data)
    assert page.status_code == 200
    assert Photo.objects.get().alt == "海"
