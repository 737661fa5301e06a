"""`make run`: from a bare checkout to the archive on screen, served as in production.

Starts the database, migrates, loads the sample archive into an empty database, makes the editors'
login, collects static files, then runs gunicorn until Ctrl-C and stops all that it started.
"""

import hashlib
import os
import secrets
import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import FrameType

from xinwang import entry
from xinwang.env import BASE_DIR, Environment

LOGIN = "editor"
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    """Set up and serve; return gunicorn's exit status."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinwang.settings")
    environment = entry.prepare()
    _refuse_taken_port(environment)

    import django

    django.setup()
    _prepare_site(environment)
    password = _editor_password(environment.var_dir)
    print(f"\n  信网    {environment.site_url}/", flush=True)
    print(f"  后台    {environment.site_url}/admin/", flush=True)
    print(f"  编辑    {LOGIN}，密码 {password or '已由您修改'}", flush=True)
    print("\n  按 Ctrl-C 停止\n", flush=True)
    return _serve()


def _refuse_taken_port(environment: Environment) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((environment.host, environment.port))
        except OSError as error:
            sys.exit(
                f"{environment.host}:{environment.port} 用不了（{error.strerror}）。"
                f"换一个端口：PORT={environment.port + 1} make run"
            )


def _prepare_site(environment: Environment) -> None:
    """Bring database and static files up to date. Cheap when they are."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    call_command("load_sample")
    _collect_static()


def _collect_static() -> None:
    """Collect static files unless none has changed since: hashing and compressing takes seconds."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    state = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            stat = Path(storage.path(name)).stat()
            state.update(f"{name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    if not stamp.exists() or stamp.read_text() != state.hexdigest():
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        stamp.write_text(state.hexdigest())


def _editor_password(var_dir: Path) -> str | None:
    """The first login's password, made once and kept for whoever runs this; None if changed."""
    from django.contrib.auth import get_user_model

    users = get_user_model()
    path = var_dir / "editor-password"
    if not users.objects.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(9))
        users.objects.create_superuser(LOGIN, password=path.read_text())
    editor = users.objects.filter(username=LOGIN).first()
    password = path.read_text() if path.exists() else ""
    return password if editor and password and editor.check_password(password) else None


def _serve() -> int:
    """Run gunicorn in the foreground; pass on every request to stop, and wait for it."""
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "xinwang.wsgi"],
        cwd=BASE_DIR,
        start_new_session=True,  # the terminal's Ctrl-C reaches us alone; we pass it on
    )

    def stop(number: int, frame: FrameType | None) -> None:
        server.send_signal(signal.SIGTERM)

    for number in STOP_SIGNALS:
        signal.signal(number, stop)
    return server.wait()


if __name__ == "__main__":
    sys.exit(main())
