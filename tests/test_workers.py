"""Processes that work for another one: they leave Ctrl-C to it and end with it."""

import os
import signal
import sys
import time
from concurrent.futures.process import BrokenProcessPool

import psutil
import pytest

from articles import text, workers
from tests.commands import Start

pytestmark = pytest.mark.process

# Has a worker do something, says its number and waits.
HOLDER = """
import os, time
from articles.workers import Workers
if __name__ == "__main__":
    held = Workers(1)
    print(held.submit(os.getpid).result(), flush=True)
    time.sleep(600)
"""


def gone(pid: int) -> bool:
    """Whether a process ends soon."""
    for _ in range(200):
        if not psutil.pid_exists(pid):
            return True
        time.sleep(0.05)
    return False


def test_work_is_done_by_others_who_know_django() -> None:
    held = workers.Workers(2)
    try:
        assert held.submit(os.getpid).result() != os.getpid()
        assert held.submit(text.count, number=12_000).result() == "1.2万"
    finally:
        held.close()


def test_ctrl_c_is_not_for_them() -> None:
    held = workers.Workers(1)
    try:
        pid = held.submit(os.getpid).result()
        os.kill(pid, signal.SIGINT)
        assert held.submit(os.getpid).result() == pid
    finally:
        held.close()
    assert gone(pid)


def test_one_that_is_killed_is_told() -> None:
    held = workers.Workers(1)
    try:
        pid = held.submit(os.getpid).result()
        waiting = held.submit(time.sleep, 60)
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(BrokenProcessPool):
            waiting.result()
    finally:
        held.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_they_do_not_outlive_whom_they_work_for(
    start: Start, tmp_path, how: signal.Signals
) -> None:
    (tmp_path / "holder.py").write_text(HOLDER)
    process = start(sys.executable, str(tmp_path / "holder.py"))
    assert process.stdout
    pid = int(process.stdout.readline())
    assert psutil.pid_exists(pid)
    process.send_signal(how)
    process.wait()
    assert gone(pid)
