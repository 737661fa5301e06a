"""The search page: every part of its address, the links that lead on, and what it suggests."""

import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from django.db import connection
from django.test import Client
from lxml import etree
from lxml import html as markup
from pytest_django import DjangoAssertNumQueries

from articles.models import Article, Source, Topic
from tests.factories import make_article, make_source, make_topic, moment

pytestmark = pytest.mark.django_db
VIEWS = ["desktop", "mobile"]
EVIL = '</script><script>alert(1)</script>"><img src=x onerror=alert(1)>'
AROUND = 8  # frame and sidebar


def address(**said: str) -> str:
    return "/search/?" + urlencode(said)


def page_of(client: Client, path: str, view: str = "desktop") -> Any:
    """The parsed page."""
    client.cookies["view"] = view
    response = client.get(path)
    assert response.status_code == 200, path
    return markup.fromstring(response.content.decode())


def pick(inside: Any, selector: str) -> list[Any]:
    """The elements that a simple CSS selector means: names, classes, attributes, descendants."""
    paths = []
    for alternative in selector.split(", "):
        path = "."
        for step in alternative.split():
            name = re.match(r"[a-z0-9]*", step)[0] or "*"  # type: ignore[index]
            path += f"//{name}"
            for each in re.findall(r"\.([\w-]+)", re.sub(r"\[.*?\]", "", step)):
                path += f"[contains(concat(' ', @class, ' '), ' {each} ')]"
            for each in re.findall(r"\[(.*?)\]", step):
                path += f"[@{each}]"
        paths.append(path)
    found: list[Any] = inside.xpath(" | ".join(paths))
    return found


def titles(page: Any) -> list[str]:
    return [title.text_content() for title in pick(page, ".hit h2")]


def words(page: Any) -> str:
    return " ".join(pick(page, "main")[0].text_content().split())


def link(page: Any, name: str) -> str:
    """The address of the link with this beginning of its words, but for what is read aloud only."""
    for found in pick(page, "a"):
        said = found.text_content().replace("去掉范围：", "").strip()
        if said.startswith(name) and found.get("href", "").startswith("?"):
            return "/search/" + found.get("href")
    raise AssertionError(name)


def said_by(path: str) -> dict[str, str]:
    return {name: value[0] for name, value in parse_qs(path.partition("?")[2]).items()}


@pytest.fixture
def harbour() -> dict[str, Any]:
    """Articles about the harbour, in two years, two topics, from two sources."""
    sea, city = make_topic("海洋", slug="sea"), make_topic("城市", slug="city")
    evening, morning = make_source("晚报", slug="evening"), make_source("早报", slug="morning")
    rows = [
        ("港口的灯", "2021-03-05 08:00", sea, evening),
        ("港口夜话", "2022-03-05 08:00", sea, morning),
        ("港口新规", "2022-09-29 09:18", city, evening),
        ("街上的事", "2022-09-30 09:18", city, evening),
    ]
    for title, at, topic, source in rows:
        make_article(
            title=title, body="<p>关于港口的一篇。</p>" if "港口" in title else "<p>。</p>",
            topics=[topic], source=source, published_at=moment(at),
        )  # fmt: skip
    return {"sea": sea, "city": city, "evening": evening, "morning": morning}


@pytest.mark.parametrize("view", VIEWS)
def test_what_was_found_is_counted_and_marked(
    client: Client, harbour: dict[str, Any], view: str
) -> None:
    page = page_of(client, address(q="港口"), view)
    assert pick(page, "h1")[0].text_content() == "“港口”的搜索结果"
    assert pick(page, "title")[0].text_content().startswith("“港口”的搜索结果")
    assert "共 3 篇" in words(page)
    assert sorted(titles(page)) == sorted(["港口的灯", "港口夜话", "港口新规"])
    assert {mark.text for mark in pick(page, ".hit mark")} == {"港口"}
    assert pick(page, 'meta[name="robots"]')[0].get("content") == "noindex,follow"
    boxes = pick(page, 'input[type="search"]')
    assert [(box.get("value"), box.get("maxlength")) for box in boxes] == [("港口", "200")]


