"""Text size and theme: cookies, the style sheet they amount to, and the way back from a choice."""

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from articles import preferences
from tests.factories import make_article

SAME = {"HTTP_REFERER": "http://testserver/2022/?before=1-2"}


@pytest.mark.django_db
def test_without_a_choice_nothing_but_the_marks_is_set(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        response = client.get("/reader.css")
    css = response.content.decode()
    assert response["Content-Type"] == "text/css; charset=utf-8"
    assert "font-size" not in css
    assert "color-scheme" not in css
    assert '[name="size"][value="2"],[name="theme"][value="system"]{' in css


def test_no_cache_may_keep_it(client: Client) -> None:
    assert client.get("/reader.css")["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("size", preferences.SIZES)
def test_a_size_is_kept_a_year_and_given_back(client: Client, size: str) -> None:
    response = client.get("/reader/", {"size": size}, **SAME)
    assert response.status_code == 303
    assert response["Location"] == SAME["HTTP_REFERER"]
    assert response["Cache-Control"] == "private, no-store"
    css = client.get("/reader.css").content.decode()
    assert f'[name="size"][value="{size}"]' in css
    if size == "2":
        assert response.cookies["size"]["max-age"] == 0  # the usual needs no cookie
        assert "font-size" not in css
    else:
        cookie = response.cookies["size"]
        assert cookie["max-age"] == 365 * 24 * 3600
        assert cookie["samesite"] == "Lax"
        assert cookie["httponly"]
        assert not cookie["secure"]
        assert f":root{{font-size:{preferences.SIZES[size]};}}" in css


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_theme_is_kept_until_the_system_is_followed_again(client: Client, theme: str) -> None:
    client.get("/reader/", {"theme": theme})
    assert f"color-scheme:{theme}" in client.get("/reader.css").content.decode()
    client.get("/reader/", {"theme": "system"})
    assert "color-scheme" not in client.get("/reader.css").content.decode()


def test_choices_do_not_undo_each_other(client: Client) -> None:
    client.get("/reader/", {"theme": "dark"})
    client.get("/reader/", {"size": "4"})
    css = client.get("/reader.css").content.decode()
    assert "color-scheme:dark" in css
    assert "font-size:125%" in css


def test_over_https_the_cookie_travels_by_https_alone(client: Client) -> None:
    assert client.get("/reader/", {"size": "5"}, secure=True).cookies["size"]["secure"]


def test_the_script_gets_the_new_style_sheet_at_once(client: Client) -> None:
    client.get("/reader/", {"theme": "dark"})
    response = client.get("/reader/", {"size": "3"}, headers={"accept": "text/css"})
    assert response.status_code == 200
    assert response["Cache-Control"] == "private, no-store"
    assert response.cookies["size"].value == "3"
    css = response.content.decode()
    assert "color-scheme:dark" in css
    assert "font-size:112.5%" in css


@pytest.mark.parametrize(
    "query", ["", "size=", "size=6", "size=3&theme=pink", "theme=Dark", "size=%00", "colour=red"]
)
@pytest.mark.django_db
def test_unknown_choices_get_a_clean_400_and_keep_nothing(client: Client, query: str) -> None:
    response = client.get(f"/reader/?{query}")
    assert response.status_code == 400
    assert "这个请求我们读不懂" in response.content.decode()
    assert not response.cookies


@pytest.mark.parametrize("nonsense", ["6", "", "3}body{display:none", "dark"])
def test_nonsense_in_a_cookie_is_no_choice(client: Client, nonsense: str) -> None:
    plain = client.get("/reader.css").content
    client.cookies["size"] = nonsense
    client.cookies["theme"] = nonsense if nonsense != "dark" else "pink"
    assert client.get("/reader.css").content == plain


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("", "/"),
        ("https://evil.example/page", "/"),
        ("//evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("http://testserver@evil.example/", "/"),
        ("http://testserver.evil.example/", "/"),
        # of a path that begins with // only the full address stays on this site
        ("http://testserver//evil.example/", "http://testserver//evil.example/"),
        ("http://testserver/search/?q=%E6%B5%B7", "http://testserver/search/?q=%E6%B5%B7"),
    ],
)
def test_the_way_back_never_leaves_the_site(client: Client, referer: str, back: str) -> None:
    response = client.get("/reader/", {"size": "3"}, headers={"referer": referer})
    assert response.status_code == 303
    assert response["Location"] == back


def test_a_choice_is_a_get_alone(client: Client) -> None:
    assert client.post("/reader/", {"size": "3"}).status_code == 405
    assert client.post("/reader.css").status_code == 405


@pytest.mark.parametrize("name", ['信"}body{display:none}', "信\\网", "信\n网"])
def test_the_sites_name_cannot_break_out_of_its_string(client: Client, settings, name: str) -> None:
    settings.SITE_NAME = name
    css = client.get("/reader.css").content.decode()
    assert re.match(r':root\{--site:"[^"\\\n]*"\}\[name=', css)


@pytest.mark.parametrize("view", ["desktop", "mobile"])
@pytest.mark.django_db
def test_pages_are_the_same_whatever_was_chosen(client: Client, view: str) -> None:
    path = make_article().get_absolute_url()
    client.cookies["view"] = view
    before = client.get(path).content
    client.get("/reader/", {"theme": "dark"})
    client.get("/reader/", {"size": "5"})
    after = client.get(path)
    assert after.content == before
    html = before.decode()
    assert '<link rel="stylesheet" href="/reader.css" data-reader>' in html
    for name, values in preferences.CHOICES.items():
        for value in values:
            assert html.count(f'name="{name}" value="{value}"') == 1
