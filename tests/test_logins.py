"""Logging in: guessing is stopped, and readers pay nothing for it."""

import subprocess
import sys
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.conf import settings as site_settings
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.people import at_the_desk, somebody

pytestmark = pytest.mark.django_db

LOGIN = "/admin/login/"


@pytest.fixture(autouse=True)
def fast(settings: Any) -> None:
    """Hashing a password slowly is another test's business."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def editor(fast: None) -> User:
    """Somebody with a password."""
    return User.objects.create_user("戴慧慧", password="海边的栈桥一二三", is_staff=True)


def attempt(client: Client, password: str, name: str = "戴慧慧", **extra: Any) -> Any:
    """Try to log in."""
    return client.post(LOGIN, {"username": name, "password": password}, **extra)


def test_five_wrong_passwords_lock_one_login_at_one_address(editor: User, client: Client) -> None:
    User.objects.create_user("沈知远", password="海边的栈桥一二三", is_staff=True)
    for _ in range(4):
        assert attempt(client, "错的").status_code == 200
    locked = attempt(client, "错的")
    assert locked.status_code == 429
    assert "暂停登录 15 分钟" in locked.content.decode()
    assert attempt(client, "海边的栈桥一二三").status_code == 429
    assert attempt(client, "海边的栈桥一二三", name="沈知远").status_code == 302
    elsewhere = Client(REMOTE_ADDR="10.0.0.9")
    assert attempt(elsewhere, "海边的栈桥一二三").status_code == 302


def test_a_right_password_forgets_the_wrong_ones(editor: User, client: Client) -> None:
    for _ in range(3):
        for _ in range(4):
            attempt(client, "错的")
        assert attempt(client, "海边的栈桥一二三").status_code == 302
        client.logout()


def test_an_administrator_unlocks(editor: User, client: Client) -> None:
    for _ in range(5):
        attempt(client, "错的")
    administrator = at_the_desk(somebody("管理员"))
    page = administrator.get("/admin/axes/accessattempt/").content.decode()
    assert "失败的登录" in page
    assert "戴慧慧" in page
    chosen = {"action": "unlock", "_selected_action": AccessAttempt.objects.get().pk}
    administrator.post("/admin/axes/accessattempt/", chosen)
    assert attempt(client, "海边的栈桥一二三").status_code == 302


@pytest.mark.parametrize(
    ("behind", "header", "kept"),
    [
        (False, "6.6.6.6", "127.0.0.1"), (True, "6.6.6.6, 10.1.2.3", "10.1.2.3"),
        (True, "<script>", None), (True, "", None),
    ],
)  # fmt: skip
def test_the_address_is_the_proxys_word_only_behind_it(
    client: Client, settings: Any, behind: bool, header: str, kept: str | None
) -> None:
    settings.BEHIND_PROXY = behind
    attempt(client, "错的", headers={"x-forwarded-for": header})
    assert AccessAttempt.objects.get().ip_address == kept


def test_readers_pages_ask_nothing_about_logins(client: Client) -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        client.get("/corrections/")
    assert not [query for query in asked if "axes" in query["sql"] or "auth_" in query["sql"]]


def test_a_session_ends_with_the_day_and_with_the_browser(editor: User, client: Client) -> None:
    cookie = attempt(client, "海边的栈桥一二三").cookies[site_settings.SESSION_COOKIE_NAME]
    assert cookie["expires"] == cookie["max-age"] == ""
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert site_settings.SESSION_COOKIE_AGE == 12 * 3600


def test_the_catalogue_is_compiled_from_its_text(tmp_path: Any) -> None:
    folder = site_settings.BASE_DIR / "locale/zh_Hans/LC_MESSAGES"
    script = (
        "import gettext,sys;c=gettext.GNUTranslations(open(sys.argv[1],'rb'))._catalog;"
        "print(*(str(k[0] if isinstance(k,tuple) else k) for k in c if k),sep=chr(10))"
    )
    compiled = subprocess.run(
        [sys.executable, "-c", script, folder / "django.mo"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()  # fmt: skip
    text = (folder / "django.po").read_text(encoding="utf-8")
    assert text.count("\nmsgid ") - 1 == len(compiled)