@pytest.mark.parametrize("view", VIEWS)
def test_without_words_there_is_the_box(client: Client, view: str) -> None:
    for path in ("/search/", "/search/?q=", "/search/?q=&from=&to=&year=&topic=", "/search/?q=+"):
        page = page_of(client, path, view)
        assert pick(page, "h1")[0].text_content() == "搜索"
        assert not pick(page, ".hit, .nothing, .hint")


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"year": "2022"}, {"港口夜话", "港口新规"}),
        ({"month": "2022-09"}, {"港口新规"}),
        ({"year": "2022", "month": "2022-03"}, {"港口夜话"}),
        ({"year": "2021", "month": "2022-03"}, set()),
        ({"topic": "sea"}, {"港口的灯", "港口夜话"}),
        ({"source": "evening"}, {"港口的灯", "港口新规"}),
        ({"topic": "sea", "source": "evening"}, {"港口的灯"}),
        ({"from": "2022-03-05"}, {"港口夜话", "港口新规"}),
        ({"to": "2022-03-05"}, {"港口的灯", "港口夜话"}),
        ({"from": "2022-03-05", "to": "2022-03-05"}, {"港口夜话"}),
        ({"from": "2022-03-06", "year": "2022"}, {"港口新规"}),
        ({"from": "", "to": "", "sort": "relevance"}, {"港口的灯", "港口夜话", "港口新规"}),
        ({"sort": "newest", "page": "1"}, {"港口的灯", "港口夜话", "港口新规"}),
        ({"year": "1000", "sort": "newest"}, set()),
        ({"year": "2999"}, set()),
    ],
)
def test_every_parameter_narrows(
    client: Client, harbour: dict[str, Any], said: dict[str, str], found: set[str]
) -> None:
    for view in VIEWS:
        assert set(titles(page_of(client, address(q="港口", **said), view))) == found


@pytest.mark.parametrize(
    "said",
    [
        {"sort": "oldest"}, {"sort": "NEWEST"}, {"year": "22"}, {"year": "0000"}, {"year": "３"},
        {"year": "99999"}, {"month": "2022"}, {"month": "2022-13"}, {"month": "2022-9"},
        {"month": "2022-00"}, {"from": "2022-02-30"}, {"from": "20220101"}, {"to": "yesterday"},
        {"to": "2022-01-01\n"}, {"from": "٢٠٢٢-01-01"}, {"topic": "none"}, {"source": "none"},
        {"topic": "\x00"}, {"source": "a/b"}, {"topic": "x" * 5000}, {"page": "0"}, {"page": "-1"},
        {"page": "x"}, {"page": "2"}, {"page": "1" * 30}, {"page": "2", "sort": "newest"},
        {"before": "x"}, {"before": "1-2", "after": "1-2"}, {"before": "1-1", "sort": "newest"},
    ],
)  # fmt: skip
def test_what_is_malformed_gets_a_page_in_chinese(
    client: Client, phone: Client, harbour: dict[str, Any], said: dict[str, str]
) -> None:
    for reader in (client, phone):
        response = reader.get(address(q="港口", **said))
        assert response.status_code == 404
        assert "没有找到这个页面" in response.content.decode()


@pytest.mark.parametrize("view", VIEWS)
def test_days_that_end_before_they_begin_lose_nothing(
    client: Client, harbour: dict[str, Any], view: str
) -> None:
    said = {"q": "港口", "from": "2022-09-30", "to": "2022-01-01", "topic": "sea"}
    page = page_of(client, address(**said), view)
    assert "开始日期晚于结束日期" in words(page)
    for name in ("q", "from", "to"):
        assert pick(page, f'form input[name="{name}"]')[0].get("value") == said[name]
    assert not pick(page, ".hit, .nothing")


@pytest.mark.parametrize("view", VIEWS)
def test_facets_lead_to_what_they_count_and_chips_back(
    client: Client, harbour: dict[str, Any], view: str
) -> None:
    start = address(q="港口", sort="newest")
    page = page_of(client, start, view)
    ways = pick(page, ".narrow__ways a")
    assert {way.get("rel") for way in ways} == {"nofollow"}
    hrefs = [way.get("href") for way in ways]
    assert len(hrefs) == len(set(hrefs)) == 6
    for way in ways:
        counted = int(re.sub(r"\D", "", pick(way, ".narrow__count")[0].text_content()))
        narrowed = page_of(client, "/search/" + way.get("href"), view)
        assert len(titles(narrowed)) == counted
        assert said_by(way.get("href")).items() >= {"q": "港口", "sort": "newest"}.items()
        (chip,) = pick(narrowed, ".chips__chip")
        assert "去掉范围" in chip.text_content()
        assert said_by(chip.get("href")) == said_by(start)


