"""The project's own PostgreSQL: shared by real processes, killed, crashed and started again."""

import contextlib
import os
import random
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from tests.scratch import scratch
from xinwang import embedded
from xinwang.embedded import Cluster, EmbeddedError
from xinwang.env import BASE_DIR

pytestmark = pytest.mark.process

OPTIONS = ("fsync=off",)
ROOT = os.geteuid() == 0
# Joins the cluster, says its URL, and leaves when its input ends.
SHARE = f"""
import os, sys
from pathlib import Path
from xinwang.embedded import Cluster
cluster = Cluster(Path(sys.argv[1]), {OPTIONS})
"""
JOIN = f"{SHARE}\nprint(cluster.start(), flush=True)\nsys.stdin.read()\n"


class Sharer:
    """A process of its own on a cluster."""

    def __init__(self, cluster: Cluster, code: str = JOIN, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, str(cluster.directory)],
            cwd=BASE_DIR,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def said(self) -> str:
        """Its next line; everything it complained about instead."""
        assert self.process.stdout
        assert self.process.stderr
        line = self.process.stdout.readline().strip()
        assert line, self.process.stderr.read()
        return line

    def joined(self) -> "Sharer":
        """Itself, once the server runs."""
        assert self.said().startswith("postgresql://")
        return self

    def leave(self) -> None:
        """End in good order."""
        _, complaints = self.process.communicate()
        assert (self.process.returncode, complaints) == (0, "")

    def kill(self) -> None:
        """End at once."""
        self.process.kill()
        self.process.communicate()


def server_of(cluster: Cluster) -> psutil.Process | None:
    """The server over a cluster's data, while there is one."""
    try:
        server = psutil.Process(int((cluster.data / "postmaster.pid").read_text().split()[0]))
        return server if server.name() == "postgres" else None
    except (OSError, ValueError, IndexError, psutil.Error):
        return None


def pid_of(cluster: Cluster) -> int:
    server = server_of(cluster)
    assert server
    return server.pid


def eventually(condition: Callable[[], Any]) -> Any:
    """What a condition becomes once it holds."""
    deadline = time.monotonic() + 120
    while not (found := condition()):
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.01)
    return found


def ask(cluster: Cluster, query: str) -> Any:
    """The first value that a query gives."""
    with psycopg.connect(cluster.url, autocommit=True) as connection:
        cursor = connection.execute(query)  # type: ignore[call-overload]
        row = cursor.fetchone() if cursor.description else None
        return row and row[0]


