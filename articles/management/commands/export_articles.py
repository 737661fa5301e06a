"""The command `export_articles`."""

import gzip
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from articles.transfer import export


class Command(BaseCommand):
    """Write every article, with all that belongs to it, as the import reads it."""

    help = "导出全部稿件（JSON Lines，每行一篇），原图一并放到文件旁边的 photos 目录。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to."""
        parser.add_argument(
            "file", nargs="?", default="-", metavar="文件",
            help=".jsonl 或 .jsonl.gz；- 表示标准输出（不带图片）",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        """Write to a temporary name first, so that a broken export never looks like a whole one."""
        if options["file"] == "-":
            for line in export():
                sys.stdout.write(line)
            return
        target = Path(options["file"])
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_name(target.name + ".part")
        count = 0
        packed = target.suffix == ".gz"
        with (
            gzip.open(unfinished, "wt", encoding="utf-8")
            if packed
            else unfinished.open("w", encoding="utf-8") as file
        ):
            for line in export(photos=target.parent / "photos"):
                file.write(line)
                count += 1
        unfinished.replace(target)
        self.stdout.write(f"导出 {count} 篇到 {target}")
