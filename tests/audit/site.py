"""The site as readers get it: the sample archive in a scratch database, gunicorn, nginx before it.

Everything runs on free ports of this machine and is gone afterwards; the checkout's own `var/` is
not touched. Importing this module prepares the environment, so do it before Django's models.
"""

import os
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

from tests.chromium import found
from tests.serving import ROOT, ended, free_port, needed, nginx

READY_SECONDS = 900  # the first start draws the sample pictures in every size
DURABILITY = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")


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
    port = free_port()
    with _running(folder, port, f"http://127.0.0.1:{port}") as url:
        yield Site(url, _kinds())


@contextmanager
def behind_nginx(folder: Path) -> Iterator[Site]:
    """The site behind nginx as deploy/ sets it up. Raises Missing where there is no nginx."""
    inner, outer = free_port(), free_port()
    url = f"http://127.0.0.1:{outer}"
    with _running(folder, inner, url, BEHIND_PROXY="true"), nginx(folder, outer, inner, folder):
        yield Site(url, _kinds())


def chromium() -> str:
    """Where Chromium is; raises Missing."""
    return found(whole=True) or needed("chromium", "chromium fonts-noto-cjk")


def _kinds() -> dict[str, str]:
    import django

    django.setup()
    from tests.kinds import kinds

    return kinds()


@contextmanager
def _running(folder: Path, port: int, url: str, **more: str) -> Iterator[str]:
    """`make run` on this port, calling itself by this address."""
    environment = {**os.environ, "PORT": str(port), "SITE_URL": url, **more}
    command = [sys.executable, "-m", "xinwang.run"]
    said = folder / "run.log"
    with said.open("w") as log, ended(
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
    ) as process:  # fmt: skip
        try:
            _wait(f"http://127.0.0.1:{port}", process)
        except RuntimeError as error:
            raise RuntimeError(f"{error}\n{said.read_text()}") from None
        yield url


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
