"""Feeds: valid, whole, permanent, and not sent twice."""

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from lxml import etree
from pytest_django import DjangoAssertNumQueries

from articles import feeds
from articles.models import Article, Topic
from tests.factories import make_article, make_photo, make_source, make_topic, moment

pytestmark = pytest.mark.django_db

NS = {"a": "http://www.w3.org/2005/Atom"}
# What RFC 4287 demands of the elements that we write, in RELAX NG (after its appendix B).
ATOM_SCHEMA = etree.RelaxNG(
    etree.fromstring("""
<grammar xmlns="http://relaxng.org/ns/structure/1.0" ns="http://www.w3.org/2005/Atom"
    datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
  <start><element name="feed"><ref name="common"/><interleave>
    <ref name="title"/><ref name="id"/><ref name="updated"/>
    <optional><element name="subtitle"><ref name="words"/></element></optional>
    <oneOrMore><ref name="link"/></oneOrMore>
    <zeroOrMore><ref name="entry"/></zeroOrMore>
  </interleave></element></start>
  <define name="entry"><element name="entry"><ref name="common"/><interleave>
    <ref name="title"/><ref name="id"/><ref name="updated"/><ref name="author"/>
    <element name="published"><data type="dateTime"/></element>
    <oneOrMore><ref name="link"/></oneOrMore>
    <zeroOrMore><element name="category"><attribute name="term"/></element></zeroOrMore>
    <optional><element name="summary"><ref name="words"/></element></optional>
    <element name="content"><ref name="words"/></element>
  </interleave></element></define>
  <define name="title"><element name="title"><ref name="words"/></element></define>
  <define name="id"><element name="id">
    <data type="anyURI"><param name="minLength">1</param></data></element></define>
  <define name="updated"><element name="updated"><data type="dateTime"/></element></define>
  <define name="author"><element name="author"><element name="name">
    <data type="string"><param name="minLength">1</param></data></element></element></define>
  <define name="link"><element name="link"><attribute name="href"><data type="anyURI"/></attribute>
    <attribute name="rel"><choice><value>alternate</value><value>self</value></choice></attribute>
  </element></define>
  <define name="words"><optional><attribute name="type"><choice><value>text</value>
    <value>html</value></choice></attribute></optional><text/></define>
  <define name="common"><optional>
    <attribute name="lang" ns="http://www.w3.org/XML/1998/namespace"/></optional></define>
</grammar>""")
)

EVIL = '</title>]]>\x00\x01\x0b\ufffe😀<script>alert(1)</script>&amp;"\u202e'.replace("\x00", "")


@pytest.fixture
def topic() -> Topic:
    """A topic with an article that has everything."""
    topic = make_topic("青岛话题", slug="huati", description="身边事")
    photo = make_photo(1600, 1000, caption="栈桥 & 海", credit="本报绘图")
    loose = make_photo(700, 500, caption="", credit="")
    make_article(
        title="话题里 <的> & 稿",
        body=f'<p><a href="/2020/01/01/7/">旧</a><a href="#p2">下</a></p>'
        f'<figure data-photo="{photo.token}"></figure><figure data-photo="gone"></figure>',
        byline="记者 林疏影", topics=[topic, make_topic("海洋")], photos=[photo, loose],
        source=make_source("晚报"), published_at=moment("2022-09-29 09:18"),
        revised_at=moment("2022-10-01 08:00"),
    )  # fmt: skip
    make_article(title="话题外的稿", body="")
    return topic


def atom(client: Client, path: str) -> Any:
    response = client.get(path)
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    tree = etree.fromstring(response.content)
    ATOM_SCHEMA.assertValid(tree)
    assert tree.xpath("string(a:link[@rel='self']/@href)", namespaces=NS) == (
        f"http://testserver{path}"
    )
    ids = tree.xpath("//a:id/text()", namespaces=NS)
    assert len(set(ids)) == len(ids)
    return tree


