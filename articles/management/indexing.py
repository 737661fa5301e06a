"""What is made of all articles, and takes long: under a bar, or with a line now and then."""

from collections.abc import Callable, Generator
from contextlib import closing

from articles.management.progress import Progress
from articles.models import Article
from articles.search import maintenance


def rebuild_offline(say: Callable[[str], object]) -> None:
    """Empty the search index and build it in bulk; nothing is found until it is done."""
    follow("写入搜索条目", maintenance.fill_anew(), say)
    total = Article.objects.count()
    with Progress("建立搜索索引", total, say) as progress:

        def report(share: float) -> None:
            progress.reach(int(share * total), int(share * total))

        maintenance.build(report)


def follow(what: str, steps: Generator[int, None, None], say: Callable[[str], object]) -> None:
    """Take all steps, each of which says how many articles it did."""
    done = 0
    with Progress(what, Article.objects.count(), say) as progress, closing(steps):
        for articles in steps:
            done += articles
            progress.reach(done, done)