def end(cluster: Cluster) -> None:
    """Leave no server behind, whatever a test did."""
    cluster.stop()
    if server := server_of(cluster):
        server.send_signal(signal.SIGQUIT)
        eventually(lambda: server_of(cluster) is None)
    if cluster.socket_dir != cluster.directory:
        shutil.rmtree(cluster.socket_dir, ignore_errors=True)


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A directory that the server's account can reach."""
    with scratch() as folder:
        yield folder


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster that nobody has started yet."""
    cluster = Cluster(tmp_path / "var" / "postgres", OPTIONS)
    yield cluster
    end(cluster)


@pytest.fixture(scope="session")
def seed() -> Iterator[Path]:
    """A cluster that was started and stopped once."""
    with scratch() as folder:
        cluster = Cluster(folder / "postgres", OPTIONS)
        cluster.start()
        cluster.stop()
        yield cluster.directory


@pytest.fixture
def grow(seed: Path) -> Iterator[Callable[[Path], Cluster]]:
    """Put a cluster that was used before at a place; faster than making one."""
    grown: list[Cluster] = []

    def plant(directory: Path) -> Cluster:
        directory.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-a", seed, directory], check=True)
        grown.append(Cluster(directory, OPTIONS))
        return grown[-1]

    yield plant
    for cluster in grown:
        end(cluster)


@pytest.fixture
def used(grow: Callable[[Path], Cluster], tmp_path: Path) -> Cluster:
    """A cluster that was used before, with a table of numbers."""
    return grow(tmp_path / "var" / "postgres")


def test_the_first_start_makes_a_database_and_the_next_one_keeps_it(empty: Cluster) -> None:
    first = Sharer(empty)
    assert first.said() == empty.url
    ask(empty, "CREATE TABLE kept AS SELECT '海' AS word")
    assert ask(empty, "SHOW server_encoding") == "UTF8"
    assert ask(empty, "SHOW listen_addresses") == ""
    first.leave()
    assert server_of(empty) is None
    again = Sharer(empty).joined()
    assert ask(empty, "SELECT word FROM kept") == "海"
    again.leave()


def test_processes_share_one_server_and_the_last_one_out_stops_it(used: Cluster) -> None:
    first = Sharer(used).joined()
    server = pid_of(used)
    second = Sharer(used).joined()
    assert pid_of(used) == server
    first.leave()
    assert pid_of(used) == server
    assert ask(used, "SELECT 1") == 1
    second.leave()
    assert server_of(used) is None
    eventually(lambda: not psutil.pid_exists(server))


def test_whoever_is_killed_leaves_nothing_that_blocks(used: Cluster) -> None:
    Sharer(used).joined().kill()
    server = pid_of(used)
    other = Sharer(used).joined()
    assert pid_of(used) == server
    other.leave()
    assert server_of(used) is None


def test_the_living_keep_the_server_that_the_killed_started(used: Cluster) -> None:
    starter = Sharer(used).joined()
    other = Sharer(used).joined()
    starter.kill()
    Sharer(used).joined().leave()
    assert ask(used, "SELECT 1") == 1
    other.leave()
    assert server_of(used) is None


def test_a_start_killed_half_way_through_making_the_cluster(empty: Cluster) -> None:
    sharer = Sharer(empty)
    eventually(lambda: any(empty.directory.glob("initdb-*/PG_VERSION")))
    sharer.kill()
    assert not empty.data.exists()
    Sharer(empty).joined().leave()
    assert server_of(empty) is None


def test_ctrl_c_while_the_server_starts_leaves_none_running(used: Cluster) -> None:
    sharer = Sharer(used)
    eventually(lambda: server_of(used))
    sharer.process.send_signal(signal.SIGINT)
    sharer.process.communicate()
    assert server_of(used) is None


def test_a_killed_server_recovers_what_was_committed(used: Cluster) -> None:
    sharer = Sharer(used).joined()
    ask(used, "CREATE TABLE kept AS SELECT 7 AS number")
    os.kill(pid_of(used), signal.SIGKILL)
    other = Sharer(used).joined()
    assert ask(used, "SELECT number FROM kept") == 7
    sharer.leave()
    assert ask(used, "SELECT number FROM kept") == 7
    other.leave()
    assert server_of(used) is None


def test_a_killed_server_whose_sessions_are_still_at_work(used: Cluster) -> None:
    Sharer(used).joined().kill()

    def work() -> None:
        with contextlib.suppress(psycopg.OperationalError):
            ask(used, "SELECT count(*) FROM generate_series(1, 5000000)")

    worker = threading.Thread(target=work)
    worker.start()
    at_work = "FROM pg_stat_activity WHERE query ~ 'generate' AND pid <> pg_backend_pid()"
    eventually(lambda: ask(used, f"SELECT count(*) {at_work}"))
    os.kill(pid_of(used), signal.SIGKILL)
    other = Sharer(used).joined()
    assert ask(used, "SELECT 1") == 1
    worker.join()
    other.leave()
    assert server_of(used) is None


def test_a_server_that_is_stopping_is_waited_for(used: Cluster) -> None:
    Sharer(used).joined().kill()
    with psycopg.connect(used.url):
        stopping = pid_of(used)
        os.kill(stopping, signal.SIGTERM)  # lets the open session finish
        with pytest.raises(psycopg.OperationalError, match="shutting down"):
            eventually(lambda: ask(used, "SELECT NULL"))
        refusals = used.log.read_text().count("shutting down")
        other = Sharer(used)
        eventually(lambda: used.log.read_text().count("shutting down") > refusals + 3)
    other.joined()
    assert pid_of(used) != stopping
    other.leave()


@pytest.fixture
def stranger(used: Cluster) -> Iterator[int]:
    """The number of a living process of the server's account, but not its server."""
    process = subprocess.Popen(["sleep", "600"], user=used.data.stat().st_uid)
    yield process.pid
    process.kill()
    process.wait()


def leave_behind(cluster: Cluster, pid: int) -> None:
    """The files of a server that a power cut ended."""
    cluster.socket_dir.mkdir(mode=0o700, exist_ok=True)
    for path in (cluster.data / "postmaster.pid", cluster.socket_dir / ".s.PGSQL.5432.lock"):
        path.write_text(f"{pid}\n{cluster.data}\n1700000000\n5432\n{cluster.socket_dir}\n\n")


