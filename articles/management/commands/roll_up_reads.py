"""The command `roll_up_reads`."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from articles.reads import roll_up


class Command(BaseCommand):
    """Roll up counted reads now. The site does so by itself; this is for whoever won't wait."""

    help = "把新计的阅读量并入每日数字、总数和榜单，并清除过期的去重记录。"

    def handle(self, *args: Any, **options: Any) -> None:
        """Once; a run in another process is left to it."""
        taken = roll_up(timezone.localdate())
        if taken is None:
            self.stdout.write("另一个进程正在汇总")
        else:
            self.stdout.write(f"并入 {taken} 次阅读")
