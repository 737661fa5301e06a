"""The site as readers get it: the sample archive in a scratch database, gunicorn, nginx before it.

Everything runs on free ports of this machine and is gone afterwards; the checkout's own `var/` is
not touched. Importing this module prepares the environment, so do it before Django's models.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
READY_SECONDS = 900  # the first start draws the sample pictures in every size
DURABILITY = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{}}
http {{
    include /etc/nginx/mime.types;
    access_log off;
    client_body_temp_path {folder}/nginx-body;
    proxy_temp_path {folder}/nginx-proxy;
    fastcgi_temp_path {folder}/nginx-fastcgi;
    uwsgi_temp_path {folder}/nginx-uwsgi;
    scgi_temp_path {folder}/nginx-scgi;
    include {folder}/upstream.conf;
    include {folder}/site.conf;
}}
"""


@dataclass(frozen=True)
class Site:
    """A running site: its address, and the paths of one page of each kind."""

    url: str
    kinds: dict[str, str]


@contextmanager
def archive() -> Iterator[Path]:
    """A scratch folder with the sample archive in it; Django of this process reads its database."""
    from xinwang.embedded import Cluster

    with tempfile.TemporaryDirectory(prefix="xinwang-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        folder.chmod(0o711)  # nginx's workers may be somebody else
        cluster = Cluster(folder / "postgres", DURABILITY)
        os.environ |= {
            "ALLOWED_HOSTS": "",
            "BEHIND_PROXY": "false",
            "DATABASE_URL": cluster.start(),
            "DEBUG": "false",
            "DEMO": "true",
            "DJANGO_ALLOW_ASYNC_UNSAFE": "true",  # playwright's loop runs in our thread
            "DJANGO_SETTINGS_MODULE": "xinwang.settings",
            "HOST": "127.0.0.1",
            "SECRET_KEY": "nobody logs in here",
            "SITE_URL": "http://127.0.0.1",
            "VAR_DIR": str(folder),
            "WEB_CONCURRENCY": "2",
        }
        try:
            yield folder
        finally:
            if "django.db" in sys.modules:
                from django.db import connections

                connections.close_all()
            cluster.stop()


@contextmanager
def by_gunicorn(folder: Path) -> Iterator[Site]:
    """The site as `make run` serves it."""
    port = _free_port()
    with _running(folder, port, f"http://127.0.0.1:{port}") as url:
        yield Site(url, _kinds())


@contextmanager
def behind_nginx(folder: Path) -> Iterator[Site]:
    """The site behind nginx as deploy/ sets it up. Raises Missing where there is no nginx."""
    nginx = needed("nginx", "nginx", also="/usr/sbin/nginx")
    inner, outer = _free_port(), _free_port()
    (folder / "upstream.conf").write_text(_adapted(
        ROOT / "deploy" / "nginx-upstream.conf", {r"127\.0\.0\.1:8000": f"127.0.0.1:{inner}"}
    ))  # fmt: skip
    (folder / "site.conf").write_text(_adapted(
        ROOT / "deploy" / "nginx.conf",
        {
            r"listen 80\b": f"listen 127.0.0.1:{outer}",
            r"listen \[::\]:80\b[^;]*;": "",
            r"/srv/xinwang/var": str(folder),
        },
    ))  # fmt: skip
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder))
    url = f"http://127.0.0.1:{outer}"
    with _running(folder, inner, url):
        command = [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"]
        with _ended(subprocess.Popen(command)):
            _wait(url)
            yield Site(url, _kinds())


class Missing(Exception):
    """A program isn't on this machine; the text says how to get it."""


def needed(program: str, package: str, also: str = "") -> str:
    """Where a program is; raises Missing, which names Debian's package of it."""
    found = shutil.which(program) or (also if also and Path(also).exists() else None)
    if found is None:
        raise Missing(f"这台机器上没有 {program}。Debian、Ubuntu：apt install {package}")
    return found


def chromium() -> str:
    """Where Chromium is; raises Missing."""
    for name in ("chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return shutil.which("chromium") or found
    return needed("chromium", "chromium fonts-noto-cjk")


def _kinds() -> dict[str, str]:
    import django

    django.setup()
    from tests.kinds import kinds

    return kinds()


@contextmanager
def _running(folder: Path, port: int, url: str) -> Iterator[str]:
    """`make run` on this port, calling itself by this address."""
    environment = {**os.environ, "PORT": str(port), "SITE_URL": url}
    command = [sys.executable, "-m", "xinwang.run"]
    said = folder / "run.log"
    with said.open("w") as log, _ended(
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
    ) as process:  # fmt: skip
        try:
            _wait(f"http://127.0.0.1:{port}", process)
        except RuntimeError as error:
            raise RuntimeError(f"{error}\n{said.read_text()}") from None
        yield url


@contextmanager
def _ended(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """Stop this process in the end, gently."""
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _wait(url: str, process: subprocess.Popen[bytes] | None = None) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/healthz"):
                return
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"/healthz: {error}") from error
        except OSError:
            if process and process.poll() is not None:
                raise RuntimeError("网站没有启动") from None
            time.sleep(0.1)
    raise RuntimeError("网站没有按时启动")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _adapted(path: Path, changes: dict[str, str]) -> str:
    """A file of deploy/ with its addresses and folders changed for here, and nothing else."""
    text = path.read_text(encoding="utf-8")
    for pattern, replacement in changes.items():
        text, times = re.subn(pattern, replacement, text)
        assert times, f"{path.name} no longer says {pattern}"
    return text
