"""The JSON API: what it answers, what it refuses and how, to whom it shows what."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db import OperationalError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from articles import edge, freshness, programs, reads, urls
from articles.api.addresses import ROUTES
from articles.models import Article, ArticlePhoto, Correction
from articles.search import TooBroad, entries
from tests.factories import make_article, make_photo, make_source, make_topic, moment
from tests.people import somebody
from tests.readers import SECRET, as_reader, make_archive, role

pytestmark = pytest.mark.django_db

ENGLISH = re.compile("[A-Za-z]{2,}")


def asked(client: Client, path: str, status: int = 200) -> Any:
    """What an address of the API answers, which is as every answer of it has to be."""
    response = client.get(f"/api/v1/{path}")
    assert response.status_code == status, (path, response.content.decode())
    kind = "application/json; charset=utf-8" if status == 200 else programs.PROBLEM
    assert response["Content-Type"] == kind
    for name in edge.NAMES - {"strict-transport-security"}:
        assert response.headers.get(name), name
    assert response[edge.RESOURCE_POLICY] == edge.ANYBODYS
    assert response["Access-Control-Allow-Origin"] == "*"
    assert not response.has_header("Access-Control-Allow-Credentials")
    assert not response.cookies
    said = response.content.decode("utf-8")
    assert "\\u" not in said
    return json.loads(said)


def refused(client: Client, path: str, status: int) -> Any:
    """What is said of what there isn't or can't be read: problem details in Chinese."""
    said = asked(client, path, status)
    assert said["status"] == status
    assert said["title"] == programs.TITLES[status]
    wrong = said.get("errors", [])
    words = "".join([said["title"], said.get("detail", ""), *(one["reason"] for one in wrong)])
    for one in wrong:
        words = words.replace(one["name"], "")
    assert not ENGLISH.search(words), words
    return said


def everything(archive: dict[str, Article]) -> list[str]:
    """One address of every kind, behind which there is something."""
    public = archive["public"]
    assert public.published_at
    day = timezone.localtime(public.published_at)
    return [
        "articles", "articles?limit=1", f"articles/{public.pk}", "topics", "topics/topic/articles",
        "sources", "sources/source/articles", "editors", f"editors/{quote('编辑')}/articles",
        "most-read/all", "most-read/week", "archive", f"{day:archive/%Y}", f"{day:archive/%Y/%m}",
        f"{day:archive/%Y/%m/%d}", f"search?q={quote('栈桥')}",
        f"search?q={quote('潮水')}&sort=newest",
        "openapi.json", "openapi.en.json",
    ]  # fmt: skip


@pytest.fixture
def shown() -> Article:
    """An article that has everything."""
    topics = [make_topic("青岛话题", slug="huati"), make_topic("青岛美图", slug="meitu")]
    first, second = (make_photo(900, 600, caption="", credit="绘图") for _ in range(2))
    article = make_article(
        title='栈桥的"早晨" & <潮>', original_title="潮起",
        source=make_source("晚报", slug="wanbao"),
        editor="戴慧慧", byline="记者 林疏影 通讯员 高以安", topics=topics, photos=[first, second],
        body='<p>海风。<a href="/topic/huati/">话题</a></p>'
        f'<figure data-photo="{second.token}"></figure><p><a href="#p1">上文</a>\\u4e2d</p>',
        published_at=moment("2022-09-29 09:18"), revised_at=moment("2022-09-30 10:00"), reads=12345,
    )  # fmt: skip
    ArticlePhoto.objects.filter(photo=first).update(caption="清晨")
    Correction.objects.create(
        article=article, text="图注有误。", published_at=moment("2022-10-01 08:00")
    )
    Correction.objects.create(
        article=article, text=SECRET, published_at=timezone.now() + timedelta(days=1)
    )
    return article


# -- what it answers -----------------------------------------------------------------------------


def test_an_article_has_all_that_its_page_shows(client: Client, shown: Article) -> None:
    older = make_article(title="更早", published_at=moment("2022-09-28 09:18"))
    newer = make_article(
        title="更新", published_at=moment("2022-09-29 10:18"), topics=shown.topics.all()
    )
    response = client.get(f"/api/v1/articles/{shown.pk}")
    said = json.loads(response.content)
    site, permalink = "http://testserver", f"http://testserver/2022/09/29/{shown.pk}/"
    first, second = (use.photo for use in shown.gallery.as_read(shown.body))
    assert {name: said[name] for name in (
        "id", "url", "title", "original_title", "source", "editor", "byline", "authors", "reads",
        "published_at", "modified_at", "is_old", "topics", "corrections",
    )} == {
        "id": shown.pk, "url": permalink, "title": '栈桥的"早晨" & <潮>', "original_title": "潮起",
        "source": {"slug": "wanbao", "name": "晚报"}, "editor": "戴慧慧",
        "byline": "记者 林疏影 通讯员 高以安", "authors": ["林疏影", "高以安"], "reads": 12345,
        "published_at": "2022-09-29T09:18:00+08:00", "modified_at": "2022-09-30T10:00:00+08:00",
        "is_old": True,
        "topics": [{"slug": "huati", "name": "青岛话题"}, {"slug": "meitu", "name": "青岛美图"}],
        "corrections": [{"kind": "correction", "name": "更正", "text": "图注有误。",
                         "published_at": "2022-10-01T08:00:00+08:00"}],
    }  # fmt: skip
    assert said["body"] == (
        f'<figure><img src="{site}/media/{first.token}-640.jpg" alt="图上的海">'
        "<figcaption>清晨 绘图</figcaption></figure>"
        f'<p id="p1">海风。<a href="{site}/topic/huati/" rel="noopener">话题</a></p>'
        f'<figure id="p2"><img src="{site}/media/{second.token}-640.jpg" alt="图上的海">'
        "<figcaption>绘图</figcaption></figure>"
        f'<p id="p3"><a href="{permalink}#p1" rel="noopener">上文</a>\\u4e2d</p>'
    )
    assert said["excerpt"] == shown.excerpt
    assert permalink in said["citation"]
    assert said["share_image"]["width"] == 1200
    assert [photo["number"] for photo in said["photos"]] == [1, 2]
    assert said["photos"][0]["caption"] == "清晨"
    assert said["photos"][0]["credit"] == "绘图"
    assert said["photos"][1]["url"] == f"{permalink}photo/2/"
    widths = [(one["width"], one["height"]) for one in said["photos"][0]["renditions"]]
    assert widths == [(320, 213), (640, 427)]
    assert said["photo"]["renditions"] == said["photos"][0]["renditions"]
    for file in [*said["photos"][0]["renditions"]]:
        for kind in ("webp", "jpeg"):
            found = client.get(file[kind].removeprefix(site))
            assert found["Content-Type"] == f"image/{kind}"
            found.close()
    around = said["neighbours"]
    assert around["older"]["id"] == older.pk
    assert around["newer"]["url"] == f"{site}{newer.get_absolute_url()}"
    assert around["newer_in_topic"]["title"] == "更新"
    assert around["older_in_topic"] is None
    assert newer.pk in {one["id"] for one in said["related"]}


def test_a_bare_article_says_that_there_is_nothing(client: Client) -> None:
    said = asked(client, f"articles/{make_article(body='').pk}")
    assert (said["source"], said["photo"], said["photos"], said["topics"]) == (None, None, [], [])
    assert (said["original_title"], said["editor"], said["byline"], said["body"]) == (
        "",
        "",
        "",
        "",
    )
    assert set(said["neighbours"].values()) == {None}


def test_lists_run_to_their_end_and_back_and_are_those_of_the_pages(client: Client) -> None:
    topic, source = make_topic(slug="huati"), make_source(slug="wanbao")
    for minute in range(7):
        mine: dict[str, Any] = {"topics": [topic], "source": source, "editor": "张三/李四"}
        at = moment("2022-09-29 10:00") + timedelta(minutes=minute // 2)
        make_article(published_at=at, **(mine if minute % 2 else {}))
    for path, expected in (
        ("articles", Article.objects.all()),
        ("topics/huati/articles", topic.articles.all()),
        ("sources/wanbao/articles", Article.objects.from_source(source)),
        (f"editors/{quote('张三/李四')}/articles", Article.objects.by_editor("张三/李四")),
        ("archive/2022/09/29", Article.objects.all()),
    ):
        newest = [article.pk for article in expected.newest()]
        pages = [asked(client, f"{path}?limit=2")]
        while pages[-1]["older"]:
            pages.append(asked(client, f"{path}?limit=2&before={pages[-1]['older']}"))
        assert [one["id"] for page in pages for one in page["items"]] == newest, path
        assert all(len(page["items"]) == 2 for page in pages[:-1])
        assert pages[0]["newer"] is None
        back = asked(client, f"{path}?limit=2&after={pages[-1]['newer']}")
        assert back["items"] == pages[-2]["items"]
    assert len(asked(client, "articles")["items"]) == 7


def test_articles_in_lists_say_their_topics_in_the_editors_order(client: Client) -> None:
    sea, town = make_topic("海", slug="hai", position=2), make_topic("城", slug="cheng", position=1)
    source = make_source(slug="wanbao")
    at = moment("2022-09-29 09:00")
    said: dict[str, Any] = {"source": source, "editor": "责编", "published_at": at}
    first = make_article(title="栈桥甲", topics=[sea, town], **said)
    second = make_article(title="栈桥乙", topics=[town, sea], reads=3, **said)
    bare = make_article(title="栈桥丙", **said)
    expected = {first.pk: ["海", "城"], second.pk: ["城", "海"], bare.pk: []}
    for path, keys in (
        ("articles", [*expected]),
        ("topics/hai/articles", [first.pk, second.pk]),
        ("sources/wanbao/articles", [*expected]),
        (f"editors/{quote('责编')}/articles", [*expected]),
        ("archive/2022/09/29", [*expected]),
        (f"search?q={quote('栈桥')}", [*expected]),
        ("most-read/all", [second.pk]),
    ):
        lines = [one.get("article", one) for one in asked(client, path)["items"]]
        found = {one["id"]: [topic["name"] for topic in one["topics"]] for one in lines}
        assert found == {key: expected[key] for key in keys}, path
    related = asked(client, f"articles/{first.pk}")["related"]
    assert [topic["slug"] for topic in related[0]["topics"]] == ["cheng", "hai"]


def test_topics_sources_and_editors_say_where_their_articles_are(client: Client) -> None:
    make_topic("美图", slug="meitu", layout="pictures", description="看图。", position=1)
    make_topic("话题", slug="huati", position=2)
    make_source("无稿", slug="nothing")
    source = make_source("晚报", slug="wanbao", url="https://example.com/")
    for day in ("2021-03-04", "2022-09-29"):
        make_article(source=source, editor="戴慧慧", published_at=moment(f"{day} 09:00"))
    assert asked(client, "topics")["items"][0] == {
        "slug": "meitu", "name": "美图", "description": "看图。", "layout": "pictures",
        "url": "http://testserver/topic/meitu/",
    }  # fmt: skip
    assert asked(client, "topics/huati/articles")["items"] == []
    assert asked(client, "sources")["items"] == [{
        "slug": "wanbao", "name": "晚报", "homepage": "https://example.com/",
        "url": "http://testserver/source/wanbao/", "first": "2021-03-04", "last": "2022-09-29",
    }]  # fmt: skip
    assert asked(client, "sources/nothing/articles")["items"] == []
    assert asked(client, "editors")["items"] == [
        {"name": "戴慧慧", "first": "2021-03-04", "last": "2022-09-29"}
    ]


def test_the_archive_by_date(client: Client) -> None:
    for at in ("2021-12-31 23:59", "2022-01-01 00:00", "2022-01-01 08:00", "2022-03-05 10:00"):
        make_article(published_at=moment(at))
    assert asked(client, "archive")["years"] == [
        {"year": 2022, "months": [1, 3]}, {"year": 2021, "months": [12]},
    ]  # fmt: skip
    assert asked(client, "archive/2022") == {
        "year": 2022, "total": 3, "months": [{"month": 1, "count": 2}, {"month": 3, "count": 1}],
    }  # fmt: skip
    assert asked(client, "archive/2022/01") == {
        "year": 2022, "month": 1, "total": 2, "days": [{"date": "2022-01-01", "count": 2}],
        "earlier": "2021-12-31", "later": "2022-03-05",
    }  # fmt: skip
    day = asked(client, "archive/2022/01/01")
    assert (day["date"], day["earlier"], day["later"]) == ("2022-01-01", "2021-12-31", "2022-03-05")
    assert len(day["items"]) == 2
    for path in ("2020", "2022/02", "2022/02/30", "2022/13", "2022/01/02", "2022/1", "22"):
        refused(client, f"archive/{path}", 404)


def test_the_most_read(client: Client) -> None:
    much, little, never = (make_article() for _ in range(3))
    for article, times in ((little, 1), (much, 3)):
        reads.record(article, times, timezone.localdate())
    assert not Article.objects.filter(pk=never.pk, reads__gt=0)
    for window in ("day", "week", "month", "all"):
        said = asked(client, f"most-read/{window}")
        assert said["window"] == window
        assert [(one["reads"], one["article"]["id"]) for one in said["items"]] == [
            (3, much.pk), (1, little.pk),
        ]  # fmt: skip
    refused(client, "most-read/year", 404)


# -- search --------------------------------------------------------------------------------------


def test_a_search_finds_marks_and_tells_how_to_narrow_it(client: Client) -> None:
    topic = make_topic("话题", slug="huati")
    for year in (2021, 2022):
        make_article(
            title=f"潮水 {year}", body="<p>栈桥的潮水。</p>", topics=[topic],
            source=make_source(slug=f"s{year}"), published_at=moment(f"{year}-09-29 09:18"),
        )  # fmt: skip
    said = asked(client, f"search?q={quote('潮水')}")
    assert (said["total"], said["more"], said["page"], said["pages"]) == (2, False, 1, 1)
    hit = said["items"][0]
    assert hit["title"] == "<mark>潮水</mark> 2022"
    assert "<mark>潮水</mark>" in hit["cut"]
    assert hit["article"]["source"]["slug"] == "s2022"
    narrowing = said["narrowing"]
    assert narrowing["year"] == [
        {"value": "2022", "name": "2022 年", "count": 1},
        {"value": "2021", "name": "2021 年", "count": 1},
    ]
    assert narrowing["topic"] == [{"value": "huati", "name": "话题", "count": 2}]
    narrowing["month"] = asked(client, f"search?q={quote('潮水')}&year=2022")["narrowing"]["month"]
    assert narrowing["month"] == [{"value": "2022-09", "name": "2022 年 9 月", "count": 1}]
    for name in ("year", "month", "source"):
        way = narrowing[name][0]
        found = asked(client, f"search?q={quote('潮水')}&{name}={way['value']}")
        assert found["total"] == way["count"] == 1
    for days, total in (
        ("from=2022-01-01", 1),
        ("to=2021-12-31", 1),
        ("from=2021-01-01&to=2022-12-31", 2),
        ("month=2022-09&year=2021", 0),
    ):
        assert asked(client, f"search?q={quote('潮水')}&{days}")["total"] == total, days
    newest = asked(client, f"search?q={quote('潮水')}&sort=newest")
    assert [one["article"]["title"] for one in newest["items"]] == ["潮水 2022", "潮水 2021"]
    assert asked(client, "search?q=…")["meaningless"]
    assert asked(client, f"search?q={quote('恐龙')}")["items"] == []


def test_a_search_by_time_goes_on_by_cursor(client: Client) -> None:
    for minute in range(23):
        at = moment("2022-09-29 10:00") + timedelta(minutes=minute)
        make_article(body="<p>潮水</p>", published_at=at)
    query = f"search?q={quote('潮水')}&sort=newest"
    first = asked(client, query)
    second = asked(client, f"{query}&before={first['older']}")
    assert (len(first["items"]), len(second["items"]), second["older"]) == (20, 3, None)
    assert asked(client, f"{query}&after={second['newer']}")["items"] == first["items"]
    assert len(asked(client, f"search?q={quote('潮水')}&page=2")["items"]) == 3
    refused(client, f"search?q={quote('潮水')}&page=3", 404)


def test_a_search_that_was_given_up_says_so_and_is_not_kept(
    client: Client, rf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def give_up(*args: object, **kwargs: object) -> None:
        raise TooBroad

    monkeypatch.setattr(entries, "survey", give_up)
    assert asked(client, f"search?q={quote('潮水')}")["too_broad"]
    response = client.get(f"/api/v1/search?q={quote('潮水')}")
    assert freshness.LASTING not in response.wsgi_request.META
    assert freshness.LASTING in client.get("/api/v1/articles").wsgi_request.META


# -- what it refuses -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("articles?limit=0", "limit"), ("articles?limit=101", "limit"),
        ("articles?limit=x", "limit"), ("articles?limit=", "limit"),
        ("articles?before=x", "before"), ("articles?after=1-0", "after"),
        ("articles?before=1-1%00", "before"), ("search", "q"), ("search?q=", "q"),
        ("search?q=x&sort=oldest", "sort"), ("search?q=x&year=22", "year"),
        ("search?q=x&month=2022", "month"), ("search?q=x&from=1", "from"),
        ("search?q=x&to=y", "to"),
        ("search?q=x&page=0", "page"), ("search?q=x&page=99999999999999999999", "page"),
        ("archive/2022/01/01?limit=1.5", "limit"),
    ],
)  # fmt: skip
def test_a_parameter_that_cannot_be_read_is_named(client: Client, path: str, name: str) -> None:
    said = refused(client, path, 400)
    assert [one["name"] for one in said["errors"]] == [name]
    assert name in said["detail"]
    assert client.get(f"/api/v1/{path}")["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "", "nothing", "articles/", "articles/0", "articles/x", "articles/999999999999999999",
        "articles/1234567890123456789", "topics/none/articles", "topics/a%00b/articles",
        "sources/none/articles", "editors/none/articles", "articles?before=-99999999999999999-1",
        "articles?before=1-1&after=1-1", "search?q=x&topic=none", "search?q=x&source=a%00",
        "search?q=x&from=2022-02-30", "search?q=x&month=2022-13", "openapi.json/", "articles/1/2",
    ],
)  # fmt: skip
def test_what_there_is_not_is_a_short_problem(client: Client, path: str) -> None:
    refused(client, path, 404)
    assert client.get(f"/api/v1/{path}")["Cache-Control"] == freshness.MISSING


def test_a_withdrawn_article_says_when_and_why(client: Client, shown: Article) -> None:
    shown.withdraw("数据有误。", at=moment("2022-10-02 08:00"))
    said = refused(client, f"articles/{shown.pk}", 410)
    assert (said["withdrawn_at"], said["reason"]) == ("2022-10-02T08:00:00+08:00", "数据有误。")
    assert said["detail"] == "数据有误。"
    assert [(note["kind"], note["text"]) for note in said["corrections"]] == [
        ("retraction", "数据有误。"), ("correction", "图注有误。"),
    ]  # fmt: skip
    assert said["article"] == {
        "id": shown.pk, "url": f"http://testserver{shown.get_absolute_url()}", "title": shown.title,
        "published_at": "2022-09-29T09:18:00+08:00",
    }  # fmt: skip
    assert "海风" not in json.dumps(said, ensure_ascii=False)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
def test_nothing_can_be_written(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, method: str
) -> None:
    with django_assert_num_queries(0):
        response = client.generic(method, "/api/v1/articles")
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert response["Content-Type"] == programs.PROBLEM
    assert response["Access-Control-Allow-Origin"] == "*"
    assert json.loads(response.content)["title"] == "这个地址不接受这样的请求"


def test_browsers_may_ask_beforehand(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        response = client.options(
            "/api/v1/articles",
            headers={"origin": "https://example.com", "access-control-request-method": "GET",
                     "access-control-request-headers": "if-none-match, x-mine"},
        )  # fmt: skip
    assert (response.status_code, response.content) == (204, b"")
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Access-Control-Allow-Methods"] == "GET, HEAD"
    assert response["Access-Control-Allow-Headers"] == "*"
    assert int(response["Access-Control-Max-Age"]) > 0
    assert not response.has_header("Access-Control-Allow-Credentials")
    for path in ("/", "/search/?q=x", "/feed/feed.json", "/apis/"):  # nowhere else
        assert client.options(path).status_code == 405
        assert not client.get(path).has_header("Access-Control-Allow-Origin")


def test_a_choice_of_device_is_nothing_to_a_program(client: Client) -> None:
    assert not client.get("/api/v1/articles?view=mobile").cookies
    assert not client.get("/api/v1/articles").has_header("Vary")


def test_a_wrong_host_a_fault_and_an_outage_are_problems_too(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = client.get("/api/v1/articles", headers={"host": "evil.example"})
    assert (wrong.status_code, wrong["Content-Type"]) == (400, programs.PROBLEM)
    client.raise_request_exception = False
    for error, status in ((RuntimeError("inside"), 500), (OperationalError("inside"), 503)):

        def fail(*args: object, fault: Exception = error) -> None:
            raise fault

        monkeypatch.setattr("articles.api.shaping.page", fail)
        said = refused(client, "articles", status)
        assert "inside" not in str(said)
        assert re.fullmatch("[0-9a-f]{8}", said["number"])
        response = client.get("/api/v1/articles")
        assert response["Cache-Control"] == "no-store"
        assert response.has_header("Retry-After") == (status == 503)


# -- to whom it shows what ------------------------------------------------------------------------


def test_nothing_shows_what_pages_do_not(client: Client) -> None:
    archive = make_archive()
    paths = [*everything(archive), f"search?q={quote(SECRET)}", "most-read/day"]
    for path in paths:
        assert SECRET not in json.dumps(asked(client, path), ensure_ascii=False).replace(
            f'"query": "{SECRET}"', ""
        ), path
    for state in ("draft", "scheduled"):
        refused(client, f"articles/{archive[state].pk}", 404)
    said = refused(client, f"articles/{archive['withdrawn'].pk}", 410)
    assert SECRET not in json.dumps(said, ensure_ascii=False)
    assert (
        asked(client, f"editors/{quote('编辑')}/articles")["items"][0]["id"] == archive["public"].pk
    )
    assert refused(client, f"editors/{quote(SECRET)}/articles", 404)
    assert asked(client, f"search?q={quote(SECRET)}")["total"] == 0


@pytest.mark.django_db(transaction=True)
def test_a_role_of_readers_own_is_answered_the_same(client: Client) -> None:
    with role() as name:
        archive = make_archive()
        paths = [*everything(archive), f"articles/{archive['withdrawn'].pk}"]
        expected = {path: client.get(f"/api/v1/{path}").content for path in paths}
        with transaction.atomic(), as_reader(name):
            assert {path: client.get(f"/api/v1/{path}").content for path in paths} == expected


def test_where_only_editors_look_there_is_none(client: Client, settings: Any) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "articles.middleware.editors_alone"]
    refused(client, "articles", 404)
    client.force_login(somebody("编辑"))
    assert client.get("/api/v1/articles").status_code == 404


# -- what it costs -------------------------------------------------------------------------------

BUDGETS = {
    "api-articles": 2, "api-article": 5, "api-topics": 1, "api-topic": 3, "api-sources": 1,
    "api-source": 3, "api-editors": 1, "api-editor": 2, "api-most-read": 2, "api-archive": 2,
    "api-year": 1, "api-month": 3, "api-day": 4, "api-search": 18, "api-described": 0,
    "api-described-in-english": 0,
}  # fmt: skip


def _addresses(archive: dict[str, Article]) -> Iterator[tuple[str, str]]:
    routes = {one.name: one for one in urls.programs}
    for path in everything(archive):
        for name, route in routes.items():
            if route.resolve(f"api/v1/{path.partition('?')[0]}".replace(quote("编辑"), "编辑")):
                yield str(name), path


def test_an_answer_costs_the_same_however_many_there_are(
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    monkeypatch.setattr("articles.search.facets.COUNTED", 0)  # an estimate costs most
    archive = make_archive()
    addresses = list(_addresses(archive))
    assert {name for name, _ in addresses} == set(ROUTES) == set(BUDGETS)
    for _ in range(2):
        for name, path in addresses:
            with django_assert_max_num_queries(BUDGETS[name]):
                asked(client, path)
        for number in range(12):
            article = make_article(
                title=f"栈桥{number}", body="<p>潮水</p>", topics=archive["public"].topics.all(),
                source=archive["public"].source, editor="编辑", photos=[make_photo()],
            )  # fmt: skip
            reads.record(article, 1, timezone.localdate())
            Correction.objects.create(article=archive["public"], text="补一句。", kind="addition")


def test_who_has_it_already_is_told_so(client: Client) -> None:
    make_article(title="潮")
    for path in ("articles", "openapi.json", f"search?q={quote('潮')}", "archive"):
        first = client.get(f"/api/v1/{path}")
        assert first["Cache-Control"] == freshness.CACHE_CONTROL
        same = client.get(f"/api/v1/{path}", headers={"if-none-match": first["ETag"]})
        assert (same.status_code, same.content) == (304, b"")
        assert same["Access-Control-Allow-Origin"] == "*"
        head = client.head(f"/api/v1/{path}")
        assert (head.status_code, head["ETag"], head.content) == (200, first["ETag"], b"")
    etag = client.get("/api/v1/articles")["ETag"]
    make_article(title="汐")
    changed = client.get("/api/v1/articles", headers={"if-none-match": etag})
    assert changed.status_code == 200
