"""The command `make_corpus`."""

import os
import time
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from datetime import date, timedelta
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone
from tqdm import tqdm

from articles import text
from articles.corpus.making import Busy, NotEmpty, Phase, Step, make
from articles.corpus.plan import Plan

MOST_ARTICLES, MOST_PROCESSES = 10_000_000, 8
# Where nobody watches a bar: a line after so many seconds.
LINE_SECONDS = 15
# The phases that go article by article.
COUNTED = (Phase.LOADING, Phase.ENTRIES)
# Ten years before it there was no web to be archived from.
EARLIEST = date(2005, 1, 1)
START_AFRESH = (
    "造出一半的档案没有用处，也不能接着造：请换一个空的数据库"
    "（自带的：停下网站，删去 var/ 里的 postgres），执行 migrate 之后再来。"
)


class Command(BaseCommand):
    """Make up an archive of any size in an empty database, to measure it or to try it out."""

    help = "在空的数据库里造一座指定大小的档案，用来测量和试用：篇数和日期相同，造出的就完全相同。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How large, up to which day, by how many."""
        parser.add_argument(
            "--articles", required=True, type=_articles, metavar="篇数",
            help=f"造多少篇稿件，1 到 {MOST_ARTICLES}",
        )  # fmt: skip
        parser.add_argument(
            "--end", type=_end, metavar="日期",
            help="最新一篇在哪一天，如 2025-12-31；须早于今天，默认为昨天",
        )  # fmt: skip
        parser.add_argument(
            "--processes", type=_processes, metavar="进程数",
            default=min(os.cpu_count() or 1, MOST_PROCESSES),
            help=f"同时用几个进程，1 到 {MOST_PROCESSES}；默认每个核一个",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        """Phase after phase; the last lines say how long each took."""
        plan = Plan(options["articles"], options["end"] or timezone.localdate() - timedelta(days=1))
        took = dict.fromkeys(Phase, 0.0)
        progress = Progress(self.stdout.write, plan.articles)
        try:
            for step in make(plan, options["processes"]):
                took[step.phase] += step.seconds
                progress.show(step)
        except NotEmpty as error:
            raise CommandError(
                f"数据库里已有{error}，只能造在空的数据库里；什么也没有动。"
            ) from error
        except Busy as error:
            raise CommandError("另一个进程正在造，请等它结束。") from error
        except KeyboardInterrupt as error:
            raise CommandError(f"已中断。{START_AFRESH}") from error
        except (DatabaseError, psycopg.Error, BrokenProcessPool, OSError) as error:
            raise CommandError(f"造到一半出错：{error}\n{START_AFRESH}") from error
        finally:
            progress.close()
        for phase, seconds in took.items():
            self.stdout.write(f"{phase} {seconds:.1f} 秒")
        self.stdout.write(
            f"造好了 {plan.articles} 篇稿件，最新的在 {plan.end}，共用 {sum(took.values()):.0f} 秒"
        )


class Progress:
    """A bar a phase where a person watches, else a line now and then."""

    def __init__(self, say: Callable[[str], object], articles: int) -> None:
        """`say` takes the lines."""
        self._say = say
        self._articles = articles
        self._bar: tqdm[Any] | None = None
        self._phase: Phase | None = None
        self._done = 0
        self._began = self._said = time.monotonic()

    def show(self, step: Step) -> None:
        """One step further."""
        if step.phase != self._phase:
            self._begin(step.phase)
        self._done += step.articles
        if self._bar is not None:
            self._bar.update(step.articles)
        if self._bar is None or self._bar.disable:
            self._say_now_and_then()

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _begin(self, phase: Phase) -> None:
        self.close()
        self._phase, self._done, self._began = phase, 0, time.monotonic()
        if phase in COUNTED:
            self._bar = tqdm(total=self._articles, desc=phase, unit="篇", disable=None, leave=False)
        else:
            self._say(f"{phase}……")

    def _say_now_and_then(self) -> None:
        """稿件 120000/1000000 篇，每秒 2100 篇，还要 7 分钟."""
        now = time.monotonic()
        if self._done == 0 or now - self._said < LINE_SECONDS:
            return
        self._said = now
        rate = self._done / max(now - self._began, 0.001)
        left = (self._articles - self._done) / rate / 60
        self._say(
            f"{self._phase} {self._done}/{self._articles} 篇，每秒 {rate:.0f} 篇，"
            f"还要 {left:.0f} 分钟"
        )


def _articles(said: str) -> int:
    return _whole(said, MOST_ARTICLES)


def _processes(said: str) -> int:
    return _whole(said, MOST_PROCESSES)


def _whole(said: str, most: int) -> int:
    number = text.number(said, most)
    if not number:
        raise ArgumentTypeError(f"要 1 到 {most} 之间的整数，不是“{said}”")
    return number


def _end(said: str) -> date:
    try:
        day = date.fromisoformat(said)
    except ValueError as error:
        raise ArgumentTypeError(f"不是日期：“{said}”，要写成 2025-12-31 这样") from error
    if not EARLIEST <= day < timezone.localdate():
        raise ArgumentTypeError(f"要从 {EARLIEST} 起、早于今天的日期，不是 {said}")
    return day
