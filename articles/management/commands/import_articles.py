"""The command `import_articles`."""

from argparse import ArgumentParser
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from articles.management.importing import ImportCommand, Rejects
from articles.management.options import add_file, add_overwrite, add_processes
from articles.management.progress import Progress
from articles.transfer import Importer, read_lines


class Command(ImportCommand):
    """Read articles from JSON Lines files; running it again adds nothing twice."""

    help = (
        "导入稿件（JSON Lines，每行一篇）。"
        "可反复运行：没变的跳过，变了的更新，编辑改过的不动；中断后重跑即可继续。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Files, and how to treat them."""
        parser.add_argument(
            "files", nargs="+", metavar="文件", help=".jsonl、.jsonl.gz，- 为标准输入"
        )
        parser.add_argument(
            "--photos", type=Path, metavar="目录", help="图片目录（默认为文件旁边的 photos）"
        )
        add_file(parser, "--rejects", "import.rejects.jsonl", "退回的行")
        parser.add_argument("--dry-run", action="store_true", help="只检查，不写入")
        add_overwrite(parser)
        add_processes(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Import file after file; the last line says how many lines did what."""
        with Rejects(options["rejects"]) as rejects:
            importer = Importer(
                rejects.add,
                photos=lambda name: options["photos"] or _beside(name),
                dry_run=options["dry_run"],
                processes=options["processes"],
                overwrite=options["overwrite"],
            )
            with self.importing(importer):
                self._import(importer, options["files"])
            if rejects.count:
                self.stderr.write(f"退回的行和原因在 {rejects.path}")
        self.stdout.write(self.summary(importer))

    def _import(self, importer: Importer, files: Sequence[str]) -> None:
        sizes = {name: Path(name).stat().st_size for name in files if Path(name).is_file()}
        total = sum(sizes.values()) if len(sizes) == len(files) else None
        lines = (line for name in files for line in read_lines(name))
        before = done = 0
        last = files[0]
        with (
            Progress("导入", total, self.stderr.write) as progress,
            closing(importer.run(lines)) as imported,
        ):
            for line in imported:
                done += 1
                if line.file != last:
                    before += sizes.get(last, 0)
                    last = line.file
                progress.reach(before + line.position, done)


def _beside(name: str) -> Path | None:
    """The folder of photos beside a file, if there is one."""
    beside = Path(name).parent / "photos"
    return beside if beside.is_dir() else None