def test_a_chosen_year_offers_its_months(client: Client, harbour: dict[str, Any]) -> None:
    page = page_of(client, link(page_of(client, address(q="港口")), "2022 年"))
    assert "2022 年" in words(page)
    month = link(page, "9 月")
    assert said_by(month) == {"q": "港口", "year": "2022", "month": "2022-09"}
    page = page_of(client, month)
    assert titles(page) == ["港口新规"]
    assert said_by(link(page, "2022 年")) == {"q": "港口"}
    assert said_by(link(page, "9 月")) == {"q": "港口", "year": "2022"}
    assert said_by(link(page, "全部去掉")) == {"q": "港口"}


def test_links_keep_the_rest_and_drop_the_page(client: Client, harbour: dict[str, Any]) -> None:
    said = {"q": "港口", "sort": "newest", "topic": "sea", "from": "2020-01-01", "to": "2023-01-01"}
    page = page_of(client, address(**said))
    assert said_by(link(page, "2021 年")) == {**said, "year": "2021"}
    assert said_by(link(page, "最相关")) == {n: v for n, v in said.items() if n != "sort"}
    assert said_by(link(page, "2020-01-01 至 2023-01-01")) == {
        "q": "港口", "sort": "newest", "topic": "sea",
    }  # fmt: skip
    box, days = pick(page, 'main form[role="search"]')[0], pick(page, "form.days")[0]
    assert dict(box.form_values()) == said
    assert dict(days.form_values()) == said
    switch = pick(page, "a[data-elsewhere='view=mobile']")[0].get("href")
    assert said_by(switch) == {**said, "view": "mobile"}
    assert "2020-01-01 起" in words(page_of(client, address(q="港口", **{"from": "2020-01-01"})))
    assert "至 2023-01-01" in words(page_of(client, address(q="港口", to="2023-01-01")))


def test_newest_first_is_an_order(client: Client, harbour: dict[str, Any]) -> None:
    page = page_of(client, link(page_of(client, address(q="港口")), "最新"))
    assert titles(page) == ["港口新规", "港口夜话", "港口的灯"]
    current = pick(page, ".outcome__sort [aria-current]")
    assert [one.text_content() for one in current] == ["最新"]


def many(count: int) -> None:
    for number in range(count):
        make_article(
            title=f"潮汐第{number}号",
            published_at=moment("2023-01-01 08:00") + timedelta(number % 7),
        )


@pytest.mark.parametrize(
    ("sort", "onwards", "backwards"),
    [("newest", "较早的", "较新的"), ("relevance", "下一页", "上一页")],
)
def test_pages_have_no_gaps_and_no_repeats(
    client: Client, sort: str, onwards: str, backwards: str
) -> None:
    many(60)
    path = address(q="潮汐", sort=sort, year="2023")
    seen: list[str] = []
    for number in (1, 2, 3):
        page = page_of(client, path)
        seen += titles(page)
        if sort == "relevance":
            assert f"第 {number} 页，共 3 页" in words(page)
        if number < 3:
            path = link(page, onwards)
            assert said_by(path)["year"] == "2023"
    assert len(seen) == len(set(seen)) == 60
    assert not [one for one in pick(page, ".paging a") if onwards in one.text_content()]
    assert titles(page_of(client, link(page, backwards))) == seen[20:40]
    assert said_by(link(page, "1 月") if pick(page, ".narrow__ways") else path)