def json_feed(client: Client, path: str) -> dict[str, Any]:
    """A feed, held against https://www.jsonfeed.org/version/1.1/."""
    response = client.get(path)
    assert response["Content-Type"] == "application/feed+json; charset=utf-8"
    feed: dict[str, Any] = json.loads(response.content)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == f"http://testserver{path}"
    assert {key: type(value) for key, value in feed.items()} == {
        "version": str, "title": str, "description": str, "home_page_url": str, "feed_url": str,
        "language": str, "items": list,
    }  # fmt: skip
    for item in feed["items"]:
        assert isinstance(item["id"], str)
        assert item["url"].startswith("http://testserver/")
        assert isinstance(item["content_html"], str)
        for name in ("date_published", "date_modified"):
            assert datetime.fromisoformat(item[name]).tzinfo
        assert all(author["name"] for author in item["authors"])
        assert all(isinstance(tag, str) for tag in item["tags"])
    assert len({item["id"] for item in feed["items"]}) == len(feed["items"])
    return feed


def test_atom_of_the_site_and_of_a_topic(client: Client, topic: Topic) -> None:
    titles = "a:entry/a:title/text()"
    site = atom(client, "/feed/atom.xml")
    assert site.xpath(titles, namespaces=NS) == ["话题外的稿", "话题里 <的> & 稿"]
    one = atom(client, "/feed/topic/huati/atom.xml")
    assert one.xpath(titles, namespaces=NS) == ["话题里 <的> & 稿"]
    assert one.findtext("a:title", namespaces=NS) == "青岛话题 - 信网"
    (entry,) = one.findall("a:entry", NS)
    assert entry.findtext("a:updated", namespaces=NS).startswith("2022-10-01T")
    assert entry.findtext("a:author/a:name", namespaces=NS) == "记者 林疏影"
    assert entry.xpath("a:category/@term", namespaces=NS) == ["青岛话题", "海洋"]


def test_json_feeds_say_the_same(client: Client, topic: Topic) -> None:
    site = json_feed(client, "/feed/feed.json")
    assert [item["title"] for item in site["items"]] == ["话题外的稿", "话题里 <的> & 稿"]
    one = json_feed(client, "/feed/topic/huati/feed.json")
    (item,) = one["items"]
    assert item["tags"] == ["青岛话题", "海洋"]
    assert item["image"].startswith("http://testserver/media/")
    xml = atom(client, "/feed/topic/huati/atom.xml")
    assert xml.xpath("a:entry/a:id/text()", namespaces=NS) == [item["id"]]
    assert xml.xpath("a:entry/a:content/text()", namespaces=NS) == [item["content_html"]]


def test_contents_stand_by_themselves_elsewhere(client: Client, topic: Topic) -> None:
    article = Article.objects.get(byline="记者 林疏影")
    (item,) = json_feed(client, "/feed/topic/huati/feed.json")["items"]
    html = item["content_html"]
    assert 'href="http://testserver/2020/01/01/7/"' in html
    assert f'href="http://testserver{article.get_absolute_url()}#p2"' in html
    assert re.findall(r"<figcaption>(.*?)</figcaption>", html) == ["栈桥 &amp; 海 本报绘图"]
    assert html.count('<img src="http://testserver/media/') == 2
    assert "data-photo" not in html


def test_ids_outlive_addresses(client: Client, topic: Topic, settings: Any) -> None:
    article = Article.objects.get(byline="记者 林疏影")
    before = feeds.tag(article)
    made = article.created_at.strftime("%Y-%m-%d")
    assert before == f"tag:testserver,{made}:article/{article.pk}"
    settings.SITE_URL = "https://testserver:8443"
    article.published_at = moment("2021-01-01")
    assert feeds.tag(article) == before


