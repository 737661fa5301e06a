"""Nothing is overwritten unseen: of two saves on top of one version, one is refused."""

import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles import history
from articles.admin.stale import SAVED_COOKIE
from articles.models import Article, Page
from articles.reads import roll_up
from tests.desk import at_desk, change_path, editor_named, opened, sent_by
from tests.factories import make_article, make_photo, make_topic

pytestmark = pytest.mark.django_db

REFUSED = "没有保存：您打开之后，内容已被改动"


@pytest.fixture
def wang() -> Client:
    return at_desk(editor_named("wang", "王编辑"))


@pytest.fixture
def dai() -> Client:
    return at_desk(editor_named("dai", "戴慧慧"))


def test_the_later_save_is_refused_with_both_versions_and_the_text_kept(
    wang: Client, dai: Client
) -> None:
    article = make_article(title="原来", body="<p>海风很大。</p>", editor="")
    mine = opened(wang, article, title="我的标题")
    theirs = opened(dai, article, title="她的标题", editor="戴慧慧")
    assert dai.post(change_path(article), theirs).status_code == 302
    page = wang.post(change_path(article), mine)
    html = page.content.decode()
    assert page.status_code == 200
    assert REFUSED in html
    assert "戴慧慧 在" in html
    assert "修改了标题、责编" in html
    assert Article.objects.get().title == "她的标题"
    form = sent_by(page.context)
    assert form["title"] == "我的标题"
    assert form["editor"] == "戴慧慧"  # only she touched it
    odd = {"gallery-²-caption": "²", "published_at_²": "²", "gallery-²": "²"}
    assert REFUSED in wang.post(change_path(article), {**mine, **odd}).content.decode()
    conflict = page.context["keeping"]["conflict"]
    assert [change.label for change in conflict.theirs] == ["标题", "责编"]
    assert [change.label for change in conflict.mine] == ["标题"]
    # Saved now, on top of hers.
    assert wang.post(change_path(article), form).status_code == 302
    article.refresh_from_db()
    assert (article.title, article.editor) == ("我的标题", "戴慧慧")
    kept = [history.of_version(one) for one in history.versions(Article, article.pk)]
    assert [one.fields["title"] for one in kept] == ["我的标题", "她的标题", "原来"]


def test_rows_of_both_come_together(wang: Client, dai: Client) -> None:
    stays, goes, hers, ours, both = (
        make_topic(name) for name in ("留", "删", "她的", "我的", "都")
    )
    photo, other = make_photo(), make_photo(410)
    article = make_article(topics=[stays, goes], photos=[photo, other])
    first, second = article.memberships.all()
    plain = opened(wang, article)
    mine = {
        **plain, "memberships-TOTAL_FORMS": 4, "memberships-2-id": "",
        "memberships-2-topic": ours.pk, "memberships-2-position": 5, "memberships-3-id": "",
        "memberships-3-topic": both.pk, "memberships-3-position": 6,
        "gallery-0-caption": "我写的图注",
    }  # fmt: skip
    with history.recording([article], None):
        second.delete()
        article.memberships.create(topic=hers, position=2)
        article.memberships.create(topic=both, position=3)
        article.gallery.filter(photo=other).update(caption="她写的图注")
    page = wang.post(change_path(article), mine)
    assert REFUSED in page.content.decode()
    form = sent_by(page.context)
    saved = wang.post(change_path(article), form)
    assert saved.status_code == 302
    assert [str(row) for row in article.memberships.all()] == ["留", "她的", "都", "我的"]
    assert first in article.memberships.all()
    captions = dict(article.gallery.values_list("photo_id", "caption"))
    assert captions == {photo.pk: "我写的图注", other.pk: "她写的图注"}


