"""Photos: their own pages, picture topics, the ways from an article."""

import re
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from articles.models import Article, Topic
from tests.factories import make_article, make_photo, make_topic, moment

pytestmark = [pytest.mark.django_db, pytest.mark.once]

VIEWS = ("desktop", "mobile")


@pytest.fixture
def story() -> Article:
    """A picture story of four photos; the body shows the third before the second."""
    photos = [
        make_photo(caption=f"图注{n}", alt=f"画面{n}", credit=f"署名{n}") for n in range(1, 5)
    ]
    body = "".join(
        f'<p>段。</p><figure data-photo="{photos[n].token}"></figure>' for n in (2, 1, 3)
    )
    pictures = make_topic("精彩美图", slug="meitu", layout=Topic.Layout.PICTURES)
    return make_article(
        title="四张图", body=body, photos=photos, topics=[pictures],
        published_at=moment("2022-09-29 09:18"),
    )  # fmt: skip


def test_photos_are_numbered_as_they_are_read(
    story: Article, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        uses = story.gallery.as_read(story.body)
        assert [use.shown_caption for use in uses] == ["图注1", "图注3", "图注2", "图注4"]
        assert [use.number for use in uses] == [1, 2, 3, 4]
        assert uses[1].get_absolute_url() == story.get_absolute_url() + "photo/2/"


def test_a_link_around_a_photo_always_has_a_name() -> None:
    photo = make_photo(alt="", caption="", credit="")
    use = make_article(photos=[photo]).gallery.get()
    assert use.shown_alt == "图片"
    use.caption = "图注"
    assert use.shown_alt == "图注"


@pytest.mark.parametrize("view", VIEWS)
def test_a_photo_has_a_page(client: Client, story: Article, view: str, text_of: Any) -> None:
    client.cookies["view"] = view
    base = story.get_absolute_url()
    html = client.get(f"{base}photo/2/").content.decode()
    words = text_of(html)
    for part in ("四张图", "第 2 张，共 4 张", "图注3", "署名3", "上一张", "下一张", "回到正文"):
        assert part in words, part
    for path in (f'rel="prev" href="{base}photo/1/"', f'rel="next" href="{base}photo/3/"'):
        assert path in html
    assert '<meta name="robots" content="noindex,follow">' in html
    assert 'rel="canonical"' not in html
    assert 'fetchpriority="high"' in html
    assert re.search(r'<img[^>]* width="\d+" height="\d+" alt="画面3"', html)
    assert len(re.findall(r'aria-current="true">\s*<picture>', html)) == 1
    assert '"@type":"ImageObject"' in html
    first, last = (client.get(f"{base}photo/{n}/").content.decode() for n in (1, 4))
    assert 'rel="prev"' not in first
    assert 'rel="next"' not in last


@pytest.mark.parametrize("view", VIEWS)
def test_a_photos_page_costs_one_query_beside_the_frame(
    client: Client, story: Article, view: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.cookies["view"] = view
    with django_assert_num_queries(3 + 1):
        client.get(f"{story.get_absolute_url()}photo/1/")


def test_photos_that_are_not(client: Client, story: Article) -> None:
    base = story.get_absolute_url()
    for place in ("0", "5", "01", "-1", "x", "9999999", "99999999", "٣"):
        assert client.get(f"{base}photo/{place}/").status_code == 404, place
    other = client.get(f"/2021/02/30/{story.pk}/photo/2/?view=mobile")
    assert (other.status_code, other["Location"]) == (301, f"{base}photo/2/?view=mobile")
    bare = make_article()
    assert client.get(f"{bare.get_absolute_url()}photo/1/").status_code == 404
    story.withdraw("数据未经核实。")
    gone = client.get(f"{base}photo/2/")
    assert gone.status_code == 410
    assert "数据未经核实" in gone.content.decode()
    draft = make_article(state="draft", photos=[make_photo()])
    assert client.get(f"{draft.get_absolute_url()}photo/1/").status_code == 404


@pytest.mark.parametrize("view", VIEWS)
def test_an_articles_photos_lead_to_their_pages(client: Client, story: Article, view: str) -> None:
    client.cookies["view"] = view
    html = client.get(story.get_absolute_url()).content.decode()
    text = html[html.index('<div class="text">') :]
    links = re.findall(r'<a href="([^"]+)" data-photo="(\d)"', text)
    assert links == [(f"{story.get_absolute_url()}photo/{n}/", str(n)) for n in range(1, 5)]
    assert html.count('class="filmstrip"') == 1
    assert "<dialog" in html
    assert "js/lightbox.js" in html


def test_only_picture_stories_of_three_photos_are_sets(client: Client) -> None:
    photos = [make_photo() for _ in range(3)]
    pictures = make_topic(layout=Topic.Layout.PICTURES)
    for article in (
        make_article(photos=photos, topics=[make_topic()]),
        make_article(photos=photos[:2], topics=[pictures]),
    ):
        assert 'class="filmstrip"' not in client.get(article.get_absolute_url()).content.decode()
    bare = client.get(make_article().get_absolute_url()).content.decode()
    assert "<dialog" not in bare
    assert "js/lightbox.js" not in bare


@pytest.mark.parametrize("view", VIEWS)
def test_a_picture_topic_shows_pictures_and_how_many(
    client: Client, story: Article, view: str, text_of: Any
) -> None:
    client.cookies["view"] = view
    make_article(title="无图", topics=[Topic.objects.get(slug="meitu")])
    html = client.get("/topic/meitu/").content.decode()
    assert 'class="gallery gallery--opening"' in html
    assert f"css/{view}-gallery.css" in html
    assert "4 张图" in text_of(html)
    assert "0 张图" not in text_of(html)
    for number in range(31):
        make_article(title=f"后{number}", topics=[Topic.objects.get(slug="meitu")])
    older = re.search(r'href="(\?before=[^"]+)"', client.get("/topic/meitu/").content.decode())
    assert older
    assert 'class="gallery"' in client.get(f"/topic/meitu/{older[1]}").content.decode()
