"""The tests' PostgreSQL; loaded before Django's settings are (`-p tests.cluster`).

Without DATABASE_URL an embedded cluster starts beside the site's, so that a running site and its
data are never touched; it writes without waiting for the disk.
"""

import os
import signal

import pytest

from xinwang import entry

# Started in the background or under nohup, the tests inherit ignored signals; what they start and
# then stop must not. (Workers inherit from here and find nothing to change.)
for number in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(
            number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
        )

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinwang.settings")
os.environ["DEBUG"] = "false"
os.environ["SITE_URL"] = "http://testserver"
environment = entry.prepare(
    "postgres-test", ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
)
# WhiteNoise warns where nothing has been collected yet; tests serve static files unhashed.
(environment.var_dir / "static").mkdir(parents=True, exist_ok=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    """For a run on another PostgreSQL: what asks none would say the same again."""
    parser.addoption("--database", action="store_true", help="only tests that ask the database")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the others if `--database` says so."""
    if config.getoption("--database"):
        left_out = [item for item in items if not _asks(item)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if _asks(item)]


def _asks(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool(item.get_closest_marker("django_db") or fixtures & {"db", "transactional_db"})
