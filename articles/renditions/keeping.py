"""A photo is taken in, and let go, with all its files or not at all.

A transaction undoes rows, not files. So the row goes in first, the files after it, and whatever
fails then takes the files away again. An advisory lock on the content keeps a removal and a new
upload of the same picture apart: files are deleted under it, and only when no row has them.
"""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from PIL import Image

from articles.models import Photo
from articles.renditions.decoding import Readable, decode, read
from articles.renditions.encoding import ENCODINGS, encode, widths_for

# Any number that no other advisory lock of two numbers uses.
LOCK = 0x70686F74
BUCKETS = 256
SHARED, EXCLUSIVE = "pg_advisory_xact_lock_shared", "pg_advisory_xact_lock"

_added: ContextVar[list[Photo] | None] = ContextVar("added", default=None)


@dataclass(frozen=True)
class Description:
    """What is said of a photo when it is first taken into the library."""

    alt: str = ""
    caption: str = ""
    credit: str = ""
    decorative: bool = False


def add_photo(file: Readable, name: str, description: Description | None = None) -> Photo:
    """The photo with this file's bytes: `get_or_add` for whoever needn't know whether it is new."""
    return get_or_add(file, name, description)[0]


def get_or_add(
    file: Readable, name: str, description: Description | None = None
) -> tuple[Photo, bool]:
    """The photo with this file's bytes, and whether it is new: made with all its renditions then.

    Raises BadPicture for what is no picture, OSError where files can't be written, and leaves
    nothing behind; see `undo_files_on_error` for a transaction around it. Costs one query when the
    photo is known; else about a second of processor, on several cores, for a large picture.
    """
    content, sha256 = read(file)
    known = Photo.objects.filter(sha256=sha256).first()
    if known:
        return known, False
    picture, extension = decode(content)
    description = description or Description()
    photo = Photo(
        sha256=sha256,
        original=f"{sha256[:2]}/{sha256}.{extension}",
        name=_readable(name),
        width=picture.width,
        height=picture.height,
        widths=widths_for(picture.width, picture.height),
        alt=description.alt,
        caption=description.caption,
        credit=description.credit,
        decorative=description.decorative,
    )
    return _keep(photo, content, picture)


def check(file: Readable) -> str:
    """Raise BadPicture as `add_photo` would, write nothing. The SHA-256 of the file's bytes."""
    content, sha256 = read(file)
    picture, _ = decode(content)
    widths_for(picture.width, picture.height)
    return sha256


def remove(photo: Photo) -> None:
    """Delete a photo, and its files once that is committed. Raises ProtectedError while used."""
    kept = Photo(sha256=photo.sha256, original=photo.original.name, widths=list(photo.widths))
    with transaction.atomic():
        photo.delete()
        transaction.on_commit(lambda: delete_orphaned_files(kept))


@contextmanager
def undo_files_on_error() -> Iterator[None]:
    """Put around a transaction that adds photos: if it fails, their files go as their rows do."""
    added: list[Photo] = []
    token = _added.set(added)
    try:
        yield
    except BaseException:
        for photo in added:
            delete_orphaned_files(photo)
        raise
    finally:
        _added.reset(token)


def write_renditions(photo: Photo, picture: Image.Image) -> None:
    """Write every rendition of a photo. The encoders let go of Python's lock, hence the threads."""
    rungs = [(width, extension) for width in photo.widths for extension in ENCODINGS]

    def made(rung: tuple[int, str]) -> bytes:
        width, extension = rung
        return encode(picture, (width, photo.rendition_height(width)), extension)

    with ThreadPoolExecutor() as pool:
        for (width, extension), content in zip(rungs, pool.map(made, rungs), strict=True):
            default_storage.save(photo.rendition_name(width, extension), ContentFile(content))


@contextmanager
def files_stay() -> Iterator[None]:
    """No photo's files are deleted in here, whatever becomes of its row; who wants to, waits.

    Held by the session: begin a transaction within, and its snapshot names no photo without files.
    Two queries.
    """
    held = "SELECT {}(%s, bucket) FROM generate_series(0, %s) AS bucket"
    with connection.cursor() as cursor:
        cursor.execute(held.format("pg_advisory_lock_shared"), [LOCK, BUCKETS - 1])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(held.format("pg_advisory_unlock_shared"), [LOCK, BUCKETS - 1])


def delete_orphaned_files(photo: Photo) -> None:
    """Delete the files of a photo that is no longer, or never was, in the library."""
    with transaction.atomic():
        _lock(photo, EXCLUSIVE)
        if Photo.objects.filter(sha256=photo.sha256).exists():
            return
        for width in photo.widths:
            for extension in ENCODINGS:
                default_storage.delete(photo.rendition_name(width, extension))
        photo.original.storage.delete(str(photo.original.name))


def _keep(photo: Photo, content: bytes, picture: Image.Image) -> tuple[Photo, bool]:
    """Row, original, renditions; or the photo that somebody else made of the same bytes."""
    try:
        with transaction.atomic():
            _lock(photo, SHARED)
            photo.save()
            photo.original.storage.save(str(photo.original.name), ContentFile(content))
            write_renditions(photo, picture)
    except IntegrityError:
        known = Photo.objects.filter(sha256=photo.sha256).first()
        if known is None:
            raise
        return known, False
    except BaseException:
        delete_orphaned_files(photo)
        raise
    added = _added.get()
    if added is not None:
        added.append(photo)
    return photo, True


def _lock(photo: Photo, mode: str) -> None:
    """Until the transaction ends: SHARED for who adds a photo, EXCLUSIVE for who deletes files.

    A large import adds thousands of photos in one transaction, and PostgreSQL's table of locks is
    small; so contents share a few hundred locks.
    """
    bucket = int(photo.sha256[:8], 16) % BUCKETS
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {mode}(%s, %s)", [LOCK, bucket])


def _readable(name: str) -> str:
    """A file's name as people read it: no folders, nothing that is not a character."""
    last = re.split(r"[\\/]", name)[-1]
    return "".join(sign for sign in last if sign.isprintable()).strip()[:200] or "未命名"
