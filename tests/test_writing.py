"""Writing on the desk: what the form and its scripts' addresses do, and under which policy."""

import gettext
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from articles import text
from articles.models import Article, ArticlePhoto, Page
from tests.factories import make_article, make_photo, make_source, make_topic
from tests.test_admin import form_of

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ADD = "/admin/articles/article/add/"
IMAGE = '<p>正文。</p><p>图前<img src="https://mmbiz.qpic.cn/a.jpg"></p>'


@pytest.fixture
def editor(client: Client) -> Client:
    """An editor at the desk."""
    client.force_login(User.objects.create_superuser("editor", password="secret"))
    return client


@pytest.fixture
def stranger() -> Client:
    """Somebody who may enter the desk and do nothing there."""
    client = Client()
    client.force_login(User.objects.create_user("nobody", password="secret", is_staff=True))
    return client


def said(response: Any) -> str:
    """The messages that the next page will show."""
    return "\n".join(str(message) for message in get_messages(response.wsgi_request))


def change(article: Article) -> str:
    return reverse("admin:articles_article_change", args=[article.pk])


# -- the form ---------------------------------------------------------------------------------


def test_what_is_sent_without_scripts_is_cleaned_and_its_losses_are_named(editor: Client) -> None:
    response = editor.post(ADD, form_of(body=f"<h1>题</h1><p>　　首段</p>{IMAGE}"))
    assert response.status_code == 302
    assert Article.objects.get().body == "<h2>题</h2><p>首段</p><p>正文。</p><p>图前</p>"
    assert "有 1 处图片没有带进来" in said(response)
    assert "在“图前”之后，地址 https://mmbiz.qpic.cn/a.jpg" in said(response)


def test_a_refused_form_says_what_its_body_lost_and_keeps_the_rest(editor: Client) -> None:
    sent = form_of(body=f"{IMAGE}<p>编辑：戴慧慧</p>", published_at_0="0001-01-01")
    html = editor.post(ADD, sent).content.decode()
    assert "年份应在" in html
    assert "有 1 处图片没有带进来" in html
    assert "已移到" not in html
    assert "编辑：戴慧慧" in html
    assert not Article.objects.exists()


def test_a_closing_line_goes_into_its_fields(editor: Client) -> None:
    source = make_source("青岛晚报")
    line = "<p>正文。</p><p>[来源：青岛晚报 记者：林疏影 责任编辑：戴慧慧]</p>"
    response = editor.post(ADD, form_of(body=line))
    article = Article.objects.get()
    assert (article.source, article.editor, article.byline) == (source, "戴慧慧", "记者 林疏影")
    assert article.body == "<p>正文。</p>"
    assert said(response).count("已移到") == 3


def test_a_closing_line_that_contradicts_a_field_stays_with_a_warning(editor: Client) -> None:
    make_source("青岛晚报")
    line = "<p>正文。</p><p>[来源:没有的报 编辑:戴慧慧]</p>"
    response = editor.post(ADD, form_of(body=line, editor="沈知远"))
    article = Article.objects.get()
    assert (article.source, article.editor, article.body) == (None, "沈知远", line)
    assert "还没有这个来源" in said(response)
    assert "责编一栏是“沈知远”" in said(response)


def test_what_fits_goes_and_what_does_not_stays(editor: Client) -> None:
    line = "<p>正文。</p><p>[来源:没有的报 编辑:戴慧慧 审核:王五]</p>"
    editor.post(ADD, form_of(body=line, editor="戴慧慧"))
    assert Article.objects.get().body == "<p>正文。</p><p>[来源:没有的报 审核:王五]</p>"


def test_a_body_that_is_not_touched_is_not_taken_apart(editor: Client) -> None:
    article = make_article(body='<p><a href="/x">甲</a></p><p>编辑：戴慧慧</p>')
    article.refresh_from_db()
    respelt = article.body.replace(' rel="noopener"', "")
    sent = form_of(title=article.title, body=respelt, state="published")
    assert editor.post(change(article), sent).status_code == 302
    article.refresh_from_db()
    assert (article.editor, article.body[-13:]) == ("", "<p>编辑：戴慧慧</p>")


