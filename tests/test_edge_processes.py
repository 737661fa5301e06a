"""The edge on real servers: gunicorn alone and nginx before it, spoken to in bytes."""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

from articles import edge
from tests import malformed
from tests.kinds import PHONE_AGENT
from tests.missing import skipped_without_nginx
from tests.raw import Answer, answers, one
from tests.scratch import scratch
from tests.serving import ROOT, Gunicorn, collect_static, ended, free_port, nginx, wait_for
from tests.slow import KINDS, Slow

pytestmark = [pytest.mark.process, pytest.mark.django_db]

VAR_DIR = settings.STATIC_ROOT.parent / "served"
INSIDE = re.compile(
    rb"traceback|gunicorn/|nginx/|django|python|wsgi|postgres|/srv/|/app/|exception", re.IGNORECASE
)
ENGLISH = re.compile(r"(?!MB)[A-Za-z]{2,}")
TAGS = re.compile(r"<[^>]*>|编号 [0-9a-f]{8}")


class Site:
    """gunicorn and nginx, for all the tests of this module."""

    def __init__(self, gunicorn: Gunicorn, through: int, folder: Path) -> None:
        self.gunicorn, self.through, self.folder = gunicorn, through, folder

    @property
    def ports(self) -> tuple[int, ...]:
        """Gunicorn's own door, and nginx's."""
        return self.gunicorn.port, self.through


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: Any) -> Iterator[Site]:
    collect_static(VAR_DIR)
    with ExitStack() as stack:
        folder = stack.enter_context(scratch())
        folder.chmod(0o711)
        stack.enter_context(django_db_blocker.unblock())
        url = urlsplit(os.environ["DATABASE_URL"])
        gunicorn = Gunicorn(
            url._replace(path=f"/{connection.settings_dict['NAME']}").geturl(),
            VAR_DIR=str(VAR_DIR), WEB_CONCURRENCY="2",
        )  # fmt: skip
        port = free_port()
        gunicorn.start()
        stack.callback(gunicorn.kill)
        with skipped_without_nginx():
            stack.enter_context(nginx(folder, port, gunicorn.port, VAR_DIR))
        yield Site(gunicorn, port, folder)


# nginx counts what one address does: these two are nobody else's in these tests.
BABBLER, GUESSER = "127.0.0.8", "127.0.0.9"


def asked(
    port: int, line: str, *headers: str, body: bytes = b"", source: str = "127.0.0.1"
) -> Answer:
    """One request, written by hand."""
    said = [f"{line} HTTP/1.1", *headers, "Connection: close"]
    if not any(name.lower().startswith("host:") for name in headers):
        said.insert(1, "Host: 127.0.0.1")
    return one(port, "\r\n".join([*said, "", ""]).encode() + body, source)


def says_all(answer: Answer) -> None:
    """Every header of `edge` once, and nothing of the inside."""
    for name in edge.NAMES - {"strict-transport-security"}:
        assert answer.said(name), (answer.status, name)
    assert not INSIDE.search(answer.body)
    assert answer.said("Server") in ("", "gunicorn", "nginx")  # no version


def in_chinese(answer: Answer) -> None:
    """Nobody reads a word of English in what the answer shows."""
    assert not ENGLISH.search(TAGS.sub("", answer.body.decode())), answer.body


def test_nonsense_is_refused_in_a_line_and_everybody_else_served(site: Site) -> None:
    for port in site.ports:
        for name, request in malformed.refused().items():
            found = answers(port, request)
            for answer in found:
                assert 400 <= answer.status < 506, (port, name, answer.status)
                assert answer.status not in (500, 502, 503, 504), (port, name, answer.status)
                says_all(answer)
                in_chinese(answer)
        assert asked(port, "GET /topic/").status == 200


def test_nonsense_too_often_is_still_refused_in_chinese(site: Site) -> None:
    chunks = [malformed.refused()[name] for name in malformed.CHUNKS]
    for request in chunks * 5:  # more than nginx lets one address guess
        for answer in answers(site.through, request, BABBLER):
            assert answer.status == 400
            says_all(answer)
            in_chinese(answer)
    guess = asked(site.through, "POST /admin/login/", "Content-Length: 0", source=BABBLER)
    assert guess.status == 429


