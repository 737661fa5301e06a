"""A frozen site: what it holds, what it leaves out, what a second run does, and nginx before it."""

import http.client
import json
import logging
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Route, expect
from playwright.sync_api import Page as BrowserPage

from articles import edge, freezing, paging
from articles.device import DEVICES
from articles.freezing import finding, living, making, noting, places
from articles.freezing.keeping import Folder
from articles.freezing.links import internal
from articles.models import Article, Correction, Page, Topic
from tests import chromium, searching
from tests.archived import holds_the_site, records
from tests.commands import Start, started
from tests.factories import make_article, make_photo, make_source, make_topic, revise
from tests.full import files_of_at_most
from tests.kinds import DESK, PHONE, PHONE_AGENT
from tests.missing import skipped_without_nginx
from tests.scratch import scratch
from tests.serving import ROOT, Gunicorn, collect_static, free_port, frozen_nginx

# More than a page of them lists.
VERSIONS = 11
OLD = "/html/2012/content_1.htm"
VAR_DIR = settings.STATIC_ROOT.parent / "served"


def archive() -> dict[str, Article]:
    """An archive with a page of each kind, and a list of three pages."""
    topic = make_topic("青岛话题", in_navigation=True, featured=True)
    pictures = make_topic("精彩美图", layout=Topic.Layout.PICTURES, featured=True)
    source = make_source("信网")
    now = timezone.now()
    for number in range(2 * paging.LISTED + 5):
        make_article(
            [topic], source=source, editor="张三/李四", title=f"旧闻{number}",
            published_at=now - timedelta(days=400, minutes=number),
        )  # fmt: skip
    shown = make_article(
        [topic, pictures], [make_photo(), make_photo()], title="栈桥的海", source=source,
        editor="王五", published_at=now - timedelta(days=2), reads=77,
        legacy_url=f"http://old.example.com{OLD}",
    )  # fmt: skip
    Correction.objects.create(article=shown, text="时间有误。")
    withdrawn = make_article(title="撤下的", published_at=now - timedelta(days=3))
    withdrawn.state = Article.State.WITHDRAWN
    withdrawn.save()
    Page.objects.create(slug="about", title="关于信网", body="<p>一家报纸。</p>")
    other = make_article(
        [make_topic("别的话题")], title="别处的事", published_at=now - timedelta(days=90)
    )
    for number in range(VERSIONS):
        revise(other, body=f'<p><a href="/topic/">核实</a>{number}次的正文。</p>')
    return {"shown": shown, "withdrawn": withdrawn, "other": other}


def frozen(root: Path, **asked: Any) -> freezing.Frozen:
    found = freezing.freeze(freezing.Asked(root, **asked), lambda *_: None)
    found.dead = [(target, page) for target, page in found.dead if "/on-this-day/" not in target]
    return found


def holds(root: Path) -> dict[str, tuple[int, bytes]]:
    """Every file that is served, with its inode: one that is written anew has another."""
    return {
        str(path.relative_to(root)): (path.stat().st_ino, path.read_bytes())
        for path in root.rglob("*")
        if path.is_file() and places.OWN not in path.parts
    }


@pytest.fixture(autouse=True)
def warnings_are_told_again() -> Iterator[None]:
    """A frozen site's own process has no warnings of what is gone; other tests' do."""
    yield
    logging.getLogger("django.request").setLevel(logging.NOTSET)


@pytest.fixture
def static(tmp_path: Path, settings: Any) -> None:
    settings.STATIC_ROOT = tmp_path / "static"
    (settings.STATIC_ROOT / "css").mkdir(parents=True)
    shutil.copytree(ROOT / "static", settings.STATIC_ROOT, dirs_exist_ok=True)


@pytest.fixture
def engine(tmp_path: Path, settings: Any) -> None:
    """What stands for SQLite, which no browser will read here."""
    settings.SEARCH_ENGINE = tmp_path / "engine"
    settings.SEARCH_ENGINE.mkdir()
    (settings.SEARCH_ENGINE / "index.mjs").write_text("SQLite")
    (settings.SEARCH_ENGINE / "sqlite3.wasm").write_bytes(b"SQLite, too")


