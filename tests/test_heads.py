"""What each kind of page says of itself in its head."""

import json
import re
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from articles.models import Article, Correction, Page, Topic
from tests.factories import make_article, make_photo, make_source, make_topic, moment

pytestmark = [pytest.mark.django_db, pytest.mark.once]

VIEWS = {"desktop": "pc", "mobile": "mobile"}
EVERY = ("/", "/topic/", "/topic/huati/", "/topic/meitu/", "/archive/", "/2022/", "/2022/09/",
         "/2022/09/29/", "/on-this-day/", "/on-this-day/09/29/", "/source/", "/source/wanbao/",
         "/editor/", "/editor/戴慧慧/", "/most-read/", "/corrections/", "/page/about/", "ARTICLE",
         "ARTICLEphoto/1/", "/search/?q=栈桥", "/nowhere/")  # fmt: skip
HIDDEN = ("ARTICLEphoto/1/", "/search/?q=栈桥")


@pytest.fixture
def article() -> Article:
    """One article that has everything, in an archive with a page of every kind."""
    source = make_source("青岛晚报", slug="wanbao")
    topics = [
        make_topic("青岛话题", slug="huati"),
        make_topic("精彩美图", slug="meitu", layout=Topic.Layout.PICTURES),
    ]
    article = make_article(
        title='栈桥的"早晨" & <潮>', original_title="潮起栈桥", body="<p>海风从前海吹来。</p>",
        source=source, editor="戴慧慧", byline="记者 林疏影 通讯员 高以安", topics=topics,
        photos=[make_photo(1600, 1000, caption="栈桥清晨", credit="本报绘图")],
        published_at=moment("2022-09-29 09:18"), revised_at=moment("2022-09-30 10:00"),
        legacy_url="http://old.example/1.htm",
    )  # fmt: skip
    Correction.objects.create(article=article, text="</script>图注有误。")
    Page.objects.create(slug="about", title="关于信网")
    return article


def metas(html: str) -> dict[str, list[str]]:
    """Contents by name or property."""
    found: dict[str, list[str]] = {}
    for name, content in re.findall(
        r'<meta (?:name|property)="([^"]+)" content="([^"]*)"', html.split("</head>", maxsplit=1)[0]
    ):
        found.setdefault(name, []).append(content)
    return found


def graph(html: str) -> list[dict[str, Any]]:
    """What the page says in JSON-LD."""
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    if not blocks:
        return []
    (block,) = blocks
    data = json.loads(block)
    assert data["@context"] == "https://schema.org"
    things: list[dict[str, Any]] = data["@graph"]
    for thing in things:
        check(thing)
    return things


def check(value: Any) -> None:
    """Every thing has a type, nothing is empty, every address is whole."""
    if isinstance(value, list):
        assert value
        for each in value:
            check(each)
    elif isinstance(value, dict):
        assert value["@type"]
        for name, each in value.items():
            if name in ("url", "item", "mainEntityOfPage", "isBasedOn", "urlTemplate"):
                assert re.match(r"https?://[!-~]+$", each), (name, each)
            check(each)
    else:
        assert value not in (None, ""), value


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("path", EVERY)
def test_every_page_says_what_every_page_must(
    client: Client, article: Article, path: str, view: str
) -> None:
    client.cookies["view"] = view
    path = path.replace("ARTICLE", article.get_absolute_url())
    response = client.get(path)
    html = response.content.decode()
    head = html.split("</head>")[0]
    said = metas(html)
    assert '<html lang="zh-CN">' in html
    assert said["viewport"] == ["width=device-width,initial-scale=1"]
    assert said["applicable-device"] == [VIEWS[view]]
    assert "no-transform" in response["Cache-Control"]
    assert len(re.findall(r"<title>[^<]+</title>", head)) == 1
    for once in ("description", "og:title", "og:description", "og:url", "og:type", "og:image",
                 "og:image:width", "og:image:height", "og:image:alt", "twitter:card"):  # fmt: skip
        assert len(said[once]) == 1, once
        assert said[once][0], once
    assert said["og:locale"] == ["zh_CN"]
    assert said["og:site_name"] == ["信网"]
    assert said["og:image"][0].startswith("http://testserver/")
    image = said["og:image"][0].removeprefix("http://testserver")
    if image.startswith("/og/"):
        assert client.get(image).status_code == 200
    canonical = re.findall(r'<link rel="canonical" href="([^"]+)"', head)
    hidden = path.replace(article.get_absolute_url(), "ARTICLE") in HIDDEN or path == "/nowhere/"
    assert said.get("robots", []) == (["noindex,follow"] if hidden else [])
    assert canonical == ([] if hidden else [f"http://testserver{quote(path)}"])
    for link in ('rel="icon"', 'rel="apple-touch-icon"', 'rel="search"',
                 'rel="manifest" href="/manifest.webmanifest"'):  # fmt: skip
        assert link in head, link
    graph(html)


