"""What falls where there are several machines: one after the other, while readers read.

Each step leaves the machines as the next one needs them, and says what it saw; what may not be is
an AssertionError. What readers see is `Readers`' to judge.
"""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from html import escape

from tests import serving
from tests.chaos.machines import LAG_SECONDS, Machines, Readers, several_machines
from tests.chaos.tried import Tried

# An edit shows everywhere so long after its save: where no replica lags, and where one may.
SHOWN_WITHIN_SECONDS = 1.5 + LAG_SECONDS
BEACONS = 60
# What may be written into a gunicorn's log while all these are refused.
QUIET_BYTES = 5_000
PASSWORD = "of the readers' role"  # pragma: allowlist secret


def an_app(site: Machines) -> str:
    """Kill -9 a gunicorn, master and worker; it comes back."""
    site.apps[0].kill()
    time.sleep(0.5)
    site.apps[0].start()
    return "back by itself as soon as it was started"


def a_replica(site: Machines) -> str:
    """Kill -9 every process of a replica; it comes back."""
    replica = site.replicas[0]
    replica.signal(signal.SIGKILL)
    gone = site.until("replica1", False)
    replica.start()
    return f"left out after {gone:.1f} s, back {site.until('replica1', True):.1f} s after its start"


def a_still_replica(site: Machines) -> str:
    """No process of a replica moves, and no connection breaks: a machine that hangs."""
    replica = site.replicas[1]
    replica.signal(signal.SIGSTOP)
    try:
        gone = site.until("replica2", False)
        time.sleep(4)  # whoever waits for it is let go after three seconds
    finally:
        replica.signal(signal.SIGCONT)
    return f"left out after {gone:.1f} s, back after {site.until('replica2', True):.1f} s"


def a_lagging_replica(site: Machines) -> str:
    """A replica replays nothing more; what is saved meanwhile shows all the same."""
    replica = site.replicas[0]
    replica.sql("SELECT pg_wal_replay_pause()")
    title = site.edit()
    saved = time.monotonic()
    seen = _shows(site, title)
    assert title not in str(replica.sql("SELECT title FROM articles_article"))
    site.until("replica1", False)
    out = time.monotonic() - saved
    replica.sql("SELECT pg_wal_replay_resume()")
    back = site.until("replica1", True)
    assert site.titles() == {title}
    return (
        f"left out at the latest {out:.1f} s after a save, which showed everywhere after"
        f" {seen:.1f} s; back after {back:.1f} s"
    )


def the_primary(site: Machines) -> str:
    """Kill -9 the primary: pages go on, an editor loses no text, beacons are refused quietly."""
    form, title = site.form()
    site.primary.signal(signal.SIGKILL)
    gone = site.until("default", False)
    logs = [site.folder / f"app{number}.log" for number in range(len(site.apps))]
    before = sum(log.stat().st_size for log in logs)
    assert {site.beacon(number).status for number in range(BEACONS)} == {503}
    refused = site.save(form)
    assert refused.status == 503
    assert "数据库暂时连不上" in refused.text
    assert "您写的内容没有丢" in refused.text
    assert f'value="{title}"' in refused.text
    assert escape(form["body"]) in refused.text
    written = sum(log.stat().st_size for log in logs) - before
    assert written < QUIET_BYTES
    return (
        f"known everywhere after {gone:.1f} s; {BEACONS} beacons were a 503, and a save was refused"
        f" with its text: {written:,} bytes of log"
    )


def promotion(site: Machines) -> str:
    """A replica becomes the primary as docs/scaling.md says, one gunicorn after the other."""
    promoted, other = site.replicas
    assert promoted.sql("SELECT pg_promote()") == [(True,)]
    other.sql(f"ALTER SYSTEM SET primary_conninfo = 'host={promoted.socket_dir} user=postgres'")
    other.sql("SELECT pg_reload_conf()")
    site.url, site.primary, site.replicas = promoted.url, promoted, [other]
    begun = time.monotonic()
    for number in range(len(site.apps)):
        site.restart(number)
    took = time.monotonic() - begun
    site.until("replica1", True)
    seen = _shows(site, site.edit())
    assert site.beacon(1).status == 200
    return f"three gunicorns restarted in {took:.0f} s; a save showed everywhere after {seen:.1f} s"


def a_role(site: Machines) -> str:
    """A public process on the readers' role reads from replicas, and counts on the primary."""
    site.run("manage.py", "create_reader_role", READER_PASSWORD=PASSWORD)

    def as_reader(url: str) -> str:
        return url.replace("//postgres@", "//xinwang_reader@")

    app = site.gunicorn_of(
        DATABASE_URL=as_reader(site.url),
        REPLICA_URLS=",".join(as_reader(replica.url) for replica in site.replicas),
        XINWANG_SERVE="public",
    )
    with ExitStack() as stack:
        app.start()
        stack.callback(app.kill)
        site.until_all_are_well(app)
        for path in (*site.paths[:5], "/", "/search/?q=%E7%A0%81%E5%A4%B4", "/archive/"):
            assert serving.status_of(app.port, path) == 200, path
        assert serving.status_of(app.port, f"/reads/{site.ids[0]}/?age=9", "POST") == 200
        who = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'xinwang_reader'"
        counts = [server.sql(who)[0][0] for server in (site.primary, *site.replicas)]
    # One connection each asks how they are; pages come by more, and beacons.
    assert max(counts[1:]) > 1
    return "pages and searches came from a replica, a beacon was counted on the primary"


STEPS: tuple[tuple[str, Callable[[Machines], str], int], ...] = (
    ("a process on the readers' role", a_role, 1),
    ("one of three gunicorns is killed", an_app, 5),
    ("one of two replicas is killed", a_replica, 5),
    ("a replica stands still for four seconds, its connections open", a_still_replica, 5),
    ("a replica replays nothing more", a_lagging_replica, 5),
    ("the primary is killed", the_primary, 1),
    ("a replica is promoted, the other follows it", promotion, 1),
)


def machines() -> Iterator[Tried]:
    """The section: each step as often as its row says, under readers."""
    with several_machines() as site:
        for what, step, times in STEPS:
            lost = 0
            with Readers(site) as readers:
                for _ in range(times):
                    try:
                        said = step(site)
                    except AssertionError as error:
                        print(f"{what}: {error}", flush=True)
                        lost += 1
            for error in readers.errors[:20]:
                print(error, flush=True)
            good = readers.answers - len(readers.errors)
            seen = f"{said}; {good:,} of {readers.answers:,} pages were there"
            yield Tried(what, times, seen, lost + len(readers.errors))


def _shows(site: Machines, title: str) -> float:
    """Seconds until a new title stands everywhere; within the promise, and from then on."""
    saved, last = time.monotonic(), 0.0
    while time.monotonic() < saved + SHOWN_WITHIN_SECONDS:
        asked = time.monotonic()
        if site.titles() != {title}:
            last = asked - saved
    assert site.titles() == {title}
    return last
