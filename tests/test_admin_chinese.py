"""Every page of the desk speaks Chinese: no English word of ours is left on it."""

import re
from html import unescape
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.test import Client

from tests.factories import make_article
from tests.people import admin_routes, at_the_desk, somebody
from tests.test_admin import form_of
from tests.test_permissions import ARTICLES, address_of, things  # noqa: F401

pytestmark = pytest.mark.django_db

FORMS = ("articles/article/add/", "articles/article/<path:object_id>/change/")
# Names of formats and things that Chinese papers write in Latin letters, too.
ALLOWED = {
    *("JPEG", "PNG", "WebP", "GIF", "AVIF", "MB", "URL", "QR", "ICP", "ID", "CSV", "HTML", "GB"),
    *(
        "Control",
        "Command",
        "Mac",
        "LDAP",
        "SSO",
        "PDF",
        "about",
        "example",
        "com",
        "http",
        "https",
    ),
}
# What isn't ours: addresses, values that the test has put in.
OTHERS = re.compile(r"https?://\S+|[\w.-]+@[\w.-]+|\b[\w-]+\.(?:jpg|png|example)\b")
SHOWN = re.compile(r"(?:title|placeholder|alt|aria-label|value)=\"([^\"]*)\"")


def words(html: str) -> list[str]:
    """The Latin words that a page shows, in its text and in what its controls say."""
    html = re.sub(r"(?s)<(script|style|head|svg|textarea|iframe)\b.*?</\1>", " ", html)
    html = re.sub(r"(?s)<!--.*?-->", " ", html)
    said = []
    for control in re.findall(r"<(?:input|button|a|img)\b[^>]*>", html):
        shows = control.startswith("<input") and 'type="submit"' in control
        said += SHOWN.findall(control if shows else re.sub(r'\bvalue="[^"]*"', "", control))
    text = re.sub(r"<option[^>]*>|<[^>]*>", " ", html) + " " + " ".join(said)
    return [
        word
        for word in re.findall(r"[A-Za-z]{2,}", OTHERS.sub(" ", unescape(text)))
        if word not in ALLOWED
    ]


def test_it_finds_english_words() -> None:
    assert words('<p>稿件 Save</p><a title="Run">x</a><input type="submit" value="Go">') == [
        "Save", "Run", "Go",
    ]  # fmt: skip


def test_no_page_of_the_desk_has_an_english_word(things: dict[str, Any]) -> None:  # noqa: F811
    administrator = somebody("管理员")
    User.objects.filter(pk=administrator.pk).update(username="管理")
    AccessAttempt.objects.create(username="张三", ip_address="10.0.0.1", failures_since_start=5)
    LogEntry.objects.log_actions(administrator.pk, [things["articles/article"]], CHANGE, "改动。")
    client = at_the_desk(administrator)
    for route in admin_routes():
        if "preview/desktop" in route or "preview/mobile" in route or route == "logout/":
            continue  # readers' pages, and the way out
        # What no browser leaves out of an article's form.
        whole = form_of(title="") if route in FORMS else {}
        for method in ("get", "post"):
            page = getattr(client, method)(address_of(route, things), whole)
            if page.status_code == 200 and "html" in page["Content-Type"]:
                found = words(page.content.decode())
                assert not found, (route, method, found)


def test_nor_have_messages_and_errors() -> None:
    client = at_the_desk(somebody("管理员"))
    draft = make_article(state="draft", body="")
    nowhere = {"_selected_action": [draft.pk], "action": ""}
    pages = [
        client.post(ARTICLES, nowhere, follow=True),
        client.post(f"{ARTICLES}add/", form_of(_publish="1", published_at_0="x", body="")),
        client.get(f"{ARTICLES}{10**9}/change/", follow=True),
        client.get(ARTICLES, {"day": "x"}, follow=True),
        Client().post("/admin/login/", {"username": "谁", "password": "错的"}),
        Client().get("/admin/login/"),
    ]
    for page in pages:
        assert not (found := words(page.content.decode())), found