def test_a_pages_closing_line_stays(editor: Client) -> None:
    sent = {"title": "关于", "slug": "about", "position": 1, "body": f"{IMAGE}<p>编辑：戴慧慧</p>"}
    response = editor.post(reverse("admin:articles_page_add"), sent)
    assert Page.objects.get().body == "<p>正文。</p><p>图前</p><p>编辑：戴慧慧</p>"
    assert "有 1 处图片没有带进来" in said(response)


def test_photos_of_the_body_join_the_gallery_behind_those_there(editor: Client) -> None:
    first, second, third = make_photo(40), make_photo(50), make_photo(60)
    article = make_article(photos=[second])
    figures = "".join(f'<figure data-photo="{p.token}"></figure>' for p in (third, second, first))
    gone = '<figure data-photo="0000000000000000"></figure><figure data-photo="短"></figure>'
    use = article.gallery.get()
    gallery = {
        "gallery-TOTAL_FORMS": 1, "gallery-INITIAL_FORMS": 1, "gallery-0-id": use.pk,
        "gallery-0-article": article.pk, "gallery-0-photo": second.pk, "gallery-0-position": 0,
    }  # fmt: skip
    for _ in range(2):  # the second time there is nothing to add
        sent = form_of(body=f"<p>文</p>{figures}{gone}", state="published", **gallery)
        assert editor.post(change(article), sent).status_code == 302
    uses = ArticlePhoto.objects.filter(article=article).order_by("position")
    assert [use.photo for use in uses] == [second, third, first]
    assert [use.position for use in uses] == [0, 1, 2]


def test_publishing_with_open_questions_publishes_and_says_so(editor: Client) -> None:
    response = editor.post(ADD, form_of(state="published"))
    article = Article.objects.get()
    assert article.state == Article.State.PUBLISHED
    assert "还有 2 处请核对：没有填写来源。没有归入任何话题。" in said(response)
    assert f'href="{change(article)}#checks"' in said(response)
    response = editor.post(ADD, form_of(title="草稿"))
    assert said(response).count("请核对") == 1  # a draft is not held to it


def test_the_change_page_shows_its_checks_and_its_length(editor: Client) -> None:
    html = editor.get(change(make_article(body="<p>青岛 2022</p>"))).content.decode()
    assert "没有填写来源。" in html
    assert "没有归入任何话题。" in html
    assert '<b data-count="han">2</b>' in html
    assert '<b data-count="total">6</b>' in html
    assert "保存后在这里列出要核对的地方" in editor.get(ADD).content.decode()


# -- what the scripts ask ---------------------------------------------------------------------


def photos(client: Client, **query: Any) -> dict[str, Any]:
    response = client.get("/admin/articles/article/photos/", query)
    assert response.status_code == 200
    answer: dict[str, Any] = response.json()
    return answer


def test_photos_are_found_newest_first_and_further(editor: Client) -> None:
    made = [make_photo(40 + number, caption=f"海{number}") for number in range(26)]
    first = photos(editor)
    assert [p["caption"] for p in first["photos"]] == [f"海{n}" for n in range(25, 1, -1)]
    rest = photos(editor, before=first["more"])
    assert [p["caption"] for p in rest["photos"]] == ["海1", "海0"]
    assert rest["more"] is None
    assert [p["token"] for p in photos(editor, q="海7")["photos"]] == [made[7].token]


@pytest.mark.parametrize("word", ["栈桥", "晨光", "林疏影", "SEA", "栈桥 晨光"])
def test_photos_are_found_by_each_of_their_words(editor: Client, word: str) -> None:
    photo = make_photo(caption="栈桥", alt="晨光", credit="林疏影")
    make_photo(50, caption="别的", alt="别的", credit="别的")
    found = [p["token"] for p in photos(editor, q=word)["photos"]]
    assert photo.token in found
    assert len(found) == (2 if word == "SEA" else 1)


