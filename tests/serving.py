"""The site as it is deployed: gunicorn and nginx as configured in deploy/, on free ports."""

import fcntl
import http.client
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext, suppress
from pathlib import Path
from urllib.parse import urlsplit

import psutil

ROOT = Path(__file__).parents[1]
PATIENCE_SECONDS = 60
_NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{}}
http {{
    include /etc/nginx/mime.types;
    sendfile on;
    tcp_nopush on;
    access_log off;
    {temporary}
    include {folder}/upstream.conf;
    include {folder}/site.conf;
}}
"""
_TEMPORARY = """
    client_body_temp_path {folder}/nginx-body;
    proxy_temp_path {folder}/nginx-proxy;
    fastcgi_temp_path {folder}/nginx-fastcgi;
    uwsgi_temp_path {folder}/nginx-uwsgi;
    scgi_temp_path {folder}/nginx-scgi;
"""

_FILES = """
server {{
    listen 127.0.0.1:{port};
    root {files};
    gzip_static always;
    default_type "text/html; charset=utf-8";
    rewrite ^(.*)/$ $1/index.html break;
    {headers}
}}
"""


class Missing(Exception):
    """A program isn't on this machine; the text says how to get it."""


def needed(program: str, package: str, also: str = "") -> str:
    """Where a program is; raises Missing, which names Debian's package of it."""
    found = shutil.which(program) or (also if also and Path(also).exists() else None)
    if found is None:
        raise Missing(f"这台机器上没有 {program}。Debian、Ubuntu：apt install {package}")
    return found


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


_COLLECT = "import django; django.setup(); from xinwang import run; run.collect_static()"


def collect_static(var_dir: Path) -> None:
    """Collect static files as `make run` does, unless they are; one test process at a time."""
    var_dir.mkdir(parents=True, exist_ok=True)
    with (var_dir / "static.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run(
            [sys.executable, "-c", _COLLECT], cwd=ROOT, check=True,
            env={
                **os.environ, "DJANGO_SETTINGS_MODULE": "xinwang.settings", "VAR_DIR": str(var_dir)
            },
        )  # fmt: skip


class Gunicorn:
    """gunicorn over a database, behind a proxy as it knows."""

    def __init__(
        self, database_url: str = "", application: str = "xinwang.wsgi", **environment: str
    ) -> None:
        """A free port; nothing runs yet. Another application stands in for the site's."""
        self.port = free_port()
        self.application = application
        self.log: Path | None = None  # where it may say what went wrong
        self.environment = {
            **os.environ,
            **({"DATABASE_URL": database_url} if database_url else {}),
            "PORT": str(self.port),
            "HOST": "127.0.0.1",
            "BEHIND_PROXY": "true",
            "SITE_URL": f"http://127.0.0.1:{self.port}",
            **environment,
        }

    def start(self) -> None:
        """Start the master and wait until a worker answers."""
        with (self.log or Path(os.devnull)).open("ab") as log:
            self.master = subprocess.Popen(
                [
                    sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py",
                    self.application,
                ],
                cwd=ROOT,
                env=self.environment,
                stderr=log,
            )  # fmt: skip
        wait_for(self.port)

    @property
    def workers(self) -> list[psutil.Process]:
        """The worker processes that now run."""
        return psutil.Process(self.master.pid).children()

    def kill_a_worker(self) -> None:
        """Kill -9 one worker; the master starts another."""
        workers = self.workers
        if workers:
            random.choice(workers).kill()

    @contextmanager
    def running(self) -> Iterator[int]:
        """Start, and stop gently in the end; yields the port."""
        self.start()
        with ended(self.master):
            yield self.port

    def kill(self) -> None:
        """Kill -9 all that still runs."""
        if self.master.poll() is None:
            for process in [*self.workers, psutil.Process(self.master.pid)]:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
        self.master.wait()


@contextmanager
def nginx(
    folder: Path,
    port: int,
    gunicorn_port: int | Sequence[int],
    var_dir: Path,
    log: Path | None = None,
    *,
    bucket: str = "",
) -> Iterator[None]:
    """Run nginx as deploy/ sets it up, its files in a folder. Raises Missing if there is none.

    Before one gunicorn, or before the three of deploy/nginx-upstreams.conf. Pictures come from
    disk, or from a bucket by its address.

    What it complains of goes to a file, or to the screen.
    """
    program = needed("nginx", "nginx", also="/usr/sbin/nginx")
    configure(folder, port, gunicorn_port, var_dir)
    if bucket:
        _take_pictures_from(bucket, folder / "site.conf")
    with _running(program, folder, port, log):
        yield


@contextmanager
def _running(program: str, folder: Path, port: int, log: Path | None = None) -> Iterator[None]:
    """Run the nginx whose nginx.conf is in the folder."""
    command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"]
    with log.open("ab") if log else nullcontext() as complaints:
        process = subprocess.Popen(command, stderr=complaints)
    with ended(process):
        wait_for(port)
        yield


