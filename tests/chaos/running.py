"""A site to break: PostgreSQL, gunicorn, nginx, an archive, an editor who is logged in."""

import configparser
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path

import psutil
import psycopg

from tests import serving
from tests.scratch import scratch
from xinwang.embedded import Cluster

ARTICLES = 120
# Static files by their hashes, collected once a checkout.
SERVED = serving.ROOT / "var" / "served"

_FURNISH = """
import json, sys
import django
django.setup()
from datetime import timedelta
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.utils import timezone
call_command("migrate", verbosity=0)
from articles.models import Article
from tests.factories import make_article, make_photo, make_topic
topic = make_topic("话题", slug="huati")
photo = make_photo(1300, 700)
first = make_article(title="潮起", topics=[topic], photos=[photo])
edited = make_article(title="第0稿", body="<p>第0稿</p>", topics=[topic])
day = timezone.now() - timedelta(days=3)
Article.objects.bulk_create(
    Article(title=f"码头{n}", body=f"<p>第{n}艘船靠岸。</p>", state="published",
            published_at=day - timedelta(hours=n)) for n in range(int(sys.argv[1])))
editor = User.objects.create_superuser("dai", password="a long secret")
session = SessionStore()
session["_auth_user_id"] = str(editor.pk)
session["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
session["_auth_user_hash"] = editor.get_session_auth_hash()
session.set_expiry(30 * 24 * 3600)
session.save()
from articles import opengraph
print(json.dumps({
    "session": session.session_key, "edited": edited.pk, "edited_path": edited.get_absolute_url(),
    "card": opengraph.preview(Article.objects.get(title="码头0")).path,
    "read": [a.get_absolute_url() for a in Article.objects.exclude(pk=edited.pk)],
    "ids": list(Article.objects.values_list("pk", flat=True))}))
"""


