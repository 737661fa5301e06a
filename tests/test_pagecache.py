"""Finished pages: who gets which, how they are packed, when they are made anew, and bad days."""

import gzip
import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from wsgiref.validate import validator

import brotli
import pytest
from django.conf import settings as site_settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import OperationalError
from hypothesis import given
from hypothesis import strategies as st

from articles.freshness import LASTING, STANDING
from articles.models import Generation, Licence, Topic
from articles.pagecache import PageCache, standing
from articles.pagecache.asked import OF_A_PROGRAM, OF_A_SEARCH, asked, encoding
from articles.search import TooBroad
from articles.views import asking, parameters
from tests.conftest import PHONE
from tests.factories import make_article, make_topic, moment

ROOM = 2**24
HTML = [("Content-Type", "text/html; charset=utf-8"), ("Vary", "Cookie")]


def environ(path: str = "/", query: str = "", **headers: str) -> dict[str, Any]:
    """A request as gunicorn hands it over; headers by their WSGI names, without HTTP_."""
    return {
        "REQUEST_METHOD": headers.pop("method", "GET"), "SCRIPT_NAME": "", "PATH_INFO": path,
        "QUERY_STRING": query, "SERVER_NAME": "testserver", "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "testserver", "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0), "wsgi.url_scheme": headers.pop("scheme", "http"),
        "wsgi.input": io.BytesIO(), "wsgi.errors": io.StringIO(), "wsgi.multithread": True,
        "wsgi.multiprocess": True, "wsgi.run_once": False,
        **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
    }  # fmt: skip


class Answer:
    """What a WSGI application answers; the protocol's rules are checked on the way."""

    def __init__(self, application: Any, asking: dict[str, Any]) -> None:
        heard: list[Any] = []
        body = validator(application)(
            asking, lambda status, headers, exc_info=None: heard.extend((status, headers))
        )
        try:
            self.body = b"".join(body)
        finally:
            body.close()
        self.status, self.headers = heard[0], dict(heard[1])

    @property
    def text(self) -> str:
        """The body, unpacked."""
        unpack: dict[str, Callable[[bytes], bytes]] = {
            "br": brotli.decompress, "gzip": gzip.decompress, "": bytes
        }  # fmt: skip
        return unpack[self.headers.get("Content-Encoding", "")](self.body).decode()


class Site:
    """A site of one page that counts how often it is made."""

    def __init__(self) -> None:
        self.made = 0
        self.status = "200 OK"
        self.headers = list(HTML)
        self.lasting = True
        self.closed = 0
        self.text = "栈桥" * 500
        self.before: Callable[[], None] = lambda: None
        self.seen: dict[str, Any] = {}

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """As WSGI has it."""
        self.made += 1
        self.seen = environ
        self.before()
        if self.lasting:
            environ[LASTING] = True
        start_response(self.status, list(self.headers))
        return self

    def __iter__(self) -> Iterator[bytes]:
        yield self.text.encode()

    def close(self) -> None:
        """As PEP 3333 asks of whoever has read the body."""
        self.closed += 1