def test_an_untouched_row_that_the_other_one_edited_is_the_others(
    wang: Client, dai: Client
) -> None:
    article = make_article(photos=[make_photo()])
    mine = opened(wang, article, title="我改了标题")
    assert dai.post(
        change_path(article), opened(dai, article, **{"gallery-0-caption": "她写的"})
    ).status_code == 302  # fmt: skip
    form = sent_by(wang.post(change_path(article), mine).context)
    assert wang.post(change_path(article), form).status_code == 302
    assert article.gallery.get().caption == "她写的"
    assert Article.objects.get().title == "我改了标题"


@pytest.mark.parametrize("change", ["topic", "photo", "note", "note text", "withdrawal"])
def test_every_change_of_what_is_edited_counts(wang: Client, change: str) -> None:
    article = make_article()
    note = article.corrections.create(text="一")
    mine = opened(wang, article, title="我的")
    if change == "topic":
        article.memberships.create(topic=make_topic())
    elif change == "photo":
        article.gallery.create(photo=make_photo())
    elif change == "note":
        note.delete()
    elif change == "note text":
        article.corrections.update(text="二")
    else:
        with history.recording([article], None):
            article.withdraw("数据有误。")
    page = wang.post(change_path(article), mine)
    assert page.status_code == 200
    assert REFUSED in page.content.decode()
    assert sent_by(page.context)["title"] == "我的"
    if change == "withdrawal":
        assert sent_by(page.context)["state"] == "withdrawn"  # not published again unseen


def test_reads_and_the_index_are_no_changes(wang: Client) -> None:
    article = make_article()
    mine = opened(wang, article, title="我的")
    Article.objects.filter(pk=article.pk).update(reads=500)
    roll_up(timezone.localdate())
    with connection.cursor() as cursor:
        cursor.execute("SELECT articles_index(ARRAY[%s]::bigint[])", [article.pk])
    assert wang.post(change_path(article), mine).status_code == 302


def test_an_older_form_is_refused_with_errors_of_its_own(wang: Client, dai: Client) -> None:
    article = make_article()
    mine = opened(wang, article, title="", editor="写了的")
    Article.objects.filter(pk=article.pk).update(byline="她")
    page = wang.post(change_path(article), mine)
    assert REFUSED in page.content.decode()
    again = wang.post(change_path(article), sent_by(page.context))
    assert again.status_code == 200
    assert REFUSED not in again.content.decode()
    assert sent_by(again.context)["editor"] == "写了的"


def test_a_deleted_one_can_be_saved_anew(wang: Client, dai: Client) -> None:
    article = make_article(state="draft", published_at=None, topics=[make_topic("话")])
    mine = opened(wang, article, title="我写了很久")
    dai.post(reverse("admin:articles_article_delete", args=[article.pk]), {"post": "yes"})
    page = wang.post(change_path(article), mine)
    html = page.content.decode()
    assert "原来的稿件已被删除" in html
    assert "戴慧慧删除了" in html
    add = reverse("admin:articles_article_add")
    assert f'action="{add}"' in html
    assert wang.post(add, sent_by(page.context)).status_code == 302
    saved = Article.objects.get()
    assert saved.title == "我写了很久"
    assert [str(row) for row in saved.memberships.all()] == ["话"]


def test_pages_are_guarded_too(wang: Client) -> None:
    page = Page.objects.create(slug="about", title="关于", body="<p>一</p>")
    mine = opened(wang, page, title="我的")
    Page.objects.update(title="她的")
    assert REFUSED in wang.post(change_path(page), mine).content.decode()


def test_every_form_of_ours_carries_its_version(wang: Client) -> None:
    from django.contrib.admin import site as desk

    make_photo()
    make_article(topics=[make_topic()])
    Page.objects.create(slug="about", title="关于")
    seen = 0
    for model in desk._registry:
        for obj in model._default_manager.all()[:1] if model._meta.app_label == "articles" else ():
            html = wang.get(change_path(obj)).content.decode()
            assert 'name="_version" value="' in html
            assert 'name="_version" value=""' not in html
            seen += 1
    assert seen >= 4