@pytest.fixture
def site(
    db: None, static: None, engine: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, Article]]:
    """As Django's test client does: a finished request would close a transaction's connection."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    # The 366 pages of 历史上的今天 say nothing new here: without them a run takes a second.
    monkeypatch.setattr(making, "days", lambda: iter(()))
    yield archive()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.once
def test_a_page_of_each_kind_is_the_living_one_without_what_lives(
    site: dict[str, Article], tmp_path: Path, phone: Client
) -> None:
    root, file = tmp_path / "frozen", tmp_path / "site.wacz"
    found = frozen(root, traditional=True, previews=False, wacz=file)
    assert not found.dead
    assert not found.unnameable
    address, changed = site["shown"].get_absolute_url(), site["other"].get_absolute_url()
    text = Client().get(f"{changed}text.txt", headers={"host": "localhost"})
    assert (root / places.file(f"{changed}text.txt")).read_bytes() == text.content
    assert len(list((root / f"mobile{changed}history").glob("before=*.html"))) == 1
    gone = site["withdrawn"].get_absolute_url()
    holds_the_site(file, root, address, gone, OLD)
    assert found.archived
    assert found.archived.bytes == file.stat().st_size
    for path in ("/", address, f"/zh-hant{address}", f"{address}photo/2/", "/topic/青岛话题/",
                 "/editor/张三/李四/", "/corrections/", "/page/about/",
                 f"{changed}history/", f"{changed}history/2/"):  # fmt: skip
        for device, client in (("desktop", Client()), ("mobile", phone)):
            page = root / places.page(device, path)  # type: ignore[arg-type]
            answer = client.get(path, headers={"host": "localhost"})
            assert page.read_bytes() == living.without(answer.content), path
    tombstone = root / places.page("mobile", gone, gone=True)
    assert "撤下的" in tombstone.read_text()


@pytest.mark.once
def test_nothing_that_lives_is_left_on_a_frozen_page(
    site: dict[str, Article], tmp_path: Path
) -> None:
    root = tmp_path / "frozen"
    frozen(root, previews=False)
    today = timezone.localdate()
    for device in DEVICES:
        file = root / places.page(device, site["shown"].get_absolute_url())
        page = file.read_text()
        dates = f"[{today}]", f"{today:%Y}年{today.month}月{today.day}日"
        for lives in ("data-reads", "reads.js", "suggest", "阅读量", 'class="ranking"', *dates):
            assert lives not in page, (device, lives)
        assert "栈桥的海" in page
    living_page = Client().get(site["shown"].get_absolute_url()).content.decode()
    for lives in ("data-reads", "reads.js", "suggest", "阅读量", f"[{today}]", 'class="ranking"'):
        assert lives in living_page, lives  # else the patterns would be tried on nothing


def test_an_unchanged_site_is_not_made_again_and_reads_change_nothing(
    site: dict[str, Article], tmp_path: Path
) -> None:
    root = tmp_path / "frozen"
    first = frozen(root, previews=False)
    before = holds(root)
    Article.objects.filter(pk=site["shown"].pk).update(reads=100_000)
    again = frozen(root, previews=False)
    after = holds(root)
    ranked = {name for name in after if after[name] != before.get(name)}
    assert set(after) == set(before)
    assert all("/most-read/all/" in name for name in ranked)  # the ranking itself, as it is now
    assert again.written.files == len(DEVICES)
    assert again.remade < first.remade - Article.objects.count()


def test_an_edit_rewrites_what_shows_it_and_nothing_else(
    site: dict[str, Article], tmp_path: Path
) -> None:
    root = tmp_path / "frozen"
    frozen(root, previews=False)
    before = holds(root)
    other = site["other"]
    other.title = "别处的新事"
    other.save()
    frozen(root, previews=False)
    after = holds(root)
    changed = {name for name in after if before.get(name) != after[name]}
    assert places.page("desktop", other.get_absolute_url()) in changed
    assert "desktop/topic/别的话题/index.html" in changed
    for name in changed:
        if name.endswith(".html") and not name.startswith("error"):
            assert (
                b"\xe5\x88\xab\xe5\xa4\x84\xe7\x9a\x84\xe6\x96\xb0\xe4\xba\x8b" in after[name][1]
            ), name
    assert not any(name.endswith("别的话题/feed.json") for name in set(after) - changed)


@pytest.mark.once
def test_what_is_withdrawn_or_gone_leaves_nothing_behind(
    site: dict[str, Article], tmp_path: Path
) -> None:
    root = tmp_path / "frozen"
    frozen(root, previews=False)
    shown, other = site["shown"], site["other"]
    pictures = set((root / "files/media").iterdir())
    assert pictures
    gone = other.get_absolute_url()
    other.delete()
    shown.state = Article.State.WITHDRAWN
    shown.save()
    assert index_of(root).exists()
    found = frozen(root, previews=False, search=False)
    assert found.removed
    assert not (root / places.SEARCH).exists()
    assert not (root / places.page("desktop", gone)).exists()
    assert not (root / places.page("desktop", gone)).parent.exists()
    assert not (root / places.page("mobile", shown.get_absolute_url())).exists()
    assert (root / places.page("mobile", shown.get_absolute_url(), gone=True)).exists()
    assert not set((root / "files/media").iterdir())


def broken_off(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is killed when it has written all and noted nothing of it."""
    kept = iter([noting.Notes.keep])  # once, before pages are made

    def keep(notes: noting.Notes) -> None:
        for held in kept:
            return held(notes)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(noting.Notes, "keep", keep)
        frozen(root, previews=False)


