"""The command `backup`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from articles import backup
from articles.management.naming import complain
from articles.management.stages import Stages


class Command(BaseCommand):
    """Back the archive up into a new folder, while it serves."""

    help = "备份数据库和图片到一个新文件夹，网站照常服务；要么完整，要么什么也不留下。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to, and what there is already."""
        parser.add_argument("folder", type=Path, metavar="文件夹", help="新的或空的文件夹")
        parser.add_argument(
            "--previous", type=Path, metavar="文件夹",
            help="上一份备份：没变的图片不再存一遍，而与它共用（硬链接，须在同一个磁盘上）",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        """The last line says what is in it; what the site itself had lost is said before."""
        try:
            with Stages(self.stderr.write) as stages:
                made = backup.make(options["folder"], options["previous"], stages)
        except backup.Trouble as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(f"数据库出错，备份没有完成，什么也没有留下：\n{error}") from error
        except KeyboardInterrupt as error:
            raise CommandError("已中断，备份没有完成，什么也没有留下") from error
        about = made.about
        complain(self.stderr.write, "网站上早已丢失，备份里也没有", about.missing)
        complain(self.stderr.write, "网站上已经损坏（内容不是上传时的），按现状备份", about.damaged)
        shared = f"，其中 {made.linked:,} 个文件与上一份共用" if made.linked else ""
        self.stdout.write(
            f"备份好了：{about.articles:,} 篇稿件，{about.photos:,} 张图片，"
            f"{about.files:,} 个文件，{about.size / 2**20:,.1f} MB{shared}，在 {options['folder']}"
        )