def test_bounds_have_statuses_of_their_own(site: Site) -> None:
    requests = malformed.refused()
    direct = {name: one(site.gunicorn.port, request).status for name, request in requests.items()}
    through = {name: one(site.through, request).status for name, request in requests.items()}
    assert direct["a line of 9 kB"] == through["a line of 9 kB"] == 414
    assert direct["500 headers"] == direct["a header of 9 kB"] == 431
    assert through["a header of 9 kB"] == through["headers of 130 kB"] == 400
    for name, status in {**direct, **through}.items():
        if "beside a length" in name or "length before" in name:
            assert status in (400, 501), (name, status)


def test_no_request_is_smuggled_in_another_ones_body(site: Site) -> None:
    for port in site.ports:
        for name, request in {**malformed.odd(), **malformed.refused()}.items():
            for answer in answers(port, request):
                assert "svg" not in answer.said("Content-Type"), (port, name)
        for name, request in malformed.odd().items():
            assert len(answers(port, request)) == 1, (port, name)


def test_methods_are_refused_through_both_doors(site: Site) -> None:
    for port in site.ports:
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "PATCH"):
            for path, allowed in {
                "/": "GET, HEAD", "/topic/": "GET, HEAD", "/robots.txt": "GET, HEAD",
                "/static/css/base.css": "GET, HEAD", "/media/x-320.webp": "GET, HEAD",
                "/search/?q=x": "GET, HEAD", "/admin/login/": "GET, HEAD, POST",
                "/reads/7/?age=9": "POST",
            }.items():  # fmt: skip
                if method in allowed:
                    continue
                answer = asked(port, f"{method} {path}", "Content-Length: 0")
                assert answer.status == 405, (port, method, path, answer.status)
                assert answer.said("Allow") == allowed, (port, method, path)
                says_all(answer)
                in_chinese(answer)


def test_every_kind_of_answer_says_it_once(site: Site) -> None:
    hashed = next(VAR_DIR.joinpath("static/css").glob("base.????????????.css")).name
    kinds = {
        "/topic/": 200, "/nowhere/": 404, "/qr.svg": 200, "/feed/atom.xml": 200, "/healthz": 200,
        "/static/css/base.css": 200, f"/static/css/{hashed}": 200, "/static/nowhere.css": 404,
        "/media/nowhere-320.webp": 404, "/admin/": 302, "/admin/login/": 200, "/reads/7/": 405,
        "/.refused/503": 404, "/reader/?size=9": 400,
        "/admin": 302, "/api": 404, "/og": 404, "/reads": 404,
    }  # fmt: skip
    for port in site.ports:
        for path, status in kinds.items():
            for _ in range(2):  # the second time kept
                answer = asked(port, f"GET {path}")
                assert answer.status == status, (port, path, answer.status)
                says_all(answer)
                shown = edge.ANYBODYS if path.startswith(("/static/c", "/qr", "/feed")) else ""
                assert answer.said(edge.RESOURCE_POLICY) == (shown or edge.OWN) or (
                    "nowhere" in path
                ), (port, path)
                answer.said("Cache-Control")  # once at most
        whole = asked(port, "GET /topic/")
        same = asked(port, "GET /topic/", f"If-None-Match: {whole.said('ETag')}")
        assert same.status == 304
        says_all(same)
        held = asked(port, f"GET /static/css/{hashed}")
        assert "immutable" in held.said("Cache-Control")
        since = f"If-Modified-Since: {held.said('Last-Modified')}"
        unchanged = asked(port, f"GET /static/css/{hashed}", since)
        assert unchanged.status == 304
        says_all(unchanged)


def test_nginx_says_the_same_words_as_the_site(site: Site) -> None:
    said = asked(site.through, "GET /static/css/base.css", "X-Forwarded-Proto: https")
    expected = dict(edge.HEADERS) | {edge.RESOURCE_POLICY: edge.ANYBODYS}
    assert {name: said.said(name) for name in expected} == expected
    assert said.said(edge.TRANSPORT) == "max-age=31536000; includeSubDomains; preload"
    assert not asked(site.through, "GET /static/css/base.css").said(edge.TRANSPORT)
    text = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    # An add_header in a location takes the place of all of the server's: where gunicorn answers,
    # which says them itself, and nowhere else.
    locations = re.findall(r"^    location (?:.|\n)*?^    \}$", text, re.MULTILINE)
    for location in locations:
        own = re.findall(r"add_header (.*);", location)
        said_by_gunicorn = "proxy_pass http://xinwang;" in location
        assert own == (["X-Request-ID $request_id always"] if said_by_gunicorn else []), location
    assert len(locations) > 20


