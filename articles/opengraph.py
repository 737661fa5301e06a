"""The picture that goes with a link to an article (Open Graph, https://ogp.me/): 1200×630.

The article's own photo where it is large enough, else a card with its title in the paper's
typography. A picture is made when it is first asked for, and kept; its name holds a digest of all
that is seen on it, so that a changed title has another picture.
"""

import hashlib
import io
import logging
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image, ImageDraw, ImageFont, ImageOps

from articles import typesetting
from articles.addresses import address
from articles.models import Article, Photo

log = logging.getLogger(__name__)

SIZE = WIDTH, HEIGHT = 1200, 630
ENCODINGS = {
    "jpg": {"format": "JPEG", "quality": 84, "optimize": True, "progressive": True},
    "png": {"format": "PNG", "optimize": True},
}
# A change of the design is a change of every name.
DESIGN = 1
DIGEST = 16

# As in static/css/tokens.css.
PAPER, INK, GREY, LINE, ACCENT = "#fbf9f4", "#1d1a16", "#6b6459", "#dcd5c6", "#b5301c"
MARGIN = 88
RULE = 12
TITLE_TOP, TITLE_BOTTOM = 176, 486
# Sizes of a title, the largest first, and how many lines of each the card has room for.
TITLE_SIZES = ((80, 2), (72, 3), (60, 4))
LEADING = 1.32
SMALL = 30
SEAL = 280

# Where systems keep a Song typeface; settings.CARD_FONT goes before them.
FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc",
    "/usr/share/fonts/noto-cjk/NotoSerifCJK-Bold.ttc",
    "/usr/share/fonts/google-noto-serif-cjk-fonts/NotoSerifCJK-Bold.ttc",
    "/usr/share/fonts/opentype/source-han-serif/SourceHanSerifSC-Bold.otf",
    "/usr/share/fonts/adobe-source-han-serif/SourceHanSerifCN-Bold.otf",
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
    "/System/Library/Fonts/Supplemental/Songti.ttc",
)
# More faces than a collection of fonts has.
MOST_FACES = 64


@dataclass(frozen=True)
class Preview:
    """A picture's address, size and what it shows, in words."""

    path: str
    alt: str
    width: int = WIDTH
    height: int = HEIGHT


def preview(article: Article) -> Preview:
    """The picture for links to an article with its source and lead photo. No query, no drawing."""
    photo = _large_enough(article)
    name = address("og", article.pk, digest(article), "jpg" if photo else "png")
    return Preview(name, (photo.alt or photo.caption if photo else "") or article.title)


def digest(article: Article) -> str:
    """What names the picture: all that can be seen on it."""
    photo = _large_enough(article)
    seen = (
        [photo.sha256] if photo else [article.title, *_below(article), settings.SITE_NAME, _font()]
    )
    said = "\x00".join([str(DESIGN), *seen])
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:DIGEST]


def picture(article: Article) -> bytes:
    """The picture's bytes, drawn and kept if nobody asked before: a tenth of a second, once."""
    photo = _large_enough(article)
    extension = "jpg" if photo else "png"
    name = f"og/{article.pk}-{digest(article)}.{extension}"
    if default_storage.exists(name):
        with default_storage.open(name) as file:
            return bytes(file.read())
    cropped = _crop(photo) if photo else None
    out = io.BytesIO()
    (cropped or card(article)).save(out, **ENCODINGS[extension])  # type: ignore[arg-type]
    if cropped or not photo:  # a card for a photo whose file is lost is a makeshift
        try:
            default_storage.save(name, ContentFile(out.getvalue()))
        except OSError as error:  # a full disk: drawn again for whoever asks next
            log.warning("a picture for links can't be kept: %s", error)
    return out.getvalue()