def test_addresses_with_more_say_the_canonical_one(client: Client, article: Article) -> None:
    permalink = f"http://testserver{article.get_absolute_url()}"
    for path in ("?from=timeline", "?view=mobile"):
        html = client.get(article.get_absolute_url() + path).content.decode()
        assert f'<link rel="canonical" href="{permalink}">' in html
        assert metas(html)["og:url"] == [permalink]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(
    ("byline", "source", "author"),
    [
        ("记者 甲", "", ["记者 甲"]),
        ("", "晚报", ["晚报"]),
        ("<b>", "晚报", ["&lt;b&gt;"]),
        ("", "", []),
    ],
)
def test_an_author_is_who_wrote_it_or_who_printed_it(
    client: Client, view: str, byline: str, source: str, author: list[str]
) -> None:
    client.cookies["view"] = view
    article = make_article(byline=byline, source=make_source(source) if source else None)
    html = client.get(article.get_absolute_url()).content.decode()
    assert metas(html).get("article:author", []) == author


@pytest.mark.parametrize("view", VIEWS)
def test_an_article_says_all_of_itself(client: Client, article: Article, view: str) -> None:
    client.cookies["view"] = view
    html = client.get(article.get_absolute_url()).content.decode()
    said = metas(html)
    assert said["og:type"] == ["article"]
    assert said["article:published_time"] == ["2022-09-29T09:18:00+08:00"]
    assert said["article:modified_time"] == ["2022-09-30T10:00:00+08:00"]
    assert said["article:author"] == ["记者 林疏影 通讯员 高以安"]
    assert said["article:section"] == ["青岛话题"]
    assert said["article:tag"] == ["青岛话题", "精彩美图"]
    assert said["og:description"] == ["海风从前海吹来。"]
    assert said["twitter:card"] == ["summary_large_image"]
    news, trail = graph(html)
    assert news["@type"] == "NewsArticle"
    assert news["mainEntityOfPage"] == f"http://testserver{article.get_absolute_url()}"
    assert news["headline"] == article.title
    assert news["alternativeHeadline"] == "潮起栈桥"
    assert (news["datePublished"], news["dateModified"]) == (
        "2022-09-29T09:18:00+08:00", "2022-09-30T10:00:00+08:00",
    )  # fmt: skip
    assert news["inLanguage"] == "zh-CN"
    assert [each["name"] for each in news["author"]] == ["林疏影", "高以安"]
    assert news["editor"] == {"@type": "Person", "name": "戴慧慧"}
    assert news["publisher"]["@type"] == "NewsMediaOrganization"
    assert news["isBasedOn"] == "http://old.example/1.htm"
    assert news["articleSection"] == ["青岛话题", "精彩美图"]
    (image,) = news["image"]
    assert (image["@type"], image["caption"], image["creditText"]) == (
        "ImageObject", "栈桥清晨", "本报绘图",
    )  # fmt: skip
    (correction,) = news["correction"]
    assert (correction["@type"], correction["text"]) == (
        "CorrectionComment", "</script>图注有误。",
    )  # fmt: skip
    assert trail["@type"] == "BreadcrumbList"
    assert [(step["position"], step["name"]) for step in trail["itemListElement"]] == [
        (1, "信网"), (2, "青岛话题"), (3, article.title),
    ]  # fmt: skip


def test_a_bare_article_says_nothing_empty(client: Client) -> None:
    article = make_article(body="", title="只有标题")
    html = client.get(article.get_absolute_url()).content.decode()
    news, trail = graph(html)
    (image,) = news["image"]
    assert (image["width"], image["height"]) == (1200, 630)
    assert image["url"] == metas(html)["og:image"][0]
    assert news["author"] == [{"@type": "Organization", "name": "信网"}]
    assert not {"editor", "isBasedOn", "alternativeHeadline", "correction"} & set(news)
    assert len(trail["itemListElement"]) == 2


def test_the_front_page_says_where_to_search(client: Client, article: Article) -> None:
    (site,) = graph(client.get("/").content.decode())
    assert site["@type"] == "WebSite"
    action = site["potentialAction"]
    assert action["@type"] == "SearchAction"
    assert action["query-input"] == "required name=search_term_string"
    template = action["target"]["urlTemplate"]
    found = client.get(
        template.removeprefix("http://testserver").replace("{search_term_string}", quote("海风"))
    )
    assert article.get_absolute_url() in found.content.decode()


@pytest.mark.parametrize(
    ("path", "step"),
    [("/topic/huati/", "全部话题"), ("/topic/meitu/", "全部话题"), ("/source/wanbao/", "全部来源"),
     ("/editor/戴慧慧/", "全部编辑")],
)  # fmt: skip
def test_lists_say_what_is_in_them(client: Client, article: Article, path: str, step: str) -> None:
    collection, trail = graph(client.get(path).content.decode())
    assert collection["@type"] == "CollectionPage"
    assert collection["url"] == f"http://testserver{quote(path)}"
    assert [each["url"] for each in collection["mainEntity"]["itemListElement"]] == [
        f"http://testserver{article.get_absolute_url()}"
    ]
    assert [each["name"] for each in trail["itemListElement"]][:2] == ["信网", step]


def test_later_pages_of_a_list_are_not_for_search_engines(client: Client) -> None:
    topic = make_topic(slug="long")
    for _ in range(31):
        make_article(topics=[topic])
    html = client.get("/topic/long/").content.decode()
    older = re.search(r'href="(\?before=[^"]+)"', html)
    assert older
    later = metas(client.get(f"/topic/long/{older[1]}").content.decode())
    assert later["robots"] == ["noindex,follow"]
