"""What a dry run shows: ten results beside their originals, counts and problems, in one file.

The file needs nothing beside itself: styles and pictures are in it. An original is shown in a
frame that runs no script, sends nothing and fetches nothing (`sandbox` and a policy of its own).
"""

import base64
import io
import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from pathlib import Path
from urllib.parse import unquote

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from articles import text
from articles.elsewhere.found import Found
from articles.renditions.decoding import BadPicture, decode, read
from articles.transfer.preparing import prepare
from articles.transfer.record import PhotoRecord, Record

SHOWN = 10
# Problems named one by one; all are in the files beside.
NAMED = 200
_KINDS = 500
_WIDTH = 800
_QUALITY = 72
# Pictures of an article that are put into the file, on either side.
_PICTURES = 12
_SHEETS = ("tokens", "base", "blocks/article", "blocks/text", "blocks/wide")
# Nothing is fetched, whatever the original names; what it says of styles holds.
_POLICY = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:;'
    " style-src 'unsafe-inline'\">"
)
_HEADS = re.compile(r"<(?:meta|link|base)\b[^<>]*+>", re.IGNORECASE)
_IMAGE = re.compile(r"<img\b[^<>]*+>", re.IGNORECASE)
_SOURCE = re.compile(
    r"""\b(src|srcset|data-[a-z-]+)\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE
)
# What is one article's alone in a sentence: what it quotes, files and addresses.
_PARTICULAR = re.compile(r"(?<=“)[^”]*(?=”)|[!-~]*[./][!-~]*")

# The file of an <img> of the original, by its tag; None: there is none.
Picture = Callable[[Found, str], str | None]


@dataclass
class Problems:
    """What was refused and what was left out: counted by kind, the first ones named."""

    named: list[tuple[str, str, str]] = field(default_factory=list)  # (kind, article, sentence)
    refused: Counter[str] = field(default_factory=Counter)
    lacking: Counter[str] = field(default_factory=Counter)

    def refuse(self, found: Found, reason: str) -> None:
        """An article that doesn't go in."""
        self._note(self.refused, "退回", found, reason)

    def remark(self, found: Found, sentence: str) -> None:
        """Something that an article lacks."""
        self._note(self.lacking, "提示", found, sentence)

    def _note(self, counts: Counter[str], kind: str, found: Found, sentence: str) -> None:
        what = _PARTICULAR.sub("…", re.split("[：（]", sentence, maxsplit=1)[0])
        if what in counts or len(counts) < _KINDS:
            counts[what] += 1
        if len(self.named) < NAMED:
            self.named.append((kind, found.title or found.id or found.file, sentence))


class Sample:
    """Ten of any number, each as likely as every other; the same ten each time."""

    def __init__(self, size: int = SHOWN) -> None:
        """Empty."""
        self._size = size
        self._seen = 0
        self._random = random.Random(0)  # noqa: S311 - nothing secret about it
        self._chosen: list[tuple[int, Found]] = []

    def offer(self, found: Found) -> None:
        """One more; remembered or not."""
        place = self._seen
        self._seen += 1
        if len(self._chosen) < self._size:
            self._chosen.append((place, found))
        elif (at := self._random.randrange(self._seen)) < self._size:
            self._chosen[at] = (place, found)

    @property
    def chosen(self) -> list[Found]:
        """Those that stayed, in the order in which they came."""
        return [found for _, found in sorted(self._chosen, key=lambda each: each[0])]


@dataclass(frozen=True)
class Shown:
    """One result beside its original, for the template."""

    record: Record
    body: SafeString
    original: str
    remarks: tuple[str, ...]

    @property
    def address(self) -> str:
        """Where it stood, as people read it."""
        return unquote(self.record.url)


def write(
    path: Path,
    what: str,
    sample: Sequence[Found],
    folder: Path | None,
    picture: Picture,
    counts: Sequence[tuple[str, object]],
    problems: Problems,
    moment: datetime,
) -> None:
    """Write the file; it replaces an older one when it is whole. Raises OSError."""
    shown = [_shown(found, folder, picture) for found in sample]
    page = render_to_string(
        "elsewhere/comparison.html",
        {
            "what": what,
            "moment": moment,
            "counts": counts,
            "problems": problems,
            "refused": problems.refused.most_common(20),
            "lacking": problems.lacking.most_common(20),
            "more": sum(problems.refused.values())
            + sum(problems.lacking.values())
            - len(problems.named),
            "shown": shown,
            "styles": mark_safe("\n".join(map(_sheet, _SHEETS))),
        },
    )
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_text(page, encoding="utf-8")
    unfinished.replace(path)


def _sheet(name: str) -> str:
    return Path(str(finders.find(f"css/{name}.css"))).read_text(encoding="utf-8")


def _shown(found: Found, folder: Path | None, picture: Picture) -> Shown:
    """A result as its page will show it, and its original."""
    prepared = prepare(found.content)
    record = prepared.record
    photos = {photo.file: photo for photo in record.photos}
    addresses = _Embedded(folder)

    def inside(file: str) -> str:
        return _figure(photos[file], addresses(file)) if file in photos else ""

    placed = text.photo_tokens(record.body)
    loose = "".join(
        f'<figure data-photo="{escape(file)}"></figure>' for file in photos if file not in placed
    )
    body = text.fill_figures(loose + text.frame_tables(record.body), inside)
    original = _original(found, lambda tag: addresses(picture(found, tag)))
    return Shown(record, mark_safe(body), original, found.remarks)


def _figure(photo: PhotoRecord, address: str) -> str:
    image = format_html('<img src="{}" alt="{}">', address, photo.alt) if address else ""
    caption = format_html("<figcaption>{}</figcaption>", photo.caption) if photo.caption else ""
    return f"{image}{caption}" or "<figcaption>（图片）</figcaption>"


class _Embedded:
    """Pictures as data: addresses, smaller than they are."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._known: dict[str, str] = {}

    def __call__(self, file: str | None) -> str:
        """The address of a picture; empty for none, and for what is too much."""
        if file is None or self._folder is None:
            return ""
        if file not in self._known and len(self._known) < _PICTURES:
            self._known[file] = _embedded(self._folder / file)
        return self._known.get(file, "")


def _embedded(path: Path) -> str:
    with suppress(OSError, BadPicture), path.open("rb") as file:
        picture, _ = decode(read(file)[0])
        picture.thumbnail((_WIDTH, _WIDTH * 2))
        packed = io.BytesIO()
        picture.save(packed, "WEBP", quality=_QUALITY)
        return f"data:image/webp;base64,{base64.b64encode(packed.getvalue()).decode()}"
    return ""


def _original(found: Found, address: Callable[[str], str]) -> str:
    """The original as a page of its own, with those of its pictures that are there."""

    def image(tag: re.Match[str]) -> str:
        rest = _SOURCE.sub("", tag[0])
        return f'<img src="{address(tag[0])}"{rest[4:]}'

    source = _HEADS.sub("", found.original or "")
    return f"<!DOCTYPE html>{_POLICY}{_STYLE}{_IMAGE.sub(image, source)}"


_STYLE = (
    "<style>body{margin:16px;font:16px/1.7 sans-serif;overflow-wrap:break-word}"
    "img{max-width:100%;height:auto}figure{margin:1em 0}</style>"
)
