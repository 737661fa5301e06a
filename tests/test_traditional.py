"""The 繁體 view: what is converted and what stays, its addresses, its links."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from articles import traditional
from articles.models import Article, Correction, Licence, Topic
from tests.factories import make_article, make_photo, make_source, make_topic, moment
from tests.serving import ROOT

VIEWS = ("desktop", "mobile")


@pytest.mark.parametrize(
    ("simplified", "expected"),
    [
        ("头发和发展", "頭髮和發展"),  # by the words around
        ("皇后在后面", "皇后在後面"),
        ("为了里面的群众", "為了裡面的群眾"),  # Taiwan's forms
        ("软件、信息、出租车", "軟件、信息、出租車"),  # but nobody's words
        ("已經是繁體", "已經是繁體"),
        ("abc 123", "abc 123"),
    ],
)
def test_characters_are_chosen_and_words_are_kept(simplified: str, expected: str) -> None:
    assert traditional.convert(simplified) == expected


def test_what_scripts_say_is_in_attributes_that_are_converted() -> None:
    said = re.compile(r'\s(data-[a-z-]+)="([^"]*[\u4e00-\u9fff][^"]*)"')
    found = {
        match[1]: traditional.page(f'<p {match[1]}="汉">')
        for path in (ROOT / "templates").rglob("*.html")
        for match in said.finditer(path.read_text())
    }
    assert "data-said-nothing" in found
    assert {name for name, page in found.items() if "漢" not in page} == set()


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>汉字</p>", "<p>漢字</p>"),
        ('<a href="/topic/汉/" id="汉" class="汉">汉</a>',
         '<a href="/topic/汉/" id="汉" class="汉">漢</a>'),
        ('<img src="/汉.jpg" alt="汉">', '<img src="/汉.jpg" alt="漢">'),
        ('<input value="汉" name="汉" placeholder="汉" aria-label="汉">',
         '<input value="汉" name="汉" placeholder="漢" aria-label="漢">'),
        ('<meta name="description" content="汉">', '<meta name="description" content="漢">'),
        ('<p title="a > 汉">汉</p>', '<p title="a > 漢">漢</p>'),
        ('<b data-said="汉" data-photo="汉">x</b>', '<b data-said="漢" data-photo="汉">x</b>'),
        ('<b data-said-so-far="汉">x</b>', '<b data-said-so-far="漢">x</b>'),
        ('<script type="x">"汉"</script>汉', '<script type="x">"汉"</script>漢'),
        ("<textarea>汉</textarea><code>汉</code>汉", "<textarea>汉</textarea><code>汉</code>漢"),
        ('<p translate="no" title="汉">汉<p>汉</p>汉</p>汉',
         '<p translate="no" title="汉">汉<p>汉</p>汉</p>漢'),
        ("汉 &amp; &lt;汉&gt;", "漢 &amp; &lt;漢&gt;"),
        ("头<mark>发</mark>", None),
        ("\x1f汉\x1f<b>汉</b>", "漢<b>漢</b>"),
        ("", ""),
        ("plain", "plain"),
        ('<html lang="zh-CN"><p lang="zh-CN">', '<html lang="zh-Hant"><p lang="zh-CN">'),
    ],
)  # fmt: skip
def test_only_what_people_read_is_converted(html: str, expected: str | None) -> None:
    converted = traditional.page(html)
    if expected is not None:
        assert converted == expected
    assert re.findall(r"</?\w+", converted) == re.findall(r"</?\w+", html)


def test_threads_share_the_converter() -> None:
    html = "".join(f"<p>头发{n}</p>" for n in range(200))
    with ThreadPoolExecutor(8) as pool:
        pages = set(pool.map(traditional.page, [html] * 40))
    assert pages == {"".join(f"<p>頭髮{n}</p>" for n in range(200))}


def test_paths_have_counterparts() -> None:
    assert traditional.counterpart("/2022/") == "/zh-hant/2022/"
    assert traditional.counterpart("/zh-hant/2022/") == "/2022/"
    assert traditional.original("/zh-hantx/") == "/zh-hantx/"


@pytest.fixture
def archive(db: None) -> dict[str, Any]:
    """An article with everything around it, and its lists."""
    topic = make_topic("海洋话题", slug="haiyang", featured=True, in_navigation=True)
    make_topic("精彩图片", slug="meitu", layout=Topic.Layout.PICTURES)
    photo = make_photo(alt="码头", caption="码头清晨")
    article = make_article(
        title="码头的早晨", body="<p>头发乱了。</p>", topics=[topic], photos=[photo],
        source=make_source("青岛晚报", slug="wanbao"), editor="戴慧", byline="记者 苏云",
        published_at=moment("2022-09-29 09:18"),
    )  # fmt: skip
    Correction.objects.create(article=article, text="图说有误。")
    make_article(title="撤下的稿", published_at=moment("2022-09-28 10:00")).withdraw("数据有误。")
    Licence.objects.create(kind="icp", text="鲁ICP备00000000号")
    return {"article": article}


PATHS = ["/", "/topic/", "/topic/haiyang/", "/archive/", "/2022/", "/2022/09/", "/2022/09/29/",
         "/source/wanbao/", "/editor/戴慧/", "/most-read/", "/corrections/", "/search/",
         "/search/?q=码头", "/search/?q=碼頭", "/nowhere/"]  # fmt: skip
# Rightly left: 简体 as the link's own name, the citation, licences, and typed words.
LEFT = re.compile(
    r'<script.*?</script>|<[^>]*translate="no".*?</(?:a|p|ul|span)>|value="[^"]*"', re.DOTALL
)


@pytest.mark.parametrize("view", VIEWS)
def test_every_page_is_traditional_and_leads_on_in_it(
    client: Client, archive: dict[str, Any], view: str
) -> None:
    client.cookies["view"] = view
    own = "/zh-hant" + archive["article"].get_absolute_url()
    for path in ["/zh-hant" + path for path in PATHS] + [own]:
        response = client.get(path)
        assert response.status_code == (404 if "nowhere" in path else 200), path
        html = response.content.decode()
        assert '<html lang="zh-Hant">' in html
        read = re.sub(r'\s(?:href|src|srcset|action|id)="[^"]*"', "", LEFT.sub("", html))
        assert traditional.convert(read) == read, path
        links = re.findall(r'<(?:a|form)\s[^>]*(?:href|action)="(/[^"]*)"', html)
        assert len(links) > 10
        outside = [
            link
            for link in links
            if not link.startswith(("/zh-hant/", "/reader/", "/feed/", "/media/"))
        ]
        # out of the view leads the link to the original alone
        assert outside == [traditional.original(quote(path, safe="/?="))], path
        length = response.headers.get("Content-Length")
        assert length == str(len(response.content)), path


@pytest.mark.parametrize("view", VIEWS)
def test_the_original_stays_the_page_of_record(
    client: Client, archive: dict[str, Any], settings, view: str
) -> None:
    client.cookies["view"] = view
    path = archive["article"].get_absolute_url()
    here = settings.SITE_URL + path
    for address in (path, f"/zh-hant{path}"):
        html = client.get(address).content.decode()
        assert f'<link rel="canonical" href="{here}">' in html
        assert f'<link rel="alternate" hreflang="zh-Hans" href="{here}">' in html
        traditional_here = f"{settings.SITE_URL}/zh-hant{path}"
        assert f'<link rel="alternate" hreflang="zh-Hant" href="{traditional_here}">' in html
        assert f'property="og:url" content="{here}"' in html
        assert f'"mainEntityOfPage":"{here}"' in html
        assert "码头的早晨[N/OL]. 青岛晚报，2022-09-29" in html
        assert "鲁ICP备00000000号" in html


def test_the_bar_leads_to_the_same_page_in_the_other_script(
    client: Client, archive: dict[str, Any]
) -> None:
    for number in range(30):
        make_article(topics=[Topic.objects.get(slug="haiyang")], title=f"第{number}条")
    page = client.get("/topic/haiyang/").content.decode()
    older = re.search(r'href="(\?before=[^"]+)"', page)
    assert older
    deep = client.get(f"/topic/haiyang/{older[1]}&utm_source=x").content.decode()
    assert f'href="/zh-hant/topic/haiyang/{older[1]}" lang="zh-Hant"' in deep
    assert "utm_source" not in deep
    back = client.get(f"/zh-hant/topic/haiyang/{older[1]}").content.decode()
    assert f'href="/topic/haiyang/{older[1]}" lang="zh-Hans"' in back
    assert ">简体</a>" in back


def test_redirects_and_old_dates_stay_in_the_view(client: Client, archive: dict[str, Any]) -> None:
    article: Article = archive["article"]
    response = client.get(f"/zh-hant/2021/01/01/{article.pk}/")
    assert response.status_code == 301
    assert response["Location"] == f"/zh-hant{article.get_absolute_url()}"


@pytest.mark.django_db
def test_a_withdrawn_article_says_so(client: Client, archive: dict[str, Any]) -> None:
    withdrawn = Article.objects.get(title="撤下的稿")
    response = client.get(f"/zh-hant{withdrawn.get_absolute_url()}")
    assert response.status_code == 410
    assert "這篇稿件已經撤下" in response.content.decode()
    assert "數據有誤。" in response.content.decode()


def test_what_the_reader_typed_stays_typed(client: Client, archive: dict[str, Any]) -> None:
    html = client.get("/zh-hant/search/?q=码头").content.decode()
    assert 'name="q" value="码头"' in html
    assert "碼頭的早晨" in re.sub(r"</?mark>", "", html)


def test_suggestions_are_traditional_and_lead_into_the_view(
    client: Client, archive: dict[str, Any]
) -> None:
    found = client.get("/zh-hant/search/suggest/", {"q": "海洋"}).json()
    assert {"kind": "話題", "text": "海洋話題", "url": "/zh-hant/topic/haiyang/"} in found


def test_errors_are_traditional(client: Client, archive: dict[str, Any], settings) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    response = client.get("/zh-hant/", headers={"host": "other.example"})
    assert response.status_code == 400
    assert "這個請求我們讀不懂" in response.content.decode()


@pytest.mark.parametrize(
    "path", ["/admin/", "/feed/atom.xml", "/feed/feed.json", "/sitemap.xml", "/robots.txt",
             "/reader.css", "/healthz", "/reads/1/"],
)  # fmt: skip
def test_machines_and_editors_have_no_traditional_view(
    client: Client, archive: dict[str, Any], path: str
) -> None:
    assert client.get(f"/zh-hant{path}").status_code == 404


def test_feeds_stay_as_published(client: Client, archive: dict[str, Any], settings) -> None:
    client.get("/zh-hant/")  # leaves no language behind
    feed = client.get("/feed/atom.xml").content.decode()
    assert "码头的早晨" in feed
    assert "zh-hant" not in feed
    html = client.get("/").content.decode()
    assert 'lang="zh-CN"' in html
    assert 'href="/topic/haiyang/"' in html
    assert traditional.PREFIX in html  # the way to the other script


def test_the_code_goes_on_in_the_same_script(
    client: Client, archive: dict[str, Any], settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setattr("articles.qr.image", lambda address: seen.append(address) or "<svg/>")
    path = f"{archive['article'].get_absolute_url()}p1.svg"
    client.get(path)
    client.get(f"/zh-hant{path}")
    original = f"{settings.SITE_URL}{archive['article'].get_absolute_url()}#p1"
    assert seen == [original, original.replace("/2022", "/zh-hant/2022")]