def test_photos_are_described_as_the_article_shows_them(
    editor: Client, django_assert_max_num_queries: Any
) -> None:
    photo, other = make_photo(caption="图库的图注"), make_photo(50)
    article = make_article(photos=[photo, other])
    article.gallery.filter(photo=photo).update(caption="这里的图注")
    query = {"token": [photo.token, other.token, "0" * 16, "x", "\0" * 16], "article": article.pk}
    with django_assert_max_num_queries(4):  # two for the session
        found = photos(editor, **query)["photos"]
    captions = {p["token"]: p["caption"] for p in found}
    assert captions == {photo.token: "这里的图注", other.token: "海"}


@pytest.mark.parametrize(
    "query",
    [
        {"before": "x"},
        {"before": "9" * 30},
        {"before": "9" * 5000},
        {"article": "-1"},
        {"q": "\x00"},
    ],
)
def test_senseless_questions_are_answered_all_the_same(editor: Client, query: Any) -> None:
    make_photo()
    assert len(photos(editor, **query)["photos"]) == 1


def test_a_pasted_text_is_answered_with_body_fields_and_notices(editor: Client) -> None:
    source = make_source("青岛晚报")
    sent = {
        "pasted": f"{IMAGE}<p>[来源:青岛晚报 编辑:戴慧慧]</p>",
        "source": "", "editor": "", "byline": "",
    }  # fmt: skip
    answer = editor.post("/admin/articles/article/intake/", sent).json()
    assert answer["body"] == "<p>正文。</p><p>图前</p>"
    assert answer["fields"]["source"] == {"id": source.pk, "text": "青岛晚报"}
    assert answer["fields"]["editor"] == "戴慧慧"
    assert len(answer["notices"]) == 3
    held = {**sent, "source": str(make_source("别的报").pk), "editor": "沈知远"}
    answer = editor.post("/admin/articles/article/intake/", held).json()
    assert answer["body"].endswith("<p>[来源:青岛晚报 编辑:戴慧慧]</p>")
    assert answer["fields"] == {"source": None, "editor": "", "byline": ""}
    plain = editor.post("/admin/articles/article/intake/", {"plain": "甲<b>\n乙"}).json()
    assert plain["body"] == "<p>甲&lt;b&gt;</p><p>乙</p>"


