"""The photos of a line: found in their folder, checked, added to the library."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from articles import renditions, text
from articles.models import Photo
from articles.models.photo import is_token
from articles.transfer.fields import BadLine
from articles.transfer.record import PhotoRecord, Record


def check(record: Record, folder: Path | None, decode: bool = False) -> None:
    """Every photo's file must be there, every picture in the (clean) body among the photos.

    With `decode` the files are read, too, and whatever `add` would refuse is refused now.
    """
    for said in record.photos:
        _path(said, folder)
    files = {said.file for said in record.photos}
    earlier = [version.said.body for version in record.versions if version.said]
    for body in (record.body, *earlier):
        for token in text.photo_tokens(body):
            if token not in files and not is_token(token):
                raise BadLine(f"正文里的图片 {token} 不在 photos 里")
    if decode:
        hashes = []
        for said in record.photos:
            with _opened(said, folder) as file:
                hashes.append(renditions.check(file))
        _all_differ(hashes)


def add(record: Record, folder: Path | None) -> list[tuple[PhotoRecord, Photo]]:
    """The photos of a line, added to the library; what the line says of them holds."""
    added = []
    for said in record.photos:
        description = renditions.Description(said.alt, said.caption, said.credit)
        with _opened(said, folder) as file:
            photo = renditions.add_photo(file, said.file, description)
        words = (said.alt or photo.alt, said.credit or photo.credit)  # unsaid is not taken back
        if (photo.alt, photo.credit) != words:
            photo.alt, photo.credit = words
            photo.decorative = photo.decorative and not said.alt
            photo.save(update_fields=["alt", "credit", "decorative"])
        added.append((said, photo))
    _all_differ([photo.sha256 for _, photo in added])
    return added


@contextmanager
def _opened(said: PhotoRecord, folder: Path | None) -> Iterator[BinaryIO]:
    """A photo's file; what is wrong with the picture is wrong with the line."""
    try:
        with _path(said, folder).open("rb") as file:
            yield file
    except renditions.BadPicture as error:
        raise BadLine(f"图片 {said.file}：{error}") from error


def _path(said: PhotoRecord, folder: Path | None) -> Path:
    if folder is None:
        raise BadLine("有图片，但没有给出图片目录（--photos）")
    try:
        path = (folder / said.file).resolve()
        found = path.is_file()
    except (OSError, RuntimeError) as error:  # too long a name, a loop of links
        raise BadLine(f"图片目录里没有 {said.file}") from error
    if not path.is_relative_to(folder.resolve()):
        raise BadLine(f"图片 {said.file} 在图片目录之外")
    if not found:
        raise BadLine(f"图片目录里没有 {said.file}")
    return path


def _all_differ(hashes: list[str]) -> None:
    if len(set(hashes)) < len(hashes):
        raise BadLine("photos 里有内容相同的图片")
