"""Finished pages on a real site: four workers, nginx before them, a database that dies."""

import http.client
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

from articles import opengraph
from articles.device import choose, detect
from articles.models import Article, PublicVersion
from tests.desk import at_desk, change_path, editor_named, opened
from tests.factories import make_article, make_topic, moment, revise
from tests.missing import skipped_without_nginx
from tests.scratch import scratch
from tests.serving import ROOT, Gunicorn, collect_static, free_port, nginx
from xinwang.embedded import Cluster

pytestmark = pytest.mark.process

WORKERS = 4
# An edit shows everywhere so many seconds after its save.
SHOWN_WITHIN_SECONDS = 1.5
AGENTS = {
    "desk": "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0",
    "iPhone": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148",
    "WeChat": "Mozilla/5.0 (Linux; Android 14; V2309A) Chrome/116 Mobile MicroMessenger/8.0",
    "iPad": "Mozilla/5.0 (iPad; CPU OS 16_0 like Mac OS X) Mobile/15E148",
    "tablet": "Mozilla/5.0 (Linux; Android 13; Tablet) Chrome/116",
    "Silk": "Mozilla/5.0 (Linux; Android 9; KFMAWI) Silk/108 like Chrome/108",
    "Silk phone": "Mozilla/5.0 (Linux; Android 9) Silk/108 Mobile",
    "HarmonyOS": "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36",
    "silent": "",
}


@dataclass
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body of an unpacked answer."""
        return self.body.decode()


@dataclass
class Line:
    """A connection that is kept: it stays with one worker."""

    port: int
    _held: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self._held = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(self, path: str, method: str = "GET", **headers: str) -> Reply:
        """One request; headers by their names with _ for -.

        Asked again where the server has hung up meanwhile: it does so after five idle seconds.
        """
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent.setdefault("Host", "127.0.0.1")
        try:
            self._held.request(method, path, headers=sent)
            answer = self._held.getresponse()
        except (ConnectionResetError, BrokenPipeError, http.client.RemoteDisconnected):
            self._held.close()
            self._held.request(method, path, headers=sent)
            answer = self._held.getresponse()
        body = answer.read()
        return Reply(answer.status, dict(answer.getheaders()), body)

    @property
    def own_port(self) -> int:
        """Our end's."""
        return int(self._held.sock.getsockname()[1])

    def close(self) -> None:
        """Hang up."""
        self._held.close()


@pytest.fixture
def folder() -> Iterator[Path]:
    with scratch() as made:
        made.chmod(0o711)  # nginx's workers may be somebody else
        yield made


Connect = Callable[[int], Line]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Connects to a port, until the test ends."""
    with ExitStack() as stack:
        yield lambda port: stack.enter_context(closing(Line(port)))


def nginx_before(stack: ExitStack, folder: Path, gunicorn: Gunicorn) -> int:
    """Run nginx before gunicorn; skip where there is none, unless REQUIRE_NGINX=1."""
    port = free_port()
    with skipped_without_nginx():
        stack.enter_context(nginx(folder, port, gunicorn.port, folder))
    return port


# Static files by their hashes; apart from the site's own, which other tests read meanwhile.
VAR_DIR = settings.STATIC_ROOT.parent / "served"


@pytest.fixture(scope="module", autouse=True)
def collected() -> None:
    """Collected once for all runs, until one changes."""
    collect_static(VAR_DIR)


@pytest.fixture
def gunicorn() -> Iterator[Gunicorn]:
    """Four workers over the test's database."""
    url = urlsplit(os.environ["DATABASE_URL"])
    made = Gunicorn(
        url._replace(path=f"/{connection.settings_dict['NAME']}").geturl(),
        VAR_DIR=str(VAR_DIR),
        WEB_CONCURRENCY=str(WORKERS),
    )
    made.start()
    yield made
    made.kill()


@pytest.fixture
def site(gunicorn: Gunicorn, folder: Path) -> Iterator[int]:
    """Nginx before them; its port."""
    with ExitStack() as stack:
        yield nginx_before(stack, folder, gunicorn)


