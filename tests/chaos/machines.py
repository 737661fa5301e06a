"""Several machines on this one: a primary, two replicas, three gunicorns, and nginx before them."""

import json
import os
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

import psutil
import psycopg

from tests import serving
from tests.chaos.load import Browser, Reply, filled
from tests.chaos.running import Site
from tests.scratch import scratch
from xinwang.embedded import SUPERUSER, Cluster

OPTIONS = ("fsync=off", "max_connections=60", "wal_retrieve_retry_interval=200ms")
LAG_SECONDS = 1
PATIENCE_SECONDS = 60
# By nginx, for it broke off (deploy/nginx-upstreams.conf).
LEFT_ALONE_SECONDS = 2


class Server(Cluster):
    """A PostgreSQL server that can be killed, frozen and asked."""

    def sql(self, statement: str) -> list[tuple]:  # type: ignore[type-arg]
        """Ask it as an administrator."""
        with psycopg.connect(self.url, autocommit=True) as line:
            done = line.execute(statement)  # type: ignore[arg-type]
            return done.fetchall() if done.description else []

    def signal(self, number: int) -> None:
        """To each of its processes, the first one first: as if the machine did it."""
        first = psutil.Process(int((self.data / "postmaster.pid").read_text().split()[0]))
        for process in [first, *first.children(recursive=True)]:
            os.kill(process.pid, number)


class Replica(Server):
    """A streaming replica of another server, made as docs/scaling.md says."""

    def __init__(self, directory: Path, primary: Cluster) -> None:
        super().__init__(directory, OPTIONS)
        self.primary = primary

    def _initdb(self) -> None:
        self._run(
            "pg_basebackup", "--pgdata", str(self.data), "--host", str(self.primary.socket_dir),
            "--username", SUPERUSER, "--checkpoint=fast", "--no-sync", "--write-recovery-conf",
        )  # fmt: skip


