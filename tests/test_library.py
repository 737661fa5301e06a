"""The photo library on the desk: its list, what is said of a photo, where it is, what may go."""

import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from articles import renditions
from articles.admin.library import paging
from articles.models import Article, Page, Photo, Promo
from tests.factories import make_article, make_photo, picture
from tests.lines import make_line, write_lines
from tests.test_renditions import files

pytestmark = pytest.mark.django_db

LIST = reverse("admin:articles_photo_changelist")
UPLOAD = reverse("admin:articles_photo_upload")
DESCRIBE = reverse("admin:articles_photo_describe")
ADD = reverse("admin:articles_photo_add")


@pytest.fixture
def editor(client: Client) -> Client:
    """An editor at the desk; what fails there fails the test."""
    client.force_login(User.objects.create_superuser("editor", password="secret"))
    return client


def form_of(photo: Photo, **overrides: Any) -> dict[str, Any]:
    """A photo's form, filled in."""
    return {
        "alt": photo.alt, "caption": photo.caption, "credit": photo.credit,
        "focus_x": 50, "focus_y": 50, **overrides,
    }  # fmt: skip


def change(photo: Photo) -> str:
    return reverse("admin:articles_photo_change", args=[photo.pk])


# -- descriptions ----------------------------------------------------------------------------------


def test_a_photo_is_described_or_decorative_never_both_nor_neither(editor: Client) -> None:
    photo = make_photo(alt="", caption="海")
    for form, error in (
        (form_of(photo), "请写替代文字"),
        (form_of(photo, alt="海", decorative="on"), "装饰性图片的替代文字应留空"),
        (form_of(photo, alt="海", focus_x=101), "小于或等于100"),
    ):
        assert error in editor.post(change(photo), form).content.decode()
    assert editor.post(change(photo), form_of(photo, decorative="on")).status_code == 302
    photo.refresh_from_db()
    assert (photo.decorative, photo.lacks_alt) == (True, False)
    assert editor.post(change(photo), form_of(photo, alt="海")).status_code == 302
    photo.refresh_from_db()
    assert (photo.decorative, photo.alt) == (False, "海")


def rows_of(photos: list[Photo], **overrides: Any) -> dict[str, Any]:
    """The form of several photos, as the browser sends it."""
    sent: dict[str, Any] = {
        "form-TOTAL_FORMS": len(photos), "form-INITIAL_FORMS": len(photos), "shared_credit": "",
    }  # fmt: skip
    for row, photo in enumerate(photos):
        sent |= {f"form-{row}-{name}": getattr(photo, name) for name in ("alt", "caption")}
        sent |= {f"form-{row}-id": photo.pk, f"form-{row}-credit": photo.credit}
    return {**sent, **overrides}


def test_many_are_described_on_one_page_and_share_a_credit(editor: Client) -> None:
    photos = [make_photo(alt="", caption="", credit="") for _ in range(3)]
    path = f"{DESCRIBE}?{'&'.join(f'id={photo.pk}' for photo in photos)}"
    refused = editor.post(path, rows_of(photos, **{"form-0-alt": "甲", "form-1-alt": "乙"}))
    html = refused.content.decode()
    assert "有 1 处要改" in html
    assert 'value="甲"' in html
    assert not Photo.objects.exclude(alt="").exists()
    sent = {"form-0-alt": "甲", "form-1-alt": "乙", "form-2-decorative": "on",
            "form-1-credit": "自己的", "shared_credit": "本报记者"}  # fmt: skip
    response = editor.post(path, rows_of(photos, **sent), follow=True)
    assert "保存了 3 张图片的说明。" in response.content.decode()
    assert list(Photo.objects.order_by("pk").values_list("alt", "credit", "decorative")) == [
        ("甲", "本报记者", False),
        ("乙", "自己的", False),
        ("", "本报记者", True),
    ]
    assert LogEntry.objects.count() == 3


@pytest.mark.parametrize("query", ["", "?id=", "?id=x", "?id=9999999999999999999", "?id=%00&id=²"])
def test_nothing_to_describe_is_said(editor: Client, query: str) -> None:
    response = editor.get(DESCRIBE + query)
    assert response.status_code == 200
    assert "没有要填写的图片。" in response.content.decode()


def test_photos_that_the_address_does_not_name_cannot_be_described_by_it(editor: Client) -> None:
    asked, other = make_photo(), make_photo()
    editor.post(f"{DESCRIBE}?id={asked.pk}", rows_of([other], **{"form-0-alt": "改了"}))
    other.refresh_from_db()
    assert other.alt == "图上的海"


# -- the list --------------------------------------------------------------------------------------