class Site:
    """All of it, on free ports, in a folder of its own. gunicorn is kept up as by systemd."""

    def __init__(self, folder: Path, *, workers: int, articles: int, **environment: str) -> None:
        """Nothing runs yet."""
        self.folder = folder
        self.var = folder / "var"
        self.cluster = Cluster(folder / "postgres", ("fsync=off", "max_connections=40"))
        self.articles = articles
        self.port = serving.free_port()
        self.environment = environment
        self.workers = workers
        self.numbers = count(1)  # for what has to be told from all else
        self.reads = 0  # acknowledged
        self._nginx = ExitStack()
        self._stopping = False

    def _begin(self, stack: ExitStack) -> None:
        """Files and a furnished database, until the end; nothing serves yet."""
        self.folder.chmod(0o711)  # nginx's workers may be somebody else
        serving.collect_static(SERVED)
        self.var.mkdir()
        (self.var / "static").symlink_to(SERVED / "static")
        self.url = self.cluster.start()
        stack.callback(self.cluster.stop)
        self.gunicorn = self.gunicorn_of()
        self._furnish()

    @contextmanager
    def running(self) -> Iterator["Site"]:
        """Furnished and served until the end."""
        with ExitStack() as stack:
            self._begin(stack)
            self.gunicorn.start()
            stack.callback(self.stop_gunicorn)
            self.start_nginx()
            stack.callback(self.stop_nginx)
            self._systemd = threading.Thread(target=self._keep_up, daemon=True)
            self._systemd.start()
            yield self

    def gunicorn_of(self, **environment: str) -> serving.Gunicorn:
        """A gunicorn over this database; not started."""
        made = serving.Gunicorn(
            self.url,
            VAR_DIR=str(self.var),
            WEB_CONCURRENCY=str(self.workers),
            LOG_LEVEL="ERROR",
            SECRET_KEY="of this site alone, and long enough",  # pragma: allowlist secret
            **self.environment,
            **environment,
        )
        made.environment["SITE_URL"] = f"http://127.0.0.1:{self.port}"
        made.log = self.folder / "gunicorn.log"
        return made

    def run(self, *arguments: str, **environment: str) -> str:
        """What a Python process on this site prints; it must end well."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=serving.ROOT,
            env={
                **self.gunicorn.environment,
                "DJANGO_SETTINGS_MODULE": "xinwang.settings",
                **environment,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def _furnish(self) -> None:
        made = json.loads(self.run("-c", _FURNISH, str(self.articles)).splitlines()[-1])
        self.session: str = made["session"]
        self.edited: int = made["edited"]
        self.edited_path: str = made["edited_path"]
        self.card: str = made["card"]
        self.paths: list[str] = made["read"]
        self.ids: list[int] = made["ids"]

    # -- PostgreSQL --------------------------------------------------------------------------

    def sql(self, statement: str, *values: object, database: str = "") -> list[tuple]:  # type: ignore[type-arg]
        """Ask as an administrator: past what the site may wait for, and where it may not write."""
        with psycopg.connect(
            self.url, autocommit=True, options="-c default_transaction_read_only=off",
            **({"dbname": database} if database else {}),
        ) as line:  # fmt: skip
            done = line.execute(statement, values or None)  # type: ignore[arg-type]
            return done.fetchall() if done.description else []

    @property
    def postmaster(self) -> psutil.Process:
        """PostgreSQL's first process."""
        return psutil.Process(int((self.cluster.data / "postmaster.pid").read_text().split()[0]))

    # -- gunicorn, as deploy/xinwang.service has it --------------------------------------------

    def _keep_up(self) -> None:
        """Restart=on-failure, KillMode=mixed: when the master is gone, so is the rest; again."""
        unit = configparser.ConfigParser(strict=False, interpolation=None)
        unit.read(serving.ROOT / "deploy" / "xinwang.service")
        service = unit["Service"]
        assert service["Restart"] == "on-failure"
        assert service["KillMode"] == "mixed"
        assert unit["Unit"]["StartLimitIntervalSec"] == "0"
        pause = float(service["RestartSec"])
        while not self._stopping:
            known = []
            with suppress(psutil.Error):
                known = self.gunicorn.workers
            try:
                status = self.gunicorn.master.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
            for left in known:
                with suppress(psutil.Error):
                    left.kill()
            if status == 0 or self._stopping:
                return  # it was asked to stop
            time.sleep(pause)
            self.gunicorn.start()

    def replace_gunicorn(self, other: serving.Gunicorn) -> None:
        """Let nginx ask another gunicorn, which runs; then end the one before, gently."""
        before, systemd = self.gunicorn, self._systemd
        serving.configure(self.folder, self.port, other.port, self.var)
        self.reload_nginx()
        before.master.send_signal(signal.SIGTERM)
        before.master.wait(30)
        systemd.join()
        self.gunicorn = other
        self._systemd = threading.Thread(target=self._keep_up, daemon=True)
        self._systemd.start()

    def stop_gunicorn(self) -> None:
        """End it, and its systemd."""
        self._stopping = True
        self._systemd.join()
        self.gunicorn.kill()

    # -- nginx -------------------------------------------------------------------------------

    def start_nginx(self) -> None:
        """Start it."""
        self._nginx.enter_context(
            serving.nginx(
                self.folder, self.port, self.gunicorn.port, self.var, self.folder / "nginx.log"
            )
        )

    def stop_nginx(self) -> None:
        """Stop it."""
        self._nginx.close()

    def reload_nginx(self) -> None:
        """As `systemctl reload nginx` does."""
        os.kill(int((self.folder / "nginx.pid").read_text()), signal.SIGHUP)


@contextmanager
def a_site(workers: int = 2, articles: int = ARTICLES, **environment: str) -> Iterator[Site]:
    """A site that runs."""
    with (
        scratch() as folder,
        Site(folder, workers=workers, articles=articles, **environment).running() as site,
    ):
        yield site
