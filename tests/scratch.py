"""Directories for databases of a test's own.

Not pytest's: it closes /tmp/pytest-of-root to other accounts whenever another run begins, and as
root PostgreSQL runs under another account.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch() -> Iterator[Path]:
    """A directory that vanishes with its test."""
    with tempfile.TemporaryDirectory(prefix="xinwang-", ignore_cleanup_errors=True) as folder:
        yield Path(folder).resolve()
