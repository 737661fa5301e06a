"""`make run` as whoever types it meets it: a real site in a directory of its own."""

import errno
import http.cookiejar
import os
import re
import runpy
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import psutil
import psycopg
import pytest

from tests.scratch import scratch
from xinwang.embedded import Cluster
from xinwang.env import BASE_DIR
from xinwang.run import LOGIN

READY = "按 Ctrl-C 停止"
ONE_ARTICLE = """
from django.utils import timezone
from articles.models import Article
Article.objects.create(
    title="已有的稿", body="<p>有。</p>", state=Article.State.PUBLISHED, published_at=timezone.now()
)
"""


def environment_of(var_dir: Path, port: int) -> dict[str, str]:
    """A site's environment that no `.env` and no running test changes."""
    return {
        **os.environ,
        "ALLOWED_HOSTS": "",
        "DATABASE_URL": "",
        "DEBUG": "false",
        "DEMO": "true",
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "SECRET_KEY": "",
        "SITE_URL": "",
        "VAR_DIR": str(var_dir),
        "WEB_CONCURRENCY": "1",
    }


def manage(var_dir: Path, *command: str) -> str:
    """What a management command says."""
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=BASE_DIR,
        env=environment_of(var_dir, 8000),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


class Site:
    """A running `make run`."""

    def __init__(self, var_dir: Path, port: int, *wrapper: str) -> None:
        self.var_dir = var_dir
        self.port = port
        self.complaints = var_dir / "complaints"
        with self.complaints.open("w") as complaints:
            self.process = subprocess.Popen(
                [*wrapper, sys.executable, "-m", "xinwang.run"],
                cwd=BASE_DIR,
                env=environment_of(var_dir, port),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=complaints,
                text=True,
            )

    def greeting(self) -> str:
        """What it says until it serves."""
        said = ""
        assert self.process.stdout
        while READY not in said:
            line = self.process.stdout.readline()
            assert line, f"it ended:\n{said}{self.complaints.read_text()}"
            said += line
        eventually(lambda: self.answers("/healthz"))
        return said

    def answers(self, path: str) -> bool:
        """Whether a page is there; False while nobody listens."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}") as response:
                return bool(response.status == 200)
        except OSError as error:
            reason = getattr(error, "reason", error)
            assert isinstance(reason, ConnectionRefusedError), error
            return False

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop; its exit status."""
        self.process.send_signal(number)
        self.process.communicate()
        return self.process.returncode


