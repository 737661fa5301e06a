"""Past one machine, with real processes: whichever of them falls, readers see no error."""

from collections.abc import Iterator

import pytest

from tests.chaos.falling import STEPS
from tests.chaos.machines import Machines, Readers, several_machines
from tests.missing import skipped_without_nginx

pytestmark = pytest.mark.process


@pytest.fixture
def site() -> Iterator[Machines]:
    with skipped_without_nginx(), several_machines() as made:
        yield made


def test_readers_see_no_error_whichever_falls(site: Machines) -> None:
    """One story, of `make chaos ARGS=machines`, each part once."""
    with Readers(site) as readers:
        for _, step, _ in STEPS:
            step(site)
    assert readers.errors == []
    assert readers.answers > 100
