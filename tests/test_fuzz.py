"""Whatever strangers and editors send, it is answered: some of what `make chaos` sends a lot of."""

import os

import pytest

from tests.hostile.archive import make_archive
from tests.hostile.asking import in_process
from tests.hostile.fuzzing import Fuzz

pytestmark = [pytest.mark.django_db, pytest.mark.once]

REQUESTS = int(os.environ.get("FUZZ_REQUESTS", "400"))
SEED = int(os.environ.get("FUZZ_SEED", "8"))


def test_nothing_that_is_sent_breaks_anything() -> None:
    make_archive()
    judge = Fuzz(in_process, SEED).run(REQUESTS)

    assert not judge.faults, "\n".join(judge.faults)
    assert judge.asked >= REQUESTS