def test_a_dead_servers_number_carried_by_a_stranger(used: Cluster, stranger: int) -> None:
    leave_behind(used, stranger)
    Sharer(used).joined().leave()
    assert psutil.pid_exists(stranger)


def test_a_dead_servers_number_carried_by_another_clusters_server(
    used: Cluster, grow: Callable[[Path], Cluster], tmp_path: Path
) -> None:
    other = grow(tmp_path / "other")
    neighbour = Sharer(other).joined()
    leave_behind(used, pid_of(other))
    Sharer(used).joined().leave()
    assert ask(other, "SELECT 1") == 1
    neighbour.leave()


def test_a_dead_server_that_nobody_has_buried(used: Cluster) -> None:
    unburied = subprocess.Popen(
        [embedded.binaries() / "postgres", "--version"],
        stdout=subprocess.DEVNULL,
        user=used.data.stat().st_uid,
    )
    eventually(lambda: psutil.Process(unburied.pid).status() == psutil.STATUS_ZOMBIE)
    leave_behind(used, unburied.pid)
    Sharer(used).joined().leave()
    unburied.wait()


@pytest.mark.parametrize("content", ["", "\n", "-1\n", "海\n"])
def test_a_pid_file_that_says_nothing(used: Cluster, content: str) -> None:
    used.socket_dir.mkdir(mode=0o700, exist_ok=True)
    (used.data / "postmaster.pid").write_text(content)
    (used.socket_dir / ".s.PGSQL.5432.lock").write_text(content)
    Sharer(used).joined().leave()


@pytest.mark.parametrize(
    "place",
    ["with spaces", "青岛 晚报", "a,b", "it's & that; (so)", "long" * 40],
    ids=["spaces", "chinese", "comma", "shell", "long"],
)
def test_any_path_will_do(grow: Callable[[Path], Cluster], tmp_path: Path, place: str) -> None:
    cluster = grow(tmp_path / place / "postgres")
    assert cluster.socket_dir != cluster.directory
    sharer = Sharer(cluster).joined()
    assert ask(cluster, "SELECT 1") == 1
    assert stat.S_IMODE(cluster.socket_dir.stat().st_mode) == 0o700
    # Another shell may name another temporary directory.
    other = Sharer(cluster, TMPDIR=str(tmp_path)).joined()
    sharer.leave()
    assert ask(cluster, "SELECT 1") == 1
    other.leave()
    assert server_of(cluster) is None


def test_a_trap_in_the_common_directory_is_refused(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path / "a place of its own", OPTIONS)
    target = tmp_path / "target"
    target.mkdir(mode=0o755)
    cluster.socket_dir.symlink_to(target)
    try:
        with pytest.raises(EmbeddedError, match=str(cluster.socket_dir)):
            cluster.start()
    finally:
        cluster.socket_dir.unlink()
        cluster.stop()
    assert target.stat().st_uid == os.geteuid()


def test_two_clusters_keep_apart(grow: Callable[[Path], Cluster], tmp_path: Path) -> None:
    one, two = grow(tmp_path / "one"), grow(tmp_path / "two")
    first, second = Sharer(one).joined(), Sharer(two).joined()
    ask(one, "CREATE TABLE mine AS SELECT 1 AS number")
    assert ask(two, "SELECT to_regclass('mine')") is None
    first.leave()
    assert server_of(one) is None
    assert ask(two, "SELECT 1") == 1
    second.leave()


def test_a_forked_childs_end_stops_nothing(used: Cluster) -> None:
    sharer = Sharer(
        used,
        f"{SHARE}\ncluster.start()\nif os.fork() == 0:\n    sys.exit()\n"
        "print(os.waitstatus_to_exitcode(os.wait()[1]), flush=True)\nsys.stdin.read()\n",
    )
    assert sharer.said() == "0"
    assert ask(used, "SELECT 1") == 1
    sharer.leave()
    assert server_of(used) is None


def test_a_forked_child_that_joins_keeps_the_server(used: Cluster) -> None:
    sharer = Sharer(
        used,
        f"{SHARE}\ncluster.start()\nreading, writing = os.pipe()\n"
        "if os.fork() == 0:\n"
        "    cluster.start()\n    os.write(writing, b'.')\n    sys.stdin.read()\n    sys.exit()\n"
        "os.read(reading, 1)\ncluster.stop()\nprint('left', flush=True)\nos.wait()\n",
    )
    assert sharer.said() == "left"
    assert ask(used, "SELECT 1") == 1
    sharer.leave()
    assert server_of(used) is None