def eventually(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def server_pid(var_dir: Path) -> int | None:
    """The database server's number while it runs."""
    try:
        return int((var_dir / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
    except (OSError, IndexError):
        return None


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED


def password_in(greeting: str) -> str:
    """What the editors' login line says after the word for password."""
    found = re.search(rf"{LOGIN}，密码 (\S+)", greeting)
    assert found, greeting
    return found[1]


def logs_in(port: int, password: str) -> bool:
    """Whether a browser gets to the editors' desk with it."""
    cookies = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
    login = f"http://127.0.0.1:{port}/admin/login/?next=/admin/"
    browser.open(login).close()
    token = next(cookie.value for cookie in cookies if cookie.name == "csrftoken")
    form = {"username": LOGIN, "password": password, "csrfmiddlewaretoken": token}
    with browser.open(login, urlencode(form).encode()) as response:
        return bool(response.url == f"http://127.0.0.1:{port}/admin/")


@pytest.fixture
def port() -> int:
    """One that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


@pytest.fixture(scope="module")
def var_dir() -> Iterator[Path]:
    """A site's own directory; it has an article, so that no sample is loaded."""
    with scratch() as folder:
        manage(folder / "var", "migrate", "--verbosity", "0")
        manage(folder / "var", "shell", "--verbosity", "0", "--command", ONE_ARTICLE)
        yield folder / "var"


@pytest.fixture
def start(var_dir: Path, port: int) -> Iterator[Callable[..., Site]]:
    """Start the site; whatever a test does, none is left running."""
    sites: list[Site] = []

    def run(*wrapper: str) -> Site:
        sites.append(Site(var_dir, port, *wrapper))
        return sites[-1]

    yield run
    for site in sites:
        if site.process.poll() is None:
            site.end()


@pytest.mark.process
def test_it_serves_and_its_login_opens_the_desk(start: Callable[..., Site]) -> None:
    site = start()
    greeting = site.greeting()
    assert f"信网    http://127.0.0.1:{site.port}/\n" in greeting
    assert f"后台    http://127.0.0.1:{site.port}/admin/\n" in greeting
    assert site.answers("/healthz")
    password = password_in(greeting)
    assert logs_in(site.port, password)
    assert not logs_in(site.port, f"{password}!")
    assert (site.var_dir / "editor-password").stat().st_mode & 0o777 == 0o600
    with psycopg.connect(Cluster(site.var_dir / "postgres").url) as connection:
        row = connection.execute("SELECT count(*), min(title) FROM articles_article").fetchone()
        assert row == (1, "已有的稿")
    assert site.end() == 0


@pytest.mark.process
def test_kill_9_leaves_nothing_that_blocks_the_next_start(start: Callable[..., Site]) -> None:
    site = start()
    site.greeting()
    site.end(signal.SIGKILL)
    eventually(lambda: is_free(site.port))
    again = start()
    again.greeting()
    assert again.end() == 0
    assert server_pid(again.var_dir) is None


@pytest.mark.process
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_every_request_to_stop_stops_all(
    start: Callable[..., Site], number: signal.Signals
) -> None:
    site = start()
    site.greeting()
    family = psutil.Process(site.process.pid).children(recursive=True)
    server = server_pid(site.var_dir)
    assert server
    assert any("gunicorn" in " ".join(process.cmdline()) for process in family)
    assert site.end(number) == 0
    assert server_pid(site.var_dir) is None
    assert is_free(site.port)
    eventually(lambda: not psutil.pid_exists(server))
    eventually(lambda: not any(process.is_running() for process in family))
    assert "Traceback" not in site.complaints.read_text()


@pytest.mark.process
def test_a_request_to_stop_while_it_starts_leaves_no_server(start: Callable[..., Site]) -> None:
    site = start()
    eventually(lambda: server_pid(site.var_dir) is not None)
    assert site.end() == 128 + signal.SIGTERM
    assert server_pid(site.var_dir) is None
    assert site.complaints.read_text() == ""


@pytest.mark.process
def test_a_closed_terminal_doesnt_end_it_under_nohup(start: Callable[..., Site]) -> None:
    site = start("nohup")
    site.greeting()
    site.process.send_signal(signal.SIGHUP)
    for _ in range(100):  # more than one that is stopping answers
        assert site.answers("/healthz")
    assert site.process.poll() is None
    assert site.end() == 0


@pytest.mark.process
def test_the_password_is_kept_until_the_editor_changes_it(start: Callable[..., Site]) -> None:
    first = start()
    password = password_in(first.greeting())
    assert first.end() == 0
    second = start()
    assert password_in(second.greeting()) == password
    change = (
        "from django.contrib.auth.models import User;"
        f"editor = User.objects.get(username={LOGIN!r});"
        "editor.set_password('{}'); editor.save()"
    )
    manage(second.var_dir, "shell", "--verbosity", "0", "--command", change.format("自己的"))
    assert second.end() == 0
    third = start()
    assert password_in(third.greeting()) == "已由您修改"
    manage(third.var_dir, "shell", "--verbosity", "0", "--command", change.format(password))
    assert third.end() == 0


@pytest.mark.process
def test_a_taken_port_is_told_and_another_one_named(start: Callable[..., Site], port: int) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port))
        listener.listen()
        site = start()
        site.process.communicate()
    assert site.process.returncode == 1
    (sentence,) = site.complaints.read_text().splitlines()
    another = max(8001, (port + 1) % 65536)
    assert sentence == (
        f"127.0.0.1:{port} 用不了（已被别的程序占用）。换一个端口：PORT={another} make run"
    )
    assert server_pid(site.var_dir) is None


@pytest.mark.parametrize(
    ("host", "bind"),
    [("127.0.0.1", "127.0.0.1:9009"), ("0.0.0.0", "0.0.0.0:9009"), ("::1", "[::1]:9009")],
)
def test_gunicorn_listens_where_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, host: str, bind: str
) -> None:
    monkeypatch.setenv("HOST", host)
    monkeypatch.setenv("PORT", "9009")
    assert runpy.run_path(str(BASE_DIR / "deploy" / "gunicorn.conf.py"))["bind"] == bind


def test_gunicorn_listens_where_the_file_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (
        "xinwang/__init__.py", "xinwang/env.py", "deploy/gunicorn.conf.py", "articles/__init__.py",
        *(f"articles/seeing/{name}.py" for name in ("__init__", "logs", "requests")),
    ):  # fmt: skip
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        shutil.copy(BASE_DIR / name, tmp_path / name)
    (tmp_path / ".env").write_text("HOST=0.0.0.0\nPORT=9009\n")
    for name in ("HOST", "PORT"):
        monkeypatch.delenv(name, raising=False)
    code = "import runpy; print(runpy.run_path('deploy/gunicorn.conf.py')['bind'])"
    said = subprocess.check_output([sys.executable, "-c", code], cwd=tmp_path, text=True)
    assert said == "0.0.0.0:9009\n"
