"""The command `check_search`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from articles.models import Generation
from articles.search import maintenance


class Command(BaseCommand):
    """Prove that the search index and the articles agree; mend it on demand."""

    help = "核对搜索索引与稿件是否一致；--repair 改正不一致的地方。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whether to mend."""
        parser.add_argument("--repair", action="store_true", help="改正不一致的条目")

    def handle(self, *args: Any, **options: Any) -> None:
        """Range after range; fails if anything was wrong and is left so."""
        wrong: list[int] = []
        unfindable: list[int] = []
        ranges = list(maintenance.batches())
        for first, last in tqdm(ranges, desc="核对", disable=None, leave=False):
            found = maintenance.check(first, last)
            wrong += found.wrong
            unfindable += found.unfindable
            if options["repair"] and found.wrong:
                maintenance.repair(found.wrong)
        if options["repair"] and wrong:
            Generation.objects.begin()  # what was found so far may have been too little
        if unfindable:
            raise CommandError(
                f"索引本身已损坏：{len(unfindable)} 篇稿件按自己的字句查不到"
                f"（编号 {_some(unfindable)}），请运行 rebuild_search"
            )
        if wrong and not options["repair"]:
            raise CommandError(
                f"{len(wrong)} 篇稿件与索引不一致（编号 {_some(wrong)}），用 --repair 改正"
            )
        self.stdout.write(f"改正了 {len(wrong)} 篇" if wrong else "索引与稿件一致")


def _some(numbers: list[int]) -> str:
    return "、".join(map(str, numbers[:10])) + ("……" if len(numbers) > 10 else "")
