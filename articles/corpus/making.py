"""A made-up archive from nothing to searchable, in an empty database."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import as_completed
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum

from django.core.management.color import no_style
from django.db import connection, models
from psycopg.conninfo import make_conninfo

from articles.connections import alone
from articles.corpus.furnishing import furnish
from articles.corpus.loading import load
from articles.corpus.plan import Plan
from articles.models import (
    Article,
    ArticlePhoto,
    ArticleTopic,
    Correction,
    DailyReads,
    Desk,
    Generation,
    Likeness,
    Page,
    Photo,
    Promo,
    RecentReads,
    Source,
    Topic,
)
from articles.reads import roll_up
from articles.related import SAMPLE, learn_from
from articles.search import maintenance
from articles.workers import Workers

# Any number that no other advisory lock of this database uses.
LOCK = 0x636F72707573
CHUNK = 2000
WRITTEN: tuple[type[models.Model], ...] = (
    Article, Topic, Source, Desk, Photo, Page, Promo, ArticleTopic, ArticlePhoto, Correction,
    DailyReads,
)  # fmt: skip


class NotEmpty(Exception):
    """The database has something already; the text says what."""


class Busy(Exception):
    """Another process is making one."""


class Phase(StrEnum):
    """What is being done, in this order."""

    FURNISHING = "资料"
    LOADING = "稿件"
    LEARNING = "取样"
    ENTRIES = "条目"
    INDEX = "索引"
    FINISHING = "收尾"


@dataclass(frozen=True)
class Step:
    """A phase has begun or gone on: by so many articles and so many seconds."""

    phase: Phase
    articles: int
    seconds: float


def make(
    plan: Plan, processes: int, indexed: Callable[[float], object] = lambda share: None
) -> Iterator[Step]:
    """Write the whole archive, step by step; when the last is taken all is there to be found.

    `indexed` is told now and then which share of the index is built. Raises NotEmpty, having
    written nothing, and Busy. What it had written when it was broken off stays and is of no use,
    for each process commits its parts. Holds a part a process in memory.
    """
    with alone(LOCK, Busy):
        for model in WRITTEN:
            if model._default_manager.exists():
                raise NotEmpty(str(model._meta.verbose_name))
        phase, began = Phase.FURNISHING, time.monotonic()
        yield Step(phase, 0, 0)
        for coming, articles in _make(plan, processes, indexed):
            now = time.monotonic()
            yield Step(phase, 0 if coming != phase else articles, now - began)
            if coming != phase:
                yield Step(coming, 0, 0)
            phase, began = coming, now
        yield Step(phase, 0, time.monotonic() - began)


def _make(
    plan: Plan, processes: int, indexed: Callable[[float], object]
) -> Iterator[tuple[Phase, int]]:
    """As each phase begins, and with each part of one that is done."""
    _set_sequences()
    plan = Plan(plan.articles, plan.end, furnish(plan.end))
    yield Phase.LOADING, 0
    for written in _load(plan, processes):
        yield Phase.LOADING, written
    _set_sequences()
    _vacuum(*WRITTEN)
    # Before there are entries, so that each is written with what it is alike by.
    yield Phase.LEARNING, 0
    maintenance.empty()
    learn_from(_sample(plan), plan.published)
    yield Phase.ENTRIES, 0
    with closing(maintenance.fill()) as steps:
        for done in steps:
            yield Phase.ENTRIES, done
    yield Phase.INDEX, 0
    maintenance.build(indexed)
    yield Phase.FINISHING, 0
    roll_up(plan.last_read_on, wait=True)
    Generation.objects.begin()
    _vacuum(Likeness, RecentReads)


def _load(plan: Plan, processes: int) -> Iterator[int]:
    """Have all articles written; how many by each part that is done."""
    connection.ensure_connection()
    server = connection.connection.info
    conninfo = make_conninfo(server.dsn, password=server.password or None)
    length = min(CHUNK, -(-plan.articles // processes))
    with closing(Workers(processes)) as workers:
        parts = [
            workers.submit(load, conninfo, plan, first, min(first + length - 1, plan.articles))
            for first in range(1, plan.articles + 1, length)
        ]
        for part in as_completed(parts):
            yield part.result()


def _sample(plan: Plan) -> list[int]:
    """Published articles, spread evenly, as many as are learned from."""
    spread = range(1, plan.published + 1, -(-plan.published // SAMPLE))
    return [number for number in spread if plan.state(number) == "published"]


def _set_sequences() -> None:
    """Have every table count on from its last row, or from 1."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(WRITTEN)):
            cursor.execute(statement)


def _vacuum(*tables: type[models.Model]) -> None:
    """So that lists are read from indexes alone and the planner knows how large all is."""
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {', '.join(table._meta.db_table for table in tables)}")
