"""Sitemaps, held against the rules of https://www.sitemaps.org/schemas/ and of the extensions."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from lxml import etree
from pytest_django import DjangoAssertNumQueries

from articles import sitemaps
from articles.models import Article, Page
from tests.factories import make_article, make_photo, make_source, make_topic, moment

pytestmark = pytest.mark.django_db

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
IMAGE = "{http://www.google.com/schemas/sitemap-image/1.1}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"
# tLastmod of siteindex.xsd and sitemap.xsd: a date, or a time with its zone.
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")


def valid(client: Client, path: str) -> Any:
    """The document, if the schemas would take it."""
    response = client.get(path)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/xml; charset=utf-8"
    assert len(response.content) <= 50 * 1024 * 1024
    tree = etree.fromstring(response.content)
    inner = {f"{SITEMAP}sitemapindex": "sitemap", f"{SITEMAP}urlset": "url"}[tree.tag]
    assert {each.tag for each in tree} <= {SITEMAP + inner}
    assert 1 <= len(tree) <= 50_000
    for entry in tree:
        tags = [each.tag.removeprefix(SITEMAP) for each in entry]
        assert tags[0] == "loc"
        assert len(set(tags)) == len(tags)
        assert set(tags) <= {"loc", "lastmod", f"{IMAGE}image", f"{NEWS}news"}
        for place in entry.iter(f"{SITEMAP}loc", f"{IMAGE}loc"):
            assert 12 <= len(place.text) <= 2048
            assert place.text.startswith("http://testserver/")
            assert re.fullmatch(r"[!-~]+", place.text), place.text
        for moment_ in entry.iter(f"{SITEMAP}lastmod", f"{NEWS}publication_date"):
            assert MOMENT.fullmatch(moment_.text)
            assert datetime.fromisoformat(moment_.text) <= timezone.now()
    places = [each.findtext(f"{SITEMAP}loc") for each in tree]
    assert len(set(places)) == len(places)
    return tree


def places(tree: Any) -> list[str]:
    return [each.findtext(f"{SITEMAP}loc").removeprefix("http://testserver") for each in tree]


def test_the_index_leads_to_valid_sitemaps_that_lead_to_pages(client: Client) -> None:
    make_article(
        published_at=moment("2022-09-29 09:18"), photos=[make_photo(700, 500)], editor="戴 <慧>",
        topics=[make_topic("中文 & 话题")], source=make_source("晚报"),
    )  # fmt: skip
    make_article(title="今天 & <新>")
    Page.objects.create(slug="about", title="关于")
    index = valid(client, "/sitemap.xml")
    assert "/sitemap/pages.xml" in places(index)
    assert "/sitemap/2022-09.xml" in places(index)
    for path in [*places(index), "/sitemap/news.xml"]:
        for page in places(valid(client, path)):
            assert client.get(page).status_code == 200, page


def test_months_have_true_lastmods(client: Client) -> None:
    old = make_article(published_at=moment("2022-09-29 09:18"))
    make_article(published_at=moment("2022-10-01 00:00"), revised_at=moment("2023-01-02 03:04"))
    index = valid(client, "/sitemap.xml")
    changed = dict(
        zip(places(index), (each.findtext(f"{SITEMAP}lastmod") for each in index), strict=True)
    )
    assert changed["/sitemap/2022-09.xml"] == "2022-09-29T09:18:00+08:00"
    assert changed["/sitemap/2022-10.xml"] == "2023-01-02T03:04:00+08:00"
    assert places(valid(client, "/sitemap/2022-09.xml")) == [old.get_absolute_url()]


def test_the_index_costs_two_queries_and_a_month_one(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for size in (3, 27):
        for number in range(size):
            make_article(
                published_at=moment("2022-09-29 09:18") + timedelta(days=number),
                photos=[make_photo()],
            )
        with django_assert_num_queries(2):
            client.get("/sitemap.xml")
        with django_assert_num_queries(1):
            client.get("/sitemap/2022-09.xml")
        with django_assert_num_queries(4):
            client.get("/sitemap/pages.xml")


def test_lead_photos_are_named(client: Client) -> None:
    photo = make_photo(700, 500)
    make_article(published_at=moment("2022-09-29 09:18"), photos=[photo])
    tree = valid(client, "/sitemap/2022-09.xml")
    (image,) = tree.iter(f"{IMAGE}loc")
    assert image.text == f"http://testserver/media/{photo.token}-640.jpg"


def test_news_are_of_two_days_and_a_thousand_at_most(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert etree.fromstring(client.get("/sitemap/news.xml").content).tag == f"{SITEMAP}urlset"
    make_article(title="新 \x01& 鲜\ufffe")
    make_article(published_at=timezone.now() - timedelta(days=3))
    tree = valid(client, "/sitemap/news.xml")
    (news,) = tree.iter(f"{NEWS}news")
    assert [each.tag.removeprefix(NEWS) for each in news] == [
        "publication", "publication_date", "title",
    ]  # fmt: skip
    assert [each.tag.removeprefix(NEWS) for each in news[0]] == ["name", "language"]
    assert news.findtext(f"{NEWS}publication/{NEWS}language") == "zh-cn"
    assert news.findtext(f"{NEWS}title") == "新 & 鲜"
    assert sitemaps.MOST_NEWS == 1000
    monkeypatch.setattr(sitemaps, "MOST_NEWS", 2)
    for _ in range(3):
        make_article()
    assert len(valid(client, "/sitemap/news.xml")) == 2


def test_what_was_fetched_is_not_sent_again(client: Client) -> None:
    article = make_article(published_at=moment("2022-09-29 09:18"))
    for path in ("/sitemap.xml", "/sitemap/2022-09.xml", "/sitemap/pages.xml", "/sitemap/news.xml"):
        tag = client.get(path)["ETag"]
        assert client.get(path, headers={"if-none-match": tag}).status_code == 304
        assert client.head(path, headers={"if-none-match": tag}).status_code == 304
    tag = client.get("/sitemap.xml")["ETag"]
    Article.objects.filter(pk=article.pk).update(revised_at=moment("2023-01-01"))
    assert client.get("/sitemap.xml", headers={"if-none-match": tag}).status_code == 200
