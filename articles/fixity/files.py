"""Photos: originals hashed anew, renditions there, whole and of the right size."""

import hashlib
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from django.core.exceptions import SuspiciousOperation
from django.core.files.storage import default_storage
from PIL import Image

from articles.fixity.finding import Fault, Step, batches
from articles.models import Photo
from articles.renditions import ENCODINGS, BadPicture, widths_for

BATCH = 100
# Enough to keep a disk busy; decoding lets go of Python's lock.
AT_ONCE = 4
CHUNK = 1 << 20


def check_photos() -> Iterator[Step]:
    """Every photo's files. A query a batch; reads every byte of every file."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for batch in batches(Photo.objects.all(), BATCH):
            found = pool.map(lambda photo: list(_photo(photo)), batch)
            yield Step(len(batch), [fault for faults in found for fault in faults])


def _photo(photo: Photo) -> Iterator[Fault]:
    about = str(photo.pk)
    try:
        sha256 = hashlib.sha256()
        with photo.original.open() as original:
            while chunk := original.read(CHUNK):
                sha256.update(chunk)
        if sha256.hexdigest() != photo.sha256:
            yield Fault("photo", about, "原图的内容与上传时的指纹不符")
    except (OSError, ValueError, SuspiciousOperation):  # the last: its name leads elsewhere
        yield Fault("photo", about, "原图不见了或读不出来")
    if not _has_its_widths(photo):
        yield Fault("rendition", about, "缩略图的宽度不全，可用 make_renditions 补齐")
    for width in photo.widths:
        for extension, encoding in ENCODINGS.items():
            fault = _rendition(photo, width, extension, str(encoding["format"]))
            if fault:
                name = photo.rendition_name(width, extension)
                yield Fault("rendition", f"{about}/{name}", f"缩略图{fault}")


def _has_its_widths(photo: Photo) -> bool:
    try:
        return photo.widths == widths_for(photo.width, photo.height)
    except BadPicture:
        return False


def _rendition(photo: Photo, width: int, extension: str, kind: str) -> str:
    """What is wrong with one; empty if nothing."""
    name = photo.rendition_name(width, extension)
    if not default_storage.exists(name):
        return "不见了"
    try:
        with default_storage.open(name) as file:
            content = io.BytesIO(file.read())
        with Image.open(content, formats=(kind,)) as picture:
            picture.load()
            size = picture.size
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return "已损坏，读不出来"
    right = (width, photo.rendition_height(width))
    return "" if size == right else f"的大小是 {size[0]}×{size[1]}，应是 {right[0]}×{right[1]}"