def test_nginx_answers_for_itself_in_chinese(site: Site) -> None:
    port = site.through
    cases = {
        413: asked(port, "POST /search/", f"Content-Length: {65 * 1024}"),
        414: one(port, malformed.refused()["a line of 9 kB"]),
        400: asked(port, "GET /", "Host: a b"),
    }
    photo = asked(port, "POST /admin/", f"Content-Length: {49 * 2**20}")
    for status, answer in {**cases, 413: photo}.items():
        assert answer.status == status, (status, answer.status)
        says_all(answer)
        in_chinese(answer)
    beyond = asked(port, "GET /static/css/base.css", "Range: bytes=999999999-")
    assert beyond.status == 200  # parts are for films; a refusal would be nginx's own, in English
    says_all(beyond)
    assert "48" in photo.body.decode()
    guess = "POST /admin/login/", "Content-Length: 0"
    guesses = [asked(port, *guess, source=GUESSER) for _ in range(20)]
    statuses = [guess.status for guess in guesses]
    assert statuses.count(429) >= 5
    assert 403 in statuses  # without a token; the first ones reach the site
    refused = next(guess for guess in guesses if guess.status == 429)
    assert int(refused.said("Retry-After")) > 0
    assert "登录" in refused.body.decode()
    says_all(refused)
    assert asked(port, "GET /admin/login/", source=GUESSER).status == 200


def test_without_gunicorn_nginx_apologizes(site: Site) -> None:
    with ExitStack() as stack:
        folder = stack.enter_context(scratch())
        folder.chmod(0o711)
        port = free_port()
        stack.enter_context(nginx(folder, port, free_port(), VAR_DIR))
        answer = asked(port, "GET /topic/")
        assert answer.status == 503
        assert int(answer.said("Retry-After")) > 0
        assert answer.said("Cache-Control") == "no-store"
        says_all(answer)
        in_chinese(answer)


def problem(answer: Answer, status: int) -> Any:
    """What a program is told: problem details in Chinese that any script may read."""
    assert answer.status == status
    says_all(answer)
    assert answer.said("Content-Type") == "application/problem+json"
    assert answer.said("Access-Control-Allow-Origin") == "*"
    assert answer.said(edge.RESOURCE_POLICY) == edge.ANYBODYS
    said = json.loads(answer.body)
    assert said["status"] == status
    words = f"{said['title']}{said.get('detail', '')}"
    for wrong in said.get("errors", []):
        words = words.replace(wrong["name"], "")
    assert not ENGLISH.search(words)
    return said


def test_programs_are_answered_alike_through_both_doors(site: Site) -> None:
    for port in site.ports:
        first = asked(port, "GET /api/v1/topics")
        assert (first.status, first.said("Access-Control-Allow-Origin")) == (200, "*")
        assert first.said(edge.RESOURCE_POLICY) == edge.ANYBODYS
        says_all(first)
        same = asked(port, "GET /api/v1/topics", f"If-None-Match: {first.said('ETag')}")
        assert (same.status, same.said("Access-Control-Allow-Origin")) == (304, "*")
        before = asked(port, "OPTIONS /api/v1/topics", "Origin: https://example.com")
        assert (before.status, before.said("Access-Control-Allow-Methods")) == (204, "GET, HEAD")
        assert before.said("Access-Control-Allow-Origin") == "*"
        problem(asked(port, "GET /api/v1/articles/7"), 404)
        assert problem(asked(port, "GET /api/v1/articles?limit=0"), 400)["errors"]
        for method in ("POST", "TRACE"):
            refused = asked(port, f"{method} /api/v1/topics", "Content-Length: 0")
            problem(refused, 405)
            assert refused.said("Allow") == "GET, HEAD, OPTIONS"
    problem(asked(site.through, "POST /api/v1/topics", f"Content-Length: {65 * 1024}"), 413)
    problem(asked(site.through, "GET /api/v1/topics", "Host: a b"), 400)


