"""Files that come into the library: many at once, hostile ones, failures in the middle."""

import errno
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from articles import renditions
from articles.models import Photo
from articles.renditions import decoding
from tests.factories import make_photo, picture
from tests.test_renditions import HOSTILE, files, saved

pytestmark = [pytest.mark.django_db, pytest.mark.once]

LIST = reverse("admin:articles_photo_changelist")
UPLOAD = reverse("admin:articles_photo_upload")
DESCRIBE = reverse("admin:articles_photo_describe")
ADD = reverse("admin:articles_photo_add")


@pytest.fixture
def editor(client: Client) -> Client:
    """An editor at the desk; what fails there fails the test."""
    client.force_login(User.objects.create_superuser("editor", password="secret"))
    return client


@pytest.fixture
def temporary(tmp_path: Path, settings: Any) -> Path:
    """Where Django keeps an upload while it comes in."""
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    return tmp_path


def upload_of(content: bytes, name: str = "a.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "image/jpeg")


def send(client: Client, *uploads: SimpleUploadedFile) -> list[dict[str, Any]]:
    """The results of an upload, as the script gets them."""
    response = client.post(UPLOAD, {"files": list(uploads)}, headers={"accept": "application/json"})
    assert response.status_code == 200
    results: list[dict[str, Any]] = json.loads(response.content)["results"]
    return results


def change(photo: Photo) -> str:
    return reverse("admin:articles_photo_change", args=[photo.pk])


# -- many files ------------------------------------------------------------------------------------


def test_a_bad_file_does_not_stop_the_others(editor: Client, media: Path) -> None:
    known = make_photo()
    with known.original.open() as original:
        again = original.read()
    good, bad, twice = send(
        editor,
        upload_of(picture().getvalue(), "海.jpg"),
        upload_of(b"<html>", "坏.png"),
        upload_of(again, "又一次.jpg"),
    )
    photo = Photo.objects.exclude(pk=known.pk).get()
    assert (good["id"], good["known"], good["name"]) == (photo.pk, False, "海.jpg")
    assert good["thumbnail"] == renditions.url(photo, 320)
    assert bad == {"name": "坏.png", "error": "不是 JPEG、PNG、WebP 或 GIF 图片。"}
    assert (twice["id"], twice["known"], twice["address"]) == (known.pk, True, change(known))
    assert LogEntry.objects.get().object_id == str(photo.pk)


def test_without_scripts_all_go_at_once_and_lead_to_their_descriptions(editor: Client) -> None:
    uploads = [upload_of(picture().getvalue(), f"{n}.jpg") for n in range(2)]
    response = editor.post(UPLOAD, {"files": [*uploads, upload_of(b"x", "坏.png")]}, follow=True)
    numbers = sorted(Photo.objects.values_list("pk", flat=True))
    assert response.redirect_chain == [(f"{DESCRIBE}?id={numbers[0]}&id={numbers[1]}", 302)]
    html = response.content.decode()
    assert "坏.png：不是 JPEG、PNG、WebP 或 GIF 图片。" in html
    assert "2 张图片已入库" in html
    assert html.count(">替代文字</label>") == 2


@pytest.mark.parametrize("data", [{}, {"files": "no file"}])
def test_nothing_sent_says_so(editor: Client, data: dict[str, str]) -> None:
    response = editor.post(UPLOAD, data, follow=True)
    assert "没有收到图片，请先选择文件。" in response.content.decode()
    assert editor.get(UPLOAD).status_code == 302


def test_uploading_and_describing_need_the_right(client: Client) -> None:
    reader = User.objects.create_user("reader", password="x", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_photo"))
    client.force_login(reader)
    assert client.post(UPLOAD, {"files": upload_of(picture().getvalue())}).status_code == 403
    assert client.get(DESCRIBE).status_code == 403
    assert "data-upload" not in client.get(LIST).content.decode()
    client.logout()
    assert client.post(UPLOAD).headers["Location"].startswith("/admin/login/")
    assert not Photo.objects.exists()


# -- what is refused -------------------------------------------------------------------------------


def bomb() -> bytes:
    """One colour, 12,000 by 12,000: 144 million pixels in under a megabyte."""
    return saved(Image.new("1", (12_000, 12_000)), "PNG", optimize=False)


BAD = {
    **{name: case for name, case in HOSTILE.items() if name != "too many bytes"},
    "a bomb that is a picture": (bomb(), "超过 6000 万像素，请缩小后再传"),
    "a jpeg cut off": (picture(1600, 1000).getvalue()[:-300], "图片已损坏，读不出来"),
    "a jpeg that is a script": (b"\xff\xd8\xff\xe0<script>alert(1)</script>" * 20, "图片"),
}


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("name", BAD)
def test_a_hostile_file_gets_a_chinese_error_and_leaves_nothing(
    editor: Client, media: Path, temporary: Path, name: str
) -> None:
    content, reason = BAD[name]
    (result,) = send(editor, upload_of(content, "a.png"))
    assert re.search(reason, result["error"])
    assert re.search(r"[\u4e00-\u9fff]", result["error"])
    response = editor.post(ADD, {"alt": "海", "file": upload_of(content, "a.png")})
    assert response.status_code == 200
    assert "errorlist" in response.content.decode()
    assert not Photo.objects.exists()
    assert not LogEntry.objects.exists()
    assert files(media) == set()
    assert list(temporary.iterdir()) == []


def test_a_file_of_sixty_megabytes_is_cut_off_while_it_comes_in(
    editor: Client, media: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []
    read = decoding.read

    def measured(file: TemporaryUploadedFile) -> tuple[bytes, str]:
        sizes.append(Path(file.temporary_file_path()).stat().st_size)
        return read(file)

    monkeypatch.setattr("articles.renditions.keeping.read", measured)
    content = picture().getvalue() + bytes(60 * 1024 * 1024)
    (result,) = send(editor, upload_of(content))
    assert result["error"] == "图片超过 40 MB，请缩小后再传。"
    assert sizes == [renditions.MAX_BYTES + 1]
    assert not Photo.objects.exists()
    assert files(media) == set()
    assert list(temporary.iterdir()) == []


def test_a_request_larger_than_any_form_is_refused_unread(editor: Client) -> None:
    response = editor.post(
        UPLOAD,
        b"--x\r\n",
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(renditions.MAX_BYTES * 10 + 1),
    )
    assert response.status_code == 400


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.jpg", "passwd.jpg"),
        ("..\\..\\windows\\海.jpg", "海.jpg"),
        ("海\x00\x1b[31m\u202egpj.exe.jpg", "海[31mgpj.exe.jpg"),
        ("字" * 400 + ".jpg", "字" * 200),
        ("🌊.jpg", "🌊.jpg"),
        ("\x01\x02", "未命名"),
        ("a/", "未命名"),
        ("\ud800.jpg", ".jpg"),
        ("CON", "CON"),
        ("C:\\windows\\NUL.jpg", "NUL.jpg"),
        ("COM1.jpg. . ", "COM1.jpg. ."),
    ],
)
def test_odd_file_names_become_readable(name: str, kept: str) -> None:
    photo = renditions.add_photo(picture(), name)
    photo.refresh_from_db()
    assert photo.name == kept


@pytest.mark.parametrize(
    "name", ["../../海.jpg", "字" * 300 + ".jpg", "🌊'\"<b>.jpg", "a\x01b.jpg"]
)
def test_odd_file_names_can_be_uploaded(editor: Client, media: Path, name: str) -> None:
    (result,) = send(editor, upload_of(picture().getvalue(), name))
    assert "error" not in result
    photo = Photo.objects.get()
    assert "/" not in photo.name
    assert "\x01" not in photo.name
    assert {path.parent for path in files(media) if path.parent != media} == {
        media.parent / "originals" / photo.sha256[:2]
    }
    assert "<b>" not in editor.get(LIST).content.decode()


POLYGLOTS = {
    "html": b"<html><script>alert('PAYLOAD')</script></html>",
    "javascript": b"*/=1;alert('PAYLOAD');/*",
    "zip": b"PK\x03\x04PAYLOADPK\x05\x06" + bytes(18),
    "php": b"<?php system('PAYLOAD'); ?>",
}


@pytest.mark.parametrize("payload", POLYGLOTS)
@pytest.mark.parametrize("kind", ["JPEG", "GIF", "PNG"])
def test_what_hides_behind_a_picture_is_in_no_rendition(
    editor: Client, media: Path, kind: str, payload: str
) -> None:
    content = saved(Image.new("RGB", (64, 48), "navy"), kind) + POLYGLOTS[payload]
    (result,) = send(editor, upload_of(content))
    assert "error" not in result
    for path in media.rglob("*.*"):
        assert b"PAYLOAD" not in path.read_bytes()
    photo = Photo.objects.get()
    assert editor.get(f"/media/{photo.original.name}").status_code == 404
    assert editor.get(f"/originals/{photo.original.name}").status_code == 404


# -- failures in the middle ------------------------------------------------------------------------


@pytest.mark.parametrize("nth", range(1, 6))
def test_a_full_disk_leaves_nothing_behind(
    editor: Client, media: Path, monkeypatch: pytest.MonkeyPatch, nth: int
) -> None:
    kept = make_photo()
    before = files(media)
    saves = 0
    opened = Path.replace

    def full(self: Path, target: Any) -> Path:
        nonlocal saves
        saves += 1
        if saves == nth:
            raise OSError(errno.ENOSPC, "No space left on device")
        return opened(self, target)

    monkeypatch.setattr(Path, "replace", full)
    (result,) = send(editor, upload_of(picture(700, 500).getvalue()))
    assert result["error"] == "服务器存不下这张图片，可能是磁盘满了。请告诉管理员。"
    assert saves == nth
    assert files(media) == before
    assert Photo.objects.get() == kept


@pytest.mark.parametrize("path", [UPLOAD, ADD])
def test_an_error_of_the_database_after_the_files_leaves_nothing_behind(
    editor: Client, media: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        assert files(media)
        raise RuntimeError("the log can't be written")

    monkeypatch.setattr("django.contrib.admin.ModelAdmin.log_addition", broken)
    upload = upload_of(picture(700, 500).getvalue())
    with pytest.raises(RuntimeError, match="log"):
        editor.post(path, {"alt": "海", "file": upload, "files": upload_of(picture().getvalue())})
    assert not Photo.objects.exists()
    assert files(media) == set()


def test_undone_files_of_a_photo_that_somebody_has_stay(media: Path) -> None:
    content = picture().getvalue()
    photo = renditions.add_photo(io.BytesIO(content), "a.jpg")
    before = files(media)
    with pytest.raises(RuntimeError), renditions.undo_files_on_error():
        assert renditions.add_photo(io.BytesIO(content), "a.jpg") == photo
        raise RuntimeError
    assert files(media) == before
