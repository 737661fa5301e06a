"""How long whoever answers readers waits for the database.

A page asks for milliseconds. What takes seconds is stuck, and a thread that waits for it answers
nobody else: it gives up, and the reader is asked to come again. Commands (migrations, imports,
rebuilds) wait as long as it takes, and so does what the desk stores, for nearly as long as nginx
waits for it (deploy/nginx.conf).
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.db import Error, connection

STATEMENT_SECONDS = 10
# For a lock: whoever alters a table keeps everybody from it, and those who wait fill all threads.
LOCK_SECONDS = 3
# What holds its locks and does nothing is a process that hangs. Decoding photos is quicker.
IDLE_SECONDS = 120
# What an editor's click may take: a topic of many articles to be indexed anew, a hundred published.
DESK_SECONDS, DESK_LOCK_SECONDS = 100, 15

_BOUNDS = (
    f"-c statement_timeout={STATEMENT_SECONDS}s -c lock_timeout={LOCK_SECONDS}s"
    f" -c idle_in_transaction_session_timeout={IDLE_SECONDS}s"
)


def bound(database: dict[str, Any]) -> None:
    """Bound a database's connections, before the first is made.

    What its address says itself (`?options=-c statement_timeout=…`) goes before it.
    """
    given = database["OPTIONS"].get("options", "")
    database["OPTIONS"]["options"] = f"{_BOUNDS} {given}".strip()


@contextmanager
def unhurried(statement: int = 0, lock: int = 0) -> Iterator[None]:
    """Let each statement, and its waiting for locks, take so many seconds; 0: as long as it likes.

    Three statements; none where nothing is bounded. To be put around transactions.
    """
    if _BOUNDS not in connection.settings_dict["OPTIONS"].get("options", ""):
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('statement_timeout', %s, false),"
            " set_config('lock_timeout', %s, false)",
            [f"{statement}s", f"{lock}s"],
        )
    try:
        yield
    finally:
        # A connection that has broken has nothing to be reset; the next one begins as all do.
        with suppress(Error), connection.cursor() as cursor:
            cursor.execute("RESET statement_timeout")
            cursor.execute("RESET lock_timeout")