def card(article: Article) -> Image.Image:
    """The card; without a font for Chinese, the paper's seal in place of words."""
    image = Image.new("RGB", SIZE, PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, WIDTH, RULE), fill=ACCENT)
    if not _font():
        seal = finders.find("img/icon-512.png")
        if seal:
            with Image.open(str(seal)) as icon:
                sealed = icon.convert("RGBA").resize((SEAL, SEAL), Image.Resampling.LANCZOS)
            image.paste(sealed, ((WIDTH - SEAL) // 2, (HEIGHT + RULE - SEAL) // 2), sealed)
        return image
    draw.text((MARGIN, 108), _printable(settings.SITE_NAME), ACCENT, _face(52), anchor="ls")
    draw.line((MARGIN, 134, WIDTH - MARGIN, 134), fill=LINE, width=2)
    _set_title(draw, _printable(article.title))
    source, day = map(_printable, _below(article))
    draw.line((MARGIN, 524, WIDTH - MARGIN, 524), fill=LINE, width=2)
    draw.text((WIDTH - MARGIN, 572), day, GREY, _face(SMALL), anchor="rs")
    room = WIDTH - 2 * MARGIN - _face(SMALL).getlength(day) - SMALL
    first = typesetting.cut(source, 1, room, _face(SMALL).getlength) if source else []
    draw.text((MARGIN, 572), "".join(first), GREY, _face(SMALL), anchor="ls")
    return image


def _set_title(draw: ImageDraw.ImageDraw, title: str) -> None:
    """The title in the largest size that it fits in, balanced, in the middle of its room."""
    room = WIDTH - 2 * MARGIN
    for size, most in TITLE_SIZES:
        measure = _face(size).getlength
        if len(typesetting.fill(title, room, measure)) <= most:
            break
    lines = typesetting.cut(title, most, room, measure) if title else []
    step = round(size * LEADING)
    top = (TITLE_TOP + TITLE_BOTTOM - step * len(lines)) // 2
    for number, line in enumerate(lines):
        # Half the leading above a line; the baseline lies at 0.88 of a Chinese character.
        baseline = top + number * step + (step - size) // 2 + round(size * 0.88)
        draw.text((MARGIN, baseline), line, INK, _face(size), anchor="ls")


def _below(article: Article) -> tuple[str, str]:
    """The source's name, and the day."""
    day = timezone.localdate(article.published_at)
    return article.source.name if article.source else "", f"{day.year}年{day.month}月{day.day}日"


def _large_enough(article: Article) -> Photo | None:
    """The lead photo, if a rendition of it covers the picture without being enlarged."""
    photo = article.lead_photo
    return photo if photo and _covering(photo) else None


def _covering(photo: Photo) -> int | None:
    fits = [w for w in photo.widths if w >= WIDTH and photo.rendition_height(w) >= HEIGHT]
    return min(fits, default=None)


def _crop(photo: Photo) -> Image.Image | None:
    """The photo filling the picture; more is cut off below than above. None: its file is lost."""
    width = _covering(photo)
    try:
        with (
            default_storage.open(photo.rendition_name(width or 0, "jpg")) as file,
            Image.open(file, formats=["JPEG"]) as whole,
        ):
            rgb = whole.convert("RGB")
            return ImageOps.fit(rgb, SIZE, Image.Resampling.LANCZOS, centering=(0.5, 0.4))
    except OSError:
        return None


@lru_cache(maxsize=1)
def _known_font(asked: str) -> str:
    return next((path for path in (asked, *FONTS) if path and Path(path).is_file()), "")


def _font() -> str:
    """The file of the font that cards are set in; empty: this machine has none."""
    return _known_font(settings.CARD_FONT)


@lru_cache(maxsize=16)
def _loaded(path: str, size: int) -> ImageFont.FreeTypeFont:
    """The face for simplified Chinese of a font file, or its first."""
    basic = ImageFont.Layout.BASIC  # the same on every machine; Chinese needs no more
    face = ImageFont.truetype(path, size, layout_engine=basic)
    for index in range(MOST_FACES):
        try:
            other = ImageFont.truetype(path, size, index, layout_engine=basic)
        except OSError:
            break
        if str(other.getname()[0]).endswith((" SC", " CN")):
            return other
    return face


def _face(size: int) -> ImageFont.FreeTypeFont:
    return _loaded(_font(), size)


def _printable(words: str) -> str:
    """What the font can show of the words, in one line: no emoji, controls or foreign scripts."""
    spaced = "".join(
        " " if sign.isspace() else sign if _has(_font(), sign) else ""
        for sign in unicodedata.normalize("NFC", words)
    )
    return " ".join(spaced.split())


@lru_cache(maxsize=8192)
def _has(path: str, sign: str) -> bool:
    """Whether a font has a glyph of its own for a sign; controls and marks that turn text don't."""
    if unicodedata.category(sign)[0] in "CMZ":
        return False
    face = _loaded(path, 20)
    return bytes(face.getmask(sign)) != bytes(face.getmask("\U0010ffff"))
