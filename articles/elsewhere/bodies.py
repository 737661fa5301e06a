"""Somebody's HTML on its way to a body: pictures become figures, captions theirs, links ours.

What else is in it is the sanitizer's (articles/sanitizer.py), which drops what it doesn't know
and says nothing. So what will be missing is said here, with where it stood.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any, cast

from lxml import html as lxml_html

from articles import pasted, text

# Old pages load pictures late, too: the true address first.
ADDRESSES = ("data-orig-file", "data-original", "data-src", "data-lazy-src", "src")
_VOID = {
    "br",
    "hr",
    "img",
    "input",
    "meta",
    "link",
    "col",
    "wbr",
    "area",
    "base",
    "source",
    "track",
}
_UNREAD = {"script", "style", "noscript", "template", "title", "head", "textarea", "select"}
_AROUND = {"html", "body"}
# Captions of several pictures together (WordPress's gallery block).
_OF_SEVERAL = "blocks-gallery-caption"
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True)
class Picture:
    """A picture in the folder and what the old page says of it."""

    file: str
    alt: str = ""
    caption: str = ""

    def said(self) -> dict[str, str]:
        """As a line says it."""
        words = {"file": self.file, "alt": self.alt, "caption": self.caption}
        return {name: word for name, word in words.items() if word}


@dataclass
class Gathered:
    """A body for a line, its pictures in order, and sentences about what it lacks."""

    body: str
    pictures: list[Picture]
    lost: list[str]


Find = Callable[[Mapping[str, str]], Picture | None]
Same = Callable[[str, str], bool]


def gather(source: str, find: Find, same: Same, link: Callable[[str], str]) -> Gathered:
    """Read HTML of any quality. `find` gets an <img>'s attributes, `link` where a link leads.

    A picture stands where it stood first; `same` says whether two files are one picture. Linear.
    """
    writer = _Writer(find, same, link)
    parser = lxml_html.HTMLParser(target=cast("Any", writer), huge_tree=True)
    parser.feed(text.xml_safe(source))
    parser.close()
    body = "".join(writer.pieces)
    return Gathered(body, writer.pictures, [_missing(one) for one in pasted.lost(body)])


def _missing(one: pasted.Lost) -> str:
    return str(one).replace(one.kind, f"{one.kind}没有带进来", 1)


def words(source: str) -> str:
    """The text of a piece of HTML in one line."""
    parser = _Words()
    reader = lxml_html.HTMLParser(target=cast("Any", parser), huge_tree=True)
    reader.feed(text.xml_safe(source) or " ")
    reader.close()
    return squeezed("".join(parser.said))


def squeezed(said: str) -> str:
    """A text in one line."""
    return _SPACES.sub(" ", said).strip()


@dataclass
class _Words:
    said: list[str] = field(default_factory=list)

    def start(self, tag: str, held: Mapping[str, str]) -> None:
        """Nothing but text counts; a break parts words."""
        self.said.append(" " if tag in ("br", "p", "div") else "")

    def end(self, tag: str) -> None:
        """Nothing."""

    def data(self, data: str) -> None:
        """Take the text."""
        self.said.append(data)

    def close(self) -> None:
        """Nothing more comes."""


@dataclass
class _Writer:
    """Is told HTML as libxml2 reads it, and writes it anew."""

    find: Find
    same: Same
    link: Callable[[str], str]
    pieces: list[str] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._unread = 0
        self._figures: list[int] = []  # how many pictures there were when each open one began
        self._caption: list[str] | None = None
        self._of_several = False

    def start(self, tag: str, held: Mapping[str, str]) -> None:
        """An element begins."""
        self._unread += tag in _UNREAD
        if self._unread or tag in _AROUND:
            return
        if tag == "figure":
            self._figures.append(len(self.pictures))
            self.pieces.append("<div>")
        elif tag == "figcaption":
            self._caption, self._of_several = [], _OF_SEVERAL in held.get("class", "")
        elif tag == "img":
            self._picture(held)
        elif self._caption is None:
            self._write(tag, held)

    def end(self, tag: str) -> None:
        """An element ends."""
        if tag in _UNREAD:
            self._unread = max(0, self._unread - 1)
        elif self._unread or tag in _AROUND or tag in _VOID:
            return
        elif tag == "figure":
            if self._figures:
                self._figures.pop()
            self.pieces.append("</div>")
        elif tag == "figcaption":
            self._end_caption()
        elif self._caption is None:
            self.pieces.append(f"</{tag}>")

    def data(self, data: str) -> None:
        """Text."""
        if self._unread:
            return
        if self._caption is None:
            self.pieces.append(escape(data, quote=False))
        else:
            self._caption.append(data)

    def close(self) -> None:
        """Nothing more comes."""
        self._end_caption()

    def _write(self, tag: str, held: Mapping[str, str]) -> None:
        if tag == "a" and held.get("href"):
            held = {**held, "href": self.link(held["href"])}
        said = "".join(f' {name}="{escape(value)}"' for name, value in held.items())
        self.pieces.append(f"<{tag}{said}>")

    def _picture(self, held: Mapping[str, str]) -> None:
        shot = self.find(held)
        if shot is None:
            self._write("img", held)  # the sanitizer drops it, and `pasted.lost` tells
            return
        if any(shot.file == one.file or self.same(shot.file, one.file) for one in self.pictures):
            return
        self.pictures.append(shot)
        self.pieces.append(f'<figure data-photo="{escape(shot.file)}"></figure>')

    def _end_caption(self) -> None:
        """Give the caption to the figure's last picture; without one it is a paragraph."""
        said = squeezed("".join(self._caption or ()))
        self._caption = None
        if not said:
            return
        began = self._figures[-1] if self._figures else len(self.pictures)
        if len(self.pictures) > began and not self._of_several:
            last = self.pictures[-1]
            self.pictures[-1] = Picture(last.file, last.alt, said)
        else:
            self.pieces.append(f"<p>{escape(said, quote=False)}</p>")


def address(held: Mapping[str, str]) -> str:
    """Where a picture's file lies, as its element says."""
    return next((held[name] for name in ADDRESSES if held.get(name)), "").strip()


def image(tag: str) -> dict[str, str]:
    """The attributes of an <img> as it is written."""
    held = lxml_html.fragment_fromstring(tag)
    return {str(name): str(value) for name, value in held.items()}