@pytest.mark.parametrize("path", ["/feed/atom.xml", "/feed/topic/huati/atom.xml"])
def test_hostile_words_leave_a_feed_well_formed(client: Client, path: str) -> None:
    evil = make_topic(EVIL[:60], slug="huati", description=EVIL)
    make_article(
        title=EVIL, byline=EVIL, body=f"<p>{EVIL}</p>", topics=[evil],
        source=make_source(EVIL[:60]), photos=[make_photo(caption=EVIL, alt=EVIL, credit=EVIL)],
    )  # fmt: skip
    tree = atom(client, path)
    (content,) = tree.xpath("a:entry/a:content/text()", namespaces=NS)
    assert "<script>" not in content
    json_feed(client, path.replace("atom.xml", "feed.json"))


def test_an_empty_feed_is_valid_and_always_the_same(client: Client) -> None:
    make_topic(slug="huati")
    for path in ("/feed/atom.xml", "/feed/topic/huati/atom.xml"):
        atom(client, path)
        assert client.get(path)["ETag"] == client.get(path)["ETag"]
    assert json_feed(client, "/feed/feed.json")["items"] == []


PATHS = ["/feed/atom.xml", "/feed/feed.json", "/feed/topic/huati/atom.xml",
         "/feed/topic/huati/feed.json"]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_what_a_reader_has_is_not_sent_again(client: Client, topic: Topic, path: str) -> None:
    first = client.get(path)
    assert first["Last-Modified"]
    assert "max-age=60" in first["Cache-Control"]
    for method in (client.get, client.head):
        for headers in (
            {"if-none-match": first["ETag"]},
            {"if-none-match": f'"x", {first["ETag"]}'},
        ):
            same = method(path, headers=headers)
            assert (same.status_code, same.content) == (304, b""), headers
            assert same["ETag"] == first["ETag"]
    assert client.head(path)["ETag"] == first["ETag"]
    Article.objects.filter(topics=topic).update(title="改了的标题")
    changed = client.get(path, headers={"if-none-match": first["ETag"]})
    assert changed.status_code == 200
    assert "改了的标题" in changed.content.decode()


def test_a_withdrawal_is_told_to_whoever_only_has_a_date(client: Client, topic: Topic) -> None:
    known = client.get("/feed/atom.xml")["Last-Modified"]
    newest = max(Article.objects.all(), key=lambda article: article.updated_at)
    Article.objects.filter(pk=newest.pk).update(state="withdrawn")  # what is left is older
    told = client.get("/feed/atom.xml", headers={"if-modified-since": known})
    assert told.status_code == 200
    assert newest.get_absolute_url() not in told.content.decode()


@pytest.mark.parametrize("path", PATHS)
def test_a_feed_costs_the_same_however_much_is_in_it(
    client: Client, topic: Topic, path: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    budget = 5 if "topic" in path else 3
    for _ in range(2):
        with django_assert_num_queries(budget):
            client.get(path)
        for number in range(feeds.SIZE + 5):
            make_article(topics=[topic], photos=[make_photo()] if number < 9 else [])
    assert len(json_feed(client, "/feed/feed.json")["items"]) == feeds.SIZE


def test_feeds_show_only_what_readers_may_read(client: Client, topic: Topic) -> None:
    make_article(title="草稿", state="draft", topics=[topic])
    make_article(title="将来", published_at=timezone.now() + timedelta(days=1), topics=[topic])
    make_article(title="撤下", topics=[topic]).withdraw("错了。")
    for path in PATHS:
        words = client.get(path).content.decode()
        assert not [word for word in ("草稿", "将来", "撤下") if word in words], path


def test_pages_lead_to_their_feeds(client: Client, phone: Client, topic: Topic) -> None:
    for reader in (client, phone):
        for page, wanted in (("/", PATHS[:2]), ("/topic/huati/", PATHS)):
            html = reader.get(page).content.decode()
            found = re.findall(r'<link rel="alternate" type="([^"]+)" [^>]*href="([^"]+)"', html)
            assert {path for _, path in found} == set(wanted)
            for kind, path in found:
                assert client.get(path)["Content-Type"].startswith(kind)
