"""What every entry point (manage.py, wsgi.py, run.py, the tests) does before Django starts.

Settings have no side effects; whatever has to be started or made is started and made here, and
handed on through the environment, so that child processes find it there.
"""

import fcntl
import os
import secrets
import sys
from pathlib import Path

from xinwang import env
from xinwang.embedded import Cluster, EmbeddedError

CLUSTER_DIR = "postgres"


def prepare(
    cluster_dir: str = CLUSTER_DIR, options: tuple[str, ...] = (), *, database: bool = True
) -> env.Environment:
    """Check the environment, start the embedded PostgreSQL if no DATABASE_URL is given.

    Ends the process with a sentence a person can act on when that is impossible.
    """
    try:
        environment = env.read()
        if not database:
            return environment
        if environment.database is None:
            cluster = Cluster(environment.var_dir / cluster_dir, options)
            os.environ["DATABASE_URL"] = cluster.start()
        if not environment.secret_key:
            os.environ["SECRET_KEY"] = _kept_secret_key(environment.var_dir)
        return env.read()
    except (env.ConfigurationError, EmbeddedError) as error:
        sys.exit(f"信网无法启动：{error}")


def _kept_secret_key(var_dir: Path) -> str:
    """The key of this installation, made once, readable by its owner alone."""
    path = var_dir / "secret-key"
    try:
        var_dir.mkdir(parents=True, exist_ok=True)
        if path.exists() and (kept := path.read_text().strip()):
            return kept
        with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # processes that start together agree on one key
            if not (key := file.read().strip()):
                key = secrets.token_urlsafe(50)
                file.write(key)
            return key
    except OSError as error:
        raise env.ConfigurationError(
            f"用不了 {error.filename}：{error.strerror}，请检查属主和权限"
        ) from error
