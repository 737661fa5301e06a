"""What every entry point (manage.py, wsgi.py, run.py, the tests) does before Django starts.

Settings have no side effects; whatever has to be started or made is started and made here, and
handed on through the environment, so that child processes find it there.
"""

import os
import secrets
import sys
from pathlib import Path

from xinwang import env
from xinwang.embedded import Cluster, EmbeddedError

CLUSTER_DIR = "postgres"


def prepare(cluster_dir: str = CLUSTER_DIR, options: tuple[str, ...] = ()) -> env.Environment:
    """Check the environment, start the embedded PostgreSQL if no DATABASE_URL is given.

    Ends the process with a sentence a person can act on when that is impossible.
    """
    try:
        environment = env.read()
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
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    except PermissionError as error:
        raise env.ConfigurationError(f"没有权限写入 {var_dir}，请检查目录属主") from error
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(50))
    return path.read_text().strip()