def lines_to_every_worker(gunicorn: Gunicorn, connect: Connect) -> list[Line]:
    """Kept connections, one at least with each worker."""
    lines: list[Line] = []
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up:
        lines.append(connect(gunicorn.port))
        lines[-1].ask("/healthz")
        ours = {line.own_port for line in lines}
        held = {
            worker.pid
            for worker in gunicorn.workers
            if ours & {one.raddr.port for one in worker.net_connections("tcp") if one.raddr}
        }
        if len(held) == WORKERS:
            return lines
    raise AssertionError("not every worker took a connection")


@pytest.mark.django_db(transaction=True)
def test_an_edit_shows_on_every_worker_and_through_nginx(
    gunicorn: Gunicorn, site: int, connect: Connect
) -> None:
    article = make_article(title="旧题", topics=[make_topic("话题", slug="huati")])
    paths = [
        article.get_absolute_url(),
        "/",
        "/topic/huati/",
        f"/zh-hant{article.get_absolute_url()}",
    ]
    client = at_desk(editor_named("dai"))
    entered = opened(client, article, title="新题")
    lines = [*lines_to_every_worker(gunicorn, connect), connect(site)]
    for _ in range(2):  # the second time from memory
        for line in lines:
            assert all("旧题" in line.ask(path).text.replace("舊題", "旧题") for path in paths)
    time.sleep(1.2)  # as pages stand that nobody has asked for just now
    answer = client.post(change_path(article), entered)
    saved = time.monotonic()
    assert answer.status_code == 302
    # Readers all the while: what they get in between may be either, afterwards only the new.
    while time.monotonic() < saved + SHOWN_WITHIN_SECONDS:
        for line in lines:
            line.ask(paths[0])
    for line in lines:
        for path in paths:
            text = line.ask(path).text
            assert "旧题" not in text, path
            assert "舊題" not in text, path
            assert "新题" in text or "新題" in text, path


@pytest.mark.django_db(transaction=True)
def test_nginx_keeps_pages_apart_as_the_site_does(
    gunicorn: Gunicorn, site: int, connect: Connect
) -> None:
    make_topic("话题", slug="huati")
    direct, through = connect(gunicorn.port), connect(site)
    cases = [
        (agent, hint, cookie)
        for agent in AGENTS.values()
        for hint in ("", "?0", "?1")
        for cookie in ("", "view=mobile", "view=desktop", "view=tv", "a=b; view=mobile")
    ]
    for agent, hint, cookie in cases:
        said = {"User_Agent": agent, "Sec_CH_UA_Mobile": hint, "Cookie": cookie}
        expected = direct.ask("/topic/huati/", **said)
        chosen = cookie.rpartition("view=")[2] or None
        device = choose(None, chosen, detect(agent, hint))
        assert f"/css/{device}-list" in expected.text
        for _ in range(2):
            got = through.ask("/topic/huati/", **said)
            assert got.text == expected.text, (agent, hint, cookie)


@pytest.mark.django_db(transaction=True)
def test_nginx_passes_on_what_was_packed_once(
    gunicorn: Gunicorn, site: int, connect: Connect
) -> None:
    make_topic("话题", slug="huati")
    direct, through = connect(gunicorn.port), connect(site)
    for said in ("gzip, deflate, br, zstd", "gzip", "", "br;q=0, gzip", "gzip;q=0", "*"):
        expected = direct.ask("/topic/huati/", Accept_Encoding=said)
        for _ in range(2):
            got = through.ask("/topic/huati/", Accept_Encoding=said)
            assert got.headers.get("Content-Encoding") == expected.headers.get("Content-Encoding")
            assert (got.body, got.headers["ETag"]) == (expected.body, expected.headers["ETag"])
        assert "X-Accel-Expires" not in got.headers
        assert "Accept-Encoding" in got.headers["Vary"]
        again = through.ask(
            "/topic/huati/", Accept_Encoding=said, If_None_Match=expected.headers["ETag"]
        )
        assert (again.status, again.body) == (304, b"")
    head = through.ask("/topic/huati/", "HEAD", Accept_Encoding="br")
    assert (head.status, head.body) == (200, b"")