def test_nginx_keeps_what_programs_ask_by_its_query_for_all_devices(site: Site) -> None:
    def cached(path: str, *headers: str) -> str:
        number = asked(site.through, f"GET {path}", *headers).said("X-Request-ID")
        _, entries = _logged(site.folder / "access.log", {number})
        return entries[number]["cache"]

    assert cached("/api/v1/articles?limit=41") == "MISS"
    assert cached("/api/v1/articles?limit=41", f"User-Agent: {PHONE_AGENT}") != "MISS"
    assert cached("/api/v1/articles?limit=42") == "MISS"
    for word in ("x", "y"):
        found = asked(site.through, f"GET /api/v1/search?q={word}")
        assert json.loads(found.body)["query"] == word


def test_programs_that_ask_too_much_or_in_vain_are_told_so_by_nginx(site: Site) -> None:
    with ExitStack() as stack:
        folder, alone = stack.enter_context(scratch()), stack.enter_context(scratch())
        port, in_vain = free_port(), free_port()
        for place in (folder, alone):
            place.chmod(0o711)
        stack.enter_context(nginx(folder, port, site.gunicorn.port, VAR_DIR))
        stack.enter_context(nginx(alone, in_vain, free_port(), VAR_DIR))
        for path, times, word in (("search?q=x", 80, "搜索"), ("topics", 600, "请求")):
            assert asked(port, f"GET /api/v1/{path}").status == 200  # and it is kept
            one_after_another = f"GET /api/v1/{path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * times
            found = answers(port, one_after_another.encode())
            refused = [answer for answer in found if answer.status != 200]
            assert 0 < len(refused) < times
            assert word in problem(refused[0], 429)["detail"]
            assert int(refused[0].said("Retry-After")) > 0
        away = asked(in_vain, "GET /api/v1/topics")
        assert re.fullmatch("[0-9a-f]{8}", problem(away, 503)["number"])
        assert int(away.said("Retry-After")) > 0


def test_forwarded_names_are_nobodys_to_claim(site: Site) -> None:
    """Gunicorn would believe https from its own machine, and a SCRIPT_NAME with it."""
    alone = Gunicorn(
        site.gunicorn.environment["DATABASE_URL"], VAR_DIR=str(VAR_DIR), WEB_CONCURRENCY="1",
        BEHIND_PROXY="false",
    )  # fmt: skip
    with alone.running() as port:
        answer = asked(
            port, "GET /reader/?size=5", "X-Forwarded-Proto: https", "X-Forwarded-SSL: on",
            "X-Forwarded-Host: evil.example", "SCRIPT_NAME: /evil", "X-Forwarded-Protocol: ssl",
        )  # fmt: skip
        assert answer.status == 303
        assert "Secure" not in answer.said("Set-Cookie")
        assert answer.said("Location") == "/"
        for host in ("evil.example", "127.0.0.1@evil.example"):
            refused = asked(port, "GET /", f"Host: {host}")
            assert refused.status == 400
            assert b"evil" not in refused.body


@pytest.mark.parametrize("kind", KINDS)
def test_slow_clients_hold_nobody_up(site: Site, kind: str) -> None:
    """500 of them at nginx, from other addresses; readers get their pages all the while."""
    paths = ["/topic/", "/static/css/base.css", "/search/?q=x", "/reader.css", "/healthz"]
    with Slow(site.through, kind, 500) as slow:
        assert slow.held >= 400, slow.held
        for number in range(40):
            slow.trickle()
            assert asked(site.through, f"GET {paths[number % 5]}").status == 200, number
        give_up = time.monotonic() + 10  # before nginx hangs up on the slow ones, after 15
        while (busy := in_use(site)) > 40 and time.monotonic() < give_up:
            time.sleep(0.2)  # 500 asked at once: it may still be answering nginx
        assert busy <= 40  # nginx's own kept ones; none of theirs


def in_use(site: Site) -> int:
    """How many connections gunicorn's workers hold open."""
    return sum(
        bool(line.laddr) and line.laddr.port == site.gunicorn.port and line.status == "ESTABLISHED"
        for worker in site.gunicorn.workers
        for line in worker.net_connections("tcp")
    )


