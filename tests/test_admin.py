"""The editors' desk: every page opens in Chinese; what goes out is complete."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin import site as desk
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from articles.models import Article, Correction, Photo
from tests.factories import make_article, make_photo, make_source, make_topic, moment, picture

pytestmark = pytest.mark.django_db

OURS = [model for model in desk._registry if model._meta.app_label == "articles"]


@pytest.fixture
def editor(client: Client) -> Client:
    """An editor at the desk."""
    client.force_login(User.objects.create_superuser("editor", password="secret"))
    return client


def form_of(**overrides: Any) -> dict[str, Any]:
    """A filled-in article form, as the browser sends it."""
    now = timezone.localtime()
    managed = {
        f"{prefix}-{name}": number
        for prefix in ("memberships", "gallery", "corrections")
        for name, number in (("TOTAL_FORMS", 0), ("INITIAL_FORMS", 0))
    }
    return {
        "title": "新稿", "original_title": "", "body": "<p>正文。</p>", "source": "", "editor": "",
        "byline": "", "state": "draft", "published_at_0": now.strftime("%Y-%m-%d"),
        "published_at_1": now.strftime("%H:%M:%S"), "withdrawal_reason": "", "lead_photo": "",
        "age_notice": "on", "legacy_url": "", **managed, **overrides,
    }  # fmt: skip


@pytest.mark.parametrize("model", OURS, ids=lambda model: str(model.__name__))
def test_every_list_and_form_opens_in_chinese(editor: Client, model: Any) -> None:
    photo = make_photo()
    make_article(topics=[make_topic()], photos=[photo], source=make_source())
    name = f"admin:articles_{model._meta.model_name}"
    changelist = editor.get(reverse(f"{name}_changelist") + "?q=海").content.decode()
    added = editor.get(reverse(f"{name}_add")).content.decode()
    assert model._meta.verbose_name in changelist
    assert "保存" in added or "存为草稿" in added
    for instance in model.objects.all()[:1]:
        assert editor.get(reverse(f"{name}_change", args=[instance.pk])).status_code == 200


def test_the_desk_is_closed_to_readers(client: Client) -> None:
    for model in OURS:
        path = reverse(f"admin:articles_{model._meta.model_name}_changelist")
        response = client.get(path)
        assert response.status_code == 302
        assert response["Location"].startswith("/admin/login/")


def test_an_address_cannot_propose_a_publish_time_in_words(editor: Client) -> None:
    address = reverse("admin:articles_article_add")
    response = editor.get(address, {"published_at": "明天", "title": "拟好的题"})
    assert response.status_code == 200
    assert 'value="拟好的题"' in response.content.decode()
    assert "明天" not in response.content.decode()


def test_an_incomplete_draft_is_kept(editor: Client) -> None:
    form = form_of(body="", published_at_0="", published_at_1="")
    response = editor.post(reverse("admin:articles_article_add"), form)
    assert response.status_code == 302
    assert Article.objects.get().state == Article.State.DRAFT


def test_publishing_without_a_time_publishes_now(editor: Client) -> None:
    form = form_of(state="published", published_at_0="", published_at_1="")
    assert editor.post(reverse("admin:articles_article_add"), form).status_code == 302
    article = Article.objects.get()
    assert article.published_at
    assert abs(timezone.now() - article.published_at) < timedelta(minutes=5)
    assert Article.objects.published().get() == article


def test_publishing_without_text_is_refused_and_loses_nothing(editor: Client) -> None:
    form = form_of(state="published", body="", title="写了很久的题目")
    response = editor.post(reverse("admin:articles_article_add"), form)
    html = response.content.decode()
    assert "发布前请填写正文。" in html
    assert "写了很久的题目" in html
    assert not Article.objects.exists()


def test_withdrawing_needs_a_public_reason(editor: Client) -> None:
    article = make_article()
    path = reverse("admin:articles_article_change", args=[article.pk])
    refused = editor.post(path, form_of(state="withdrawn"))
    assert "请写明撤稿的原因" in refused.content.decode()
    article.refresh_from_db()
    assert article.state == Article.State.PUBLISHED
    assert (
        editor.post(path, form_of(state="withdrawn", withdrawal_reason="数据有误。")).status_code
        == 302
    )
    note = Correction.objects.get()
    assert (note.kind, note.text) == ("retraction", "数据有误。")
    assert editor.get(article.get_absolute_url()).status_code in (301, 410)


def test_a_draft_cannot_be_withdrawn(editor: Client) -> None:
    form = form_of(state="withdrawn", withdrawal_reason="x", published_at_0="", published_at_1="")
    response = editor.post(reverse("admin:articles_article_add"), form)
    assert "没有发布过的稿件不能撤稿" in response.content.decode()


def test_a_change_of_substance_is_dated_and_others_are_not(editor: Client) -> None:
    article = make_article(title="新稿", body="<p>正文。</p>")
    path = reverse("admin:articles_article_change", args=[article.pk])
    when = timezone.localtime(article.published_at)
    same = {"state": "published", "published_at_0": when.strftime("%Y-%m-%d"),
            "published_at_1": when.strftime("%H:%M:%S")}  # fmt: skip
    editor.post(path, form_of(**same, editor="沈知远"))
    article.refresh_from_db()
    assert (article.editor, article.revised_at) == ("沈知远", None)
    editor.post(path, form_of(**same, body="<p>改过的正文。</p>"))
    article.refresh_from_db()
    assert article.revised_at is not None


def test_a_photo_is_uploaded_once(editor: Client) -> None:
    path = reverse("admin:articles_photo_add")
    upload = {"alt": "海", "caption": "海", "credit": "本报", "file": picture(colour="navy")}
    upload["file"].name = "sea.jpg"
    assert editor.post(path, upload).status_code == 302
    assert Photo.objects.get().alt == "海"
    upload["file"].seek(0)
    assert "图库里已经有这张图片" in editor.post(path, upload).content.decode()
    assert Photo.objects.count() == 1


def test_a_bad_picture_is_refused_with_the_reason(editor: Client) -> None:
    bad = io.BytesIO(b"<html>not a picture</html>")
    bad.name = "photo.png"  # type: ignore[attr-defined]
    form = {"alt": "海", "caption": "", "credit": "", "file": bad}
    response = editor.post(reverse("admin:articles_photo_add"), form)
    assert "不是 JPEG、PNG、WebP 或 GIF 图片" in response.content.decode()
    assert not Photo.objects.exists()


def test_lists_cost_the_same_however_many_rows(
    editor: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    path = reverse("admin:articles_article_changelist")
    for _ in range(2):
        for _ in range(15):
            make_article(source=make_source())
        with django_assert_max_num_queries(9):
            assert editor.get(path).status_code == 200


def test_the_lead_photo_is_one_of_the_photos(editor: Client) -> None:
    lead, other = make_photo(), make_photo()
    editor.post(reverse("admin:articles_article_add"), form_of(lead_photo=lead.pk))
    article = Article.objects.get()
    assert [use.photo for use in article.gallery.all()] == [lead]
    gallery = {
        "gallery-TOTAL_FORMS": 1, "gallery-0-photo": other.pk, "gallery-0-position": 0,
        "gallery-0-caption": "", "title": "第二篇",
    }  # fmt: skip
    editor.post(reverse("admin:articles_article_add"), form_of(**gallery))
    assert Article.objects.get(title="第二篇").lead_photo == other


@pytest.mark.parametrize("year", ["0226", "0001", "3026", "9999"])
def test_a_mistyped_year_is_refused(editor: Client, year: str) -> None:
    form = form_of(state="published", published_at_0=f"{year}-01-01")
    response = editor.post(reverse("admin:articles_article_add"), form)
    assert "年份应在" in response.content.decode()
    assert not Article.objects.exists()


def test_what_was_never_published_cannot_become_a_tombstone(editor: Client) -> None:
    form = form_of(state="withdrawn", withdrawal_reason="数据有误。")
    response = editor.post(reverse("admin:articles_article_add"), form)
    assert "没有发布过的稿件不能撤稿" in response.content.decode()
    empty = form_of(state="published", body="<script>x</script>")
    response = editor.post(reverse("admin:articles_article_add"), empty)
    assert "发布前请填写正文。" in response.content.decode()


def listed(editor: Client, words: str) -> list[str]:
    """Titles that the search box of the list finds."""
    page = editor.get("/admin/articles/article/", {"q": words})
    assert page.status_code == 200
    return sorted(article.title for article in page.context["cl"].result_list)


def test_the_search_box_asks_the_sites_search_for_articles_of_every_state(editor: Client) -> None:
    source = make_source("青岛晚报")
    make_article(title="５Ｇ基站", body="<p>栈桥，有了。</p>", source=source, editor="戴慧慧")
    make_article(title="草稿一", body="<p>栈桥有了</p>", state="draft", published_at=None)
    make_article(title="撤了", body="<p>棧橋有了</p>", state="withdrawn", editor="戴慧慧")
    make_article(title="明天", body="<p>栈桥有了</p>", published_at=moment("2999-01-01"))
    make_article(title="别的", body="<p>中山路</p>")
    assert listed(editor, "栈桥有") == ["撤了", "明天", "草稿一", "５Ｇ基站"]
    assert listed(editor, "5g基站") == ["５Ｇ基站"]
    assert listed(editor, "编辑:戴慧慧 -标题:撤") == ["５Ｇ基站"]
    assert listed(editor, "来源:晚报") == ["５Ｇ基站"]
    assert listed(editor, "来源:没有的报 栈桥") == []
    assert listed(editor, "栈") == ["撤了", "明天", "草稿一", "５Ｇ基站"]
    assert listed(editor, "%%%") == []
    assert listed(editor, "没有这样的话") == []


def test_the_search_box_finds_an_article_by_its_number(editor: Client) -> None:
    article = make_article(title="有编号的", legacy_id="2022-0001")
    make_article(title="别的")
    assert "有编号的" in listed(editor, str(article.pk))
    assert listed(editor, "2022-0001") == ["有编号的"]


def test_a_search_that_would_take_too_long_is_given_up_with_a_word(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_article(title="栈桥")
    monkeypatch.setattr("articles.search.entries.PATIENCE_MS", 200)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION articles_fold(raw text) RETURNS text LANGUAGE sql"
            " IMMUTABLE STRICT AS $$ SELECT raw FROM (SELECT pg_sleep(3)) AS slept $$"
        )
    page = editor.get("/admin/articles/article/", {"q": "栈桥"})
    assert "范围太大" in page.content.decode()
    assert page.context["cl"].result_count == 0
    assert editor.get("/admin/articles/article/").status_code == 200
