"""The command `rebuild_search`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from articles.models import Article, SearchEntry
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
        steps = maintenance.rebuild_offline() if options["offline"] else maintenance.rebuild()
        total = Article.objects.count()
        with tqdm(total=total, desc="索引", unit="篇", disable=None, leave=False) as bar:
            for done in steps:
                bar.update(done)
        learn()
        total = SearchEntry.objects.count()
        with tqdm(total=total, desc="相关", unit="篇", disable=None, leave=False) as bar:
            for done in liken_all():
                bar.update(done)
        self.stdout.write(f"索引已重建，{total} 篇稿件可供搜索")