@contextmanager
def frozen_nginx(folder: Path, port: int, root: Path) -> Iterator[None]:
    """Run nginx as deploy/ sets it up for a frozen site. Raises Missing if there is none."""
    program = needed("nginx", "nginx", also="/usr/sbin/nginx")
    changes = {
        r"listen 80 default_server": f"listen 127.0.0.1:{port}",
        r"    listen \[::\]:80 default_server;\n": "",
        r"/srv/xinwang/frozen": str(root),
        r"/var/log/nginx/access\.log": f"{folder}/access.log",
    }
    (folder / "upstream.conf").write_text("")
    site = _adapted("nginx-frozen.conf", {"nginx-frozen.conf": changes})
    (folder / "site.conf").write_text(site)
    _configure_plainly(folder)
    with _running(program, folder, port):
        yield


@contextmanager
def plain_nginx(folder: Path, port: int, files: Path, headers: Mapping[str, str]) -> Iterator[None]:
    """Run nginx over packed files and nothing else: what serving the same bytes costs at least."""
    program = needed("nginx", "nginx", also="/usr/sbin/nginx")
    own = folder / "plain"
    own.mkdir()
    (own / "upstream.conf").write_text("")
    quoted = {name: value.replace('"', r"\"") for name, value in headers.items()}
    said = " ".join(f'add_header {name} "{value}";' for name, value in quoted.items())
    (own / "site.conf").write_text(_FILES.format(port=port, files=files, headers=said))
    _configure_plainly(own)
    with _running(program, own, port):
        yield


def _configure_plainly(folder: Path) -> None:
    """A main file of nginx's with nothing but what has to be there."""
    temporary = _TEMPORARY.format(folder=folder)
    (folder / "nginx.conf").write_text(_NGINX.format(folder=folder, temporary=temporary))


def configure(folder: Path, port: int, gunicorn_port: int | Sequence[int], var_dir: Path) -> None:
    """Write deploy/'s files with their addresses and folders changed for here, nothing else."""
    one_alone = isinstance(gunicorn_port, int)
    changes = {
        "nginx-upstream.conf": {r"127\.0\.0\.1:8000": f"127.0.0.1:{gunicorn_port}"},
        "nginx-upstreams.conf": {
            rf"10\.0\.0\.1{number}:8000": f"127.0.0.1:{one}"
            for number, one in enumerate([] if one_alone else gunicorn_port, start=1)
        },
        "nginx.conf": {
            r"listen 80\b": f"listen 127.0.0.1:{port}",
            r"listen \[::\]:80\b[^;]*;": "",
            r"/srv/xinwang/var": str(var_dir),
            r"/var/cache/xinwang": f"{folder}/cache",
            r"/var/log/nginx/access\.log": f"{folder}/access.log",
        },
        "nginx-main.conf": {
            r"worker_processes auto;": f"daemon off;\npid {folder}/nginx.pid;\nworker_processes 2;",
            r"/var/log/nginx/error.log": "stderr",
            r"include /etc/nginx/conf.d/\*.conf;": "\n".join(
                [
                    _TEMPORARY.format(folder=folder), "access_log off;",
                    f"include {folder}/upstream.conf;", f"include {folder}/site.conf;",
                ]
            ),
        },
    }  # fmt: skip
    upstream = "nginx-upstream.conf" if one_alone else "nginx-upstreams.conf"
    (folder / "upstream.conf").write_text(_adapted(upstream, changes))
    (folder / "site.conf").write_text(_adapted("nginx.conf", changes))
    (folder / "nginx.conf").write_text(_adapted("nginx-main.conf", changes))


def _take_pictures_from(bucket: str, site: Path) -> None:
    """Put deploy/nginx-media-s3.conf in its place, with this bucket's address."""
    example = "xinwang-renditions.s3.example.com"
    fetched = (ROOT / "deploy" / "nginx-media-s3.conf").read_text(encoding="utf-8")
    fetched = fetched.replace(f"https://{example}/", bucket)
    fetched = fetched.replace(example, urlsplit(bucket).netloc)
    files = re.compile(r"    location /media/ \{.*?\n    \}\n", re.DOTALL)
    text, times = files.subn(lambda _: fetched, site.read_text(encoding="utf-8"))
    assert times == 1
    site.write_text(text)


def _adapted(name: str, changes: dict[str, dict[str, str]]) -> str:
    text = (ROOT / "deploy" / name).read_text(encoding="utf-8")
    for pattern, replacement in changes[name].items():
        text, times = re.subn(pattern, replacement, text)
        assert times, f"{name} no longer says {pattern}"
    return text


@contextmanager
def ended(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """Stop this process in the end, gently."""
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def status_of(port: int, path: str, method: str = "GET") -> int:
    """What a gunicorn answers to a reader's request, as one that comes from a page of ours."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)) as line:
        said = {"User-Agent": "Firefox/130", "Sec-Fetch-Site": "same-origin"}
        line.request(method, path, headers=said)
        return line.getresponse().status


def wait_for(port: int) -> None:
    """Wait until somebody listens."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        time.sleep(0.1)
    raise TimeoutError(f"nobody listens on {port}")