@pytest.mark.django_db(transaction=True)
def test_nginx_bounds_searches_and_beacons_and_nothing_else(
    gunicorn: Gunicorn, site: int, connect: Connect
) -> None:
    article = make_article(title="潮")
    line = connect(site)
    searches = Counter(line.ask("/search/?q=%E6%BD%AE").status for _ in range(120))
    assert set(searches) == {200, 429}
    assert searches[200] >= 40
    refused = next(
        reply for _ in range(120) if (reply := line.ask("/search/suggest/?q=x")).status == 429
    )
    assert "请过几秒再试" in refused.text
    assert int(refused.headers["Retry-After"]) > 0
    path = f"/reads/{article.pk}/?age=9"
    beacons = Counter(line.ask(path, "POST").status for _ in range(200))
    assert beacons[429] > 0
    assert {line.ask("/topic/").status for _ in range(200)} == {200}


@pytest.mark.django_db(transaction=True)
def test_nginx_keeps_nothing_of_a_readers_own(
    gunicorn: Gunicorn, site: int, connect: Connect
) -> None:
    make_topic("话题", slug="huati")
    line = connect(site)
    for _ in range(2):
        chosen = line.ask("/topic/huati/?view=mobile")
        assert "view=mobile" in chosen.headers["Set-Cookie"]
    assert "Set-Cookie" not in line.ask("/topic/huati/").headers
    small, large = (line.ask("/reader.css", Cookie=f"size={size}").text for size in "15")
    assert small != large
    assert line.ask("/reader.css", Cookie="size=1").text == small
    assert line.ask("/reader.css", Cookie="size=5").text == large


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "claims",
    [
        [("Cookie", "view=desktop; view=mobile")], [("Cookie", "VIEW=desktop; view=mobile")],
        [("Cookie", 'view="mobile"')], [("Cookie", "a=b,view=mobile")],
        [("User-Agent", AGENTS["desk"]), ("User-Agent", AGENTS["iPhone"])],
        [("Cookie", "view=desktop"), ("Cookie", "view=mobile")],
    ],
)  # fmt: skip
def test_nobody_gets_the_page_of_another_device(
    gunicorn: Gunicorn, site: int, connect: Connect, claims: list[tuple[str, str]]
) -> None:
    """Whatever a request says of itself, it fills no place but the one that nginx sees."""
    make_topic("话题", slug="huati")
    desk = {"User_Agent": AGENTS["desk"]}
    line = connect(site)
    expected = connect(gunicorn.port).ask("/archive/", **desk).text
    for _ in range(3):
        time.sleep(1.02 - time.time() % 1)  # a new second: nginx asks again
        with closing(http.client.HTTPConnection("127.0.0.1", site)) as odd:
            odd.putrequest("GET", "/archive/", skip_host=True)
            for name, value in [("Host", "127.0.0.1"), *claims]:
                odd.putheader(name, value)
            if not any(name == "User-Agent" for name, _ in claims):
                odd.putheader("User-Agent", AGENTS["desk"])
            odd.endheaders()
            odd.getresponse().read()
        assert line.ask("/archive/", **desk).text == expected


@pytest.mark.django_db(transaction=True)
def test_after_a_quiet_hour_nobody_reads_what_was_withdrawn(
    gunicorn: Gunicorn, site: int, connect: Connect
) -> None:
    article = make_article(title="撤下的题")
    path = article.get_absolute_url()
    picture = opengraph.preview(article).path
    lines = [connect(site) for _ in range(8)] + [connect(gunicorn.port) for _ in range(8)]
    for line in lines:
        assert line.ask(path).status == 200
    assert lines[0].ask(picture).status == 200
    article.withdraw("数据有误。")
    time.sleep(2.5)
    with ThreadPoolExecutor(len(lines)) as readers:
        statuses = list(readers.map(lambda line: line.ask(path).status, lines))
    assert statuses == [410] * len(lines)
    assert lines[0].ask(picture).status == 404


