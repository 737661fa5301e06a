"""A public process on the readers' role: it serves everything, and writes nothing but reads."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from django.conf import settings as site
from django.db import connection, migrations
from django.utils import timezone

from articles import opengraph, readerrole
from articles.models import Article, DailyReads, Promo, ReadEvent
from tests import readers
from tests.kinds import PHONE_AGENT, kinds
from tests.readers import SECRET, connected
from tests.serving import ROOT, Gunicorn, collect_static, ended, wait_for
from tests.test_pagecache_processes import VAR_DIR, Line

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.process]

PATIENCE_SECONDS = 60


@pytest.fixture
def name(transactional_db: None) -> Iterator[str]:
    with readers.role() as made:
        yield made


@pytest.fixture
def var_dir(tmp_path: Path, settings: Any) -> Path:
    """A process's files: static ones collected once for all tests, media of this test."""
    collect_static(VAR_DIR)
    (tmp_path / "static").symlink_to(VAR_DIR / "static")
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path


def served(url: str, var_dir: Path, serve: str) -> Gunicorn:
    return Gunicorn(url, VAR_DIR=str(var_dir), XINWANG_SERVE=serve, WEB_CONCURRENCY="1")


@contextmanager
def by_container(url: str, var_dir: Path) -> Iterator[int]:
    """A public process as a container starts it: which neither migrates nor fills the database."""
    made = served(url, var_dir, "public")
    command = [sys.executable, "-m", "xinwang.run"]
    with ended(
        subprocess.Popen(command, cwd=ROOT, env=made.environment, stdout=subprocess.DEVNULL)
    ):
        wait_for(made.port)
        yield made.port


def own_url() -> str:
    """The tests' database, as whoever owns it."""
    whole = os.environ["DATABASE_URL"].partition("?")
    return f"{whole[0].rpartition('/')[0]}/{connection.settings_dict['NAME']}{''.join(whole[1:])}"


def public_paths(article: Article) -> dict[str, int]:
    """Every kind of address that a public process answers, and its status."""
    day = timezone.localtime(article.published_at)
    own = article.get_absolute_url()
    nowhere = ("/nowhere/", kinds()["traditional"])
    fine = [
        *(f"/zh-hant{path}" for path in kinds().values() if path not in nowhere),
        "/search/?q=潮&sort=newest", "/search/?q=编辑:编辑", "/search/?q=来源:来源 话题:话题",
        "/search/suggest/?q=栈桥", "/search/suggest/opensearch/?q=栈桥", "/opensearch.xml",
        *(f"/most-read/{window}/" for window in ("day", "week", "month", "all")), "/most-read/",
        "/feed/atom.xml", "/feed/feed.json", "/feed/topic/topic/atom.xml",
        "/sitemap.xml", "/sitemap/pages.xml", "/sitemap/news.xml", f"{day:/sitemap/%Y-%m}.xml",
        "/robots.txt", "/manifest.webmanifest", "/favicon.ico", "/qr.svg", f"{own}code.svg",
        f"{own}p1.svg", f"/qr/{Promo.objects.get(kind='qr').pk}.svg",
        opengraph.preview(article).path, "/reader.css", "/healthz", "/page/about/",
    ]  # fmt: skip
    gone = {path: 410 for name, path in kinds().items() if name == "withdrawn"}
    return {
        **dict.fromkeys(kinds().values(), 200), **dict.fromkeys(fine, 200), **gone,
        **{f"/zh-hant{path}": status for path, status in gone.items()},
        "/nowhere/": 404, "/1": 301, "/?p=17": 301, "/?p=18": 404, "/admin/": 404,
    }  # fmt: skip


def beat(line: Line, article: Article, address: str = "203.0.113.7") -> int:
    """The status of a reader's beacon."""
    return line.ask(
        f"/reads/{article.pk}/?age=9", "POST", User_Agent=PHONE_AGENT,
        Sec_Fetch_Site="same-origin", X_Forwarded_For=address,
    ).status  # fmt: skip