def test_a_form_is_checked_before_it_is_saved(
    editor: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    other = make_article(title="栈桥晨光")
    bare = make_photo(alt="")
    sent = form_of(
        title="栈桥晨光", body="<p>一　　二</p>", source="1", number="",
        **{
            "memberships-TOTAL_FORMS": 2, "memberships-0-topic": make_topic().pk,
            "memberships-0-DELETE": "on", "memberships-1-topic": "",
            "gallery-TOTAL_FORMS": 1, "gallery-0-photo": bare.pk,
        },
    )  # fmt: skip
    with django_assert_max_num_queries(4):  # two for the session
        html = editor.post("/admin/articles/article/check/", sent).content.decode()
    found = re.findall(r'href="#([a-z_-]+)" data-field="([a-z_]+)" data-block="(\d+)"', html)
    assert found == [
        ("id_title", "title", "0"), ("id_body", "body", "1"), ("gallery-group", "gallery", "0"),
        ("memberships-group", "memberships", "0"),
    ]  # fmt: skip
    assert "<script" not in html
    sent |= {"number": str(other.pk), "published_at_0": "昨天", "gallery-TOTAL_FORMS": "很多"}
    html = editor.post("/admin/articles/article/check/", sent).content.decode()
    assert "已有同题稿件" not in html


def test_what_is_quoted_in_a_finding_is_no_markup(editor: Client) -> None:
    make_article(title="<b>题")
    html = editor.post("/admin/articles/article/check/", form_of(title="<b>题")).content.decode()
    assert "&lt;b&gt;题" in html
    assert "<b>" not in html


@pytest.mark.parametrize(
    ("method", "name", "permission"),
    [
        ("get", "photos", "view_photo"),
        ("post", "check", "change_article"),
        ("post", "intake", "add_page"),
    ],
)
def test_who_may_not_gets_no_answer(
    client: Client, stranger: Client, method: str, name: str, permission: str
) -> None:
    path = f"/admin/articles/article/{name}/"
    assert getattr(client, method)(path).status_code == 302  # to the login
    assert getattr(stranger, method)(path).status_code == 403
    user = User.objects.get(username="nobody")
    user.user_permissions.add(Permission.objects.get(codename=permission))
    assert getattr(stranger, method)(path).status_code == 200


def test_each_address_takes_its_own_method(editor: Client) -> None:
    assert editor.post("/admin/articles/article/photos/").status_code == 405
    assert editor.get("/admin/articles/article/intake/").status_code == 405
    assert editor.get("/admin/articles/article/check/").status_code == 405
    guarded = Client(enforce_csrf_checks=True)
    guarded.force_login(User.objects.get(username="editor"))
    assert guarded.post("/admin/articles/article/intake/", {"plain": "甲"}).status_code == 403


# -- the policy, the words, the counts --------------------------------------------------------


def test_the_editors_import_map_is_let_in_by_a_nonce_and_nothing_else_is(editor: Client) -> None:
    article = make_article()
    policies = set()
    for path in (change(article), ADD, reverse("admin:articles_page_add")):
        response = editor.get(path)
        policy = response["Content-Security-Policy"]
        nonce = re.search(r"script-src 'self' 'nonce-([^']+)'", policy)
        assert nonce, policy
        html = response.content.decode()
        assert f'<script type="importmap" nonce="{nonce[1]}">' in html
        assert not re.search(r"<script(?![^>]*(?:src|nonce)=)[^>]*>", html)
        assert "unsafe" not in policy
        policies.add(policy)
    assert len(policies) == 3  # a nonce is used once


def test_pages_without_an_editor_keep_the_strict_policy(editor: Client) -> None:
    article = make_article()
    for path in ("/", article.get_absolute_url(), "/admin/", "/admin/articles/article/"):
        policy = editor.get(path)["Content-Security-Policy"]
        assert "script-src 'self';" in f"{policy};"
        assert "nonce" not in policy
        assert "unsafe" not in policy


def test_the_editors_words_reach_it_in_chinese(editor: Client) -> None:
    catalogue = editor.get(reverse("admin:jsi18n")).content.decode()
    assert '"Edit Link": "\\u7f16\\u8f91\\u94fe\\u63a5"' in catalogue


def test_the_compiled_catalogue_says_what_its_source_says(settings: Any) -> None:
    folder = Path(settings.LOCALE_PATHS[0]) / "zh_Hans" / "LC_MESSAGES"
    written = dict(
        re.findall(
            r'^msgid "(.+)"\nmsgstr "(.+)"$', (folder / "djangojs.po").read_text(), re.MULTILINE
        )
    )
    with (folder / "djangojs.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert len(written) > 30
    assert {english: compiled.gettext(english) for english in written} == written


@pytest.mark.parametrize(
    ("body", "han", "total", "minutes"),
    [
        ("", 0, 0, 0),
        ("<p>青岛</p>", 2, 2, 1),
        ("<p>青岛，2022 年 OK。</p><p>　𠮷〇々</p>", 6, 14, 1),
        ("<p>A&amp;B&nbsp;</p>", 0, 3, 1),
        (f"<p>{'海' * 401}</p>", 401, 401, 2),
    ],
)
def test_lengths_are_counted_as_chinese_editors_count(
    body: str, han: int, total: int, minutes: int
) -> None:
    length = text.length(body)
    assert (length.han, length.total, length.minutes) == (han, total, minutes)


def test_titles_are_the_same_whatever_their_signs_and_widths() -> None:
    assert text.folded("５Ｇ，来了！") == text.folded("5g来了") == "5g来了"
    assert text.folded("栈桥") != text.folded("栈桥夜")