def test_the_end_of_the_relevant_leads_to_the_newest(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("articles.search.finding.TITLE_CANDIDATES", 4)
    monkeypatch.setattr("articles.search.finding.CANDIDATES", 4)
    many(6)
    page = page_of(client, address(q="潮汐"))
    assert "最相关的稿件到此为止" in words(page)
    assert len(titles(page_of(client, link(page, "按时间从新到旧")))) == 6


def test_more_than_can_be_counted_is_said_to_be_more(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("articles.search.facets.COUNTED", 25)
    topics = [make_topic("甲"), make_topic("乙")]
    many(30)
    for article in Article.objects.all():
        article.topics.add(topics[article.pk % 2])
    page = page_of(client, address(q="潮汐"))
    assert "25+ 篇" in words(page)
    assert "共 25" not in words(page)
    counts = pick(page, ".narrow__count")
    assert counts
    assert all(count.text_content().startswith("约 ") for count in counts)


@pytest.mark.parametrize("view", VIEWS)
def test_an_empty_page_says_what_was_not_found_and_what_would_be(
    client: Client, harbour: dict[str, Any], view: str
) -> None:
    page = page_of(client, address(q="港口 恐龙"), view)
    assert "没有一篇稿件同时有“港口”“恐龙”" in words(page)
    near = link(page, "港口")
    assert said_by(near) == {"q": "港口"}
    assert len(titles(page_of(client, near, view))) == 3
    assert "3 篇" in words(page)
    assert pick(page, 'main a[href="/archive/"]')


def test_an_empty_page_offers_the_search_without_its_filters(
    client: Client, harbour: dict[str, Any]
) -> None:
    page = page_of(client, address(q="夜话", source="evening", year="2022"))
    assert "所选的范围里，没有稿件里有“夜话”" in words(page)
    assert titles(page_of(client, link(page, "在全部稿件里找“夜话”"))) == ["港口夜话"]


def test_a_word_that_is_nowhere_gets_advice(client: Client, harbour: dict[str, Any]) -> None:
    assert "换个说法" in words(page_of(client, address(q="恐龙")))


def test_what_cannot_be_searched_is_said(client: Client, harbour: dict[str, Any]) -> None:
    assert "请输入文字或数字" in words(page_of(client, address(q="。。！")))
    for long in ("港口" * 150, " ".join(f"港口{number}" for number in range(11))):
        assert "只搜索了前 200 个字、前 10 个词" in words(page_of(client, address(q=long)))


@pytest.mark.parametrize("view", VIEWS)
def test_the_cost_does_not_grow(
    client: Client,
    harbour: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    view: str,
) -> None:
    monkeypatch.setattr("articles.search.facets.COUNTED", 2)  # an estimate costs most
    client.cookies["view"] = view
    paths = [address(q="潮汐", topic="sea", source="evening", sort=sort) for sort in ("", "newest")]
    for count in (3, 27):
        for number in range(count):
            make_article(title=f"潮汐{number}", topics=[harbour["sea"]], source=harbour["evening"])
        for path in paths:
            with django_assert_max_num_queries(AROUND + 17):
                assert b"hit__cut" in client.get(path).content
    with django_assert_max_num_queries(9):
        client.get("/search/suggest/?" + urlencode({"q": "潮汐"}))


def test_reading_alone_is_allowed(client: Client) -> None:
    for path in ("/search/?q=x", "/search/suggest/?q=xx", "/search/suggest/opensearch/?q=xx"):
        head = client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        for method in ("post", "put", "patch", "delete"):
            assert getattr(client, method)(path).status_code == 405


def test_hostile_words_are_shown_and_not_run(client: Client, phone: Client) -> None:
    topic, source = make_topic(EVIL[:60], slug="evil"), make_source(EVIL[:60], slug="evil")
    for number in range(2):
        make_article(
            title=f"{number}{EVIL}", body="<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
            topics=[topic], source=source, published_at=moment(f"202{number}-01-01 10:00"),
        )  # fmt: skip
    make_article(title="script")
    for reader in (client, phone):
        for said in (
            {"q": EVIL}, {"q": "script", "topic": "evil", "source": "evil"}, {"q": "script"},
            {"q": f"{EVIL} 没有"}, {"q": "script", "from": EVIL}, {"q": EVIL, "topic": EVIL},
        ):  # fmt: skip
            html = reader.get(address(**said)).content.decode()
            assert "<script>alert" not in html
            assert "<img src=x" not in html
    for path in ("/search/suggest/", "/search/suggest/opensearch/"):
        for typed in (EVIL, "script"):
            response = client.get(path, {"q": typed})
            assert response["Content-Type"] in (
                "application/json",
                "application/x-suggestions+json",
            )
            assert response["X-Content-Type-Options"] == "nosniff"
            json.loads(response.content)


def suggested(client: Client, typed: str) -> list[dict[str, str]]:
    response = client.get("/search/suggest/", {"q": typed})
    assert response.status_code == 200
    assert response["Cache-Control"] == "public, max-age=60"
    found: list[dict[str, str]] = json.loads(response.content)
    return found


def test_suggestions_are_topics_sources_and_titles(client: Client) -> None:
    topic, source = make_topic("青岛话题", slug="huati"), make_source("青島晚报", slug="wanbao")
    make_topic("民生")
    newest = make_article(title="小青岛的灯塔", published_at=moment("2024-01-01 10:00"))
    make_article(title="别处", body="<p>青岛</p>")
    draft = make_article(title="青岛草稿", state=Article.State.DRAFT)
    assert suggested(client, "青岛") == [
        {"kind": "话题", "text": "青岛话题", "url": topic.get_absolute_url()},
        {"kind": "来源", "text": "青島晚报", "url": source.get_absolute_url()},
        {"kind": "稿件", "text": "小青岛的灯塔", "url": newest.get_absolute_url()},
    ]
    assert draft.title not in str(suggested(client, "青岛草稿"))
    assert [one["text"] for one in suggested(client, " 青 島，话题 ")] == ["青岛话题"]


def test_suggestions_are_few_and_the_newest(client: Client) -> None:
    for number in range(9):
        make_topic(f"海洋{number}")
        make_source(f"海洋报{number}")
        make_article(title=f"海洋消息{number}", published_at=moment(f"2024-01-0{number + 1} 10:00"))
    kinds = [one["kind"] for one in suggested(client, "海洋")]
    assert kinds == ["话题"] * 3 + ["稿件"] * 5
    assert suggested(client, "海洋")[3]["text"] == "海洋消息8"
    Article.objects.all().delete()
    assert len(suggested(client, "海洋")) == 8


@pytest.mark.parametrize(
    "typed",
    ["", "海", " 海 ", "。。。", "\x00\x00", "%_\\", "海" * 5000, "标题:", '"', "-海洋", "海 的",
     "来源:没有", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1")],
)  # fmt: skip
def test_senseless_beginnings_suggest_nothing(client: Client, typed: str) -> None:
    Topic.objects.create(name="海报", slug="poster")
    Source.objects.create(name="海报报", slug="posters")
    assert suggested(client, typed) == []


def test_a_single_character_costs_nothing(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert suggested(client, "海") == []


def test_browsers_get_suggestions_as_they_ask_for_them(client: Client) -> None:
    make_topic("青岛话题", slug="huati")
    tree = etree.fromstring(client.get("/opensearch.xml").content)
    urls = {
        url.get("type"): url.get("template")
        for url in tree.iter("{http://a9.com/-/spec/opensearch/1.1/}Url")
    }
    template = urls["application/x-suggestions+json"]
    assert template == "http://testserver/search/suggest/opensearch/?q={searchTerms}"
    answer = client.get("/search/suggest/opensearch/", {"q": "青岛"})
    assert answer["Content-Type"] == "application/x-suggestions+json"
    assert json.loads(answer.content) == [
        "青岛", ["青岛话题"], ["话题"], ["http://testserver/topic/huati/"]
    ]  # fmt: skip


@pytest.mark.parametrize("view", VIEWS)
def test_a_search_that_takes_too_long_says_so(
    client: Client, monkeypatch: pytest.MonkeyPatch, view: str
) -> None:
    make_article(title="栈桥")
    client.cookies["view"] = view
    monkeypatch.setattr("articles.search.entries.PATIENCE_MS", 100)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION articles_fold(raw text) RETURNS text LANGUAGE sql"
            " IMMUTABLE STRICT AS $$ SELECT raw FROM (SELECT pg_sleep(2)) AS slept $$"
        )
    response = client.get("/search/", {"q": "栈桥"})
    assert response.status_code == 200
    assert "范围太大" in response.content.decode()
    assert 'value="栈桥"' in response.content.decode()
