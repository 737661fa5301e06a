"""gunicorn as `make run` and the container serve it. Environment: HOST, PORT, WEB_CONCURRENCY."""

from pathlib import Path

from xinwang import env

_environment = env.read()  # .env may name them, too
_host = f"[{_environment.host}]" if ":" in _environment.host else _environment.host
bind = f"{_host}:{_environment.port}"
# Threads wait for the database side by side; processes use the cores (docs/performance.md).
worker_class = "gthread"
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
# Heartbeats in memory: a busy disk must not look like a dead worker.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
# gunicorn would open a socket in the home directory to be steered by; signals do.
control_socket_disable = True
errorlog = "-"
loglevel = "warning"
