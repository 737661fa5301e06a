"""Photos in: checked, kept, and turned into the renditions that pages show.

Rules from the field: decode an explicit list of formats alone, verify and reopen, bound the
pixels before decoding (a decompression bomb is an error), apply the camera's orientation, convert
to sRGB, write renditions without metadata, never upscale, keep the original untouched.
"""

import hashlib
import io
import struct
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import PurePath
from typing import Protocol

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from articles.models import Photo
from articles.models.photo import LADDER

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
# What they are called on disk; an MPO is a JPEG with more pictures behind the first (phones).
EXTENSIONS = {"JPEG": "jpg", "MPO": "jpg", "PNG": "png", "WEBP": "webp", "GIF": "gif"}
MAX_BYTES = 40 * 1024 * 1024
MAX_PIXELS = 60_000_000
# The most that WebP can hold of a side; of a longer picture there are narrower renditions alone.
LONGEST_SIDE = 16383
# Rendition formats, best first, with the encoder's settings: the knee of size against looks.
ENCODINGS = {
    "webp": {"format": "WEBP", "quality": 80, "method": 4},
    "jpg": {"format": "JPEG", "quality": 82, "optimize": True, "progressive": True},
}


class BadPicture(ValueError):
    """The file is no picture that we take; the text says why, for editors."""


class Readable(Protocol):
    """A file opened for reading bytes, or an upload."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes."""


@dataclass(frozen=True)
class Description:
    """What is said of a photo when it is first taken into the library."""

    alt: str = ""
    caption: str = ""
    credit: str = ""


def add_photo(file: Readable, name: str, description: Description | None = None) -> Photo:
    """The photo with this file's bytes, made with all its renditions if it is new.

    Raises BadPicture and leaves nothing behind. Costs one query when the photo is known; else
    about half a second of work for a large picture.
    """
    content, sha256 = _read(file)
    known = Photo.objects.filter(sha256=sha256).first()
    if known:
        return known
    picture, extension = _decode(content)
    description = description or Description()
    photo = Photo(
        sha256=sha256,
        name=PurePath(name).name[:200],
        width=picture.width,
        height=picture.height,
        widths=widths_for(picture.width, picture.height),
        alt=description.alt,
        caption=description.caption,
        credit=description.credit,
    )
    write_renditions(photo, picture)
    photo.original.save(f"{sha256[:2]}/{sha256}.{extension}", ContentFile(content), save=False)
    try:
        with transaction.atomic():
            photo.save()
    except IntegrityError:  # somebody added the same picture in the meantime
        return Photo.objects.get(sha256=sha256)
    return photo


def check(file: Readable) -> str:
    """Raise BadPicture as `add_photo` would, write nothing. The SHA-256 of the file's bytes."""
    content, sha256 = _read(file)
    picture, _ = _decode(content)
    widths_for(picture.width, picture.height)
    return sha256


def widths_for(width: int, height: int) -> list[int]:
    """The rungs of the ladder that a picture of this size fills; its own width if none."""
    widest = min(width, width * LONGEST_SIDE // max(width, height))
    if not widest:
        raise BadPicture(f"图片有 {width}×{height} 像素，太长了")
    return [rung for rung in LADDER if rung <= widest] or [widest]


def url(photo: Photo, width: int, extension: str = "jpg") -> str:
    """The address of the smallest rendition at least `width` wide, or the widest there is."""
    fitting = min((rung for rung in photo.widths if rung >= width), default=max(photo.widths))
    return default_storage.url(photo.rendition_name(fitting, extension))


def srcset(photo: Photo, extension: str) -> str:
    """All renditions of one format, as `srcset` wants them."""
    return ", ".join(f"{url(photo, width, extension)} {width}w" for width in photo.widths)


def write_renditions(photo: Photo, picture: Image.Image) -> None:
    """Write every rendition of a photo. The encoders let go of Python's lock, hence the threads."""
    rungs = [(width, extension) for width in photo.widths for extension in ENCODINGS]

    def encode(rung: tuple[int, str]) -> bytes:
        width, extension = rung
        return _encode(picture, (width, photo.rendition_height(width)), extension)

    with ThreadPoolExecutor() as pool:
        for (width, extension), content in zip(rungs, pool.map(encode, rungs), strict=True):
            default_storage.save(photo.rendition_name(width, extension), ContentFile(content))


def _read(file: Readable) -> tuple[bytes, str]:
    """A file's bytes and their SHA-256."""
    content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise BadPicture(f"图片超过 {MAX_BYTES // 1024 // 1024} MB")
    if not content:
        raise BadPicture("文件是空的")
    return content, hashlib.sha256(content).hexdigest()


def _decode(content: bytes) -> tuple[Image.Image, str]:
    """The picture, upright and in sRGB, and the extension of its format."""
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as probe:
            if probe.width * probe.height > MAX_PIXELS:
                raise BadPicture(f"图片有 {probe.width}×{probe.height} 像素，太大了")
            extension = EXTENSIONS[str(probe.format)]
            probe.verify()
        picture = Image.open(io.BytesIO(content), formats=FORMATS)
        picture.load()
    except UnidentifiedImageError as error:
        raise BadPicture("不是 JPEG、PNG、WebP 或 GIF 图片") from error
    except Image.DecompressionBombError as error:
        raise BadPicture("图片像素太多") from error
    except (OSError, SyntaxError, ValueError) as error:
        if isinstance(error, BadPicture):
            raise
        raise BadPicture("图片已损坏，读不出来") from error
    return _to_srgb(_on_paper(_upright(picture))).convert("RGB"), extension


def _upright(picture: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(picture)
    except (OSError, SyntaxError, ValueError, struct.error):
        return picture  # broken EXIF says nothing


def _on_paper(picture: Image.Image) -> Image.Image:
    """Eight bits a channel, on white: JPEG knows no transparency."""
    if picture.mode.startswith("I;16"):
        return picture.point(lambda value: value * (1 / 256)).convert("L")
    if not picture.has_transparency_data:
        return picture.convert("RGB") if picture.mode == "P" else picture
    layer = picture.convert("RGBA")
    paper = Image.new("RGBA", layer.size, "white")
    paper.alpha_composite(layer)
    flat = paper.convert("RGB")
    flat.info = picture.info
    return flat


def _to_srgb(picture: Image.Image) -> Image.Image:
    profile = picture.info.get("icc_profile")
    if not profile:
        return picture
    try:
        converted = ImageCms.profileToProfile(
            picture, io.BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture  # a broken or odd profile says nothing
    return converted or picture


def _encode(picture: Image.Image, size: tuple[int, int], extension: str) -> bytes:
    """One rendition's bytes; nothing of the original's metadata is in them."""
    scaled = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    scaled.info = {}
    out = io.BytesIO()
    scaled.save(out, **ENCODINGS[extension])  # type: ignore[arg-type]
    return out.getvalue()