def test_the_browser_is_told_which_draft_is_saved(wang: Client) -> None:
    article = make_article()
    data = opened(wang, article, title="")
    refused = wang.post(change_path(article), data)
    assert refused.status_code == 200
    assert SAVED_COOKIE not in refused.cookies
    assert sent_by(refused.context)["_writing"] == data["_writing"]
    saved = wang.post(change_path(article), {**data, "title": "有了"})
    assert saved.cookies[SAVED_COOKIE].value == data["_writing"]
    junk = {**opened(wang, article), "_writing": "x; Domain=evil"}
    assert wang.post(change_path(article), junk).cookies.get(SAVED_COOKIE) is None


def test_differences_are_shown_to_who_may_change_and_change_nothing(wang: Client) -> None:
    article = make_article(title="存着的")
    path = reverse("admin:articles_article_differences", args=[article.pk])
    html = wang.post(path, opened(wang, article, title="本机的")).content.decode()
    assert "存着" in html
    assert "本机" in html
    assert Article.objects.get().title == "存着的"
    assert wang.get(path).status_code == 404
    reader = at_desk(editor_named("reader", permissions=("view_article",)))
    assert reader.post(path, {}).status_code == 403
    new = reverse("admin:articles_article_new_differences")
    assert "本机的" in wang.post(new, opened(wang, article, title="本机的")).content.decode()
    assert reader.post(new, {}).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_of_two_saves_at_once_exactly_one_wins() -> None:
    """Two real connections, started together, ten times over."""
    clients = [at_desk(editor_named(name)) for name in ("one", "two")]
    article = make_article(title="原来")
    for round_number in range(10):
        forms = [
            opened(client, article, title=f"第{round_number}次 {number}")
            for number, client in enumerate(clients)
        ]
        together = threading.Barrier(2)
        statuses: list[int] = [0, 0]

        def save(number: int, forms: Any = forms, together: Any = together,
                 statuses: Any = statuses) -> None:  # fmt: skip
            try:
                together.wait()
                response = clients[number].post(change_path(article), forms[number])
                statuses[number] = response.status_code
            finally:
                connection.close()

        threads = [threading.Thread(target=save, args=[number]) for number in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(statuses) == [200, 302]
        article.refresh_from_db()
        assert article.title == f"第{round_number}次 {statuses.index(302)}"


def rows_of(client: Client, path: str) -> dict[str, Any]:
    """What a list that is edited in place would send back."""
    formset = client.get(path).context["cl"].formset
    data: dict[str, Any] = {"_save": "保存"}
    for form in [formset.management_form, *formset.forms]:
        for bound in form:
            data[bound.html_name] = bound.value()
            if bound.field.show_hidden_initial:
                data[bound.html_initial_name] = bound.value()
    return {name: value for name, value in data.items() if value not in (None, False)}


def test_a_list_that_is_edited_in_place_overwrites_nothing(wang: Client, dai: Client) -> None:
    mine, theirs = make_topic("甲", position=1), make_topic("乙", position=2)
    path = reverse("admin:articles_topic_changelist")
    opened_by_wang = rows_of(wang, path)
    assert 'name="initial-form-0-position"' in wang.get(path).content.decode()
    changed = {**rows_of(dai, path), "form-1-position": 77, "form-1-featured": "on"}
    assert dai.post(path, changed).status_code == 302
    assert wang.post(path, {**opened_by_wang, "form-0-position": 5}).status_code == 302
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.position, theirs.position, theirs.featured) == (5, 77, True)
    # Another field of the row that she changed goes together with hers; the same one doesn't.
    assert wang.post(path, {**opened_by_wang, "form-0-position": 5, "form-1-in_navigation": "on"})
    theirs.refresh_from_db()
    assert (theirs.position, theirs.featured, theirs.in_navigation) == (77, True, True)
    refused = wang.post(path, {**opened_by_wang, "form-1-position": 3})
    assert "别人刚改过，没有保存" in refused.content.decode()
    theirs.refresh_from_db()
    assert theirs.position == 77
