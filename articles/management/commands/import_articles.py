"""The command `import_articles`."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError
from tqdm import tqdm

from articles.related import keep_learning
from articles.transfer import BadFile, ImportBusy, Importer, Line, read_lines


class Command(BaseCommand):
    """Read articles from JSON Lines files; running it again adds nothing twice."""

    help = (
        "导入稿件（JSON Lines，每行一篇）。可反复运行：没变的跳过，变了的更新，中断后重跑即可继续。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Files, and how to treat them."""
        parser.add_argument(
            "files", nargs="+", metavar="文件", help=".jsonl、.jsonl.gz，- 为标准输入"
        )
        parser.add_argument(
            "--photos", type=Path, metavar="目录", help="图片目录（默认为文件旁边的 photos）"
        )
        parser.add_argument(
            "--rejects",
            type=Path,
            metavar="文件",
            default=Path("import.rejects.jsonl"),
            help="退回的行写到哪里（默认 import.rejects.jsonl）",
        )
        parser.add_argument("--dry-run", action="store_true", help="只检查，不写入")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import file after file; the last line says how many lines did what."""
        with Rejects(options["rejects"]) as rejects:
            importer = Importer(rejects.add, dry_run=options["dry_run"])
            try:
                for name in options["files"]:
                    beside = Path(name).parent / "photos"
                    importer.photos = options["photos"] or (beside if beside.is_dir() else None)
                    for _ in importer.run(self._with_progress(name)):
                        pass
            except BadFile as error:
                raise CommandError(f"{error}\n{self._summary(importer)}") from error
            except OperationalError as error:
                raise CommandError(
                    f"数据库出错，写入的都在，再运行一次就会继续。\n{error}\n{self._summary(importer)}"
                ) from error
            except ImportBusy as error:
                raise CommandError("另一个导入正在进行，请等它结束") from error
            except KeyboardInterrupt as error:
                raise CommandError(
                    f"已中断。写入的都在，再运行一次就会继续。\n{self._summary(importer)}"
                ) from error
            if rejects.count:
                self.stderr.write(f"退回的行和原因在 {rejects.path}")
        keep_learning()
        self.stdout.write(self._summary(importer))

    def _summary(self, importer: Importer) -> str:
        tally = importer.tally
        trial = "（只是检查，没有写入）" if importer.dry_run else ""
        return (
            f"新增 {tally.added} 篇，更新 {tally.updated} 篇，"
            f"未变 {tally.unchanged} 篇，退回 {tally.rejected} 行{trial}"
        )

    def _with_progress(self, name: str) -> Iterator[Line]:
        """The file's lines, under a progress bar where a person watches."""
        size = Path(name).stat().st_size if Path(name).is_file() else None
        with tqdm(
            total=size, unit="B", unit_scale=True, desc=Path(name).name, disable=None, leave=False
        ) as bar:
            for line in read_lines(name):
                bar.update(line.position - bar.n)
                yield line


class Rejects:
    """A file of refused lines, made only when there is one."""

    def __init__(self, path: Path) -> None:
        """Nothing is written before the first reject."""
        self.path = path
        self.count = 0
        self._file: TextIO | None = None

    def __enter__(self) -> "Rejects":
        return self

    def __exit__(self, *error: object) -> None:
        if self._file:
            self._file.close()

    def add(self, line: Line, reason: str) -> None:
        """Write a line down with where it stood and why it was refused."""
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8")
        self.count += 1
        content = line.content.decode("utf-8", "replace").rstrip("\r\n") if line.content else ""
        entry = {"file": line.file, "line": line.number, "reason": reason, "content": content}
        self._file.write(json.dumps(entry, ensure_ascii=False) + "\n")
