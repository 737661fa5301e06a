"""The most telling faults of `make chaos`, once each: real processes, readers, an editor."""

import configparser
from collections.abc import Iterator
from functools import partial

import pytest

from tests.chaos import faults
from tests.chaos.fault import Fault
from tests.chaos.running import Site, a_site
from tests.missing import skipped_without_nginx
from tests.serving import ROOT

pytestmark = pytest.mark.process


@pytest.fixture
def site() -> Iterator[Site]:
    with skipped_without_nginx(), a_site(articles=30) as made:
        yield made


def test_faults_lose_nothing(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    once = partial(Fault, times=1, pause=0.1, slowness=6)  # others use this machine as well
    for fault in (
        once("the master is killed", faults.kill_the_master, bites=False, cut_off=True),
        once("a lock", partial(faults.lock_tables, seconds=3.5), crowd=9),
        once("read-only", partial(faults.read_only, seconds=1)),
    ):
        tried = fault.tried(site)
        assert tried.lost == 0, (tried, capsys.readouterr().out)


def test_systemd_starts_it_again_however_often_and_lets_one_worker_fall_alone() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.read(ROOT / "deploy" / "xinwang.service")
    assert unit["Service"]["Restart"] == "on-failure"
    assert float(unit["Service"]["RestartSec"]) <= 5
    assert unit["Service"]["OOMPolicy"] == "continue"
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"
