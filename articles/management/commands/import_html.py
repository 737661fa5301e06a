"""The command `import_html`."""

from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from articles.elsewhere.folder import Folder
from articles.elsewhere.found import Found
from articles.elsewhere.mapping import BadMapping, Mapping, load
from articles.elsewhere.webpages import WebPages
from articles.management.elsewhere import ElsewhereCommand, Run, counts_of
from articles.outages import reason


class Command(ElsewhereCommand):
    """Read a folder of old HTML pages; running it again adds nothing twice."""

    help = (
        "从一个目录的旧网页（HTML）导入，标题、正文、时间等在哪里由一个 TOML 文件说明。"
        "可反复运行：没变的跳过，变了的更新，编辑改过的不动。先用 --dry-run 看看。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The folder, and the mapping file."""
        parser.add_argument("folder", type=Path, metavar="目录", help="旧网页和图片所在的目录")
        parser.add_argument(
            "--mapping", type=Path, metavar="文件", required=True, help="说明网页结构的 TOML 文件"
        )
        super().add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Count the files, then read them in order."""
        folder: Path = options["folder"]
        if not folder.is_dir():
            raise CommandError(f"没有这个目录：{folder}")
        webpages = WebPages(Folder(folder), _mapping(options["mapping"]), options["dry_run"])
        total = sum(1 for _ in webpages.paths())
        if not total:
            raise CommandError(f"{folder} 里没有要读的网页（[files] include 和 exclude）")
        run = Run(options, folder)

        def entries() -> Iterable[Found]:
            return webpages.entries(run.refuse_early)

        def finish(run: Run) -> None:
            counts = [("网页", f"{total} 个"), *counts_of(run)]
            self.compare(run, folder.resolve().name, webpages.picture, counts)

        self.go(run, entries, total, finish)
        self.end(run)


def _mapping(path: Path) -> Mapping:
    try:
        return load(path)
    except OSError as error:
        raise CommandError(f"读不了 {path}：{reason(error)}") from error
    except BadMapping as error:
        raise CommandError(f"{path}：{error}") from error
