"""From pixels to the files that pages show: which widths, which formats, without metadata."""

import io

from PIL import Image

from articles.models.photo import LADDER
from articles.renditions.decoding import BadPicture

# The most that WebP can hold of a side; of a longer picture there are narrower renditions alone.
LONGEST_SIDE = 16383
# Rendition formats, best first, with the encoder's settings: the knee of size against looks.
ENCODINGS = {
    "webp": {"format": "WEBP", "quality": 80, "method": 4},
    "jpg": {"format": "JPEG", "quality": 82, "optimize": True, "progressive": True},
}


def widths_for(width: int, height: int) -> list[int]:
    """The rungs of the ladder that a picture of this size fills; its own width if none."""
    widest = min(width, width * LONGEST_SIDE // max(width, height))
    if not widest:
        raise BadPicture(f"图片有 {width}×{height} 像素，太长了")
    return [rung for rung in LADDER if rung <= widest] or [widest]


def encode(picture: Image.Image, size: tuple[int, int], extension: str) -> bytes:
    """One rendition's bytes; nothing of the original's metadata is in them."""
    scaled = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    scaled.info = {}
    out = io.BytesIO()
    scaled.save(out, **ENCODINGS[extension])  # type: ignore[arg-type]
    return out.getvalue()
