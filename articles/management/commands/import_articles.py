"""The command `import_articles`."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from articles.management.indexing import follow, rebuild_offline
from articles.management.options import add_processes
from articles.management.progress import Progress
from articles.related import learn_by_steps
from articles.search import maintenance
from articles.transfer import BadFile, ImportBusy, Importer, Line, alone, read_lines

LATER = (
    "已中断。还要为写入的稿件建立搜索索引；"
    "再按一次 Ctrl-C 就不等它，下次导入或 rebuild_search 会补上。"
)


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
        add_processes(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Import file after file; the last line says how many lines did what."""
        with Rejects(options["rejects"]) as rejects:
            importer = Importer(
                rejects.add,
                photos=lambda name: options["photos"] or _beside(name),
                dry_run=options["dry_run"],
                processes=options["processes"],
            )
            with self._errors(importer), alone():
                try:
                    self._import(importer, options["files"])
                except KeyboardInterrupt:
                    if self._owes_index(importer):
                        self.stderr.write(LATER)
                    self._index(importer)
                    raise
                except (BadFile, BrokenProcessPool):
                    self._index(importer)
                    raise
                self._index(importer)
                if not importer.dry_run:
                    follow("寻找相关稿件", learn_by_steps(), self.stderr.write)
            if rejects.count:
                self.stderr.write(f"退回的行和原因在 {rejects.path}")
        self.stdout.write(self._summary(importer))

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

    def _owes_index(self, importer: Importer) -> bool:
        """Whether this import, or one that was killed, has left the index for later."""
        return not importer.dry_run and maintenance.is_postponed()

    def _index(self, importer: Importer) -> None:
        if self._owes_index(importer):
            rebuild_offline(self.stderr.write)

    @contextmanager
    def _errors(self, importer: Importer) -> Iterator[None]:
        """What may end an import, said to whoever started it, with what it had done."""
        again = "写入的都在，再运行一次就会继续。"
        try:
            yield
        except BadFile as error:
            raise CommandError(f"{error}\n{self._summary(importer)}") from error
        except OperationalError as error:
            raise CommandError(
                f"数据库出错，{again}\n{error}\n{self._summary(importer)}"
            ) from error
        except BrokenProcessPool as error:
            raise CommandError(
                f"整理稿件的进程被终止了（也许内存不够），{again}\n{self._summary(importer)}"
            ) from error
        except ImportBusy as error:
            raise CommandError("另一个导入正在进行，请等它结束") from error
        except KeyboardInterrupt as error:
            raise CommandError(f"已中断。{again}\n{self._summary(importer)}") from error

    def _summary(self, importer: Importer) -> str:
        tally = importer.tally
        trial = "（只是检查，没有写入）" if importer.dry_run else ""
        return (
            f"新增 {tally.added} 篇，更新 {tally.updated} 篇，"
            f"未变 {tally.unchanged} 篇，退回 {tally.rejected} 行{trial}"
        )


def _beside(name: str) -> Path | None:
    """The folder of photos beside a file, if there is one."""
    beside = Path(name).parent / "photos"
    return beside if beside.is_dir() else None


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
