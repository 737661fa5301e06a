"""What is counted, for Prometheus; every process counts, any of them tells the sum.

Under gunicorn the processes keep their figures in files of a folder that the master makes
(deploy/gunicorn.conf.py); elsewhere in memory. Labels are words of ours, of which there are few.

Counting with the library takes some microseconds, and a page from memory takes eight in all. So
those are counted by plain integers and carried over once a second.
"""

import os
from collections.abc import Iterable
from threading import Lock, Timer
from time import perf_counter
from typing import NamedTuple

from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector


class Outcome(NamedTuple):
    """What became of a request: what for, how answered, for which device, and made or kept."""

    kind: str
    status: str
    device: str
    source: str


MEMORY, MADE = "memory", "made"
# A request that broke before anybody could say so.
BROKEN = Outcome("other", "500", "", MADE)
_CARRY_OVER_SECONDS = 1.0

REQUESTS = Counter(
    "xinwang_requests", "Answered requests; memory: finished pages.", Outcome._fields
)
SECONDS = Histogram(
    "xinwang_request_seconds", "Time to answer what is not in memory.", ["kind"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)  # fmt: skip
DATABASE_ERRORS = Counter(
    "xinwang_database_errors", "Statements and connections that failed.", ["error"]
)
SLOW_STATEMENTS = Counter("xinwang_slow_statements", "Statements that the log calls slow.")
READS = Counter("xinwang_reads", "Reads counted: a reader, an article and a day each.")


class Kept:
    """How often a page from memory was answered so."""

    __slots__ = ("carried", "outcome", "times")

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.times = self.carried = 0


class Tally:
    """Counts requests; pages from memory by integers, carried over within a second."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: dict[Outcome, Kept] = {}
        self._waiting = False

    def kept(self, outcome: Outcome) -> Kept:
        """What counts the pages from memory that are answered so."""
        with self._lock:
            return self._kept.setdefault(outcome, Kept(outcome))

    def count(self, outcome: Outcome | Kept, began: float) -> None:
        """Count a request that began at this time (perf_counter).

        No lock for pages from memory: CPython changes no thread while it adds one.
        """
        if type(outcome) is Kept:
            outcome.times += 1
            if not self._waiting:
                self._carry_over_soon()
        elif isinstance(outcome, Outcome):
            REQUESTS.labels(*outcome).inc()
            SECONDS.labels(outcome.kind).observe(perf_counter() - began)

    def carry_over(self) -> None:
        """Hand what was counted on to Prometheus' own counters."""
        with self._lock:
            self._waiting = False
            for kept in self._kept.values():
                if new := kept.times - kept.carried:
                    kept.carried += new
                    REQUESTS.labels(*kept.outcome).inc(new)

    def _carry_over_soon(self) -> None:
        with self._lock:
            if self._waiting:
                return
            self._waiting = True
        timer = Timer(_CARRY_OVER_SECONDS, self.carry_over)
        timer.daemon = True
        timer.start()


TALLY = Tally()


class _Gauges(Collector):
    """What is so at this moment, by name."""

    def __init__(self, values: dict[str, tuple[str, float]]) -> None:
        self._values = values

    def collect(self) -> Iterable[GaugeMetricFamily]:
        for name, (told, value) in self._values.items():
            yield GaugeMetricFamily(name, told, value)


def told(gauges: dict[str, tuple[str, float]]) -> bytes:
    """All figures of all processes, and these, in Prometheus' text format."""
    TALLY.carry_over()
    now = CollectorRegistry()
    now.register(_Gauges(gauges))
    counted = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        counted = CollectorRegistry()
        multiprocess.MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    return generate_latest(counted) + generate_latest(now)