@pytest.mark.once
def test_what_a_killed_run_wrote_does_not_outlive_a_withdrawal(
    site: dict[str, Article], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, fresh = tmp_path / "frozen", tmp_path / "fresh"
    broken_off(root, monkeypatch)
    shown, other = site["shown"], site["other"]
    gone = other.get_absolute_url()
    assert (root / places.page("desktop", gone)).exists()
    packed = root / f"{places.page('mobile', gone)}.br"
    packed.with_name("stray.html.br").write_bytes(packed.read_bytes())
    other.delete()
    shown.state = Article.State.WITHDRAWN
    shown.save()
    frozen(root, previews=False)
    frozen(fresh, previews=False)
    left, whole = ({name: body for name, (_, body) in holds(one).items()} for one in (root, fresh))
    assert left == whole


@pytest.mark.once
def test_what_was_taken_back_after_a_killed_run_is_not_left(
    site: dict[str, Article], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "frozen"
    other = site["other"]
    frozen(root, previews=False)
    Article.objects.filter(pk=other.pk).update(title="不该说的")
    broken_off(root, monkeypatch)
    file = root / places.page("desktop", other.get_absolute_url())
    assert "不该说的" in file.read_text()
    Article.objects.filter(pk=other.pk).update(title="别处的事")
    frozen(root, previews=False)
    assert "不该说的" not in file.read_text()


@pytest.mark.once
def test_what_is_gone_is_taken_away_before_anything_can_fail(
    site: dict[str, Article], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "frozen"
    frozen(root, previews=False)
    gone = site["other"].get_absolute_url()
    site["other"].delete()

    def failing(*_: Any) -> None:
        raise freezing.Trouble("网站答不出")

    monkeypatch.setattr(making, "make_all", failing)
    with pytest.raises(freezing.Trouble):
        frozen(root, previews=False)
    assert not (root / places.page("desktop", gone)).exists()
    assert not (root / places.file(f"{gone}text.txt")).exists()
    assert not list((root / places.SEARCH).glob("*.sqlite"))  # the index knew it
    assert not (root / places.SEARCHED).exists()


def index_of(root: Path) -> Path:
    about = json.loads((root / places.SEARCHED).read_text())
    path: Path = root / places.SEARCH / about["file"]
    assert path.stat().st_size == about["size"]
    return path


def having(index: Path, words: str, table: str = "said") -> list[str]:
    """Addresses of what has all pairs of a word, the newest first, as static/js/finder.js asks."""
    match = " ".join(f'"{pair}"' for pair in finding.pairs(words).split())
    with closing(sqlite3.connect(index)) as lines:
        rows = lines.execute(
            f"SELECT path FROM {table} JOIN article ON place = {table}.rowid"
            f" WHERE {table} MATCH ? ORDER BY {table}.rowid DESC",
            [match],
        )
        return [path for (path,) in rows]


def indexed(root: Path) -> Path:
    """The index alone, made as a run makes it."""
    folder = Folder(root)
    folder.begin()
    now = timezone.now()
    finding.take_away(folder, now)
    finding.keep(folder, now, lambda *_: None)
    return index_of(root)


def test_the_index_holds_what_the_living_search_finds(
    site: dict[str, Article], tmp_path: Path
) -> None:
    index = indexed(tmp_path)
    for words in ("栈桥的海", "旧闻", "别处的事", "核实", "没人写过", "撤下的"):
        alive = [article.get_absolute_url() for article in searching.found(words)]
        assert having(index, words) == alive, words
    assert len(having(index, "旧闻", "titled")) == 2 * paging.LISTED + 5
    assert having(index, "核实")
    assert having(index, "核实", "titled") == []
    assert having(index, "撤下的") == []


def test_only_articles_that_have_changed_make_another_index(
    site: dict[str, Article], tmp_path: Path
) -> None:
    first = indexed(tmp_path)
    maker = first.stat().st_ino
    assert indexed(tmp_path).stat().st_ino == maker
    other = site["other"]
    other.title = "一头鲸鱼"
    other.save()
    assert having(indexed(tmp_path), "鲸鱼") == [other.get_absolute_url()]
    assert not first.exists()
    finding.leave_out(Folder(tmp_path))
    assert not (tmp_path / places.SEARCH).exists()


def test_a_run_that_ends_amid_the_index_leaves_no_half(
    site: dict[str, Article], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(words: str) -> str:
        if "栈桥" in words:
            raise KeyboardInterrupt
        return words

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(finding, "pairs", killed)
        indexed(tmp_path)
    assert not list((tmp_path / places.SEARCH).iterdir())
    assert not list((tmp_path / places.OWN / "parts").iterdir())
    assert having(indexed(tmp_path), "栈桥")


def test_an_index_that_is_damaged_is_made_anew(site: dict[str, Article], tmp_path: Path) -> None:
    index = indexed(tmp_path)
    index.write_bytes(b"\0" * index.stat().st_size)
    assert having(indexed(tmp_path), "栈桥")


def test_a_disk_that_takes_no_more_of_sqlite_is_told(
    site: dict[str, Article], tmp_path: Path
) -> None:
    said = r"写不了 .*frozen：磁盘读写出错"
    with files_of_at_most(1_500), pytest.raises(CommandError, match=said):
        call_command("freeze", str(tmp_path / "frozen"))


def test_without_sqlite_for_browsers_there_is_no_index(
    site: dict[str, Article], tmp_path: Path, settings: Any
) -> None:
    root = tmp_path / "frozen"
    assert not frozen(root, previews=False).unsearchable
    index_of(root)
    settings.SEARCH_ENGINE = tmp_path / "nowhere"
    assert frozen(root, previews=False).unsearchable
    assert not (root / places.SEARCH).exists()


def test_another_sqlite_takes_the_place_of_the_first(
    site: dict[str, Article], tmp_path: Path, settings: Any
) -> None:
    index = indexed(tmp_path)
    (settings.SEARCH_ENGINE / "index.mjs").write_text("a newer one")
    assert indexed(tmp_path) == index
    about = json.loads((tmp_path / places.SEARCHED).read_text())
    (script,) = (tmp_path / places.SEARCH).glob("*.js")
    assert script.name == about["sqlite"]
    assert script.read_text() == "a newer one"


@pytest.mark.once
def test_a_link_that_leads_nowhere_is_told(site: dict[str, Article], tmp_path: Path) -> None:
    root = tmp_path / "frozen"
    other = site["other"]
    other.body = '<p><a href="/2001/01/01/999999/">往事</a></p>'
    other.save()
    found = frozen(root, previews=False)
    assert [target for target, _ in found.dead] == ["/2001/01/01/999999/"]
    other.body = "<p>没有了。</p>"
    other.save()
    assert not frozen(root, previews=False).dead


def test_a_folder_of_something_else_is_left_alone(static: None, db: None, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/letter.txt").write_text("x")
    with pytest.raises(freezing.Trouble, match="别的东西"):
        frozen(tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]


@pytest.mark.once
def test_a_write_that_fails_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Folder(tmp_path)
    folder.begin()
    folder.put("desktop/index.html", b"whole")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="space"):
        folder.put("desktop/index.html", b"another")
    assert (tmp_path / "desktop/index.html").read_bytes() == b"whole"
    assert not list((tmp_path / places.OWN / "parts").iterdir())


@pytest.mark.parametrize("path", ["/editor/../", "/editor/./", f"/editor/{'字' * 85}/"])
def test_an_address_that_no_file_can_have_is_refused(path: str) -> None:
    with pytest.raises(places.Unnameable):
        places.page("desktop", path)


# -- on real servers -----------------------------------------------------------------------------


class Frozen:
    """The folder behind nginx as deploy/ has it, and the living site beside it."""

    def __init__(self, root: Path, port: int, gunicorn: int, wacz: Path) -> None:
        self.root, self.port, self.gunicorn, self.wacz = root, port, gunicorn, wacz


@pytest.fixture
def both(filled: dict[str, Article]) -> Iterator[Frozen]:
    collect_static(VAR_DIR)
    with ExitStack() as stack:
        folder = stack.enter_context(scratch())
        folder.chmod(0o711)
        site_url = f"http://127.0.0.1:{(port := free_port())}"
        url = urlsplit(os.environ["DATABASE_URL"])._replace(
            path=f"/{connection.settings_dict['NAME']}"
        ).geturl()  # fmt: skip
        shutil.copytree(settings.MEDIA_ROOT, VAR_DIR / "media", dirs_exist_ok=True)
        given = {"VAR_DIR": str(VAR_DIR), "SITE_URL": site_url, "SECURITY_CONTACT": "mailto:a@b.cn"}
        gunicorn = Gunicorn(url, WEB_CONCURRENCY="1", **given)
        root = folder / "frozen"
        freeze = [
            *(sys.executable, "manage.py", "freeze", str(root), "--processes", "2"),
            *("--no-previews", "--wacz", str(folder / "site.wacz")),
        ]
        done = subprocess.run(
            freeze, cwd=ROOT, env=gunicorn.environment, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
        gunicorn.start()
        stack.callback(gunicorn.kill)
        assert "归档好了" in done.stdout.decode()
        for path in (folder, *folder.rglob("*")):
            if path.is_dir():
                path.chmod(0o755)
        with skipped_without_nginx():
            stack.enter_context(frozen_nginx(folder, port, root))
        yield Frozen(root, port, gunicorn.port, folder / "site.wacz")


@pytest.fixture
def filled(transactional_db: None) -> dict[str, Article]:
    return archive()


Reply = tuple[int, dict[str, str], bytes]


def asked(port: int, path: str, host: int, **headers: str) -> Reply:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    line.request("GET", path, headers={"Host": f"127.0.0.1:{host}", **headers})
    answer = line.getresponse()
    body = answer.read()
    line.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body


# What lives: answered otherwise, or not at all.
LIVES = re.compile(r"(?:/zh-hant)?/(?:search/|most-read/|on-this-day/$|sitemap/news\.xml)")
# What the folder was made without.
LEFT_OUT = re.compile(r"/(?:zh-hant|og)/")
COMPARED = ("content-type", "cache-control", "location", "vary", *edge.NAMES)
TWO_PLACES = "/topic/%E9%9D%92%E5%B2%9B%E8%AF%9D%E9%A2%98/?before=1-2&after=1-2"
BEGINNINGS = (
    "/", OLD, f"{OLD}/", "/nowhere/", "/about", "/about/",
    "/topic", "/robots.txt", "/sitemap.xml", "/reader.css",
    "/sitemap/pages.xml", "/favicon.ico", "/.well-known/security.txt", "/qr.svg",
    "/topic/?utm_source=x", TWO_PLACES,
)  # fmt: skip


def differences(path: str, alive: Reply, still: Reply) -> list[str]:
    """In what two answers to a path differ, but for what lives."""
    if still[0] != alive[0]:
        return [f"{path}: {still[0]}, not {alive[0]}"]
    if alive[0] == 404:  # the living site's page names the address
        return []
    names = set(COMPARED if alive[0] in (200, 410) else ("location", *edge.NAMES))
    if "text/html" not in alive[1].get("content-type", ""):
        names.discard("vary")  # what gunicorn leaves to nginx to pack is packed here
    if path.startswith("/media/"):
        names.discard("content-security-policy")  # as deploy/nginx.conf says it of files from disk
    if path.startswith("/static/"):
        names = set(edge.NAMES)  # the others are WhiteNoise's there, nginx's own here
    said = {
        name: [sorted(each[1].get(name, "").split("; ")) for each in (still, alive)]
        for name in names
    }
    found = [f"{path}: {name} {pair}" for name, pair in said.items() if pair[0] != pair[1]]
    moved = alive[0] == 301
    return found + ([] if moved or still[2] == living.without(alive[2]) else [f"{path}: body"])


def crawled(both: Frozen, *beginnings: str) -> tuple[dict[str, set[int]], list[str]]:
    """Every address that pages lead to, by what both sites answer on both devices; differences."""
    found: dict[str, set[int]] = {}
    differing: list[str] = []
    waiting = deque(beginnings)
    while waiting:
        path = waiting.popleft()
        if path in found or LEFT_OUT.match(path):
            continue
        found[path] = set()
        if LIVES.match(path):
            assert asked(both.port, path, both.port)[0] in (200, 302), path
            continue
        for agent in ("Mozilla/5.0 (X11; Linux x86_64)", PHONE_AGENT):
            alive = asked(both.gunicorn, path, both.port, **{"User-Agent": agent})
            still = asked(both.port, path, both.port, **{"User-Agent": agent})
            differing += differences(path, alive, still)
            found[path].add(alive[0])
            if alive[0] != 404 and "text/html" in alive[1].get("content-type", ""):
                waiting.extend(internal(alive[2], path.partition("?")[0]))
    return found, differing


@pytest.mark.process
def test_both_sites_answer_alike_wherever_links_lead(
    filled: dict[str, Article], both: Frozen, request: pytest.FixtureRequest
) -> None:
    found, differing = crawled(both, *BEGINNINGS, filled["withdrawn"].get_absolute_url())
    assert not differing, "\n".join(differing[:20])
    assert set().union(*found.values()) == {200, 301, 404, 410}
    assert any("before=" in path for path in found)
    assert any("after=" in path for path in found)
    assert any("/media/" in path for path in found)
    nginx_picks_what_a_reader_takes(both)
    nginx_keeps_choices(both)
    the_file_for_archives_has_what_nginx_answers(both)
    required = os.environ.get("REQUIRE_BROWSER") == "1"
    if finding.can_be_read() or required:
        nginx_sends_what_finds(both)
        if chromium.found() or required:
            readers_find(both, filled, request.getfixturevalue("browser"))


def the_file_for_archives_has_what_nginx_answers(both: Frozen) -> None:
    seen = set()
    kept = list(records(both.wacz))
    assert sum(record.told == (302, "/topic/") for record in kept) == 1
    for record in kept:
        names = {"content-type", "location", *edge.NAMES}
        if record.headers["content-type"] == "application/octet-stream":
            names.remove("content-type")  # what is said of the unknown hangs on the main file
        if re.match(r"/(?:zh-hant/)?on-this-day/(?!01/02/|$)", record.address):
            continue  # a year of pages alike
        headers = {"Accept": "text/css"} if record.address.startswith("/reader/") else {}
        status, answered, body = asked(both.port, record.address, both.port, **headers)
        seen.add(status)
        kept, said = (
            {name: sorted(each.get(name, "").split("; ")) for name in names}
            for each in (record.headers, answered)
        )
        assert (status, said) == (record.status, kept), record.address
        if status in (200, 404, 410) and not record.same_as:
            assert body == record.body, record.address
    assert seen == {200, 301, 302, 404, 410}


def nginx_picks_what_a_reader_takes(both: Frozen) -> None:
    packed = asked(both.port, "/", both.port, **{"Accept-Encoding": "br"})
    assert packed[1]["content-encoding"] == "br"
    assert packed[2] == (both.root / "desktop/index.html.br").read_bytes()
    for own in ("/.freeze/notes.sqlite", "/desktop/index.html", "/moved.map"):
        assert asked(both.port, own, both.port)[0] == 404
    elsewhere = asked(both.port, "/zh-hant/topic/", both.port)
    assert (elsewhere[0], elsewhere[1]["location"]) == (302, "/topic/")


def nginx_keeps_choices(both: Frozen) -> None:
    chosen = asked(both.port, "/?view=mobile", both.port)
    assert chosen[1]["set-cookie"].startswith("view=mobile;")
    assert chosen[2] == (both.root / "mobile/index.html").read_bytes()
    dark = {"Cookie": "theme=dark; size=4"}
    sheets = [
        asked(port, "/reader.css", both.port, **dark)[2] for port in (both.port, both.gunicorn)
    ]
    assert sheets[0] == sheets[1]
    page = f"http://127.0.0.1:{both.port}/topic/"
    choice = asked(both.port, "/reader/?theme=dark", both.port, Referer=page)
    assert (choice[0], choice[1]["location"]) == (303, page)
    assert "theme=dark" in choice[1]["set-cookie"]


def nginx_sends_what_finds(both: Frozen) -> None:
    path = index_of(both.root)
    part = asked(both.port, f"/search/{path.name}", both.port, Range="bytes=16-31")
    assert (part[0], part[2]) == (206, path.read_bytes()[16:32])
    assert "immutable" in part[1]["cache-control"]
    about = asked(both.port, "/search/index.json", both.port)
    assert about[1]["cache-control"] == "public, no-cache"
    for part, kind in (("sqlite", "application/javascript"), ("wasm", "application/wasm")):
        path = f"/search/{json.loads(about[2])[part]}"
        packed = asked(both.port, path, both.port, **{"Accept-Encoding": "br"})
        assert (packed[0], packed[1]["content-encoding"]) == (200, "br")
        assert packed[1]["content-type"] == kind
        assert "immutable" in packed[1]["cache-control"]
    worker = next((both.root / "files/static/js").glob("finder.*.js"))
    said = asked(both.port, f"/static/js/{worker.name}", both.port)[1]
    assert "'wasm-unsafe-eval'" in said["content-security-policy"]
    page = asked(both.port, "/search/?q=x", both.port)
    assert "wasm" not in page[1]["content-security-policy"]


def readers_find(both: Frozen, filled: dict[str, Article], browser: Browser) -> None:
    """The search page in a browser: what is found, what isn't, and what is said when it fails."""
    complaints: list[str] = []
    views: tuple[dict[str, Any], ...] = (
        {"viewport": DESK}, {"viewport": PHONE, "user_agent": PHONE_AGENT}
    )  # fmt: skip
    for view in views:
        context = browser.new_context(base_url=f"http://127.0.0.1:{both.port}", **view)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/topic/")
        a_word_from_any_page_is_found(page, filled)
        what_isnt_found_is_said(page)
        what_fails_is_said(page)
        lines_are_text_of_whole_characters(page)
        context.close()
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"http://127.0.0.1:{both.port}/search/?q=栈桥")
    expect(page.get_by_text("请用搜索引擎查找")).to_be_visible()
    expect(page.locator(".search--large")).to_be_hidden()
    page.context.close()
    assert not complaints


def searched(page: BrowserPage, words: str) -> None:
    box = page.locator('input[name="q"]').first
    box.fill(words)
    box.press("Enter")


def a_word_from_any_page_is_found(page: BrowserPage, filled: dict[str, Article]) -> None:
    searched(page, "棧橋 海")  # 繁體
    hit = page.locator("li.hit")
    expect(hit).to_have_count(1)
    expect(page).to_have_title("“棧橋 海”的搜索结果 - 信网")
    assert hit.locator("h3 mark").all_text_contents() == ["栈桥", "海"]
    expect(hit.locator("a")).to_have_attribute("href", filled["shown"].get_absolute_url())
    expect(hit.locator(".meta")).to_contain_text("信网")
    searched(page, "旧闻")
    expect(hit).to_have_count(10)
    expect(hit.first.locator("h3")).to_have_text("旧闻0")  # the newest
    searched(page, "旧闻 -旧闻1 -“旧闻 2”")
    expect(hit.nth(1).locator("h3")).to_have_text("旧闻3")
    page.go_back()
    expect(hit).to_have_count(10)
    page.get_by_role("button", name="再找").press("Enter")
    expect(hit).to_have_count(20)
    expect(hit.nth(10).locator("a")).to_be_focused()
    page.go_back()
    searched(page, "“核实 10次”")  # across the end of a link
    expect(hit).to_have_count(1)
    expect(hit.locator(".hit__cut")).to_have_text("核实10次的正文。")
    page.go_back()
    expect(page.locator('input[name="q"]')).to_have_value("棧橋 海")
    expect(hit).to_have_count(1)


def what_isnt_found_is_said(page: BrowserPage) -> None:
    for words, said in (
        ("鲸", "至少输入连着的两个字"),
        ("没人写过", "没有找到"),
        ("撤下的", "没有找到"),
    ):
        searched(page, words)
        expect(page.locator('[data-part="said"]')).to_contain_text(said)
        expect(page.locator("li.hit")).to_have_count(0)
        expect(page.get_by_role("button", name="再找")).to_be_hidden()
    page.goto(f"/search/?q=%00{'没人写过' * 60}")
    expect(page.locator(".outcome__title")).to_have_text(f"“{'没人写过' * 50}”的搜索结果")
    expect(page.get_by_text("只搜索了前 200 个字")).to_be_visible()


def what_fails_is_said(page: BrowserPage) -> None:
    """What doesn't come, one after the other: the button tries again. A new index: so the page."""
    said = page.locator('[data-part="said"]')
    for missing in ("**/text.txt", "**/finder.*.js", "**/sqlite-*.js", "**/*.sqlite"):
        page.goto("/search/")
        page.route(missing, lambda route: route.abort())
        searched(page, "栈桥")
        expect(said).to_contain_text("没有找成")
        page.unroute(missing)
        page.get_by_role("button", name="再找").click()
        expect(page.locator("li.hit")).to_have_count(1)
    page.route("**/index.json", older_once())
    page.reload()
    expect(page.locator("li.hit")).to_have_count(1)
    page.unroute("**/index.json")
    page.route("**/index.json", lambda route: route.abort())
    page.reload()
    expect(page.locator('[data-part="said"]')).to_contain_text("没有找成")
    expect(page.get_by_text("请用搜索引擎查找")).to_be_visible()
    page.unroute("**/index.json")


def lines_are_text_of_whole_characters(page: BrowserPage) -> None:
    """Characters beyond the basic plane around what is found, and what would be markup in HTML."""
    rare = "𠮷" * 200
    head = "规范文本 1\n标题：<img src=x>\n原标题：\n来源：<b>\n记者：\n责编：\n"
    text = f"{head}发布：2022-09-29T01:18Z\n\n{rare}一栈桥{rare}\n"
    kind = "text/plain; charset=utf-8"
    page.route("**/text.txt", lambda route: route.fulfill(body=text, content_type=kind))
    page.reload()
    expect(page.locator("li.hit")).to_have_count(1)
    cut = page.locator(".hit__cut").text_content() or ""
    assert re.fullmatch("……𠮷+一栈桥𠮷+……", cut), ascii(cut)
    expect(page.locator("li.hit h3")).to_have_text("<img src=x>")
    page.unroute("**/text.txt")


def older_once() -> Callable[[Route], None]:
    """index.json as it was before the site was frozen anew, for whoever asks first."""
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) > 1:
            return route.continue_()
        older = {**route.fetch().json(), "file": "0123456789abcdef.sqlite"}
        return route.fulfill(json=older)

    return answer


@pytest.mark.process
def test_a_killed_run_is_gone_on_with(
    filled: dict[str, Article], start: Start, tmp_path: Path
) -> None:
    collect_static(tmp_path / "var")
    shutil.copytree(settings.MEDIA_ROOT, tmp_path / "var/media", dirs_exist_ok=True)
    command = (sys.executable, str(ROOT / "manage.py"), "freeze", "frozen", "--no-previews")
    root = tmp_path / "frozen"
    running = start(*command)
    while len(list((root / "desktop").rglob("index.html"))) < 20:
        assert running.poll() is None
    running.kill()
    running.wait()
    whole = tmp_path / "whole"
    for folder in ("frozen", "whole"):
        done = started(tmp_path, *command[:3], folder, *command[4:])
        _, err = done.communicate()
        assert done.returncode == 0, err.decode()
    one, other = holds(root), holds(whole)
    assert {name: body for name, (_, body) in one.items()} == {
        name: body for name, (_, body) in other.items()
    }
    assert not list((root / places.OWN / "parts").iterdir())
