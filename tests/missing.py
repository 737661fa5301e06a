"""Tests of what not every machine has."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.serving import Missing


@contextmanager
def skipped_without_nginx() -> Iterator[None]:
    """Skip a test whose nginx isn't there, unless REQUIRE_NGINX=1."""
    try:
        yield
    except Missing:
        if os.environ.get("REQUIRE_NGINX") == "1":
            raise
        pytest.skip("no nginx on this machine")
