"""The command `export_articles`."""

import gzip
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from articles.transfer import BadKey, Manifest, export, exported
from articles.transfer.manifest import PHOTOS


class Command(BaseCommand):
    """Write every article, with all that belongs to it, as the import reads it."""

    help = "导出全部稿件（JSON Lines，每行一篇），原图一并放到文件旁边的 photos 目录。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to."""
        parser.add_argument(
            "file", nargs="?", default="-", metavar="文件",
            help=".jsonl 或 .jsonl.gz；- 表示标准输出（不带图片）",
        )  # fmt: skip
        parser.add_argument(
            "--manifest", action="store_true",
            help="在旁边写一份清单：每个文件和每篇稿件的 SHA-256，用 sha256sum --check 核对",
        )  # fmt: skip
        parser.add_argument(
            "--sign", type=Path, metavar="密钥",
            help="用 Ed25519 私钥（PEM）给清单签名，用 openssl 核对；同时写清单",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        """Write to a temporary name first, so that a broken export never looks like a whole one."""
        listed = options["manifest"] or options["sign"] is not None
        if options["file"] == "-":
            if listed:
                raise CommandError("清单写在文件旁边：请给出文件名，不能用标准输出")
            for line in export():
                sys.stdout.write(line)
            return
        target = Path(options["file"])
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            manifest = Manifest(target, options["sign"]) if listed else None
            count = self._write(target, manifest)
            written = manifest.finish() if manifest else []
        except BadKey as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"导出 {count} 篇到 {target}")
        if written:
            self.stdout.write(f"清单：{'、'.join(path.name for path in written)}")

    def _write(self, target: Path, manifest: Manifest | None) -> int:
        unfinished = target.with_name(target.name + ".part")
        count = 0
        packed = target.suffix == ".gz"
        with (
            gzip.open(unfinished, "wt", encoding="utf-8")
            if packed
            else unfinished.open("w", encoding="utf-8") as file
        ):
            for article in exported(photos=target.parent / PHOTOS):
                file.write(article.line)
                count += 1
                if manifest:
                    manifest.add(article)
        if manifest:
            manifest.begin()
        unfinished.replace(target)
        return count
