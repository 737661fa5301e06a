"""The canonical text of an article, and its SHA-256: what it says, whatever software shows it.

docs/fixity.md defines the form for whoever wants to make it without this program. It never
changes: another form would have another first line.
"""

import hashlib
import html as entities
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

FORM = "规范文本 1"

# Unicode's white space as of version 15, written out: a later one must change no hash. And what
# has no width and says nothing.
_BLANKS = re.compile(
    "[\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff]+"
)
# A sanitized body has nothing but whole tags between < and >, but in a title in quotes.
_TAG = re.compile(r'<(/?)([a-z0-9]+)([^<>"]*(?:"[^"]*"[^<>"]*)*)>')
_HREF = re.compile(r'\bhref="([^"]*)"')
_PHOTO = re.compile(r'\bdata-photo="([^"]*)"')
# What stands within a line; every other tag ends one.
_WITHIN = {"a", "em", "strong", "sub", "sup"}


class Picture(NamedTuple):
    """A picture of an article: the SHA-256 of its original's bytes, and what is said below it."""

    sha256: str
    caption: str = ""


@dataclass(frozen=True)
class Said:
    """All that an article says, as readers are told it; `body` is sanitized HTML."""

    title: str
    original_title: str = ""
    source: str = ""
    byline: str = ""
    editor: str = ""
    published_at: datetime | None = None
    body: str = ""
    # In the order in which they are seen.
    pictures: tuple[Picture, ...] = ()

    def text(self) -> str:
        """The canonical text. Linear in the length."""
        published = self.published_at
        head = (
            ("标题", self.title),
            ("原标题", self.original_title),
            ("来源", self.source),
            ("记者", self.byline),
            ("责编", self.editor),
            ("发布", published.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ") if published else ""),
        )
        parts = [
            [FORM, *(_line(f"{name}：{value}") for name, value in head)],
            list(_lines(self.body)),
        ]
        if self.pictures:
            parts.append([_line(f"图片：{one.sha256} {one.caption}") for one in self.pictures])
        return "\n\n".join("\n".join(part) for part in parts) + "\n"

    @property
    def sha256(self) -> str:
        """The SHA-256 of the canonical text in UTF-8."""
        return hashlib.sha256(self.text().encode()).hexdigest()

    def as_json(self) -> dict[str, Any]:
        """For a JSON column."""
        published = self.published_at and self.published_at.isoformat()
        pictures = [one._asdict() for one in self.pictures]
        return {**asdict(self), "published_at": published, "pictures": pictures}

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> "Said":
        """What was kept so."""
        at = kept["published_at"]
        pictures = tuple(Picture(**one) for one in kept["pictures"])
        rest = {**kept, "published_at": at and datetime.fromisoformat(at), "pictures": pictures}
        return cls(**rest)


def _lines(body: str) -> Iterator[str]:
    """A body's lines: words, where its links lead, where its pictures stand."""
    said, target, done = "", "", 0
    for tag in _TAG.finditer(body):
        said += body[done : tag.start()]
        done = tag.end()
        closing, name, attributes = tag.groups()
        if name == "a":
            said += f"［{target}］" if closing and target else ""
            href = None if closing else _HREF.search(attributes)
            target = href[1] if href else ""
        elif name not in _WITHIN:
            yield from _told(said)
            said = ""
            photo = _PHOTO.search(attributes) if name == "figure" else None
            if photo:
                yield from _told(f"［图片 {photo[1]}］")
    yield from _told(said + body[done:])


def _told(said: str) -> Iterator[str]:
    line = _line(entities.unescape(said))
    if line:
        yield line


def _line(said: str) -> str:
    """One line: Unicode's form C, each run of blanks a space, none at the ends."""
    return _BLANKS.sub(" ", unicodedata.normalize("NFC", said)).strip(" ")
