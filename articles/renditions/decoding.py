"""What is a picture: from a file's bytes to pixels, upright, in sRGB, on white.

Rules from the field: decode an explicit list of formats alone, verify and reopen, bound the
pixels before decoding (a decompression bomb is an error), apply the camera's orientation, convert
to sRGB. What follows a picture in its file is not looked at: phones put a second picture or a film
there, others a ZIP. It stays in the original, which is never served; renditions hold none of it.
"""

import hashlib
import io
import struct
import threading
from contextlib import suppress
from typing import Protocol

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
# What they are called on disk; an MPO is a JPEG with more pictures behind the first (phones).
EXTENSIONS = {"JPEG": "jpg", "MPO": "jpg", "PNG": "png", "WEBP": "webp", "GIF": "gif"}
MAX_BYTES = 40 * 1024 * 1024
MAX_PIXELS = 60_000_000
TOO_MANY_PIXELS = f"超过 {MAX_PIXELS // 10_000} 万像素，请缩小后再传"

_one_at_a_time = threading.Lock()


class BadPicture(ValueError):
    """The file is no picture that we take; the text says why, for editors."""


class Readable(Protocol):
    """A file opened for reading bytes, or an upload."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes."""


def read(file: Readable) -> tuple[bytes, str]:
    """A file's bytes and their SHA-256; at most MAX_BYTES and one are read. Raises BadPicture."""
    content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise BadPicture(f"图片超过 {MAX_BYTES // 1024 // 1024} MB，请缩小后再传")
    if not content:
        raise BadPicture("文件是空的")
    return content, hashlib.sha256(content).hexdigest()


def decode(content: bytes) -> tuple[Image.Image, str]:
    """The picture, upright and in sRGB, and the extension of its format. Raises BadPicture.

    One at a time in a process: the largest take some 500 MB until they are done, 180 MB then.
    """
    with _one_at_a_time:
        return _decode(content)


def _decode(content: bytes) -> tuple[Image.Image, str]:
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as probe:
            if probe.width * probe.height > MAX_PIXELS:
                raise BadPicture(f"图片有 {probe.width}×{probe.height} 像素，{TOO_MANY_PIXELS}")
            extension = EXTENSIONS[str(probe.format)]
            probe.verify()
        picture = Image.open(io.BytesIO(content), formats=FORMATS)
        picture.load()
    except UnidentifiedImageError as error:
        raise BadPicture("不是 JPEG、PNG、WebP 或 GIF 图片") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadPicture(f"图片{TOO_MANY_PIXELS}") from error
    except (OSError, SyntaxError, ValueError) as error:
        if isinstance(error, BadPicture):
            raise
        raise BadPicture("图片已损坏，读不出来") from error
    flat = _to_srgb(_on_paper(_upright(picture)))
    return flat if flat.mode == "RGB" else flat.convert("RGB"), extension


def _upright(picture: Image.Image) -> Image.Image:
    with suppress(OSError, SyntaxError, ValueError, struct.error):  # broken EXIF says nothing
        ImageOps.exif_transpose(picture, in_place=True)
    return picture


def _on_paper(picture: Image.Image) -> Image.Image:
    """Eight bits a channel, on white: JPEG knows no transparency."""
    if picture.mode.startswith("I;16"):
        return picture.point(lambda value: value * (1 / 256)).convert("L")
    if not picture.has_transparency_data:
        return picture.convert("RGB") if picture.mode == "P" else picture
    layer = picture if picture.mode == "RGBA" else picture.convert("RGBA")
    flat = Image.new("RGB", layer.size, "white")
    flat.paste(layer, mask=layer.getchannel("A"))
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