def listed(client: Client, query: str = "") -> set[str]:
    """Captions on the list."""
    html = client.get(LIST + query).content.decode()
    return set(re.findall(r'class="field-named[^>]*"><a [^>]*>([^<]*)</a>', html))


def test_the_list_is_narrowed(editor: Client) -> None:
    used, lead, promoted = (make_photo(caption=name) for name in ("在图集", "题图", "推广"))
    make_photo(caption="没用", alt="")
    decorative = make_photo(caption="点缀", alt="")
    Photo.objects.filter(pk=decorative.pk).update(decorative=True)
    make_article(photos=[used])
    make_article(lead_photo=lead)
    Promo.objects.create(kind="image", title="推广", url="https://a.example/", photo=promoted)
    old = make_photo(caption="去年")
    Photo.objects.filter(pk=old.pk).update(created_at=timezone.now() - timezone.timedelta(400))
    today = timezone.localdate().isoformat()
    assert listed(editor, "?used=yes") == {"在图集", "题图", "推广"}
    assert listed(editor, "?used=no") == {"没用", "点缀", "去年"}
    assert listed(editor, "?alt=missing") == {"没用"}
    assert listed(editor, "?alt=decorative") == {"点缀"}
    assert listed(editor, f"?day={today}") == {"在图集", "题图", "推广", "没用", "点缀"}
    assert listed(editor, "?day=2001-01-01") == set()
    assert len(listed(editor, "?day=nonsense")) == len(listed(editor, "?day=2001-99-99")) == 6
    assert listed(editor, f"?q=推广&day={today}") == {"推广"}
    form = editor.get(f"{LIST}?q=推广&used=yes&day={today}").content.decode()
    assert '<input type="hidden" name="q" value="推广">' in form
    assert '<input type="hidden" name="used" value="yes">' in form