def test_a_public_process_serves_everything(name: str, var_dir: Path) -> None:
    archive = readers.make_archive()
    with by_container(readers.url(name), var_dir) as port, closing(Line(port)) as line:
        expected = public_paths(archive["public"])
        answers = {path: line.ask(quote(path, safe="/?=&%:+")) for path in expected}
        assert {path: answer.status for path, answer in answers.items()} == expected
        assert not [path for path, one in answers.items() if SECRET.encode() in one.body]
        for path in kinds().values():
            answer = line.ask(quote(path, safe="/?=&%:+"), User_Agent=PHONE_AGENT)
            assert answer.status == expected[path]
            assert SECRET.encode() not in answer.body
        by_path = {path: answer.body.decode(errors="replace") for path, answer in answers.items()}
        assert "栈桥潮落" in by_path[archive["public"].get_absolute_url()]  # related
        assert "<mark>栈桥</mark>潮起" in by_path["/search/?q=栈桥"]
        assert "数据有误" in by_path[archive["withdrawn"].get_absolute_url()]
        for hidden in ("draft", "scheduled"):
            path = (
                archive["public"]
                .get_absolute_url()
                .replace(f"/{archive['public'].pk}/", f"/{archive[hidden].pk}/")
            )
            assert line.ask(path).status == 404
            assert beat(line, archive[hidden]) == 404
        # While migrations run, what is kept is read on.
        readerrole.before_migrations(plan=[(migrations.Migration("9999", "articles"), False)])
        assert line.ask("/topic/").body == answers["/topic/"].body
        for path in ("/nowhere/else/", "/search/suggest/?q=栈桥"):
            refused = line.ask(quote(path, safe="/?="))
            assert (refused.status, "网站正在恢复" in refused.text) == (503, True)
        assert beat(line, archive["public"]) == 503
        readerrole.after_migrations()
        assert line.ask("/nowhere/else/").status == 404
        assert beat(line, archive["public"]) == 200


def test_reads_of_public_processes_reach_the_numbers(name: str, var_dir: Path) -> None:
    """Nobody asks the editors' process for anything: it sees by itself that reads wait."""
    article = readers.make_archive()["public"]
    public = served(readers.url(name), var_dir, "public")
    editorial = served(own_url(), var_dir, "editorial")
    with public.running() as port, closing(Line(port)) as line:
        for address in ("203.0.113.7", "203.0.113.8", "203.0.113.8"):
            assert beat(line, article, address) == 200
        assert ReadEvent.objects.count() == 2
        assert not DailyReads.objects.exists()
        with connected(name) as reader:
            rows = reader.execute("SELECT usename FROM pg_stat_activity WHERE usename = %s", [name])
            assert len(rows.fetchall()) > 1  # the process, and us
        with editorial.running():
            eventually(lambda: not ReadEvent.objects.exists())
        assert DailyReads.objects.get(article=article).count == 2
        article.refresh_from_db()
        assert article.reads == 2
        eventually(lambda: article.title in line.ask("/most-read/day/").text)


def test_only_its_password_opens_the_door(name: str) -> None:
    """Odd characters and all, from the environment to the address that the site reads."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW hba_file")
        rules = Path(cursor.fetchone()[0])
        try:
            before = rules.read_bytes()
        except OSError:
            pytest.skip("somebody else's server")
        rules.write_bytes(f"local all {name} scram-sha-256\n".encode() + before)
        try:
            cursor.execute("SELECT pg_reload_conf()")
            eventually(lambda: refuses(name, "wrong"))
            assert refuses(name, "")
            with connected(name) as reader:
                assert reader.execute("SELECT current_user").fetchone() == (name,)
            code = (
                "import django; django.setup(); from django.db import connection;"
                " connection.ensure_connection(); print(connection.connection.info.user)"
            )
            done = subprocess.run(
                [sys.executable, "-c", code], cwd=site.BASE_DIR, text=True, check=True,
                capture_output=True, env={**os.environ, "DATABASE_URL": readers.url(name)},
            )  # fmt: skip
            assert done.stdout.strip() == name
        finally:
            rules.write_bytes(before)
            cursor.execute("SELECT pg_reload_conf()")


def refuses(name: str, password: str) -> bool:
    try:
        psycopg.connect(readers.url(name, password)).close()
    except psycopg.OperationalError as error:
        return "password" in str(error)
    return False


def eventually(condition: Any) -> None:
    """Wait until something is so."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.1)
