"""How long searches take: each class and each part of a search, one client and several."""

import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier

from django.db import connections

from articles.search import Sort, entries, facets, find
from articles.search.conditions import conditions
from articles.search.finding import CANDIDATES, relevant
from tests.bench.queries import Case

ROUNDS = 2
SECONDS = 5
PAGE = 20


@dataclass(frozen=True)
class Spread:
    """Percentiles of times, in milliseconds."""

    p50: float
    p95: float
    p99: float

    def __str__(self) -> str:
        return f"{self.p50:.1f} / {self.p95:.1f} / {self.p99:.1f}"


def spread(seconds: Sequence[float]) -> Spread:
    """The percentiles of these times."""
    ordered = sorted(second * 1000 for second in seconds)
    last = len(ordered) - 1
    return Spread(
        statistics.median(ordered), ordered[round(last * 0.95)], ordered[round(last * 0.99)]
    )


def timed(work: Callable[[Case], object], cases: Sequence[Case]) -> list[float]:
    """Seconds of each case in each round, after a round that warms up."""
    for case in cases:
        work(case)
    rounds = ROUNDS if len(cases) > 1 else 40
    return [seconds(work, case) for _ in range(rounds) for case in cases]


def seconds(work: Callable[[Case], object], case: Case) -> float:
    """How long it takes once."""
    began = time.perf_counter()
    work(case)
    return time.perf_counter() - began


def newest(case: Case) -> object:
    """The ids of a page, the newest first."""
    wanted = conditions(case.query, case.filters)
    return entries.gather(wanted, PAGE + 1, case.position)


def relevance(case: Case) -> object:
    """The ids in the order of relevance."""
    wanted = conditions(case.query, case.filters)
    return relevant(case.query, case.filters, wanted, entries.survey(wanted, CANDIDATES))


def capped(case: Case) -> object:
    """How many are found, up to a thousand."""
    return facets.newest(conditions(case.query, case.filters))


def narrowed(case: Case) -> object:
    """How many are found, by year, topic and source."""
    wanted = conditions(case.query, case.filters)
    return facets.count(wanted, facets.newest(wanted))


def whole(case: Case) -> object:
    """All of a page of results by relevance: articles, marks, count and facets."""
    return find(case.query, case.filters, Sort.RELEVANCE, case.position, 1, PAGE)


PARTS: dict[str, Callable[[Case], object]] = {
    "newest page": newest,
    "relevance": relevance,
    "capped count": capped,
    "count and facets": narrowed,
    "whole page": whole,
}


def concurrently(clients: int, cases: Sequence[Case]) -> list[float]:
    """Seconds of each newest page that so many clients ask for, one after the other each.

    Each client is a process with a connection of its own.
    """
    connections.close_all()
    context = get_context("fork")
    begin, answers = context.Barrier(clients), context.SimpleQueue()
    processes = [
        context.Process(target=_client, args=(number, cases, begin, answers))
        for number in range(clients)
    ]
    for process in processes:
        process.start()
    found = [one for _ in processes for one in answers.get()]
    for process in processes:
        process.join()
    return found


def _client(
    number: int, cases: Sequence[Case], begin: Barrier, answers: "SimpleQueue[list[float]]"
) -> None:
    r = random.Random(number)
    for case in r.sample(cases, 20):
        newest(case)
    begin.wait()
    times: list[float] = []
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        times.append(seconds(newest, r.choice(cases)))
    answers.put(times)
    connections.close_all()
