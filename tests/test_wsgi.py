"""The application as a worker of gunicorn's loads it."""

import os
import subprocess
import sys

from tests.serving import ROOT

_COUNT = "import gc, xinwang.wsgi; print(len(gc.get_objects()), gc.get_freeze_count())"


def test_a_full_collection_looks_at_nothing_that_was_loaded() -> None:
    said = subprocess.run(
        [sys.executable, "-c", _COUNT], cwd=ROOT, capture_output=True, text=True, check=True,
        env={**os.environ, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"},
    ).stdout  # fmt: skip
    looked_at, loaded = map(int, said.split())
    assert loaded > 50_000
    assert looked_at < 5_000