@pytest.mark.django_db(transaction=True)
def test_nobody_stands_in_line_for_what_is_not_kept(
    gunicorn: Gunicorn, site: int, connect: Connect
) -> None:
    """An old address that many follow at once: nginx's lock would let by two a second."""
    make_article(title="潮", legacy_url="http://old.example/show.asp?id=7")
    lines = [connect(site) for _ in range(32)]
    for line in lines:
        line.ask("/healthz")
    began = time.monotonic()
    with ThreadPoolExecutor(len(lines)) as readers:
        statuses = set(readers.map(lambda line: line.ask("/show.asp?id=7").status, lines))
    assert statuses == {301}
    assert time.monotonic() - began < 14  # one after another: 16


@pytest.mark.django_db(transaction=True)
def test_nginx_keeps_no_copies_and_no_404s(
    gunicorn: Gunicorn, site: int, folder: Path, connect: Connect
) -> None:
    make_topic("话题", slug="huati")
    line = connect(site)
    for number in range(20):
        assert line.ask(f"/nowhere-{number}/").status == 404
        assert line.ask(f"/topic/huati/?utm_source={number}").status == 200
    kept = [path for path in (folder / "cache").rglob("*") if path.is_file()]
    assert len(kept) == 1
    assert line.ask("/topic/huati/?before=1-1").text != line.ask("/topic/huati/").text


@pytest.mark.django_db(transaction=True)
def test_a_number_of_an_old_site_is_no_home_page_to_nginx(
    gunicorn: Gunicorn, site: int, connect: Connect
) -> None:
    article = make_article(title="潮", legacy_id="/?p=17")
    line = connect(site)
    for _ in range(2):
        assert line.ask("/").status == 200
        for path in ("/?p=17", "/?from=timeline&p=17", "/?%70=17"):
            moved = line.ask(path)
            assert (moved.status, moved.headers["Location"]) == (301, article.get_absolute_url())
        assert line.ask("/?p=18").status == 404
        assert line.ask("/?page=17").status == 200


