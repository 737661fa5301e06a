"""The command `load_sample`."""

import zlib
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import serializers
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from tqdm import tqdm

from articles import reads, renditions
from articles.models import Article
from articles.related import keep_learning
from articles.transfer import Importer, Line, read_lines

FOLDER = Path(settings.BASE_DIR) / "fixtures"
# Days before today over which the sample's recent reads are spread, so that 大家爱看 has windows.
RECENT_DAYS = 30


class Command(BaseCommand):
    """Load the sample archive into an empty database: all of it or, after a failure, nothing."""

    help = "把样例档案装入空的数据库；已有稿件时什么也不做。"

    def handle(self, *args: Any, **options: Any) -> None:
        """Topics, then articles, then what refers to their photos."""
        if Article.objects.exists():
            self.stdout.write("已有稿件，不装入样例档案")
            return
        with transaction.atomic():
            call_command("loaddata", FOLDER / "topics.json", verbosity=0)
            added = self._import()
            self._load_site()
            self._spread_reads()
        keep_learning()
        self.stdout.write(f"已装入样例档案，{added} 篇稿件")

    def _import(self) -> int:
        importer = Importer(self._refuse, photos=lambda _: FOLDER / "pictures")
        lines = [
            line
            for name in sorted(FOLDER.glob("articles/*.jsonl"))
            for line in read_lines(str(name))
        ]
        with tqdm(
            importer.run(lines), total=len(lines), desc="样例档案", disable=None, leave=False
        ) as bar:
            for _ in bar:
                pass
        return importer.tally.added

    def _load_site(self) -> None:
        """Pages and promos; site.json names photos by their files, this site by an example."""
        rows = (FOLDER / "site.json").read_text(encoding="utf-8")
        rows = rows.replace("https://m.xinwang.example", settings.SITE_URL)
        for picture in (FOLDER / "pictures").glob("promo-*.jpg"):
            with picture.open("rb") as file:
                photo = renditions.add_photo(file, picture.name)
            photo.decorative = True  # the promo's title stands below it
            photo.save(update_fields=["decorative"])
            rows = rows.replace(f'"{picture.name}"', f'"{photo.sha256}"')
        for row in serializers.deserialize("json", rows):
            row.save()

    def _refuse(self, line: Line, reason: str) -> None:
        raise CommandError(f"{line.file} 第 {line.number} 行：{reason}")

    def _spread_reads(self) -> None:
        """Give every article a few reads on some recent days; the same ones every time."""
        today = timezone.localdate()
        for article in Article.objects.published().only("id", "title", "imported_reads"):
            for ago in range(0, RECENT_DAYS, 3):
                chance = zlib.crc32(f"{article.title} {ago}".encode()) % 100
                if chance < 40:
                    daily = 1 + article.imported_reads * chance // 4000
                    reads.record(article, daily, today - timedelta(ago))
