"""The command `freeze`."""

import sqlite3
from argparse import ArgumentParser
from collections.abc import Mapping
from concurrent.futures.process import BrokenProcessPool
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from articles import freezing
from articles.management.naming import complain
from articles.management.options import add_processes
from articles.management.stages import Stages
from articles.outages import reason

UNITS: Mapping[StrEnum, str] = {
    freezing.Stage.NOTING: "篇",
    freezing.Stage.PAGES: "组网页",
    freezing.Stage.FINDING: "篇",
    freezing.Stage.FILES: "张图片",
    freezing.Stage.LINKS: "个链接",
    freezing.Stage.RECORDS: "个文件",
    freezing.Stage.INDEX: "个网址",
}
GOES_ON = "已经写好的都有用：再运行一次，就从这里接着做"

_DAMAGED = {"SQLITE_CORRUPT", "SQLITE_NOTADB"}


class Command(BaseCommand):
    """Write the public site as plain files that need neither Python nor a database."""

    help = "把整个公开网站写成普通文件，不用 Python 和数据库也能看；再运行一次，只改写有变化的。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to, and what beside the simplified pages."""
        parser.add_argument(
            "folder", type=Path, metavar="文件夹", help="新的、空的，或以前冻结过的"
        )
        parser.add_argument(
            "--traditional", action="store_true", help="连繁體页面一起（页面和时间多一倍）"
        )
        parser.add_argument(
            "--no-previews", action="store_true",
            help="不要分享链接时的预览图（没画过的每张要画零点几秒）",
        )  # fmt: skip
        parser.add_argument(
            "--no-search", action="store_true", help="不要站内搜索（搜索页只说可以到哪里找）"
        )
        parser.add_argument(
            "--wacz", type=Path, metavar="文件",
            help="冻结之后再写成一个 WACZ 文件（内含 WARC），交给档案馆或用 replayweb.page 看",
        )  # fmt: skip
        add_processes(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """The last line says what was done; before it stands what has to be looked at."""
        asked = freezing.Asked(
            options["folder"], options["processes"], options["traditional"],
            previews=not options["no_previews"], search=not options["no_search"],
            wacz=options["wacz"],
        )  # fmt: skip
        try:
            with Stages(self.stderr.write, UNITS) as stages:
                found = freezing.freeze(asked, stages)
        except freezing.Trouble as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt as error:
            raise CommandError(f"已中断。{GOES_ON}") from error
        except BrokenProcessPool as error:
            raise CommandError(f"一个工作进程被杀掉了。{GOES_ON}") from error
        except DatabaseError as error:
            raise CommandError(f"数据库出错：{error}\n{GOES_ON}") from error
        except sqlite3.Error as error:
            raise CommandError(_of_sqlite(error, options["folder"])) from error
        except OSError as error:
            raise CommandError(
                f"写不了 {error.filename or options['folder']}：{reason(error)}。{GOES_ON}"
            ) from error
        self._warn(found)
        self.stdout.write(
            f"冻结好了：{found.articles:,} 篇稿件，{found.units:,} 组网页，"
            f"重做 {found.remade:,} 组，"
            f"写了 {found.written.files:,} 个文件、{found.written.bytes / 2**20:,.1f} MB，"
            f"去掉 {found.removed:,} 组，在 {options['folder']}"
        )
        if found.archived:
            self.stdout.write(
                f"归档好了：{found.archived.records:,} 个网址，"
                f"{found.archived.bytes / 2**20:,.1f} MB，在 {options['wacz']}"
            )

    def _warn(self, found: freezing.Frozen) -> None:
        """What has to be looked at."""
        complain(self.stderr.write, "图片的文件已经丢失", found.lost)
        complain(self.stderr.write, "网址太长或不合规矩，没有冻结", found.unnameable)
        complain(
            self.stderr.write,
            "站内链接没有着落",
            [f"{target}（在 {page}）" for target, page in found.dead],
        )
        if found.unsearchable:
            self.stderr.write(
                "没有做站内搜索：浏览器里用的 SQLite 还没有装。"
                "运行 make search（要有 npm）再冻结一次，或用 --no-search 表示不要"
            )
        if found.moved_on:
            self.stderr.write("冻结期间网站内容有改动：再运行一次，就能跟上")


def _of_sqlite(error: sqlite3.Error, folder: Path) -> str:
    """What the notes, the outline or the index say of the disk that they are on."""
    name = getattr(error, "sqlite_errorname", "")
    if name in _DAMAGED:
        return f"{folder} 里冻结时记事的文件坏了：请冻结到一个新的文件夹"
    why = "磁盘满了" if name == "SQLITE_FULL" else f"磁盘读写出错（{name or error}）"
    return f"写不了 {folder}：{why}。{GOES_ON}"