MAKE = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from tests.factories import make_article, make_topic, moment, revise
make_topic("话题", slug="huati")
print(make_article(title="潮起").get_absolute_url())
"""


def started(stack: ExitStack, gunicorn: Gunicorn) -> str:
    """Make an archive of one article, serve it; the article's path."""
    made = subprocess.run(
        [sys.executable, "-c", MAKE], cwd=ROOT, env=gunicorn.environment, text=True,
        capture_output=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr[-2000:]
    gunicorn.start()
    stack.callback(gunicorn.kill)
    return made.stdout.split()[-1]


def test_readers_go_on_reading_without_the_database(folder: Path, connect: Connect) -> None:
    """What nginx or a worker has is answered, the rest politely refused, and all comes back."""
    cluster = Cluster(folder / "postgres", ("fsync=off", "synchronous_commit=off"))
    url = cluster.start()
    gunicorn = Gunicorn(url, VAR_DIR=str(VAR_DIR), WEB_CONCURRENCY="2")
    with ExitStack() as stack:
        stack.callback(cluster.stop)
        path = started(stack, gunicorn)
        line = connect(nginx_before(stack, folder, gunicorn))
        kept = line.ask(path)
        assert (kept.status, "潮起" in kept.text) == (200, True)
        assert line.ask("/").status == 200
        time.sleep(1.1)  # past the second for which nginx does not ask
        cluster.stop()
        for _ in range(20):
            again = line.ask(path)
            assert (again.status, again.body) == (200, kept.body)
        refused = line.ask("/topic/")
        assert refused.status == 503
        assert int(refused.headers["Retry-After"]) > 0
        assert "网站正在恢复" in refused.text
        assert "postgres" not in refused.text.lower()
        assert line.ask("/healthz").status == 200  # alive it is
        assert connect(gunicorn.port).ask("/readyz").status == 503
        gunicorn.kill()  # and not a worker left
        assert line.ask(path).body == kept.body
        gunicorn.start()  # before its database
        time.sleep(1.1)
        assert line.ask(path).body == kept.body
        cluster.start()
        give_up = time.monotonic() + 30
        while line.ask("/topic/").status != 200 and time.monotonic() < give_up:
            time.sleep(0.2)
        assert line.ask("/topic/").status == 200
        assert line.ask(path).status == 200


def test_a_worker_alone_goes_on_without_the_database(folder: Path, connect: Connect) -> None:
    cluster = Cluster(folder / "postgres", ("fsync=off", "synchronous_commit=off"))
    gunicorn = Gunicorn(cluster.start(), VAR_DIR=str(VAR_DIR), WEB_CONCURRENCY="1")
    with ExitStack() as stack:
        stack.callback(cluster.stop)
        path = started(stack, gunicorn)
        line = connect(gunicorn.port)
        kept = line.ask(path)
        cluster.stop()
        for _ in range(5):
            time.sleep(0.3)
            assert line.ask(path).body == kept.body
        assert line.ask("/topic/").status == 503
        cluster.start()
        give_up = time.monotonic() + 30
        while line.ask("/topic/").status != 200 and time.monotonic() < give_up:
            time.sleep(0.2)
        assert line.ask("/topic/").status == 200


@pytest.mark.django_db(transaction=True)
def test_versions_are_negotiated_through_every_cache(
    gunicorn: Gunicorn, site: int, connect: Connect
) -> None:
    """By Accept-Datetime, which no cache has in its key (RFC 7089)."""
    article = make_article(title="一", published_at=moment("2022-09-29 09:18"))
    revise(article, title="二")
    revise(article, title="三")
    for number, at in ((2, "2023-03-01 12:00"), (3, "2024-01-01 08:00")):
        version(article, number, moment(at))
    path = article.get_absolute_url()
    lines = [connect(gunicorn.port), connect(site)]
    for line in lines:
        for _ in range(2):  # the second time from memory, as far as anything is kept
            negotiates(line, path)
            remembers(line, path)
    revise(article, title="四")
    time.sleep(SHOWN_WITHIN_SECONDS)
    for line in lines:
        assert "history/4/" in line.ask(f"{path}timemap/").text
        assert line.ask(f"{path}timegate/").headers["Location"].endswith("history/4/")
        assert "第 4 版" in line.ask(f"{path}history/").text
    article.withdraw("数据有误。")
    time.sleep(SHOWN_WITHIN_SECONDS)
    for line in lines:
        for below in ("history/", "history/1/", "timegate/", "timemap/", "text.txt"):
            assert line.ask(path + below).status == 410, below


def negotiates(line: Line, path: str) -> None:
    """Whether a TimeGate sends each to what held then, whoever asked before."""
    cases = {
        "Sat, 01 Jan 2000 00:00:00 GMT": "1", "Wed, 01 Mar 2023 04:00:00 GMT": "2",
        "Fri, 01 Jan 2100 00:00:00 GMT": "3", "Wed, 01 Mar 2023 03:59:59 GMT": "1",
        "yesterday": "", None: "3",
    }  # fmt: skip
    for asked, number in cases.items():
        gate = line.ask(f"{path}timegate/", **({"Accept_Datetime": asked} if asked else {}))
        assert gate.status == (302 if number else 400), asked
        assert gate.headers["Vary"] == "accept-datetime"
        if number:
            assert gate.headers["Location"].endswith(f"{path}history/{number}/"), asked


def remembers(line: Line, path: str) -> None:
    """Whether kept pages say of themselves what Memento clients look for."""
    for number, at in (("1", "Thu, 29 Sep 2022 01:18"), ("2", "Wed, 01 Mar 2023 04:00")):
        old = line.ask(f"{path}history/{number}/")
        assert old.headers["Memento-Datetime"] == f"{at}:00 GMT"
        assert 'rel="first' in old.headers["Link"]
    assert 'rel="timegate"' in line.ask(path).headers["Link"]
    assert "history/3/" in line.ask(f"{path}timemap/").text
    assert "标题：三" in line.ask(f"{path}text.txt").text


def version(article: Article, number: int, at: datetime) -> None:
    """Let a public version be of another time."""
    kept = PublicVersion.objects.get(article=article, number=number)
    kept.delete()
    kept.pk, kept.published_at = None, at
    kept.save(force_insert=True)
