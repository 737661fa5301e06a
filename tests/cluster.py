"""The tests' PostgreSQL; loaded before Django's settings are (`-p tests.cluster`).

Without DATABASE_URL an embedded cluster starts beside the site's, so that a running site and its
data are never touched; it writes without waiting for the disk.
"""

import os

from xinwang import entry

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinwang.settings")
os.environ["DEBUG"] = "false"
os.environ["SITE_URL"] = "http://testserver"
environment = entry.prepare(
    "postgres-test", ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
)
# WhiteNoise warns where nothing has been collected yet; tests serve static files unhashed.
(environment.var_dir / "static").mkdir(parents=True, exist_ok=True)
