"""`make run`: from a bare checkout to the archive on screen, served as in production.

Starts the database, migrates, loads the sample archive into an empty database, makes the editors'
login, collects static files, then runs gunicorn until Ctrl-C and stops all that it started.
The container's command too: there DEMO=false leaves out the sample archive and the login.
"""

import ctypes
import errno
import hashlib
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from xinwang import entry
from xinwang.env import BASE_DIR, Environment

LOGIN = "editor"
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
WHY_NOT = {
    errno.EADDRINUSE: "已被别的程序占用",
    errno.EADDRNOTAVAIL: "这台机器没有这个地址",
    errno.EACCES: "没有权限，1024 以下的端口要由 root 使用",
}
# <linux/prctl.h>
PR_SET_PDEATHSIG = 1
# Any number that no other advisory lock of this database uses.
LOCK = 0x78696E77616E68


def main() -> int:
    """Set up and serve; return gunicorn's exit status, 0 when it was asked to stop."""
    _when_asked_to_stop(lambda number, _: sys.exit(128 + number))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinwang.settings")
    environment = entry.prepare()
    _refuse_taken_port(environment)

    import django

    django.setup()
    _refuse_half_an_archive()
    login = _prepare_site(environment)
    print(f"\n  信网    {environment.site_url}/", flush=True)
    if environment.serve != "public":
        print(f"  后台    {environment.site_url}/admin/{login}", flush=True)
    print("\n  按 Ctrl-C 停止\n", flush=True)
    return _serve()


def _when_asked_to_stop(handler: Callable[[int, FrameType | None], None]) -> None:
    """Handle every request to stop, save one that we were started to ignore (nohup, a shell's &).

    From the first moment on: a process that a signal ends doesn't stop its database.
    """
    for number in STOP_SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


def _refuse_taken_port(environment: Environment) -> None:
    host, port = environment.host, environment.port
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        reason = WHY_NOT.get(error.errno or 0, error.strerror)
        another = max(8001, (port + 1) % 65536)
        sys.exit(f"{host}:{port} 用不了（{reason}）。换一个端口：PORT={another} make run")


def _refuse_half_an_archive() -> None:
    from articles import backup

    if backup.unfinished():
        sys.exit(
            "上次恢复没有完成：请再运行一次 manage.py restore，"
            f"或清空 {' 和 '.join(map(str, backup.places()))} 后重新开始"
        )


def _prepare_site(environment: Environment) -> str:
    """Bring database and static files up to date; return the line that tells the editors' login.

    Cheap when they are. Under a lock of the database: containers over one may start together.
    Where only readers are served the database is left to a process that has the desk: the role may
    be one that can't change it.
    """
    from django.core.management import call_command
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    login = ""
    if environment.serve != "public":
        call_command("migrate", verbosity=0, interactive=False)
        if environment.demo:
            call_command("load_sample")
            login = _editor_login(environment.var_dir)
    collect_static()
    connection.close()  # lets go of the lock
    return login


def collect_static() -> None:
    """Collect static files unless none has changed since: hashing and compressing takes seconds."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    found = {
        f"{name} {hashlib.sha256(Path(storage.path(name)).read_bytes()).hexdigest()}\n"
        for finder in get_finders()
        for name, storage in finder.list([])
    }
    state = hashlib.sha256(str(settings.STORAGES["staticfiles"]).encode())
    state.update("".join(sorted(found)).encode())
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    if not stamp.exists() or stamp.read_text() != state.hexdigest():
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        stamp.write_text(state.hexdigest())


def _editor_login(var_dir: Path) -> str:
    """The line that tells the first login, made once; empty where editors have made their own."""
    from django.contrib.auth import get_user_model

    users = get_user_model()
    path = var_dir / "editor-password"
    if not users.objects.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(9))
        users.objects.create_superuser(LOGIN, password=path.read_text())
    editor = users.objects.filter(username=LOGIN).first()
    if editor is None:
        return ""
    password = path.read_text() if path.exists() else ""
    known = password and editor.check_password(password)
    return f"\n  编辑    {LOGIN}，密码 {password if known else '已由您修改'}"


def _end_with_parent() -> None:
    """Have Linux end this process when its parent is killed, lest it outlive its database."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _serve() -> int:
    """Run gunicorn in the foreground; pass on every request to stop, and wait for it."""
    server: subprocess.Popen[bytes] | None = None
    asked = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        asked = True
        if server:
            server.terminate()

    _when_asked_to_stop(stop)
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "xinwang.wsgi"],
        cwd=BASE_DIR,
        start_new_session=True,  # the terminal's Ctrl-C reaches us alone; we pass it on
        preexec_fn=_end_with_parent,  # noqa: PLW1509 - no thread runs yet
    )
    if asked:  # while it was being started
        server.terminate()
    status = server.wait()
    return 0 if asked else status


if __name__ == "__main__":
    sys.exit(main())