@pytest.fixture
def moment_of(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Where content stands, to be moved by hand; asked each time."""
    held = [1]
    monkeypatch.setattr(standing, "ASK_EVERY_SECONDS", 0)
    monkeypatch.setattr(type(Generation.objects), "standing", lambda self, now: (held[0],))
    return held


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def cache(site: Site, moment_of: list[int]) -> PageCache:
    return PageCache(site, ROOM)


def ask(cache: PageCache, *args: str, **headers: str) -> Answer:
    return Answer(cache, environ(*args, **headers))


# -- who gets which ------------------------------------------------------------------------------


def test_a_page_is_made_once(cache: PageCache, site: Site) -> None:
    first, second = ask(cache), ask(cache)
    assert first.text == second.text == site.text
    assert (first.status, first.headers) == (second.status, second.headers)
    assert (site.made, site.closed) == (1, 1)


@pytest.mark.parametrize(
    ("path", "query", "headers"),
    [
        ("/2022/", "", {}),
        ("/zh-hant/", "", {}),
        ("/", "before=1-1", {}),
        ("/", "p=17", {}),  # an article of an old WordPress
        ("/", "", {"user_agent": PHONE}),
        ("/", "", {"sec_ch_ua_mobile": "?1"}),
        ("/", "", {"cookie": "view=mobile"}),
        ("/", "", {"host": "news.example"}),
        ("/", "", {"scheme": "https"}),
    ],
)
def test_other_pages_are_others(
    cache: PageCache, site: Site, path: str, query: str, headers: dict[str, str]
) -> None:
    ask(cache)
    ask(cache, path, query, **headers)
    assert site.made == 2
    ask(cache, path, query, **headers)
    ask(cache)
    assert site.made == 2


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("utm_source=weixin&from_=x", {}),
        ("x=1", {}),
        ("p=x&page_id=7", {}),
        ("", {"user_agent": "curl/8"}),
        ("", {"cookie": "sessionid=abc; csrftoken=def"}),
        ("", {"cookie": "view=desktop"}),
        ("", {"cookie": "view=<script>"}),
        ("", {"accept_language": "en"}),
        ("q=x&sort=newest&year=2022", {}),  # of a search's own
    ],
)
def test_what_changes_no_page_makes_none(
    cache: PageCache, site: Site, query: str, headers: dict[str, str]
) -> None:
    ask(cache)
    ask(cache, "/", query, **headers)
    assert site.made == 1


def test_the_order_of_a_query_says_nothing(cache: PageCache, site: Site) -> None:
    ask(cache, "/search/", "q=%E6%B5%B7&sort=newest")
    ask(cache, "/search/", "sort=newest&utm_medium=x&q=%E6%B5%B7")
    ask(cache, "/search/", "q=x&sort=newest&q=%E6%B5%B7")  # the last counts
    assert site.made == 1


@pytest.mark.parametrize(
    ("path", "query", "method"),
    [
        ("/admin/", "", "GET"), ("/admin/articles/article/", "q=x", "GET"), ("/reader/", "", "GET"),
        ("/reader.css", "", "GET"), ("/reads/7/", "", "GET"), ("/healthz", "", "GET"),
        ("/static/css/x.css", "", "GET"), ("/media/x.webp", "", "GET"), ("/", "", "POST"),
        ("/", "", "PUT"), ("/", "view=mobile", "GET"), ("/", "a=1&%76iew=x", "GET"),
        ("/", f"q={'x' * 1000}", "GET"), ("/search/", "q=\xe6\xbd\xae", "GET"),
    ],
)  # fmt: skip
def test_what_is_not_everybodys_is_asked_each_time(
    cache: PageCache, site: Site, path: str, query: str, method: str
) -> None:
    for _ in range(2):
        asking = environ(path, query, method=method, cookie="sessionid=abc")
        Answer(cache, asking)
        assert site.seen["HTTP_COOKIE"] == "sessionid=abc"
    assert site.made == 2


def test_the_site_never_sees_who_asks_for_a_page(cache: PageCache, site: Site) -> None:
    ask(cache, "/", "", cookie="sessionid=abc; view=mobile; csrftoken=x", method="HEAD")
    assert site.seen["HTTP_COOKIE"] == "view=mobile"
    assert site.seen["REQUEST_METHOD"] == "GET"
    ask(cache, "/2022/", "", cookie="sessionid=abc")
    assert "HTTP_COOKIE" not in site.seen


def test_a_cookie_is_for_one_reader(cache: PageCache, site: Site) -> None:
    site.headers.append(("Set-Cookie", "a=b"))
    assert ask(cache).headers["Set-Cookie"] == "a=b"
    ask(cache)
    assert site.made == 2


@pytest.mark.parametrize(
    "status", ["301 Moved", "304 Not Modified", "404 Not Found", "500 Fault", "503 Unavailable"]
)
def test_only_whole_answers_are_kept(cache: PageCache, site: Site, status: str) -> None:
    site.status = status
    site.text = "" if status.startswith("304") else site.text
    site.headers = [] if status.startswith("304") else site.headers
    assert [ask(cache).status, ask(cache).status] == [status] * 2
    assert (site.made, site.closed) == (2, 2)


def test_a_withdrawn_article_is_kept(cache: PageCache, site: Site) -> None:
    site.status = "410 Gone"
    etag = ask(cache).headers["ETag"]
    for said in (etag, "*"):
        assert ask(cache, if_none_match=said).status == "410 Gone"
    assert site.made == 1


def test_what_is_not_called_lasting_is_not_kept(cache: PageCache, site: Site) -> None:
    site.lasting = False
    assert ask(cache).text == ask(cache).text == site.text
    head = ask(cache, method="HEAD")
    assert (head.body, site.made, site.closed) == (b"", 3, 3)


# -- how it goes out -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "best"),
    [
        ("gzip, deflate, br, zstd", "br"), ("gzip, deflate", "gzip"), ("br", "br"), ("", ""),
        ("BR;q=1.0, gzip;q=0.8", "br"), ("br;q=0, gzip", "gzip"), ("br;q=0.0,gzip;q=0", ""),
        ("br ; q=0 , gzip", "gzip"), ("br;q=0.1", "br"), ("identity", ""), ("brotli", ""),
        ("x-gzip", ""), ("deflate,gzip;q=0.5", "gzip"), ("sbr", ""), ("*", ""),
    ],
)  # fmt: skip
def test_how_a_browser_takes_it(said: str, best: str) -> None:
    assert encoding(environ(accept_encoding=said)) == best


@given(st.text(max_size=40))
def test_any_header_is_read(said: str) -> None:
    assert encoding(environ(accept_encoding=said)) in ("br", "gzip", "")


def test_it_is_packed_as_the_browser_takes_it(cache: PageCache, site: Site) -> None:
    answers = [ask(cache, accept_encoding=said) for said in ("br", "gzip", "")]
    assert [answer.headers.get("Content-Encoding", "") for answer in answers] == ["br", "gzip", ""]
    assert {answer.text for answer in answers} == {site.text}
    assert len({answer.headers["ETag"] for answer in answers}) == 3  # RFC 9110, 8.8.3.3
    for answer in answers:
        assert int(answer.headers["Content-Length"]) == len(answer.body)
        assert answer.headers["Vary"] == "Cookie, Accept-Encoding"
    assert len(answers[0].body) < len(answers[1].body) < len(site.text.encode()) / 10
    assert site.made == 1


def test_a_head_is_the_page_without_its_body(cache: PageCache, site: Site) -> None:
    for asked_first in ("HEAD", "GET"):
        head, page = ask(cache, f"/{asked_first}/", method="HEAD"), ask(cache, f"/{asked_first}/")
        assert (head.body, head.headers) == (b"", page.headers)
    assert site.made == 2


def test_who_has_it_is_told_so(cache: PageCache, site: Site) -> None:
    site.headers.append(("Cache-Control", "public"))
    etag = ask(cache).headers["ETag"]
    for said in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        for method in ("GET", "HEAD"):
            again = ask(cache, if_none_match=said, method=method)
            assert (again.status, again.body) == ("304 Not Modified", b"")
            assert again.headers == {
                "ETag": etag, "Cache-Control": "public", "Vary": "Cookie, Accept-Encoding"
            }  # fmt: skip
    assert ask(cache, if_none_match='"other"').status == "200 OK"
    assert ask(cache, if_none_match=etag, accept_encoding="br").status == "200 OK"


def test_nginx_is_told_to_ask_again_when_the_second_ends(
    cache: PageCache, site: Site, settings: Any
) -> None:
    assert "X-Accel-Expires" not in ask(cache).headers
    settings.BEHIND_PROXY = True
    assert "X-Accel-Expires" not in ask(cache).headers
    site.headers.append(("Cache-Control", "public, s-maxage=1, x"))
    etag = ask(cache, "/2/").headers["ETag"]
    for answer in (ask(cache, "/2/"), ask(cache, "/2/", if_none_match=etag)):
        assert time.time() - 5 < int(answer.headers["X-Accel-Expires"][1:]) <= time.time()
    site.lasting = False
    assert "X-Accel-Expires" not in ask(cache, "/3/").headers


# -- when it is made anew ------------------------------------------------------------------------


def test_content_that_moves_is_shown(cache: PageCache, site: Site, moment_of: list[int]) -> None:
    old = ask(cache)
    site.text = "灯塔"
    assert ask(cache).text == old.text
    moment_of[0] += 1
    assert ask(cache).text == "灯塔"
    assert site.made == 2


def test_a_new_day_is_shown(
    cache: PageCache, site: Site, monkeypatch: pytest.MonkeyPatch, moment_of: list[int]
) -> None:
    ask(cache)
    monkeypatch.setattr("django.utils.timezone.localdate", lambda now=None: "tomorrow")
    ask(cache)
    assert site.made == 2


def test_a_page_made_while_content_moves_is_not_kept(
    cache: PageCache, site: Site, moment_of: list[int]
) -> None:
    def edit_elsewhere() -> None:
        site.before = lambda: None
        moment_of[0] += 1
        ask(cache, "/other/")  # somebody hears of it

    site.before = edit_elsewhere
    ask(cache)
    made = site.made
    ask(cache)
    assert site.made == made + 1


def test_who_waited_is_not_given_what_stood_before(site: Site, moment_of: list[int]) -> None:
    """Nor is what they get made of it: where content stands is asked again after waiting."""
    cache = PageCache(site, ROOM)
    begun, end = threading.Event(), threading.Event()
    under: list[Any] = []

    def slowly() -> None:
        site.before = lambda: under.append(site.seen[STANDING])
        begun.set()
        assert end.wait(10)

    site.before = slowly
    waiter: list[Answer] = []
    one = threading.Thread(target=lambda: ask(cache))
    other = threading.Thread(target=lambda: waiter.append(ask(cache)))
    one.start()
    assert begun.wait(10)
    other.start()
    time.sleep(0.2)
    moment_of[0] += 1
    end.set()
    one.join(10)
    other.join(10)
    assert under[-1] == cache._watch.now()
    made = site.made
    ask(cache)
    assert site.made == made


def test_after_a_quiet_time_nobody_gets_what_stood_before(
    site: Site, moment_of: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even those who come while another is still asking where content stands."""
    cache = PageCache(site, ROOM)
    ask(cache)
    site.text = "灯塔"
    moment_of[0] += 1
    monkeypatch.setattr(standing, "ASK_EVERY_SECONDS", 0.05)
    time.sleep(0.2)
    asking = threading.Event()

    def slowly(self: Any, now: Any) -> tuple[int]:
        asking.set()
        time.sleep(0.2)
        return (moment_of[0],)

    monkeypatch.setattr(type(Generation.objects), "standing", slowly)
    answers: list[Answer] = []
    readers = [threading.Thread(target=lambda: answers.append(ask(cache))) for _ in range(6)]
    readers[0].start()
    assert asking.wait(5)
    for reader in readers[1:]:
        reader.start()
    for reader in readers:
        reader.join(10)
    assert {answer.text for answer in answers} == {"灯塔"}


def test_a_database_that_says_nothing_holds_up_one_reader(
    site: Site, moment_of: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = PageCache(site, ROOM)
    ask(cache)
    monkeypatch.setattr(standing, "ASK_EVERY_SECONDS", 0.01)
    time.sleep(0.1)
    asking, end = threading.Event(), threading.Event()

    def hang(self: Any, now: Any) -> tuple[int]:
        asking.set()
        assert end.wait(30)
        return (moment_of[0],)

    monkeypatch.setattr(type(Generation.objects), "standing", hang)
    held = threading.Thread(target=lambda: ask(cache))
    held.start()
    assert asking.wait(5)
    time.sleep(0.1)
    patience: list[float] = []
    acquire = cache._watch._asking.acquire

    class Watched:
        def acquire(self, timeout: float) -> bool:
            patience.append(timeout)
            return acquire(timeout=timeout)

    monkeypatch.setattr(cache._watch, "_asking", Watched())
    for _ in range(5):
        assert ask(cache).text == site.text
    assert patience == [standing.PATIENCE_SECONDS, 0, 0, 0, 0]
    monkeypatch.undo()
    end.set()
    held.join(10)


def test_many_who_ask_at_once_get_one_page(site: Site, moment_of: list[int]) -> None:
    cache = PageCache(site, ROOM)
    begun, end = threading.Event(), threading.Event()

    def slowly() -> None:
        begun.set()
        assert end.wait(10)

    site.before = slowly
    answers: list[Answer] = []
    readers = [
        threading.Thread(target=lambda: answers.append(ask(cache, accept_encoding="br")))
        for _ in range(8)
    ]
    readers[0].start()
    assert begun.wait(10)
    for reader in readers[1:]:
        reader.start()
    time.sleep(0.3)
    end.set()
    for reader in readers:
        reader.join(10)
    assert {answer.text for answer in answers} == {site.text}
    assert (len(answers), site.made) == (8, 1)


def test_who_waits_for_a_page_that_fails_makes_it(site: Site, moment_of: list[int]) -> None:
    cache = PageCache(site, ROOM)
    begun, end = threading.Event(), threading.Event()

    def fail_once() -> None:
        site.before = lambda: None
        begun.set()
        assert end.wait(10)
        raise OSError("killed")

    site.before = fail_once
    failed: list[Exception] = []

    def first() -> None:
        try:
            ask(cache)
        except OSError as error:
            failed.append(error)

    answers: list[Answer] = []
    one = threading.Thread(target=first)
    other = threading.Thread(target=lambda: answers.append(ask(cache)))
    one.start()
    assert begun.wait(10)
    other.start()
    time.sleep(0.2)
    end.set()
    one.join(10)
    other.join(10)
    assert len(failed) == 1
    assert answers[0].text == site.text
    ask(cache)
    assert site.made <= 3


def test_its_memory_has_a_bound(site: Site, moment_of: list[int]) -> None:
    cache = PageCache(site, 200_000)
    for number in range(500):
        ask(cache, f"/{number}/")
    assert cache._pages.currsize <= 200_000
    assert len(cache._pages) > 20
    made = site.made
    ask(cache, "/499/")  # the last is there
    assert site.made == made
    ask(cache, "/0/")  # the first had to go
    assert site.made == made + 1


def test_what_is_too_large_drives_nothing_out(site: Site, moment_of: list[int]) -> None:
    cache = PageCache(site, 200_000)
    ask(cache)
    site.text = "海" * 10_000
    assert ask(cache, "/large/").text == site.text
    made = site.made
    ask(cache)
    assert site.made == made


def test_without_a_database_what_is_kept_is_answered(
    cache: PageCache, site: Site, monkeypatch: pytest.MonkeyPatch, moment_of: list[int]
) -> None:
    kept = ask(cache)

    def away(*_: Any) -> None:
        raise OperationalError("connection refused")

    with monkeypatch.context() as patched:
        patched.setattr(type(Generation.objects), "standing", away)
        assert ask(cache).body == kept.body
        ask(cache, "/other/")
        made = site.made
        fresh = PageCache(site, ROOM)  # started meanwhile: nothing to compare with, nothing kept
        ask(fresh)
        ask(fresh)
        assert site.made == made + 2
    assert ask(cache).body == kept.body


# -- the real site -------------------------------------------------------------------------------


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> PageCache:
    """Before Django, over the test's database."""
    monkeypatch.setattr(standing, "ASK_EVERY_SECONDS", 0)
    return PageCache(WSGIHandler(), ROOM)


@pytest.mark.django_db(transaction=True)
def test_every_kind_of_page_is_kept_and_costs_one_query(
    real: PageCache, django_assert_num_queries: Any
) -> None:
    article = make_article(
        title="潮", editor="戴慧慧", published_at=moment("2022-09-29 09:18"),
        topics=[make_topic("话题", slug="huati")],
    )  # fmt: skip
    gone = make_article(title="撤", published_at=moment("2022-09-28 09:18"))
    gone.withdraw("数据有误。")
    for path, query in [
        ("/", ""), (article.get_absolute_url(), ""), (gone.get_absolute_url(), ""),
        ("/topic/huati/", ""), ("/topic/", ""), ("/source/", ""), ("/editor/戴慧慧/", ""),
        ("/2022/", ""), ("/2022/09/", ""), ("/2022/09/29/", ""), ("/archive/", ""),
        ("/most-read/", ""), ("/corrections/", ""), ("/search/", "q=%E6%BD%AE"),
        ("/on-this-day/09/29/", ""), ("/zh-hant/topic/huati/", ""), ("/feed/atom.xml", ""),
        ("/sitemap.xml", ""), ("/robots.txt", ""), (f"/api/v1/articles/{article.pk}", ""),
        (f"/api/v1/articles/{gone.pk}", ""), ("/api/v1/articles", "limit=2"),
        ("/api/v1/search", "q=%E6%BD%AE"), ("/api/v1/editors/戴慧慧/articles", ""),
        ("/api/v1/archive/2022/09", ""), ("/api/v1/openapi.json", ""),
    ]:  # fmt: skip
        raw = path.encode().decode("latin-1")
        first = ask(real, raw, query, accept_encoding="br")
        assert first.status[:3] in ("200", "410"), path
        with django_assert_num_queries(1):
            again = ask(real, raw, query, accept_encoding="br", cookie="sessionid=x")
        assert (again.body, again.headers) == (first.body, first.headers), path
        assert "Cookie" not in str(again.headers.get("Set-Cookie", ""))


@pytest.mark.django_db(transaction=True)
def test_a_search_by_other_words_is_another_page(real: PageCache) -> None:
    make_article(title="海边的灯塔")
    found, none = ask(real, "/search/", "q=%E7%81%AF"), ask(real, "/search/", "q=%E5%B1%B1")
    assert "海边的" in found.text
    assert "海边的" not in none.text


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("query", ["q=%E6%BD%AE", "q=%E6%BD%AE+%E5%B1%B1"])
def test_a_search_that_took_too_long_is_not_kept(
    real: PageCache, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    """Neither “too broad” nor “nothing near it”: the next time may be better."""
    make_article(title="潮水")

    def too_long(*_: Any) -> None:
        raise TooBroad

    with monkeypatch.context() as busy:
        name = "_find" if "+" not in query else "total"
        busy.setattr(f"articles.search.finding.{name}", too_long)
        bad = ask(real, "/search/", query)
        assert bad.status == "200 OK"
    good = ask(real, "/search/", query)
    assert good.body != bad.body
    assert "潮水" in good.text or "潮" in good.text


@pytest.mark.django_db(transaction=True)
def test_an_edit_shows_at_once(real: PageCache) -> None:
    article = make_article(title="旧题")
    path = article.get_absolute_url()
    assert "旧题" in ask(real, path).text
    article.title = "新题"
    article.save()
    assert "新题" in ask(real, path).text
    article.withdraw("数据有误。")
    gone = ask(real, path)
    assert gone.status == "410 Gone"
    assert "数据有误" in gone.text


@pytest.mark.django_db(transaction=True)
def test_numbers_of_an_old_site_fill_no_memory(real: PageCache) -> None:
    article = make_article(legacy_id="/?p=17")
    assert ask(real, "/").status == "200 OK"
    held = real._pages.currsize
    for _ in range(2):
        moved = ask(real, "/", "p=17")
        assert moved.status.startswith("301")
        assert moved.headers["Location"] == article.get_absolute_url()
    for number in range(18, 30):
        assert ask(real, "/", f"p={number}").status.startswith("404")
    assert real._pages.currsize == held
    assert ask(real, "/zh-hant/", "p=17").status == "200 OK"


@pytest.mark.django_db(transaction=True)
def test_what_programs_ask_is_kept_once_for_every_device(
    real: PageCache, django_assert_num_queries: Any
) -> None:
    for number in range(3):
        make_article(title=f"潮{number}")
    for path, query in (("/api/v1/articles", "limit=2"), ("/api/v1/search", "q=%E6%BD%AE")):
        first = ask(real, path, query)
        assert "User-Agent" not in first.headers["Vary"]
        for more in (
            {"user_agent": PHONE},
            {"cookie": "view=mobile"},
            {"origin": "https://a.test"},
        ):
            with django_assert_num_queries(1):
                again = ask(real, path, f"{query}&utm_source=x", **more)
            assert (again.body, again.headers) == (first.body, first.headers)
        same = ask(real, path, query, if_none_match=first.headers["ETag"])
        assert same.status.startswith("304")
        assert same.headers["Access-Control-Allow-Origin"] == "*"
    one, two = (ask(real, "/api/v1/articles", f"limit={number}").text for number in (1, 2))
    assert len(json.loads(one)["items"]) == 1
    assert len(json.loads(two)["items"]) == 2
    older = json.loads(two)["older"]
    assert len(json.loads(ask(real, "/api/v1/articles", f"before={older}").text)["items"]) == 1
    make_article(title="潮又起")
    assert "潮又起" in ask(real, "/api/v1/articles", "limit=2").text


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("path", "query", "status"),
    [("/api/v1/articles/7", "", "404"), ("/api/v1/articles", "limit=0", "400"),
     ("/api/v1/nothing", "", "404"), ("/api/v1/search", "", "400")],
)  # fmt: skip
def test_what_programs_are_refused_is_not_kept(
    real: PageCache, path: str, query: str, status: str
) -> None:
    for _ in range(2):
        refused = ask(real, path, query)
        assert refused.status.startswith(status)
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert refused.headers["X-Request-ID"]  # a kept answer has none of its own
    assert not real._pages


@pytest.mark.django_db(transaction=True)
def test_no_page_depends_on_what_it_is_not_kept_by(real: PageCache) -> None:
    make_article(title="潮")
    django = WSGIHandler()
    for path, query in (("/", ""), ("/search/", "q=%E6%BD%AE"), ("/most-read/", "")):
        plain = Answer(django, environ(path, query))
        junk = "&".join((query, "page_id=2", "utm_source=x", "fbclid=1", "lang=en", "theme=dark"))
        other = environ(
            path, junk.strip("&"), cookie="sessionid=x; theme=dark; size=4", accept_language="en"
        )
        assert Answer(django, other).body == plain.body, path


def test_pages_are_kept_by_all_that_views_read(rf: Any) -> None:
    class Read(dict[str, str]):
        names: set[str] = set()

        def get(self, name: str, default: str = "") -> str:
            self.names.add(name)
            return default

    request = rf.get("/search/")
    request.GET = Read()
    asking.read(request)
    parameters.position(request)
    assert Read.names == OF_A_SEARCH


@pytest.mark.django_db
def test_so_is_what_programs_ask(client: Any) -> None:
    said = client.get("/api/v1/openapi.json").json()
    for path, methods in said["paths"].items():
        read = {one["name"] for one in methods["get"]["parameters"] if one["in"] == "query"}
        assert read <= (OF_A_SEARCH if path.endswith("/search") else OF_A_PROGRAM), path


@pytest.fixture
def keeping_nothing(monkeypatch: pytest.MonkeyPatch) -> PageCache:
    """As with PAGE_CACHE_MEGABYTES=0: every page is made, of parts that pages share."""
    monkeypatch.setattr(standing, "ASK_EVERY_SECONDS", 0)
    return PageCache(WSGIHandler(), 0)


@pytest.mark.django_db(transaction=True)
def test_what_stands_around_every_page_is_made_once(
    keeping_nothing: PageCache, django_assert_max_num_queries: Any
) -> None:
    talk = make_topic("话题", slug="huati", featured=True, in_navigation=True)
    articles = [make_article(title=f"题{number}", topics=[talk]) for number in range(4)]
    paths = [article.get_absolute_url() for article in articles]
    first = ask(keeping_nothing, paths[0])
    with django_assert_max_num_queries(9):  # one of them asks where content stands
        again = ask(keeping_nothing, paths[1])
    assert "ETag" not in again.headers
    for text in (first.text, again.text):
        assert "/topic/huati/" in text
        assert "题3" in text
    with django_assert_max_num_queries(3):
        assert ask(keeping_nothing, "/nowhere/").status.startswith("404")


@pytest.mark.django_db(transaction=True)
def test_what_pages_share_follows_every_edit(keeping_nothing: PageCache) -> None:
    talk = make_topic("话题", slug="huati", featured=True, in_navigation=True)
    one, other = (make_article(title=title, topics=[talk]) for title in ("旧题", "另一篇"))
    path = other.get_absolute_url()
    for device in ({}, {"user_agent": PHONE}):
        assert "旧题" in ask(keeping_nothing, path, **device).text
        assert "舊題" in ask(keeping_nothing, f"/zh-hant{path}", **device).text
    one.title = "新题"
    one.save()
    Licence.objects.create(text="鲁ICP备9号")
    for device in ({}, {"user_agent": PHONE}):
        for prefix in ("", "/zh-hant"):
            text = ask(keeping_nothing, f"{prefix}{path}", **device).text
            assert "旧题" not in text
            assert "舊題" not in text
            assert "新题" in text or "新題" in text
            assert "鲁ICP备9号" in text
            assert f'href="{prefix}/topic/huati/"' in text


@pytest.mark.django_db(transaction=True)
def test_pages_are_the_same_with_and_without_shared_parts(keeping_nothing: PageCache) -> None:
    talk = make_topic("话题", slug="huati", featured=True, in_navigation=True)
    article = make_article(title="潮", topics=[talk], published_at=moment("2022-09-29 09:18"))
    django = WSGIHandler()
    for path in ("/", article.get_absolute_url(), "/topic/huati/", "/most-read/", "/2022/"):
        for device in (environ(path), environ(path, user_agent=PHONE)):
            alone = Answer(django, dict(device))
            for _ in range(2):
                assert Answer(keeping_nothing, dict(device)).body == alone.body, path


@pytest.mark.django_db(transaction=True)
def test_the_choice_of_a_device_is_remembered_not_kept(real: PageCache) -> None:
    make_topic("话题", slug="huati")
    for _ in range(2):
        chosen = ask(real, "/topic/huati/", "view=mobile")
        assert "view=mobile" in chosen.headers["Set-Cookie"]
    assert "Set-Cookie" not in ask(real, "/topic/huati/").headers
    phone = ask(real, "/topic/huati/", cookie="view=mobile")
    assert phone.text == ask(real, "/topic/huati/", user_agent=PHONE).text
    assert phone.text != ask(real, "/topic/huati/").text


@pytest.mark.django_db(transaction=True)
def test_a_strange_host_is_refused_each_time(real: PageCache) -> None:
    ask(real, "/topic/")
    for _ in range(2):
        assert ask(real, "/topic/", host="evil.example").status.startswith("400")


@pytest.mark.django_db(transaction=True)
def test_https_is_not_forgotten(real: PageCache, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    cache = PageCache(WSGIHandler(), ROOM)
    assert ask(cache, "/topic/", scheme="https").status == "200 OK"
    assert ask(cache, "/topic/").status.startswith("301")


@pytest.mark.django_db(transaction=True)
def test_a_page_that_names_a_topic_follows_its_name(real: PageCache) -> None:
    make_topic("旧名", slug="huati", in_navigation=True)
    assert "旧名" in ask(real, "/topic/").text
    Topic.objects.update(name="新名")
    assert "新名" in ask(real, "/topic/").text


def test_the_door_is_where_the_settings_say() -> None:
    assert site_settings.PAGE_CACHE_BYTES == 24 * 2**20
    assert asked(environ("/2022/09/29/12/timegate/")) is None  # by a header that is in no key
    assert asked(environ("/")) == ("testserver", False, "desktop", "/", "")
