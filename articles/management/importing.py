"""What the commands that import have in common: errors, the index, refused lines, the count."""

import json
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from articles.management.indexing import follow, rebuild_offline
from articles.related import learn_by_steps
from articles.search import maintenance
from articles.transfer import BadFile, ImportBusy, Importer, Line, alone

LATER = (
    "已中断。还要为写入的稿件建立搜索索引；"
    "再按一次 Ctrl-C 就不等它，下次导入或 rebuild_search 会补上。"
)


class ImportCommand(BaseCommand):
    """A command that fills an archive through an Importer."""

    unit = "行"  # what is refused

    @contextmanager
    def importing(self, importer: Importer) -> Iterator[None]:
        """Import alone; however it ends, what is in is indexed, and an error is a sentence."""
        with self._errors(importer), alone():
            try:
                yield
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

    def summary(self, importer: Importer) -> str:
        """How many articles were what."""
        tally = importer.tally
        trial = "（只是检查，没有写入）" if importer.dry_run else ""
        edited = f"，编辑改过而没有动 {tally.edited} 篇" if tally.edited else ""
        return (
            f"新增 {tally.added} 篇，更新 {tally.updated} 篇，"
            f"未变 {tally.unchanged} 篇，退回 {tally.rejected} {self.unit}{edited}{trial}"
        )

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
            raise CommandError(f"{error}\n{self.summary(importer)}") from error
        except OperationalError as error:
            raise CommandError(f"数据库出错，{again}\n{error}\n{self.summary(importer)}") from error
        except BrokenProcessPool as error:
            raise CommandError(
                f"整理稿件的进程被终止了（也许内存不够），{again}\n{self.summary(importer)}"
            ) from error
        except ImportBusy as error:
            raise CommandError("另一个导入正在进行，请等它结束") from error
        except KeyboardInterrupt as error:
            raise CommandError(f"已中断。{again}\n{self.summary(importer)}") from error


class Rejects:
    """A file of lines with something to be said of them, made only when there is one."""

    def __init__(self, path: Path) -> None:
        """Nothing is written before the first."""
        self.path = path
        self.count = 0
        self._file: TextIO | None = None

    def __enter__(self) -> "Rejects":
        return self

    def __exit__(self, *error: object) -> None:
        if self._file:
            self._file.close()

    def add(self, line: Line, reason: str) -> None:
        """Write a refused line down with where it stood and why it was refused."""
        content = line.content.decode("utf-8", "replace").rstrip("\r\n") if line.content else ""
        self.note({"file": line.file, "line": line.number, "reason": reason, "content": content})

    def note(self, entry: dict[str, Any]) -> None:
        """Write anything down, as a line of JSON."""
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8")
        self.count += 1
        self._file.write(json.dumps(entry, ensure_ascii=False) + "\n")
