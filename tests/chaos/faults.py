"""The machinery fails while readers read and an editor saves."""

import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

import psutil
import psycopg

from tests.chaos import clock, deploying, disks
from tests.chaos.fault import Fault
from tests.chaos.load import Load
from tests.chaos.running import Site, a_site
from tests.chaos.tried import Tried

# -- processes that are killed -----------------------------------------------------------------


def kill_a_worker(site: Site, load: Load) -> None:
    """Kill -9, one of them."""
    site.gunicorn.kill_a_worker()


def kill_the_master(site: Site, load: Load) -> None:
    """Kill -9; the workers see it, and systemd."""
    master = site.gunicorn.master
    master.kill()
    time.sleep(0.2)
    assert master.poll() is not None


def reload_gunicorn(site: Site, load: Load) -> None:
    """As `systemctl reload xinwang` does."""
    site.gunicorn.master.send_signal(signal.SIGHUP)
    time.sleep(2)


# -- PostgreSQL --------------------------------------------------------------------------------


def stop_postgres(site: Site, load: Load, seconds: float = 2) -> None:
    """Stopped in good order, and started again."""
    site.cluster.stop()
    time.sleep(seconds)
    site.cluster.start()


def kill_postgres(site: Site, load: Load) -> None:
    """Kill -9 of the postmaster."""
    site.postmaster.kill()
    time.sleep(1)
    site.cluster.start()


def kill_a_backend(site: Site, load: Load) -> None:
    """Kill -9 of a session's process: PostgreSQL ends all the others and recovers."""
    ((pid,),) = random.sample(
        site.sql(
            "SELECT pid FROM pg_stat_activity"
            " WHERE datname = 'xinwang' AND pid <> pg_backend_pid()"
        ), 1,
    )  # fmt: skip
    psutil.Process(pid).kill()
    time.sleep(0.3)


def _sent_away(site: Site) -> None:
    site.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = 'xinwang' AND pid <> pg_backend_pid()",
        database="postgres",
    )


def refuse_connections(site: Site, load: Load) -> None:
    """The database lets nobody in, and has sent away who was."""
    site.sql("ALTER DATABASE xinwang ALLOW_CONNECTIONS false", database="postgres")
    try:
        _sent_away(site)
        time.sleep(2.5)
    finally:
        site.sql("ALTER DATABASE xinwang ALLOW_CONNECTIONS true", database="postgres")


def take_all_connections(site: Site, load: Load) -> None:
    """Others hold as many as there may be (max_connections)."""
    with psycopg.connect(site.url, dbname="postgres", autocommit=True) as ours, ExitStack() as held:
        until = time.monotonic() + 3
        while time.monotonic() < until:
            try:
                held.enter_context(psycopg.connect(site.url, dbname="postgres"))
            except psycopg.OperationalError:
                ours.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = 'xinwang' LIMIT 4"
                )
                time.sleep(0.01)


def lock_tables(site: Site, load: Load, seconds: float = 7) -> None:
    """Somebody holds what every page reads, as a migration that takes its time does."""
    with psycopg.connect(site.url) as line:
        line.execute("LOCK TABLE articles_article, articles_topic IN ACCESS EXCLUSIVE MODE")
        time.sleep(seconds)
        line.rollback()


def freeze_postgres(site: Site, load: Load, seconds: float = 4) -> None:
    """No process of PostgreSQL moves, and no connection breaks: a machine that hangs."""
    first = site.postmaster
    everything = [first, *first.children(recursive=True)]
    for process in everything:
        os.kill(process.pid, signal.SIGSTOP)
    time.sleep(seconds)
    for process in everything:
        os.kill(process.pid, signal.SIGCONT)


def read_only(site: Site, load: Load, seconds: float = 2.5) -> None:
    """No transaction may write, as on a standby after a failover."""
    site.sql("ALTER SYSTEM SET default_transaction_read_only = on")
    site.sql("SELECT pg_reload_conf()")
    time.sleep(seconds)
    site.sql("ALTER SYSTEM RESET default_transaction_read_only")
    site.sql("SELECT pg_reload_conf()")


# -- nginx -------------------------------------------------------------------------------------


def reload_nginx(site: Site, load: Load) -> None:
    """As after a change of its configuration."""
    site.reload_nginx()
    time.sleep(0.5)


def restart_nginx(site: Site, load: Load) -> None:
    """Stopped and started: for a moment nobody listens."""
    site.stop_nginx()
    site.start_nginx()


FAULTS = (
    Fault("a worker of gunicorn is killed", kill_a_worker, 6, bites=False, cut_off=True),
    Fault("gunicorn's master is killed", kill_the_master, bites=False, cut_off=True),
    Fault("gunicorn is reloaded (HUP)", reload_gunicorn, 2, bites=False),
    Fault("PostgreSQL is stopped for two seconds", stop_postgres),
    Fault("PostgreSQL is restarted", partial(stop_postgres, seconds=0)),
    Fault("PostgreSQL is killed", kill_postgres),
    Fault("a backend of PostgreSQL is killed", kill_a_backend),
    Fault("PostgreSQL refuses connections", refuse_connections),
    Fault("others hold all connections to PostgreSQL", take_all_connections),
    Fault("what every page reads is locked for seven seconds", lock_tables, 2, crowd=12),
    Fault("PostgreSQL stands still for four seconds", freeze_postgres, 2, bites=False),
    Fault("the database is read-only", read_only),
    Fault("nginx is reloaded", reload_nginx, bites=False),
    Fault("nginx is restarted", restart_nginx, bites=False, cut_off=True),
    *disks.FULL,
    Fault("a deploy with a migration, and back", deploying.there_and_back, 1, bites=False),
)


def faults() -> Iterator[Tried]:
    """All of them, one after another, on one site; the clock's on another."""
    with a_site() as site:
        for fault in FAULTS:
            if fault.possible():
                yield fault.tried(site)
            else:
                print(f"{fault.what}: {fault.needs}", flush=True)
    yield from clock.jumps()