def test_the_list_counts_no_further_than_it_shows(
    editor: Client, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(paging, "MOST_LISTED", 3)
    for _ in range(5):
        make_photo()
    with django_assert_max_num_queries(6) as queries:
        html = editor.get(LIST).content.decode()
    assert "只列出最近的 3 张" in html
    counts = [each["sql"] for each in queries.captured_queries if "COUNT(" in each["sql"]]
    assert counts
    assert all("LIMIT 3" in sql for sql in counts)


# -- where it is used, and deletion ----------------------------------------------------------------


def test_the_page_of_a_photo_says_where_it_is_used(
    editor: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    photo = make_photo()
    assert "还没有用过。" in editor.get(change(photo)).content.decode()
    figure = f'<p>文。</p><figure data-photo="{photo.token}"></figure>'
    shown = make_article(title="正文里", body=figure, photos=[photo])
    make_article(title="只在图集", photos=[photo], lead_photo=None, state=Article.State.DRAFT)
    make_article(title="只是题图", lead_photo=photo)
    Promo.objects.create(
        kind="image", title="推广的", url="https://a.example/", photo=photo, active=False
    )
    Page.objects.create(slug="about", title="关于", body=figure)
    with django_assert_max_num_queries(10):
        html = editor.get(change(photo)).content.decode()
    uses = re.findall(r'<li class="uses__use">(.*?)</li>', html)
    words = [re.sub(r"<[^>]*>", "", use) for use in uses]
    assert words == [
        "稿件（草稿）：只在图集 图集",
        "稿件（已发布）：正文里 正文、题图 网页",
        "稿件（已发布）：只是题图 题图 网页",
        "推广位：推广的 停用",
        "单页：关于 正文 网页",
    ]
    assert shown.get_absolute_url() in uses[1]


USES = {
    "gallery": lambda photo: make_article(title="用它的", photos=[photo], lead_photo=None),
    "lead": lambda photo: make_article(title="用它的", lead_photo=photo),
    "promo": lambda photo: Promo.objects.create(
        kind="image", title="用它的", url="https://a.example/", photo=photo
    ),
    "page": lambda photo: Page.objects.create(
        slug="about", title="用它的", body=f'<figure data-photo="{photo.token}"></figure>'
    ),
}


@pytest.mark.parametrize("use", USES)
def test_a_used_photo_is_not_deleted_and_the_desk_says_where_it_is(
    editor: Client, media: Path, use: str
) -> None:
    photo = make_photo()
    USES[use](photo)
    before = files(media)
    delete = reverse("admin:articles_photo_delete", args=[photo.pk])
    many = {"action": "delete_selected", "_selected_action": [photo.pk]}
    for response in (
        editor.get(delete),
        editor.post(delete, {"post": "yes"}, follow=True),
        editor.post(LIST, many),
        editor.post(LIST, {**many, "post": "yes"}),
    ):
        html = response.content.decode()
        assert "还在用" in html
        assert "用它的" in html
    assert Photo.objects.get() == photo
    assert files(media) == before


@pytest.mark.parametrize("many", [False, True])
def test_a_photo_goes_with_all_its_files_once_that_is_committed(
    editor: Client, media: Path, many: bool,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:  # fmt: skip
    kept, gone = make_photo(), make_photo(700, 500)
    before = files(media)
    path, form = reverse("admin:articles_photo_delete", args=[gone.pk]), {"post": "yes"}
    if many:
        path = LIST
        form |= {"action": "delete_selected", "_selected_action": str(gone.pk)}
        form.pop("post")
        assert "原图和缩略图会一并删除" in editor.post(path, form).content.decode()
        form["post"] = "yes"
    with django_capture_on_commit_callbacks() as callbacks:
        assert editor.post(path, form).status_code == 302
    assert Photo.objects.get() == kept
    assert files(media) == before
    for callback in callbacks:
        callback()
    left = files(media)
    assert left < before
    assert {path.name.split("-")[0].split(".")[0][:16] for path in left} == {kept.token}


def test_a_photo_used_since_the_question_was_asked_stays(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = make_photo()
    make_article(photos=[photo])
    monkeypatch.setattr("articles.admin.library.photos.uses_of", lambda photo: [])
    delete = reverse("admin:articles_photo_delete", args=[photo.pk])
    many = {"action": "delete_selected", "_selected_action": [photo.pk], "post": "yes"}
    for path, form in ((delete, {"post": "yes"}), (LIST, many)):
        response = editor.post(path, form)
        assert response.status_code == 302
        assert (
            "这张图片还在用，不能删除" in editor.get(response.headers["Location"]).content.decode()
        )
    assert Photo.objects.get() == photo


def test_a_photo_added_again_while_the_old_one_goes_keeps_its_files(
    media: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    content = picture().getvalue()
    photo = renditions.add_photo(io.BytesIO(content), "a.jpg")
    before = files(media)
    with django_capture_on_commit_callbacks() as callbacks:
        renditions.remove(photo)
        renditions.add_photo(io.BytesIO(content), "a.jpg")
    for callback in callbacks:
        callback()
    assert files(media) == before


# -- files that are lost ---------------------------------------------------------------------------


def lose(media: Path) -> None:
    """Delete every file of the library."""
    for path in files(media):
        path.unlink()


def test_pages_and_desk_open_without_the_files(editor: Client, media: Path) -> None:
    photo = make_photo(700, 500)
    article = make_article(photos=[photo], body=f'<figure data-photo="{photo.token}"></figure>')
    lose(media)
    change_article = reverse("admin:articles_article_change", args=[article.pk])
    for path in ("/", article.get_absolute_url(), LIST, change(photo), change_article,
                 f"{DESCRIBE}?id={photo.pk}"):  # fmt: skip
        assert editor.get(path).status_code == 200
    assert editor.post(change(photo), form_of(photo)).status_code == 302


def test_a_lost_rendition_is_a_placeholder_where_a_page_shows_it(
    client: Client, media: Path
) -> None:
    photo = make_photo(700, 500)
    lose(media)
    address = renditions.url(photo, 640)
    shown = client.get(address, headers={"accept": "image/avif,image/webp,image/*,*/*;q=0.8"})
    assert (shown.status_code, shown["Content-Type"]) == (404, "image/svg+xml")
    assert "图片暂缺" in shown.content.decode()
    assert shown["Cache-Control"] == "no-store"
    page = client.get(address, headers={"accept": "text/html,*/*"})
    assert page.status_code == 404
    assert page["Content-Type"].startswith("text/html")


def test_the_focal_point_reaches_the_pages(client: Client) -> None:
    photo = make_photo(700, 500)
    make_article(photos=[photo])
    assert "focus-x" not in client.get("/").content.decode()
    Photo.objects.update(focus_x=12, focus_y=100)
    assert 'class="focus-x1 focus-y10"' in client.get("/").content.decode()
    sheet = Path("static/css/blocks/focus.css").read_text(encoding="utf-8")
    for tenth in range(11):
        for name in Photo(focus_x=tenth * 10, focus_y=50).focus.split():
            assert f".{name} " in sheet or name == "focus-y5"


def test_an_import_that_describes_a_decorative_photo_is_taken(tmp_path: Path) -> None:
    content = picture().getvalue()
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(content)
    photo = renditions.add_photo(
        io.BytesIO(content), "a.jpg", renditions.Description(decorative=True)
    )
    line = make_line(photos=[{"file": "a.jpg", "alt": "海"}])
    call_command("import_articles", str(write_lines(tmp_path / "a.jsonl", [line])))
    photo.refresh_from_db()
    assert (photo.alt, photo.decorative) == ("海", False)
    assert Article.objects.get().lead_photo == photo
