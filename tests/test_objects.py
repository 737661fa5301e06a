"""Photos in object storage: from the upload to the page and away again, and what is refused."""

import http.server
import json
import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.test import Client

from articles import edge, renditions
from articles.models import Photo
from tests.buckets import PRIVATE, PUBLIC, Service, service
from tests.factories import make_article, make_photo, picture
from tests.missing import skipped_without_nginx
from tests.raw import one
from tests.scratch import scratch
from tests.serving import ROOT, free_port, nginx
from tests.test_library_uploads import send, upload_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def store(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """The site's photos are there."""
    with service() as made:
        settings.STORAGES = {**settings.STORAGES, **made.storages}
        monkeypatch.setattr(Photo._meta.get_field("original"), "storage", storages["originals"])
        yield made


@pytest.fixture
def editor(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("editor", password="secret"))
    return client


def names_of(photo: Photo) -> set[str]:
    return {photo.rendition_name(w, e) for w in photo.widths for e in renditions.ENCODINGS}


def test_a_photo_from_its_upload_to_the_page_and_away_again(
    store: Service, editor: Client, django_capture_on_commit_callbacks: Any
) -> None:
    (result,) = send(editor, upload_of(picture(700, 500).getvalue(), "海.jpg"))
    photo = Photo.objects.get(pk=result["id"])
    assert store.names(PUBLIC) == names_of(photo)
    assert store.names(PRIVATE) == {photo.original.name}
    article = make_article(photos=[photo])
    page = Client().get(article.get_absolute_url()).content.decode()
    address = renditions.url(photo, 640)
    assert address == f"/media/{photo.rendition_name(640, 'jpg')}"
    assert address in page
    answer = Client().get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert b"".join(answer.streaming_content)[:2] == b"\xff\xd8"
    assert "immutable" in answer["Cache-Control"]
    with urllib.request.urlopen(f"{store.endpoint}/{PUBLIC}/{address.rpartition('/')[2]}") as sent:
        assert sent.headers["Content-Type"] == "image/jpeg"
        assert sent.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(f"{store.endpoint}/{PRIVATE}/{photo.original.name}")
    article.gallery.all().delete()
    type(article).objects.filter(pk=article.pk).update(lead_photo=None)
    with django_capture_on_commit_callbacks(execute=True):
        renditions.remove(photo)
    assert store.names(PUBLIC) | store.names(PRIVATE) == set()


def test_lost_renditions_are_made_anew(store: Service, capsys: pytest.CaptureFixture[str]) -> None:
    photo = make_photo(700, 500)
    lost = photo.rendition_name(320, "webp")
    store.client.delete_object(Bucket=PUBLIC, Key=lost)
    missing = Client().get(f"/media/{lost}")
    assert (missing.status_code, missing["Content-Type"]) == (404, "image/svg+xml")
    call_command("make_renditions")
    assert "重做了 1 张图片的缩略图" in capsys.readouterr().out
    assert store.names(PUBLIC) == names_of(photo)


def test_another_site_may_have_the_pictures(store: Service, settings: Any) -> None:
    settings.MEDIA_URL = "https://img.example.com/a/"
    article = make_article(photos=[make_photo(700, 500)])
    address = f"https://img.example.com/a/{article.lead_photo.rendition_name(640, 'jpg')}"
    for path in (article.get_absolute_url(), "/feed/atom.xml"):
        page = Client().get(path).content.decode()
        assert address in page, path
        assert "https://img" not in page.replace('"https://img', "").replace(" https://img", "")


def test_a_service_that_is_away_is_told_and_leaves_nothing(store: Service, editor: Client) -> None:
    store.client.delete_bucket(Bucket=PUBLIC)
    (result,) = send(editor, upload_of(picture().getvalue(), "海.jpg"))
    assert result["error"] == "服务器存不下这张图片，可能是磁盘满了。请告诉管理员。"
    assert not Photo.objects.exists()
    store.client.create_bucket(Bucket=PUBLIC)
    assert store.names(PUBLIC) == set()


def test_backups_say_what_to_do_instead(store: Service, tmp_path: Path) -> None:
    for command in ("backup", "restore"):
        with pytest.raises(CommandError, match=r"对象存储.*pg_dump.*docs/scaling\.md"):
            call_command(command, str(tmp_path / "new"))
    assert not (tmp_path / "new").exists()


@pytest.mark.process
def test_nginx_fetches_pictures_and_keeps_them(store: Service) -> None:
    """deploy/nginx-media-s3.conf in place of the location of files."""
    photo = make_photo(700, 500)
    name = photo.rendition_name(640, "jpg")
    with scratch() as folder, ExitStack() as stack:
        folder.chmod(0o711)
        port = free_port()
        bucket = f"{store.endpoint}/{PUBLIC}/"
        with skipped_without_nginx():
            stack.enter_context(nginx(folder, port, free_port(), folder, bucket=bucket))
        for _ in range(2):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/media/{name}") as answer:
                assert answer.read()[:2] == b"\xff\xd8"
                assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
                assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
                assert not [one for one in answer.headers if one.lower().startswith("x-amz")]
            store.server.stop()  # the second time from what is kept
        store.server.start()


class Talkative(http.server.BaseHTTPRequestHandler):
    """Storage that says of security what MinIO says, and more."""

    def do_GET(self) -> None:
        """An empty picture, or the status that is its name."""
        asked = self.path.strip("/")
        self.send_response(int(asked) if asked.isdigit() else 200)
        self.send_header("Content-Length", "0")
        for name in edge.NAMES | {"x-xss-protection", "retry-after", "allow", "cache-control"}:
            self.send_header(name, "of its own")
        self.end_headers()

    def log_message(self, *said: object) -> None:
        """Nothing."""


@pytest.mark.process
def test_what_storage_says_of_security_is_not_passed_on() -> None:
    with scratch() as folder, ExitStack() as stack:
        folder.chmod(0o711)
        storage = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Talkative)
        threading.Thread(target=storage.serve_forever).start()
        stack.callback(storage.server_close)
        stack.callback(storage.shutdown)
        port, bucket = free_port(), f"http://127.0.0.1:{storage.server_port}/"
        with skipped_without_nginx():
            stack.enter_context(nginx(folder, port, free_port(), folder, bucket=bucket))
        answer = one(port, b"GET /media/a-320.webp HTTP/1.0\r\nHost: x\r\n\r\n")
        assert answer.status == 200
        for name, words in (dict(edge.HEADERS) | {edge.RESOURCE_POLICY: edge.ANYBODYS}).items():
            assert answer.said(name) == words
        assert answer.said("Cache-Control") == "of its own"
        assert not answer.said(edge.TRANSPORT)
        assert not answer.said("X-XSS-Protection")
        # Without the site, which answers for what isn't there: 503.
        for status in (403, 404, 405, 429, 500, 503):
            answer = one(port, f"GET /media/{status} HTTP/1.0\r\nHost: x\r\n\r\n".encode())
            assert answer.status == (status if status in (405, 429) else 503)
            assert answer.said("Cache-Control") == "no-store"
            assert answer.said("Retry-After") == ("" if status == 405 else "5")
            assert answer.said("Allow") == ("GET, HEAD" if status == 405 else "")


def test_settings_make_such_a_site() -> None:
    """What the environment says is what the tests above run on."""
    with service() as made:
        asked = (
            "import json; from xinwang import settings; print(json.dumps([settings.STORAGES,"
            " settings.MEDIA_URL, settings.CONTENT_SECURITY_POLICY['DIRECTIVES']['img-src']]))"
        )
        done = subprocess.run(
            [sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True,
            env={
                **os.environ, **made.environment, "MEDIA_ADDRESS": "https://img.example.com:81/a/"
            },
        )  # fmt: skip
    said = json.loads(done.stdout)
    assert {kind: said[0][kind] for kind in ("default", "originals")} == made.storages
    assert said[1:] == ["https://img.example.com:81/a/", ["'self'", "https://img.example.com:81"]]
