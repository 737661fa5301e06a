"""The command `make_renditions`."""

import os
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from articles import renditions
from articles.models import Photo

BATCH = 100


class Command(BaseCommand):
    """Make the renditions that are missing while the site serves; a second run finds none."""

    help = "补齐缺失的缩略图；--all 全部重做。网站可照常服务；中断后再运行会接着补。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which photos."""
        parser.add_argument("--all", action="store_true", help="不论有没有，全部从原图重做")

    def handle(self, *args: Any, **options: Any) -> None:
        """All photos, on all cores, under a bar; fails in the end if some can't be made."""
        remade, failed = 0, list[str]()
        with tqdm(
            total=Photo.objects.count(), desc="缩略图", unit="张", disable=None, leave=False
        ) as bar:
            for photo, outcome in _each(_remake if options["all"] else _complete):
                bar.update()
                if outcome is True:
                    renditions.settle(photo)
                    remade += 1
                elif outcome:
                    failed.append(f"图片 {photo.pk}（{photo.name}）：{outcome}")
        if remade or not failed:
            self.stdout.write(f"重做了 {remade} 张图片的缩略图" if remade else "没有要补的缩略图")
        if failed:
            raise CommandError("\n".join([f"{len(failed)} 张图片做不出缩略图：", *failed]))


def _each(work: Callable[[Photo], bool]) -> Iterator[tuple[Photo, bool | str]]:
    """Every photo with whether it was remade or why it can't be, as they are done.

    A batch at a time, so that memory stays the same however many photos there are. The threads ask
    the storage and make pictures; the database is asked here.
    """
    cores = os.cpu_count() or 1
    photos = Photo.objects.order_by("pk").iterator(chunk_size=BATCH)
    with ThreadPoolExecutor(cores) as pool:
        while batch := list(islice(photos, BATCH)):
            futures = {pool.submit(work, photo): photo for photo in batch}
            for future in as_completed(futures):
                yield futures[future], _outcome(future)


def _outcome(future: Future[bool]) -> bool | str:
    try:
        return future.result()
    except FileNotFoundError:
        return "原图不见了"
    except renditions.BadPicture as error:
        return str(error)
    except OSError as error:
        return f"读写文件失败：{error}"


def _remake(photo: Photo) -> bool:
    renditions.remake(photo)
    return True


def _complete(photo: Photo) -> bool:
    return not renditions.is_complete(photo) and _remake(photo)