class Machines(Site):
    """All of them; `apps` are the gunicorns, of one worker each."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, workers=1, articles=30)
        self.cluster = Server(folder / "primary", OPTIONS)
        self.primary: Server = self.cluster
        self.replicas: list[Server] = [
            Replica(folder / f"replica{n}", self.primary) for n in (1, 2)
        ]
        self.drafts = count(1)

    @contextmanager
    def running(self) -> Iterator["Machines"]:
        """Furnished and served until the end."""
        with ExitStack() as stack:
            self._begin(stack)
            for replica in self.replicas:
                replica.start()
                stack.callback(replica.stop)
            self.apps = [self.app(n) for n in range(3)]
            for app in self.apps:
                app.start()
            stack.callback(lambda: [app.kill() for app in self.apps])
            ports = [app.port for app in self.apps]
            stack.enter_context(
                serving.nginx(self.folder, self.port, ports, self.var, self.folder / "nginx.log")
            )
            yield self

    def app(self, number: int) -> serving.Gunicorn:
        """A gunicorn over the servers as they now are; not started."""
        made = self.gunicorn_of(
            REPLICA_URLS=",".join(replica.url for replica in self.replicas),
            REPLICA_LAG_SECONDS=str(LAG_SECONDS),
        )
        made.log = self.folder / f"app{number}.log"
        return made

    def restart(self, number: int) -> None:
        """Restart a gunicorn, with the servers as they now are; wait until readers may come."""
        before, again = self.apps[number], self.app(number)
        again.port, again.environment["PORT"] = before.port, str(before.port)
        before.master.terminate()
        before.master.wait()
        again.start()
        self.apps[number] = again
        self.until("default", True, again)
        time.sleep(LEFT_ALONE_SECONDS)

    def servers(self, app: serving.Gunicorn) -> dict[str, bool]:
        """Which servers of the database a gunicorn finds well, whether it is ready or not."""
        try:
            answer = urllib.request.urlopen(f"http://127.0.0.1:{app.port}/readyz")
        except urllib.error.HTTPError as refused:
            answer = refused
        with answer:
            found: dict[str, bool] = json.load(answer).get("servers", {})
        return found

    def until(self, name: str, well: bool, *apps: serving.Gunicorn) -> float:
        """Seconds until these gunicorns, or all of the site, find a server well, or not."""
        begun = time.monotonic()
        while any(self.servers(app).get(name) is not well for app in apps or self.apps):
            assert time.monotonic() < begun + PATIENCE_SECONDS, (name, well)
            time.sleep(0.02)
        return time.monotonic() - begun

    def until_all_are_well(self, *apps: serving.Gunicorn) -> None:
        """Wait until these gunicorns, or all of the site, find the three servers well."""
        for name in ("default", "replica1", "replica2"):
            self.until(name, True, *apps)

    # -- the editor ----------------------------------------------------------------------------

    def form(self) -> tuple[dict[str, str], str]:
        """The edited article's form as it would be sent, with a new title; the title."""
        title = f"第{next(self.drafts)}稿"
        browser = self._editor("")
        shown = browser.ask(self._form_path)
        browser.close()
        assert shown.status == 200, shown.text[:500]
        return filled(shown, title), title

    def save(self, form: dict[str, str]) -> Reply:
        """Send it."""
        browser = self._editor(f"; csrftoken={form['csrfmiddlewaretoken']}")
        reply = browser.ask(
            self._form_path, urlencode(form), Origin=f"http://127.0.0.1:{self.port}"
        )
        browser.close()
        return reply

    def edit(self) -> str:
        """Save a new title; it."""
        form, title = self.form()
        reply = self.save(form)
        assert reply.status == 302, reply.text[-500:]
        return title

    @property
    def _form_path(self) -> str:
        return f"/admin/articles/article/{self.edited}/change/"

    def _editor(self, more: str) -> Browser:
        return Browser(self.port, "127.0.7.1", f"sessionid={self.session}{more}")

    def beacon(self, number: int) -> Reply:
        """A reader's beacon."""
        browser = Browser(self.port, f"127.0.8.{number % 250 + 1}")
        path = f"/reads/{self.ids[number % len(self.ids)]}/?age=9"
        reply = browser.ask(path, "", **{"Sec-Fetch-Site": "same-origin"})
        browser.close()
        return reply

    def titles(self) -> set[str]:
        """What stands on the edited article's page: by each gunicorn, and by nginx."""
        found = set()
        for port in [self.port, *(app.port for app in self.apps)]:
            browser = Browser(port, "127.0.7.2")
            text = browser.ask(self.edited_path).text
            browser.close()
            found.add(text.partition("<title>")[2].partition("稿")[0].strip() + "稿")
        return found


class Readers:
    """Some who read what everybody reads and what nobody has read yet, from `with` to its end."""

    def __init__(self, site: Site, pause: float = 0.02) -> None:
        self._site = site
        self._pause = pause
        self._stopping = threading.Event()
        self.errors: list[str] = []
        self.answers = 0

    def __enter__(self) -> "Readers":
        ways = (self._kept, self._new, self._kept, self._new)
        self._threads = [
            threading.Thread(target=self._read, args=(number, way), daemon=True)
            for number, way in enumerate(ways)
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(60)

    def _read(self, number: int, path: object) -> None:
        browser = Browser(self._site.port, f"127.0.6.{number + 1}")
        for turn in count():
            if self._stopping.wait(self._pause):
                break
            asked = path(turn)  # type: ignore[operator]
            begun = time.monotonic()
            reply = browser.ask(asked)
            self.answers += 1
            if reply.status != 200:
                took = time.monotonic() - begun
                self.errors.append(f"{asked}: {reply.status}, {took:.1f} s {reply.text[-200:]}")
        browser.close()

    def _kept(self, turn: int) -> str:
        return ["/", *self._site.paths[:10]][turn % 11]

    def _new(self, turn: int) -> str:
        return f"/topic/huati/?before={10**9 + next(self._site.numbers)}-1"


@contextmanager
def several_machines() -> Iterator[Machines]:
    """All of it, running, every gunicorn knowing all servers."""
    with scratch() as folder, Machines(folder).running() as made:
        made.until_all_are_well()
        yield made
