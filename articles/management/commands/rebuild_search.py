"""The command `rebuild_search`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from articles.management.indexing import follow, rebuild_offline
from articles.models import SearchEntry
from articles.related import learn, liken_all
from articles.search import maintenance


class Command(BaseCommand):
    """Build the search index anew, and what related articles are found by."""

    help = "重建搜索索引和相关稿件的依据。网站可照常服务；中断后再运行会接着做。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How."""
        parser.add_argument(
            "--offline",
            action="store_true",
            help="先清空再成批重建，快得多，但完成之前搜不到稿件（适合第一次导入大批稿件之后）",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Entries, the index, common pairs, likeness; each under a progress bar."""
        if options["offline"]:
            rebuild_offline(self.stderr.write)
        else:
            follow("核对搜索条目", maintenance.rebuild(), self.stderr.write)
        learn()
        follow("寻找相关稿件", liken_all(), self.stderr.write)
        total = SearchEntry.objects.count()
        self.stdout.write(f"索引已重建，{total} 篇稿件可供搜索")
