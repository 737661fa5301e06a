"""The command `restore`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from articles import backup
from articles.management.stages import Stages

AGAIN = "恢复没有完成；数据库没有动。排除原因后再运行一次同样的命令，会从头再来。"


class Command(BaseCommand):
    """Restore a backup into an empty database and empty folders."""

    help = "把备份恢复到空的数据库和空的图片文件夹；先核对全部内容，有一处不对就什么也不动。"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where from."""
        parser.add_argument("folder", type=Path, metavar="文件夹", help="backup 做出的文件夹")

    def handle(self, *args: Any, **options: Any) -> None:
        """The last line says what was restored."""
        if not settings.HAS_DESK:
            raise CommandError("XINWANG_SERVE=public 不能恢复备份，请用 all 或 editorial")
        try:
            with Stages(self.stderr.write) as stages:
                restored = backup.restore(options["folder"], stages)
        except backup.Trouble as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(f"数据库出错：{error}\n{AGAIN}") from error
        except KeyboardInterrupt as error:
            raise CommandError(f"已中断。{AGAIN}") from error
        about = restored.about
        if about.missing:
            self.stderr.write(
                f"备份时网站已丢失 {len(about.missing)} 个图片文件（名单在 backup.json 里）；"
                "缩略图可用 make_renditions 补齐"
            )
        newer = "，并已升级到这个版本" if restored.migrated else ""
        self.stdout.write(
            f"恢复好了：{about.taken_at} 的备份，"
            f"{about.articles:,} 篇稿件，{about.photos:,} 张图片{newer}"
        )