def test_figures_of_all_processes_are_told_by_any_and_only_inside(site: Site) -> None:
    def asked_for(source: str) -> float:
        text = asked(site.gunicorn.port, "GET /metrics").body.decode()
        wanted = re.compile(
            rf'xinwang_requests_total{{.*kind="archive".*source="{source}".*}} (.*)'
        )
        return sum(float(number) for number in wanted.findall(text))

    before = asked_for("memory") + asked_for("made")
    for _ in range(60):  # each on a connection of its own: both workers get some
        assert asked(site.gunicorn.port, "GET /archive/").status == 200
    give_up = time.monotonic() + 30
    while asked_for("memory") + asked_for("made") < before + 60 and time.monotonic() < give_up:
        time.sleep(0.2)
    assert asked_for("memory") + asked_for("made") == before + 60
    assert asked_for("memory") >= 50
    for path in ("/metrics", "/readyz"):
        for claim in ("", "X-Forwarded-For: 127.0.0.1"):
            refused = asked(site.through, f"GET {path}", *filter(None, [claim]))
            assert refused.status == 404
            assert b"xinwang_" not in refused.body
    assert asked(site.gunicorn.port, "GET /readyz").status == 200


def test_nginx_numbers_what_it_answers_and_logs_no_reader(site: Site) -> None:
    own = {asked(site.through, "GET /topic/").said("X-Request-ID") for _ in range(3)}
    assert len(own) == 3  # a page that is kept, too
    wrong = asked(site.through, "GET /reader/?size=9", "X-Request-ID: " + "a" * 32)
    number = wrong.said("X-Request-ID")
    assert number != "a" * 32
    assert f"编号 {number[:8]}" in wrong.body.decode()
    last = asked(site.through, "GET /search/?q=%E7%A7%98%E5%AF%86", "User-Agent: Mine/1.0")
    expected = {*own, number, last.said("X-Request-ID")}
    lines, entries = _logged(site.folder / "access.log", expected)
    assert own <= set(entries)
    assert entries[number]["status"] == "400"
    assert entries[number]["path"] == "/reader/"
    assert "/search/" in {entry["path"] for entry in entries.values()}
    for kept_out in ("%E7%A7%98", "Mine/1.0", "127.0.0.1"):
        assert not any(kept_out in line for line in lines)


def _logged(log: Path, expected: set[str]) -> tuple[list[str], dict[str, dict[str, str]]]:
    """The log's lines and what they say, by request; nginx writes once a second."""
    deadline = time.monotonic() + 20
    while True:
        lines = log.read_text().splitlines()
        entries = {json.loads(line)["request_id"]: json.loads(line) for line in lines}
        if expected <= set(entries) or time.monotonic() > deadline:
            return lines, entries
        time.sleep(0.2)


def test_gunicorn_logs_json_and_counts_into_a_folder_that_goes_with_it(site: Site) -> None:
    memory = Path("/dev/shm") if Path("/dev/shm").is_dir() else Path(tempfile.gettempdir())
    left_behind = memory / "xinwang-metrics-999999999"  # no process has this number
    left_behind.mkdir(exist_ok=True)
    port = free_port()
    master = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "xinwang.wsgi"],
        cwd=ROOT, stderr=subprocess.PIPE,
        env={**site.gunicorn.environment, "PORT": str(port), "LOG_FORMAT": "json",
             "WEB_CONCURRENCY": "1"},
    )  # fmt: skip
    with ended(master):
        wait_for(port)
        missing = asked(port, "GET /nowhere/?q=secret-words", "User-Agent: Mine/1.0")
        answers(port, malformed.refused()["no version"])
        folder = memory / f"xinwang-metrics-{master.pid}"
        assert list(folder.glob("*.db"))
        assert not left_behind.exists()
    assert not folder.exists()
    assert master.stderr
    with master.stderr as written:
        entries = [json.loads(line) for line in written.read().splitlines()]
    (told,) = [entry for entry in entries if entry["logger"] == "django.request"]
    assert told["request_id"] == missing.said("X-Request-ID")
    assert told["message"] == "Not Found: /nowhere/"
    for kept_out in ("secret-words", "Mine/1.0", "127.0.0.1"):
        assert kept_out not in json.dumps(entries)
