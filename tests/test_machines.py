"""Answers for machines: feeds, sitemaps, robots, OpenSearch, health, picture files."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from lxml import etree

from articles.models import Page
from tests.factories import make_article, make_photo, make_topic, moment

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"


def test_atom_of_the_site_and_of_a_topic(client: Client) -> None:
    topic = make_topic("青岛话题", slug="huati")
    inside = make_article(title="话题里 <的> & 稿", topics=[topic], byline="记者 林疏影")
    outside = make_article(title="话题外的稿", published_at=moment("2022-09-29 09:18"))
    site = etree.fromstring(client.get("/feed/atom.xml").content)
    assert [entry.findtext(f"{ATOM}title") for entry in site.iter(f"{ATOM}entry")] == [
        inside.title,
        outside.title,
    ]
    ids = [entry.findtext(f"{ATOM}id") for entry in site.iter(f"{ATOM}entry")]
    assert ids[1] == f"http://testserver{outside.get_absolute_url()}"
    one = etree.fromstring(client.get("/feed/topic/huati/atom.xml").content)
    assert [entry.findtext(f"{ATOM}title") for entry in one.iter(f"{ATOM}entry")] == [inside.title]


def test_json_feed(client: Client) -> None:
    article = make_article(published_at=moment("2022-09-29 09:18"), topics=[make_topic("海洋")])
    feed = json.loads(client.get("/feed/feed.json").content)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    (item,) = feed["items"]
    assert item["url"] == f"http://testserver{article.get_absolute_url()}"
    assert item["date_published"].startswith("2022-09-29T")
    assert item["tags"] == ["海洋"]


def test_sitemaps_are_sharded_by_month_with_true_lastmod(client: Client) -> None:
    old = make_article(published_at=moment("2022-09-29 09:18"))
    make_article(published_at=moment("2022-10-01 00:00"), revised_at=moment("2023-01-02 03:04"))
    Page.objects.create(slug="about", title="关于")
    index = etree.fromstring(client.get("/sitemap.xml").content)
    entries = {
        each.findtext(f"{SITEMAP}loc"): each.findtext(f"{SITEMAP}lastmod")
        for each in index.iter(f"{SITEMAP}sitemap")
    }
    assert entries["http://testserver/sitemap/2022-09.xml"] == "2022-09-29T09:18:00+08:00"
    assert entries["http://testserver/sitemap/2022-10.xml"] == "2023-01-02T03:04:00+08:00"
    month = etree.fromstring(client.get("/sitemap/2022-09.xml").content)
    assert [each.findtext(f"{SITEMAP}loc") for each in month.iter(f"{SITEMAP}url")] == [
        f"http://testserver{old.get_absolute_url()}"
    ]
    assert b"/page/about/" in client.get("/sitemap/pages.xml").content


def test_news_sitemap_has_two_days(client: Client) -> None:
    fresh = make_article(title="新 & 鲜")
    make_article(published_at=timezone.now() - timedelta(days=3))
    tree = etree.fromstring(client.get("/sitemap/news.xml").content)
    assert [each.findtext(f"{NEWS}title") for each in tree.iter(f"{NEWS}news")] == [fresh.title]
    assert {each.text for each in tree.iter(f"{NEWS}language")} == {"zh-cn"}


def test_robots_names_the_sitemap_and_closes_search(client: Client) -> None:
    robots = client.get("/robots.txt")
    assert robots["Content-Type"].startswith("text/plain")
    assert "Sitemap: http://testserver/sitemap.xml" in robots.content.decode()
    assert "Disallow: /search/" in robots.content.decode()


def test_opensearch_points_at_the_search_page(client: Client) -> None:
    tree = etree.fromstring(client.get("/opensearch.xml").content)
    urls = {
        url.get("type"): url.get("template")
        for url in tree.iter("{http://a9.com/-/spec/opensearch/1.1/}Url")
    }
    assert urls["text/html"] == "http://testserver/search/?q={searchTerms}"


def test_health(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert "no-store" in response["Cache-Control"]


def test_renditions_are_served_for_ever(client: Client) -> None:
    photo = make_photo(700, 500)
    for extension, kind in (("webp", "image/webp"), ("jpg", "image/jpeg")):
        response = client.get(f"/media/{photo.token}-640.{extension}")
        assert response.status_code == 200
        assert response["Content-Type"] == kind
        assert "immutable" in response["Cache-Control"]
        assert b"".join(response)  # type: ignore[arg-type]
    assert client.get(f"/media/{photo.token}-1600.jpg").status_code == 404


def test_originals_are_never_served(client: Client) -> None:
    photo = make_photo()
    for path in (f"/media/{photo.original.name}", f"/originals/{photo.original.name}"):
        assert client.get(path).status_code == 404
