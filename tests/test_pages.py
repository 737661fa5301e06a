"""Every public page, on both devices: it answers, shows what it should, costs what it may."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from articles import qr, reads
from articles.models import Article, Correction, Licence, Page, Promo, Topic
from tests.factories import make_article, make_photo, make_source, make_topic, moment

pytestmark = [pytest.mark.django_db, pytest.mark.once]

VIEWS = ("desktop", "mobile")
NEVER_IN_HTML = ("None", "{{", "{%", "{#", "datetime.", "&amp;amp;")

# Queries beside what stands around every page (frame 3, sidebar 5).
FRAME, SIDEBAR = 3, 5


@pytest.fixture
def archive() -> dict[str, Any]:
    """A small archive with one of everything."""
    talk = make_topic("青岛话题", slug="huati", featured=True, in_navigation=True, position=1)
    deep = make_topic("深度报道", slug="shendu", featured=True, in_navigation=True, position=2)
    pictures = make_topic("精彩美图", slug="meitu", layout=Topic.Layout.PICTURES, position=3)
    source = make_source("青岛晚报", slug="wanbao")
    photo = make_photo(1000, 700, caption="栈桥清晨", credit="本报绘图")
    article = make_article(
        title="栈桥的早晨",
        original_title="潮起栈桥",
        body=f'<p>第一段。</p><figure data-photo="{photo.token}"></figure><h2>小标题</h2>',
        source=source,
        editor="戴慧慧",
        byline="记者 林疏影",
        published_at=moment("2022-09-29 09:18"),
        topics=[talk, pictures],
        photos=[photo],
        reads=12345,
    )
    fresh = make_article(topics=[talk, deep], source=source, editor="戴慧慧", title="今天的事")
    Correction.objects.create(article=article, text="图注时间有误，已改。")
    withdrawn = make_article(title="撤下的稿", published_at=moment("2022-09-28 10:00"))
    withdrawn.withdraw("数据未经核实。")
    page = Page.objects.create(slug="about", title="关于信网", body="<p>我们是谁。</p>")
    Promo.objects.create(kind="qr", title="手机版", url="https://m.example/", position=1)
    Promo.objects.create(kind="image", title="图片", url="https://p.example/", photo=photo)
    Licence.objects.create(kind="icp", text="鲁ICP备00000000号")
    reads.record(fresh, 7, timezone.localdate())
    return {
        "article": article, "fresh": fresh, "withdrawn": withdrawn, "page": page,
        "talk": talk, "photo": photo,
    }  # fmt: skip


PAGES = [
    ("/", 200, FRAME + SIDEBAR + 4),
    ("/topic/", 200, FRAME + SIDEBAR + 1),
    ("/topic/huati/", 200, FRAME + SIDEBAR + 2),
    ("/topic/meitu/", 200, FRAME + 2),
    ("/archive/", 200, FRAME + SIDEBAR + 2),
    ("/on-this-day/", 200, FRAME + SIDEBAR + 3),
    ("/on-this-day/09/29/", 200, FRAME + SIDEBAR + 3),
    ("/2022/", 200, FRAME + SIDEBAR + 1),
    ("/2022/09/", 200, FRAME + SIDEBAR + 4),
    ("/2022/09/29/", 200, FRAME + SIDEBAR + 3),
    ("/source/", 200, FRAME + SIDEBAR + 1),
    ("/source/wanbao/", 200, FRAME + SIDEBAR + 3),
    ("/editor/", 200, FRAME + SIDEBAR + 1),
    ("/editor/戴慧慧/", 200, FRAME + SIDEBAR + 2),
    ("/most-read/", 200, FRAME + SIDEBAR + 1),
    ("/most-read/day/", 200, FRAME + SIDEBAR + 1),
    ("/most-read/all/", 200, FRAME + SIDEBAR + 1),
    ("/corrections/", 200, FRAME + SIDEBAR + 1),
    ("/page/about/", 200, FRAME + SIDEBAR + 1),
    ("/search/", 200, FRAME + SIDEBAR),
    ("/search/?q=栈桥", 200, FRAME + SIDEBAR + 16),
    ("/nowhere/", 404, FRAME + 2),
]


def grow() -> None:
    """Thirty more articles in every list that the pages show."""
    topics = list(Topic.objects.all())
    source = Article.objects.exclude(source=None).first().source  # type: ignore[union-attr]
    for number in range(30):
        article = make_article(
            topics=topics,
            photos=[make_photo(330, 220)] if number % 3 == 0 else [],
            source=source,
            editor="戴慧慧",
            body="<p>栈桥</p>",
            published_at=moment("2022-09-29 10:00") + timedelta(minutes=number),
            reads=number,
        )
        Correction.objects.create(article=article, text="补一句。", kind="addition")
        reads.record(article, number + 1, timezone.localdate())
        make_topic()


@pytest.mark.parametrize(("path", "status", "budget"), PAGES)
def test_pages_answer_within_budget_however_many_rows(
    client: Client,
    archive: dict[str, Any],
    django_assert_max_num_queries: DjangoAssertNumQueries,
    path: str,
    status: int,
    budget: int,
) -> None:
    for view in VIEWS:
        client.cookies["view"] = view
        with django_assert_max_num_queries(budget):
            assert client.get(path).status_code == status
    grow()
    for view in VIEWS:
        client.cookies["view"] = view
        with django_assert_max_num_queries(budget):
            response = client.get(path)
        assert response.status_code == status
        html = response.content.decode()
        assert html.lstrip().lower().startswith("<!doctype html>")
        assert 'lang="zh-CN"' in html
        assert not [trace for trace in NEVER_IN_HTML if trace in html]


@pytest.mark.parametrize("view", VIEWS)
def test_article_costs_the_same_with_many_neighbours(
    client: Client,
    archive: dict[str, Any],
    django_assert_max_num_queries: DjangoAssertNumQueries,
    view: str,
) -> None:
    client.cookies["view"] = view
    path = archive["article"].get_absolute_url()
    for _ in range(2):
        with django_assert_max_num_queries(FRAME + SIDEBAR + 3):
            assert client.get(path).status_code == 200
        grow()


@pytest.mark.parametrize("view", VIEWS)
def test_article_shows_every_part_of_its_anatomy(
    client: Client, archive: dict[str, Any], text_of: Callable[[str], str], view: str
) -> None:
    article: Article = archive["article"]
    client.cookies["view"] = view
    html = client.get(article.get_absolute_url()).content.decode()
    words = text_of(html)
    assert "<h1" in html
    for part in (
        "栈桥的早晨", "潮起栈桥", "09:18", "青岛晚报", "戴慧慧", "1.2万", "图注时间有误",
        "第一段", "栈桥清晨", "本报绘图", "[来源:青岛晚报 编辑:戴慧慧]", "林疏影", "青岛话题",
        "深度报道", "大家爱看", "精彩美图", "更多", "引用", "[N/OL]", "关于信网",
        "鲁ICP备00000000号", "手机版", "今天的事",
    ):  # fmt: skip
        assert part in words, part
    assert 'datetime="2022-09-29T09:18:00+08:00"' in html
    assert 'id="p1"' in html
    assert f'rel="canonical" href="http://testserver{article.get_absolute_url()}"' in html
    assert 'type="application/ld+json"' in html
    assert "https://beian.miit.gov.cn/" in html
    assert ("2022" in words) and ("09/29" in words or "2022-09-29" in words or "9月29日" in words)
    assert "一年" in words or "年前" in words  # the age notice
    assert 'action="/search/"' in html


def test_the_qr_code_is_on_the_desktop_page_alone(
    client: Client, phone: Client, archive: dict[str, Any]
) -> None:
    path = archive["article"].get_absolute_url()
    assert "扫描到手机" in client.get(path).content.decode()
    assert "扫描到手机" not in phone.get(path).content.decode()


def test_a_paragraphs_code_is_made_of_its_address_alone(
    client: Client, settings: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settings.SITE_URL = "https://news.example.com"
    codes = {
        "/2022/09/29/7/p12.svg?view=mobile&x=1": "/2022/09/29/7/#p12",
        "/2022/09/29/7/p9999999.svg": "/2022/09/29/7/#p9999999",
        "/2022/09/29/7/code.svg": "/2022/09/29/7/",
        "/qr.svg": "/",
    }
    for path, encoded in codes.items():
        with django_assert_num_queries(0):
            response = client.get(path, headers={"host": "localhost", "x-forwarded-host": "evil"})
        assert response.status_code == 200
        assert response["Content-Type"] == "image/svg+xml"
        assert "immutable" in response["Cache-Control"]
        assert not response.has_header("Vary")
        assert response.content.decode() == qr.image(f"https://news.example.com{encoded}")
        assert client.head(path).status_code == 200
        assert client.post(path).status_code == 405
    for path in (
        "/2022/02/30/7/p1.svg", "/2022/13/01/7/p1.svg", "/2022/09/29/7/p0.svg",
        "/2022/09/29/7/p01.svg", "/2022/09/29/7/p10000000.svg", "/2022/09/29/7/p-1.svg",
        "/2022/09/29/0/p1.svg", "/2022/09/29/7/p٣.svg", "/2022/9/29/7/p1.svg",
        "/2022/09/29/7/p1.svg/", "/2022/09/29/7/p1.png",
    ):  # fmt: skip
        assert client.get(path).status_code == 404, path


def test_the_sites_own_code_is_in_the_strip_and_in_its_promo(
    client: Client, phone: Client, archive: dict[str, Any], settings: Any
) -> None:
    settings.SITE_URL = "https://news.example.com"
    image = 'src="/qr.svg"'
    assert client.get("/").content.decode().count(image) == 1
    assert image not in phone.get("/").content.decode()
    Promo.objects.filter(kind="qr").update(url="https://news.example.com/")
    assert client.get("/").content.decode().count(image) == 2


def test_both_templates_carry_the_same_body_and_metadata(
    client: Client, phone: Client, archive: dict[str, Any]
) -> None:
    import re

    path = archive["article"].get_absolute_url()
    pages = [each.get(path).content.decode() for each in (client, phone)]
    for pattern in (
        r'<script type="application/ld\+json">.*?</script>',
        r'<meta property="og:[^>]*>',
        r'<meta property="article:[^>]*>',
        r'<link rel="(?:canonical|alternate)"[^>]*>',
        r'<p id="p1">.*?</p>',
        r"<title>[^<]* - 信网</title>",
    ):
        found = [re.findall(pattern, page, re.DOTALL) for page in pages]
        assert found[0], pattern
        assert found[0] == found[1], pattern


def test_phones_get_the_mobile_template_and_caches_are_told(
    client: Client, phone: Client, archive: dict[str, Any]
) -> None:
    for path in ("/", archive["article"].get_absolute_url()):
        desktop, mobile = client.get(path), phone.get(path)
        assert 'content="pc"' in desktop.content.decode()
        assert 'content="mobile"' in mobile.content.decode()
        for response in (desktop, mobile):
            assert {"User-Agent", "Cookie"} <= set(response["Vary"].split(", "))
            assert "no-transform" in response["Cache-Control"]
            assert "sessionid" not in response.cookies
            assert "csrftoken" not in response.cookies


def test_the_reader_may_choose_the_other_template_and_keeps_it(phone: Client) -> None:
    chosen = phone.get("/?view=desktop")
    assert 'content="pc"' in chosen.content.decode()
    assert chosen.cookies["view"].value == "desktop"
    assert 'content="pc"' in phone.get("/").content.decode()
    assert 'content="mobile"' in phone.get("/?view=mobile").content.decode()
    assert "view" not in phone.get("/?view=tv").cookies


def test_an_empty_archive_is_no_error(client: Client, phone: Client, db: None) -> None:
    for reader in (client, phone):
        for path in ("/", "/archive/", "/topic/", "/most-read/", "/corrections/", "/search/?q=海"):
            assert reader.get(path).status_code == 200


@pytest.mark.parametrize("view", VIEWS)
def test_a_withdrawn_article_leaves_a_tombstone(
    client: Client, archive: dict[str, Any], text_of: Callable[[str], str], view: str
) -> None:
    client.cookies["view"] = view
    response = client.get(archive["withdrawn"].get_absolute_url())
    assert response.status_code == 410
    words = text_of(response.content.decode())
    assert "数据未经核实" in words
    assert "撤稿" in words


def test_hidden_articles_are_nowhere(client: Client, archive: dict[str, Any]) -> None:
    talk = archive["talk"]
    soon = timezone.now() + timedelta(days=1)
    draft = make_article(
        title="还是草稿", state=Article.State.DRAFT, topics=[talk], editor="戴慧慧"
    )
    scheduled = make_article(title="明天再见", published_at=soon, topics=[talk], editor="戴慧慧")
    for hidden in (draft, scheduled):
        assert client.get(hidden.get_absolute_url()).status_code == 404
    month = timezone.localdate().strftime("/%Y/%m/")
    for path in (
        "/", "/topic/huati/", "/editor/戴慧慧/", "/search/?q=还是草稿", "/search/?q=明天再见",
        month, "/feed/atom.xml", "/feed/feed.json", "/sitemap/news.xml", "/corrections/",
        "/most-read/all/",
    ):  # fmt: skip
        html = client.get(path).content.decode()
        for hidden in (draft, scheduled, archive["withdrawn"]):
            shown = hidden.title in html.replace(f'value="{hidden.title}"', "")
            if path == "/corrections/" and hidden == archive["withdrawn"]:
                assert shown  # the retraction itself is public
            elif f"q={hidden.title}" not in path:
                assert not shown, path
            else:
                assert hidden.get_absolute_url() not in html


def test_other_dates_lead_to_the_permalink(client: Client, archive: dict[str, Any]) -> None:
    article: Article = archive["article"]
    for path in (f"/2021/01/01/{article.pk}/", f"/2022/02/30/{article.pk}/"):
        response = client.get(path + "?view=mobile")
        assert response.status_code == 301
        assert response["Location"] == article.get_absolute_url() + "?view=mobile"


def test_old_addresses_lead_to_the_permalink(client: Client) -> None:
    article = make_article(legacy_url="http://old.example/content/2021-08/12/content_1.htm")
    asked = make_article(legacy_url="https://old.example/show.php?id=7&c=2")
    hidden = make_article(legacy_url="http://old.example/draft.htm", state=Article.State.DRAFT)
    found = client.get("/content/2021-08/12/content_1.htm")
    assert (found.status_code, found["Location"]) == (301, article.get_absolute_url())
    found = client.get("/show.php?id=7&c=2")
    assert (found.status_code, found["Location"]) == (301, asked.get_absolute_url())
    assert client.get("/show.php?id=8&c=2").status_code == 404
    assert client.get("/draft.htm").status_code == 404, hidden


def test_where_a_page_may_have_stood_leads_to_it(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    about = Page.objects.create(slug="about-us", title="关于")
    shadowed = Page.objects.create(slug="archive", title="不是归档")
    article = make_article(legacy_url="https://old.example/contact/")
    Page.objects.create(slug="contact", title="联系")
    for path in ("/about-us/", "/about-us", "/about-us/?from=timeline"):
        with django_assert_num_queries(2):
            found = client.get(path)
        assert (found.status_code, found.get("Location")) == (301, about.get_absolute_url()), path
    assert client.get("/contact/")["Location"] == article.get_absolute_url()
    assert client.get("/archive/").status_code == 200, shadowed
    for path in ("/about", "/team/about-us/", "/about-us//", "/关于/", "/about-us/%0A"):
        assert client.get(path).status_code == 404, path


def test_old_addresses_are_known_however_they_are_spelled(client: Client) -> None:
    chinese = make_article(legacy_url="http://old.example/新闻/1.htm")
    folder = make_article(legacy_url="http://old.example/html/2021/")
    asked = make_article(legacy_url="http://old.example/show.php?id=7")
    plain = make_article(legacy_url="http://old.example/a/1.htm")
    quoted = make_article(legacy_url="http://old.example/%E6%9C%AC/2.htm")
    for path, article in (
        ("/新闻/1.htm", chinese), ("/%E6%96%B0%E9%97%BB/1.htm", chinese),
        ("/%e6%96%b0%e9%97%bb/1.htm?from=timeline", chinese), ("/html/2021", folder),
        ("/html/2021/?from=singlemessage&isappinstalled=0", folder), ("/A/1.HTM", plain),
        ("/a/1.htm/", plain), ("/a/1.htm?utm_source=weibo&utm_medium=x", plain),
        ("/a/1.htm?anything=1", plain), ("/show.php?id=7&from=groupmessage", asked),
        ("/%e6%9c%ac/2.htm", quoted),
    ):  # fmt: skip
        found = client.get(path)
        assert (found.status_code, found.get("Location")) == (301, article.get_absolute_url()), path
        assert client.head(path).status_code == 301
    for path in ("/show.php?id=8", "/show.php", "/a/2.htm", "/a/1.htm/x", "/a//1.htm"):
        assert client.get(path).status_code == 404, path


def test_the_exact_old_address_goes_before_a_similar_one(client: Client) -> None:
    make_article(legacy_url="http://old.example/show.php")
    first = make_article(legacy_url="http://old.example/show.php?id=7&from=app")
    second = make_article(legacy_url="http://old.example/show.php?id=7")
    for query, article in (("id=7&from=app", first), ("id=7", second), ("id=7&from=x", second)):
        assert client.get(f"/show.php?{query}")["Location"] == article.get_absolute_url()


def test_lists_page_to_their_end_and_back(client: Client) -> None:
    topic = make_topic(slug="many")
    start = moment("2023-01-01 08:00")
    for number in range(65):
        make_article(topics=[topic], title=f"第{number}号", published_at=start)
    import re

    seen: list[str] = []
    path = "/topic/many/"
    while path:
        html = client.get(path).content.decode()
        page = re.search(r"<main.*?</main>", html, re.DOTALL)
        assert page
        seen += list(dict.fromkeys(re.findall(r"第(\d+)号", page[0])))
        older = re.search(r'rel="next" href="(\?before=[^"]+)"', html)
        path = "/topic/many/" + older[1] if older else ""
    assert seen == [str(number) for number in reversed(range(65))]
    assert re.search(r'rel="prev" href="(\?after=[^"]+)"', html)


@pytest.mark.parametrize(
    "path",
    [
        "/?before=x", "/topic/huati/?before=1", "/topic/huati/?before=-1", "/topic/huati/?after=",
        "/topic/huati/?before=99999999999999999-1", "/topic/huati/?before=1-99999999999999999999",
        "/topic/huati/?before=1-2&after=1-2", "/topic/huati/?page=100000000000000000000",
        "/2022/13/", "/2022/00/", "/2022/02/30/", "/0000/", "/9999/01/01/", "/2999/12/31/1/",
        "/٢٠٢٢/", "/2022/09/29/9223372036854775808/", "/2022/09/29/0/", "/2022/09/29/-1/",
        "/2022/09/29/1e3/", "/topic/%00/", "/editor/%00/", "/source/%ff%fe/",
        "/editor/" + "长" * 81,
        "/search/?q=%00", "/search/?q=%ff%fe%ed%a0%80", "/search/?q=" + "海" * 10000,
        "/search/?q=%25_%5C", "/search/?q=+++", "/search/?q=a&q=b", "/search/?unknown=1",
        "/most-read/year/", "/page/none/", "/page/../etc/passwd", "/media/x-1.webp",
        "/media/..-1.jpg", "/media/0123456789abcdef-320.svg", "/%00", "/a%0Ab", "/" + "x" * 3000,
        "/feed/topic/none/atom.xml", "/sitemap/2022-13.xml", "/sitemap/1000-01.xml", "/?view[]=1",
        "/show.php?id=%00", "/on-this-day/02/30/", "/on-this-day/13/01/",
        "/on-this-day/00/00/", "/on-this-day/2/9/", "/2022/09/29/1/photo/0/",
        "/2022/09/29/1/photo/x/", "/2022/09/29/1/photo/99999999/", "/og/1-x.png", "/og/0-a.jpg",
        "/og/999999999999999999-0123456789abcdef.gif", "/feed/topic/none/feed.json",
        "/most-read/%F0%9F%98%80/",
    ],
)  # fmt: skip
def test_senseless_requests_get_a_clean_page(
    client: Client, phone: Client, archive: dict[str, Any], path: str
) -> None:
    for reader in (client, phone):
        response = reader.get(path)
        assert response.status_code in (200, 400, 404)
        assert b"Traceback" not in getattr(response, "content", b"")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options", "trace"])
def test_readers_can_only_read(client: Client, archive: dict[str, Any], method: str) -> None:
    for path in (
        "/", archive["article"].get_absolute_url(), "/topic/huati/", "/search/", "/2022/",
        archive["article"].get_absolute_url() + "photo/1/", "/on-this-day/", "/source/", "/editor/",
        "/manifest.webmanifest", "/favicon.ico", "/.well-known/security.txt",
        "/.well-known/change-password", "/og/1-0123456789abcdef.png", "/feed/atom.xml",
        "/feed/feed.json", "/sitemap.xml", "/robots.txt", "/healthz", "/gone.htm",
    ):  # fmt: skip
        assert getattr(client, method)(path).status_code == 405, path


def test_head_answers_like_get_without_a_body(client: Client, archive: dict[str, Any]) -> None:
    for path in ("/", archive["article"].get_absolute_url(), "/feed/atom.xml"):
        head = client.head(path)
        assert (head.status_code, head.content) == (200, b"")


def test_hostile_words_are_shown_and_not_run(client: Client, phone: Client) -> None:
    evil = '</script><script>alert(1)</script>"><img src=x onerror=alert(1)>'
    topic = make_topic(evil[:60], slug="evil", featured=True, in_navigation=True)
    article = make_article(
        title=evil, original_title=evil, editor=evil[:60], byline=evil, body=f"<p>{evil}</p>",
        source=make_source(evil[:60], slug="evil"), topics=[topic],
    )  # fmt: skip
    Correction.objects.create(article=article, text=evil)
    for reader in (client, phone):
        for path in ("/", article.get_absolute_url(), "/topic/evil/", f"/search/?q={evil}",
                     "/corrections/", "/feed/atom.xml", "/source/evil/"):  # fmt: skip
            html = reader.get(path).content.decode()
            assert "<script>alert" not in html, path
            assert "<img src=x" not in html, path


def test_a_wrong_host_gets_a_page_in_chinese(client: Client) -> None:
    response = client.get("/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert "这个请求我们读不懂" in response.content.decode()


def test_a_fault_of_ours_shows_nothing_of_the_inside_and_asks_no_database(
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    def fail(*args: object) -> None:
        raise RuntimeError("the inside")

    monkeypatch.setattr("articles.views.render.frame", fail)
    client.raise_request_exception = False
    with django_assert_num_queries(0):
        response = client.get("/search/")
    assert response.status_code == 500
    html = response.content.decode()
    assert "网站出了点问题" in html
    assert "inside" not in html


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
@pytest.mark.parametrize("path", ["/", "/nowhere/"])
def test_while_the_database_is_away_readers_are_asked_to_wait(
    client: Client, monkeypatch: pytest.MonkeyPatch, error: type[Exception], path: str
) -> None:
    def fail(*args: object) -> None:
        raise error("connection to server at 10.0.0.7 refused")

    monkeypatch.setattr("articles.views.render.frame", fail)
    client.raise_request_exception = False
    response = client.get(path)
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    assert response["Cache-Control"] == "no-store"
    html = response.content.decode()
    assert "网站正在恢复" in html
    assert "10.0.0.7" not in html


def test_a_promos_code_is_of_its_address_and_only_of_one_that_is_shown(
    client: Client, archive: dict[str, Any]
) -> None:
    promo = Promo.objects.get(kind="qr")
    path = f"/qr/{promo.pk}.svg"
    assert f'src="{path}"' in client.get("/").content.decode()
    response = client.get(path)
    assert response.content.decode() == qr.image("https://m.example/")
    assert "immutable" not in response["Cache-Control"]
    hidden = Promo.objects.get(kind="image")
    for other in (f"/qr/{hidden.pk}.svg", "/qr/999999999999999999.svg", "/qr/0.svg"):
        assert client.get(other).status_code == 404, other


def test_a_page_shows_its_photos_and_lets_its_tables_scroll(client: Client) -> None:
    photo = make_photo(700, 500, alt="报社的楼", caption="报社", credit="本报绘图")
    table = "<table><tbody><tr><td>一</td></tr></tbody></table>"
    figures = "".join(
        f'<figure data-photo="{token}"></figure>' for token in (photo.token, "0" * 16)
    )
    Page.objects.create(slug="house", title="报社", body=f"<p>在这里。</p>{figures}{table}")
    for view in VIEWS:
        html = client.get(f"/page/house/?view={view}").content.decode()
        assert f"{photo.token}-640.jpg" in html
        assert 'alt="报社的楼"' in html
        assert '<span class="credit">本报绘图</span></figcaption>' in html
        assert 'class="wide" role="region"' in html
        assert "data-photo" not in html
        assert "0" * 16 not in html
