"""gunicorn as `make run` and the container serve it. Environment: HOST, PORT, WEB_CONCURRENCY."""

import os
import shutil
import tempfile
from pathlib import Path

from articles.seeing import logs
from xinwang import env

_environment = env.read()  # .env may name them, too
_host = f"[{_environment.host}]" if ":" in _environment.host else _environment.host
bind = f"{_host}:{_environment.port}"
# Threads wait for the database side by side; processes use the cores (docs/performance.md).
worker_class = "xinwang.worker.Worker"  # gthread, with refusals of ours
workers = _environment.web_concurrency
threads = 4
keepalive = 5
timeout = 30
graceful_timeout = 10
# A worker that leaks is replaced before it matters; jitter keeps them from going together. It
# counts pages from memory, too, and a new worker has to make its pages anew: not often, then.
max_requests = 1_000_000
max_requests_jitter = 100_000
# Bounds on what a stranger may send.
limit_request_line = 8_190
limit_request_fields = 60
limit_request_field_size = 8_190
# Whom to believe about https and addresses is Django's to say (BEHIND_PROXY), and nobody gets to
# set SCRIPT_NAME by a header.
forwarded_allow_ips = ""
secure_scheme_headers = {}
forwarder_headers = ""
# Heartbeats in memory: a busy disk must not look like a dead worker.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
# gunicorn would open a socket in the home directory to be steered by; signals do.
control_socket_disable = True
errorlog = "-"
loglevel = "warning"
logconfig_dict = logs.configuration(_environment.log_format, _environment.log_level)

_METRICS = "xinwang-metrics-"
_memory = Path(worker_tmp_dir or tempfile.gettempdir())


def on_starting(server: object) -> None:
    """Make the folder that the processes count into, before there are any.

    In memory: on a full disk a mapped file would end them. What a killed master left behind goes.
    """
    for left in _memory.glob(f"{_METRICS}*"):
        if not Path(f"/proc/{left.name.removeprefix(_METRICS)}").exists():
            shutil.rmtree(left, ignore_errors=True)
    folder = _memory / f"{_METRICS}{os.getpid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def worker_exit(server: object, worker: object) -> None:
    """Carry over what a worker that ends has counted."""
    from articles.seeing.figures import TALLY

    TALLY.carry_over()


def on_exit(server: object) -> None:
    """Leave nothing behind."""
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
