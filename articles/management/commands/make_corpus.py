"""The command `make_corpus`."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from datetime import date, timedelta
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from articles.corpus.making import Busy, NotEmpty, Phase, Step, make
from articles.corpus.plan import Plan
from articles.management.options import add_processes, whole
from articles.management.progress import Progress

MOST_ARTICLES = 10_000_000
# The phases that are followed article by article.
COUNTED = (Phase.LOADING, Phase.ENTRIES, Phase.INDEX)
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
        add_processes(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Phase after phase; the last lines say how long each took."""
        plan = Plan(options["articles"], options["end"] or timezone.localdate() - timedelta(days=1))
        took = dict.fromkeys(Phase, 0.0)
        phases = Phases(self.stdout.write, plan.articles)
        try:
            for step in make(plan, options["processes"], phases.show_share):
                took[step.phase] += step.seconds
                phases.show(step)
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
            phases.close()
        for phase, seconds in took.items():
            self.stdout.write(f"{phase} {seconds:.1f} 秒")
        self.stdout.write(
            f"造好了 {plan.articles} 篇稿件，最新的在 {plan.end}，共用 {sum(took.values()):.0f} 秒"
        )


class Phases:
    """How far each phase is: those that go article by article, and the index."""

    def __init__(self, say: Callable[[str], object], articles: int) -> None:
        """`say` takes the lines where nobody watches a bar."""
        self._say = say
        self._articles = articles
        self._current: Progress | None = None
        self._phase: Phase | None = None
        self._done = 0

    def show(self, step: Step) -> None:
        """One step further."""
        if step.phase != self._phase:
            self._begin(step.phase)
        self._done += step.articles
        self._reach(self._done)

    def show_share(self, share: float) -> None:
        """So much of the index is built."""
        self._reach(int(share * self._articles))

    def close(self) -> None:
        """Take the bar away."""
        if self._current is not None:
            self._current.close()
            self._current = None

    def _begin(self, phase: Phase) -> None:
        self.close()
        self._phase, self._done = phase, 0
        if phase in COUNTED:
            self._current = Progress(phase, self._articles, self._say)
        else:
            self._say(f"{phase}……")

    def _reach(self, articles: int) -> None:
        if self._current is not None:
            self._current.reach(articles, articles)


def _articles(said: str) -> int:
    return whole(said, MOST_ARTICLES)


def _end(said: str) -> date:
    try:
        day = date.fromisoformat(said)
    except ValueError as error:
        raise ArgumentTypeError(f"不是日期：“{said}”，要写成 2025-12-31 这样") from error
    if not EARLIEST <= day < timezone.localdate():
        raise ArgumentTypeError(f"要从 {EARLIEST} 起、早于今天的日期，不是 {said}")
    return day