def test_starting_and_stopping_twice_is_as_good_as_once(used: Cluster) -> None:
    used.stop()
    assert used.start() == used.start()
    server = pid_of(used)
    used.stop()
    used.stop()
    assert server_of(used) is None
    eventually(lambda: not psutil.pid_exists(server))


def test_all_may_start_at_the_same_instant(empty: Cluster) -> None:
    sharers = [Sharer(empty) for _ in range(4)]
    for sharer in sharers:
        sharer.joined()
    assert len({path.name for path in empty.directory.glob("initdb-*")}) == 0
    assert ask(empty, "SELECT count(*) FROM pg_database WHERE datname = 'xinwang'") == 1
    for sharer in sharers[1:]:
        sharer.leave()
    assert ask(empty, "SELECT 1") == 1
    sharers[0].leave()
    assert server_of(empty) is None


def test_coming_and_going_at_random(used: Cluster) -> None:
    rounds, crowd = 5, 8
    come_and_go = f"""{SHARE}
import random, time
import psycopg
chance = random.Random(sys.argv[2])
for number in range({rounds}):
    with psycopg.connect(cluster.start(), autocommit=True) as connection:
        connection.execute("INSERT INTO visits VALUES (%s)", [os.getpid()])
    print("visited", flush=True)
    time.sleep(chance.random() / 10)
    cluster.stop()
    time.sleep(chance.random() / 10)
"""
    first = Sharer(used).joined()
    ask(used, "CREATE TABLE visits (pid int)")
    first.leave()
    chance = random.Random(8)
    visitors = [Sharer(used, come_and_go.replace("sys.argv[2]", str(n))) for n in range(crowd)]
    for victim in visitors[:2]:
        for _ in range(chance.randint(1, rounds - 1)):
            assert victim.said() == "visited"
        victim.kill()
    for visitor in visitors[2:]:
        visitor.leave()
    last = Sharer(used).joined()
    visits = ask(used, "SELECT array_agg(n) FROM (SELECT count(*) n FROM visits GROUP BY pid) _")
    assert len(visits) == crowd
    assert sorted(visits)[2:] == [rounds] * (crowd - 2)
    last.leave()
    assert server_of(used) is None


def test_the_socket_is_for_the_owner_alone(used: Cluster) -> None:
    Sharer(used).joined().kill()
    assert stat.S_IMODE((used.socket_dir / ".s.PGSQL.5432").stat().st_mode) == 0o700
    assert stat.S_IMODE(used.data.stat().st_mode) == 0o700


@pytest.mark.skipif(not ROOT, reason="only root hands the server to another account")
def test_root_below_a_directory_of_its_own_alone(
    grow: Callable[[Path], Cluster], tmp_path: Path
) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    cluster = grow(private / "var" / "postgres")
    sharer = Sharer(cluster).joined()
    server = server_of(cluster)
    assert server
    assert server.uids().effective != 0
    assert stat.S_IMODE(private.stat().st_mode) == 0o701
    sharer.leave()


@pytest.mark.skipif(ROOT, reason="nothing is closed to root")
def test_a_directory_that_is_closed_to_us(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir(mode=0o500)
    with pytest.raises(EmbeddedError, match=r"没有权限使用 .*/var/postgres\.turn\.lock"):
        Cluster(tmp_path / "var" / "postgres").start()


def test_a_file_where_the_directory_should_be(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    with pytest.raises(EmbeddedError, match=f"用不了 {tmp_path}/var"):
        Cluster(tmp_path / "var" / "postgres").start()


def test_what_postgresql_says_when_it_fails_is_told(used: Cluster) -> None:
    broken = Cluster(used.directory, ("no_such_setting=1",))
    with pytest.raises(EmbeddedError, match="no_such_setting"):
        broken.start()
    broken.stop()
    Sharer(used).joined().leave()


def test_without_the_wheel_the_way_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "WHEEL", "no_such_wheel")
    with pytest.raises(EmbeddedError, match="DATABASE_URL"):
        embedded.binaries()


def test_nothing_listens_on_the_network(used: Cluster) -> None:
    sharer = Sharer(used).joined()
    server = server_of(used)
    assert server
    kinds = set()
    for process in (server, *server.children()):
        with contextlib.suppress(psutil.NoSuchProcess):  # a helper that is done
            kinds |= {found.family for found in process.net_connections()}
    assert kinds <= {socket.AF_UNIX}
    sharer.leave()
