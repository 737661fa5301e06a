"""The preview: any state, both devices, for the desk alone."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from articles.models import Article, ReadEvent
from tests.factories import make_article, make_photo, make_source, make_topic, moment
from tests.test_permissions import ARTICLES

pytestmark = [pytest.mark.django_db, pytest.mark.once]

STATES = {
    "draft": {"state": "draft", "published_at": None},
    "scheduled": {"published_at": moment("2990-01-01")},
    "published": {},
    "withdrawn": {"state": "withdrawn"},
}


@pytest.fixture
def editor(client: Client) -> Client:
    """An editor at the desk."""
    client.force_login(User.objects.create_superuser("editor"))
    return client


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("device", ["desktop", "mobile"])
def test_every_state_is_seen_in_the_devices_own_template(
    editor: Client, state: str, device: str
) -> None:
    article = make_article(title="栈桥", body="<p>正文在此。</p>", **STATES[state])
    page = editor.get(f"{ARTICLES}{article.pk}/preview/{device}/")
    html = page.content.decode()
    assert page.status_code == 200
    assert "正文在此。" in html
    assert f"css/{device}-article.css" in html
    assert page["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in page["Content-Security-Policy"]
    assert "no-store" in page["Cache-Control"]
    assert "noindex" in page["X-Robots-Tag"]
    assert 'content="noindex' in html
    assert "reads.js" not in html
    article.refresh_from_db()
    assert (article.state, article.published_at) == (
        STATES[state].get("state", "published"),
        STATES[state].get("published_at", article.published_at),
    )


def test_both_stand_side_by_side_on_a_page_that_nobody_else_may_frame(editor: Client) -> None:
    article = make_article(**STATES["draft"])
    page = editor.get(f"{ARTICLES}{article.pk}/preview/")
    html = page.content.decode()
    for device in ("desktop", "mobile"):
        assert f'src="{ARTICLES}{article.pk}/preview/{device}/"' in html
    assert page["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert f"{ARTICLES}{article.pk}/preview/" in (
        editor.get(f"{ARTICLES}{article.pk}/change/").content.decode()
    )


def test_what_is_not_saved_can_be_seen_and_stays_unsaved(editor: Client) -> None:
    topic, source, photo = make_topic("海洋"), make_source("青岛晚报"), make_photo(caption="海上")
    form = {
        "title": "还没存的", "body": '<p onclick="x()">新写的。</p><script>x</script>',
        "source": source.pk, "editor": "沈知远", "memberships-0-topic": topic.pk,
        "gallery-0-photo": photo.pk, "gallery-1-photo": "x", "gallery-1-DELETE": "on",
    }  # fmt: skip
    fresh = editor.post(f"{ARTICLES}preview/", form)
    stored = make_article(title="原来的")
    changed = editor.post(f"{ARTICLES}{stored.pk}/preview/unsaved/", form)
    for page in (fresh, changed):
        assert page.status_code == 200
        for html in page.context["frames"].values():
            assert "还没存的" in html
            assert '<p id="p1">新写的。</p>' in html
            for said in ("海洋", "青岛晚报", "沈知远", "海上"):
                assert said in html
    stored.refresh_from_db()
    assert stored.title == "原来的"
    assert Article.objects.count() == 1
    assert "srcdoc=" in fresh.content.decode()


def test_a_permalink_knows_nothing_of_previews(editor: Client, client: Client) -> None:
    for state in ("draft", "scheduled"):
        article = make_article(**{**STATES[state], "published_at": moment("2990-01-01")})
        for query in ("", "?preview=1"):
            assert editor.get(article.get_absolute_url() + query).status_code == 404


def test_strangers_see_no_preview() -> None:
    article = make_article()
    reader = Client()
    for address in ("preview/", f"{article.pk}/preview/", f"{article.pk}/preview/desktop/"):
        assert reader.get(ARTICLES + address)["Location"].startswith("/admin/login/")
    reader.force_login(User.objects.create_user("clerk", is_staff=True))
    assert reader.get(f"{ARTICLES}{article.pk}/preview/desktop/").status_code == 403
    assert reader.post(f"{ARTICLES}preview/").status_code == 403


def test_looking_counts_no_read(editor: Client) -> None:
    article = make_article()
    editor.get(f"{ARTICLES}{article.pk}/preview/desktop/")
    beacon = editor.generic(
        "POST", f"/reads/{article.pk}/?age=9", headers={"sec-fetch-site": "same-origin"}
    )
    assert beacon.status_code == 204
    assert not ReadEvent.objects.exists()
