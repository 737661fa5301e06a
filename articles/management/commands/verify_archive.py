"""The command `verify_archive`."""

import json
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from articles import fixity
from articles.fixity import Fault
from articles.management.progress import Progress
from articles.models import Article, Page, Photo, Promo
from articles.outages import reason

KINDS = {
    "article": "稿件", "version": "公开版本", "photo": "原图", "rendition": "缩略图",
    "link": "链接", "redirect": "旧网址",
}  # fmt: skip


class Command(BaseCommand):
    """Read the whole archive through and say what is not as it should be. Changes nothing."""

    help = (
        "核对全部档案：重算稿件、公开版本和原图的指纹，检查缩略图、站内链接和旧网址。"
        "只读；有问题时退出码为 1。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to compare with, and how to say it."""
        parser.add_argument(
            "--against", type=Path, metavar="清单",
            help="与先前导出的清单（export_articles --manifest 写的 .texts）逐篇对照",
        )  # fmt: skip
        parser.add_argument("--json", action="store_true", help="每个问题一行 JSON，最后一行是总数")

    def handle(self, *args: Any, **options: Any) -> None:
        """Stage after stage; each fault is said when it is found."""
        found: Counter[str] = Counter()
        articles = Article.objects.count()
        stages = (
            ("核对稿件", "篇", articles, fixity.check_texts(options["against"])),
            ("核对图片", "张", Photo.objects.count(), fixity.check_photos()),
            ("核对链接", "页", articles + Page.objects.count() + Promo.objects.count(),
             fixity.check_links()),
            ("核对旧网址", "个", Article.objects.public().exclude(legacy_url="").count(),
             fixity.check_redirects()),
        )  # fmt: skip
        checked = Counter({what: 0 for what, *_ in stages})
        with _read_only():
            for what, unit, total, steps in stages:
                with Progress(what, total, self.stderr.write, unit) as progress:
                    for step in self._steps(steps):
                        checked[what] += step.done
                        progress.reach(checked[what], checked[what])
                        for fault in step.faults:
                            found[fault.kind] += 1
                            self._say(fault, as_json=options["json"])
        self._end(checked, found, as_json=options["json"])

    def _steps(self, steps: Iterator[fixity.Step]) -> Iterator[fixity.Step]:
        try:
            yield from steps
        except fixity.BadList as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"读不了 {error.filename}：{reason(error)}") from error

    def _say(self, fault: Fault, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(fault._asdict(), ensure_ascii=False))
        else:
            self.stdout.write(f"{KINDS[fault.kind]} {fault.about}：{fault.what}")

    def _end(self, checked: Counter[str], found: Counter[str], *, as_json: bool) -> None:
        texts, photos, pages, old = checked.values()
        through = f"{texts:,} 篇稿件、{photos:,} 张图片、{pages:,} 页的链接、{old:,} 个旧网址"
        if as_json:
            numbers = {"articles": texts, "photos": photos, "pages": pages, "redirects": old}
            said = {"checked": numbers, "faults": dict(found), "ok": not found}
            self.stdout.write(json.dumps(said))
        elif not found:
            self.stdout.write(f"核对完毕，没有问题：{through}")
        if found:
            each = "、".join(f"{KINDS[kind]} {number:,}" for kind, number in sorted(found.items()))
            raise CommandError(f"核对完毕，有 {sum(found.values()):,} 个问题（{each}）：{through}")


@contextmanager
def _read_only() -> Iterator[None]:
    """The database refuses whatever would write, in every transaction from here to the end."""
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
        try:
            yield
        finally:
            cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE")
