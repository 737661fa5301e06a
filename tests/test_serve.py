"""XINWANG_SERVE: what a process answers; each in its own, for settings are read once."""

import json
import os
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.http import HttpResponse

from articles.middleware import editors_alone
from tests.people import somebody

pytestmark = pytest.mark.django_db

ASK = """
import json, sys
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
settings.STORAGES["staticfiles"]["BACKEND"] = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
)
from xinwang import wsgi
from django.test import Client
client = Client()
answers = {}
for path in sys.argv[2:]:
    if path.startswith("/api/"):  # only now
        answers["light"] = not {"ninja", "pydantic"} & set(sys.modules)
    response = client.get(path)
    answers[path] = [response.status_code, response.get("Location", "")]
answers["door"] = wsgi.site is not wsgi.django
answers["logins"] = any("axes" in name or "session" in name for name in settings.MIDDLEWARE)
print(json.dumps(answers))
"""
DESK = ["/admin/", "/admin/login/", "/admin/articles/article/", "/admin/jsi18n/"]
READERS = ["/robots.txt", "/corrections/", "/nowhere/", "/.well-known/change-password"]
PROGRAMS = "/api/v1/topics"


def asked(serve: str) -> Any:
    """What a process that serves so answers to a stranger."""
    done = subprocess.run(
        [sys.executable, "-c", ASK, str(connection.settings_dict["NAME"]), "/healthz", *DESK,
         *READERS, PROGRAMS],
        capture_output=True, text=True, check=False, timeout=120, cwd=settings.BASE_DIR,
        env={**os.environ, "XINWANG_SERVE": serve, "DJANGO_SETTINGS_MODULE": "xinwang.settings"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_public_has_no_desk_at_all() -> None:
    answers = asked("public")
    assert [answers[path] for path in DESK] == [[404, ""]] * len(DESK)
    assert [answers[path][0] for path in READERS] == [200, 200, 404, 404]
    assert answers["/healthz"][0] == 200
    assert answers["door"]
    assert not answers["logins"]
    assert answers[PROGRAMS] == [200, ""]
    assert answers["light"]  # pages load nothing of the API's


def test_editorial_answers_to_editors_alone() -> None:
    answers = asked("editorial")
    for path in READERS:
        assert answers[path] == [302, f"/admin/login/?next={path}"]
    assert answers[PROGRAMS] == [404, ""]
    assert answers["/admin/login/"][0] == 200
    assert answers["/admin/"][1].startswith("/admin/login/")
    assert answers["/healthz"][0] == 200
    assert not answers["door"]


def test_what_editors_look_at_is_kept_nowhere(rf: Any) -> None:
    request = rf.get("/")
    request.user = SimpleNamespace(is_active=True, is_staff=True)
    answered = editors_alone(lambda _: HttpResponse(headers={"Cache-Control": "public"}))(request)
    assert answered["Cache-Control"] == "private, no-store"


def test_all_is_both() -> None:
    answers = asked("all")
    assert [answers[path][0] for path in READERS] == [200, 200, 404, 302]
    assert answers[PROGRAMS] == [200, ""]
    assert answers["/admin/login/"][0] == 200
    assert answers["/admin/"][1].startswith("/admin/login/")
    assert answers["door"]


def test_an_editor_reads_the_site_where_it_is_the_editors_alone(client: Any, settings: Any) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "articles.middleware.editors_alone"]
    assert client.get("/corrections/").status_code == 302
    client.force_login(somebody("编辑"))
    assert client.get("/corrections/").status_code == 200
