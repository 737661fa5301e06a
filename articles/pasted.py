"""What comes from elsewhere (Word, WeChat, web pages, spreadsheets), before it is a body.

`sanitize` makes a clean body of anything, and says nothing of what it leaves out. Here is what an
editor has to be told: which pictures and links stay behind, and where. And here is read what
programs mean beyond their tags: Word's lists, WeChat's emoji, a closing line.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any, cast
from urllib.parse import urlsplit

from lxml import html as lxml_html
from lxml.etree import tostring
from lxml.html import HtmlElement

from articles.sanitizer import SCHEMES, SPACES, sanitize

# How many characters of the text beside it tell where something was.
NEAR = 12
_SHOWN_OF_ADDRESS = 80
_KINDS = {
    "img": "图片", "image": "图片", "svg": "图片", "iframe": "视频", "video": "视频",
    "embed": "视频", "object": "视频", "mp-common-videosnap": "视频", "audio": "音频",
    "mpvoice": "音频", "mp-common-mpaudio": "音频",
}  # fmt: skip
# Where the address stands, best first: pages load pictures late, WeChat always.
_ADDRESSES = ("data-src", "data-original", "data-actualsrc", "src", "href", "data")
_BACKGROUND = re.compile(
    r"(?:^|;)\s*background(?:-image)?\s*:[^;]*?url\(\s*[\"']?([^\"')]+)", re.IGNORECASE
)
# How static/desk/paste.js shortens what is embedded, to send its size instead of its megabytes.
_BYTES = re.compile(r";bytes=([0-9]{1,12})$")
_SCHEME = re.compile(r"\s*([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_BEGIN_BLOCKS = {"p", "div", "section", "h1", "h2", "h3", "h4", "li", "td", "th", "br"}
# What XML can't hold, and so libxml2 would stop at.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_UNREAD = {"script", "style", "title", "head", "template", "noscript"}


@dataclass
class Lost:
    """Something that does not come along: what it is, where it was, its address."""

    kind: str
    address: str
    near: str
    after: bool = True
    words: str = ""

    def __str__(self) -> str:
        place = f"在“{self.near}”{'之后' if self.after else '之前'}" if self.near else "在开头"
        named = f"“{self.words}”" if self.words else ""
        return f"{self.kind}{named}（{place}，{_shown(self.address)}）"


def clean(source: str) -> str:
    """Pasted HTML or plain text as a body, with lists and emoji as their programs meant them."""
    source = _EMOJI.sub(lambda found: chr(int(found[1], 16)), source)
    if "mso-list" in source:
        source = _with_lists(source)
    return sanitize(source)


def clean_text(source: str) -> str:
    """Plain text as a body, a paragraph a line; signs that HTML would read are signs."""
    return sanitize(escape(source, quote=False))


def lost(source: str) -> list[Lost]:
    """Pictures, films and unsafe links in HTML that a body made of it will lack, in order."""
    if "<" not in source:
        return []
    reader = _Reader()
    parser = lxml_html.HTMLParser(target=cast("Any", reader), huge_tree=True)
    parser.feed(_CONTROL.sub("", source))
    parser.close()
    return reader.lost


def report(missing: list[Lost], most: int = 8) -> list[str]:
    """Sentences for the editor about what was lost: how many of each kind, then which."""
    sentences = []
    for kind, advice in (
        ("图片", "图片要先放进图库，再从图库插入"),
        ("视频", "正文不放视频"),
        ("音频", "正文不放音频"),
        ("链接", "只保留文字"),
    ):
        of_kind = [one for one in missing if one.kind == kind]
        if of_kind:
            named = "；".join(map(str, of_kind[:most])) + ("；……" if len(of_kind) > most else "")
            sentences.append(f"有 {len(of_kind)} 处{kind}没有带进来，{advice}：{named}。")
    return sentences


def _shown(address: str) -> str:
    """An address short enough to read; what is embedded has a size instead."""
    if address.startswith("data:"):
        told = _BYTES.search(address)
        size = int(told[1]) if told else len(address) * 3 // 4
        return f"内嵌数据约 {max(1, size // 1024)} KB"
    if len(address) > _SHOWN_OF_ADDRESS:
        return f"地址 {address[:_SHOWN_OF_ADDRESS]}……"
    return f"地址 {address}" if address else "没有地址"


@dataclass
class _Reader:
    """Is told HTML as libxml2 reads it and notes what will be lost, with the text around it."""

    lost: list[Lost] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._unplaced: list[Lost] = []  # at the beginning, before any text
        self._block = self._block_before = ""
        self._unread = 0
        self._link: Lost | None = None

    def start(self, tag: str, held: Mapping[str, str]) -> None:
        """Note the element, if it is one that we cannot take."""
        self._unread += tag in _UNREAD
        if tag in _BEGIN_BLOCKS and self._block:
            self._block_before, self._block = self._block, ""
        background = _BACKGROUND.search(held.get("style", ""))
        if tag in _KINDS:
            address = next((held[name] for name in _ADDRESSES if held.get(name)), "")
            self._note(_KINDS[tag], address)
        elif background:
            self._note("图片", background[1])
        elif tag == "a" and _unsafe(held.get("href", "")):
            self._note("链接", held["href"])
            self._link = self.lost[-1]

    def end(self, tag: str) -> None:
        """Leave what is not read, or a link."""
        if tag in _UNREAD:
            self._unread = max(0, self._unread - 1)
        if tag == "a":
            self._link = None

    def data(self, data: str) -> None:
        """Remember the text before what comes next; tell what came first of the text after it."""
        words = "".join(data.split()).strip(SPACES)
        if self._unread or not words:
            return
        if self._link is not None:
            self._link.words = (self._link.words + words)[:NEAR]
        for one in self._unplaced:
            if one is not self._link:
                one.near, one.after = words[:NEAR], False
        self._unplaced = [one for one in self._unplaced if one is self._link]
        self._block = (self._block + words)[:NEAR]

    def close(self) -> None:
        """Nothing more comes."""

    def _note(self, kind: str, address: str) -> None:
        if not self._unread:
            self.lost.append(Lost(kind, address.strip(), self._block or self._block_before))
            if not self.lost[-1].near:
                self._unplaced.append(self.lost[-1])


def _unsafe(href: str) -> bool:
    """Whether a link to there is not kept: another scheme, or an address that cannot be read."""
    scheme = _SCHEME.match(href)
    try:
        host = urlsplit(href.strip()).hostname
    except ValueError:
        return True
    name = scheme[1].lower() if scheme else ""
    return bool(name) and (name not in SCHEMES or (name.startswith("http") and not host))


# <span class="emoji emoji1f600"></span>, as WeChat's own pages draw what has a sign of its own.
_EMOJI = re.compile(
    r'<span(?>[^<>]*?class="emoji emoji(1f[0-9a-f]{3}|2[0-9a-f]{3})")[^<>]*+>\s*+</span>',
    re.IGNORECASE,
)
# Word's lists are paragraphs: mso-list says the level, a span to ignore shows the number or dot.
_CONDITION = re.compile(r"<!--\[if[^\]<]*+\]-->|<!--\[endif\]-->|<!\[(?:if[^\]<]*+|endif)\]>")
_LEVEL = re.compile(r"mso-list:[^;:\"']*level([1-9])")
_NUMBERED_MARK = re.compile(r"[0-9a-zA-Z一二三四五六七八九十]+[.)、．）]")


def _with_lists(source: str) -> str:
    """Word's HTML with its list paragraphs as lists."""
    parser = lxml_html.HTMLParser(encoding="utf-8", huge_tree=True)
    document = lxml_html.document_fromstring(
        _CONDITION.sub("", source).encode("utf-8", "replace"), parser=parser
    )
    body = document.find("body")
    if body is None:
        return source
    open_lists: list[HtmlElement] = []
    last: HtmlElement | None = None
    for paragraph in [p for p in body.iter("p") if _LEVEL.search(p.get("style") or "")]:
        if last is None or not _follows(paragraph, last):
            open_lists = []
        last = _enlist(paragraph, open_lists)
    return "".join(_outer(body))


def _enlist(paragraph: HtmlElement, open_lists: list[HtmlElement]) -> HtmlElement:
    """Make one list paragraph an item of the lists that are open; the outermost is answered."""
    found = _LEVEL.search(paragraph.get("style") or "")
    level = int(found[1]) if found else 1
    mark = "".join(
        "".join(span.itertext())
        for span in paragraph.iter("span")
        if "mso-list" in (span.get("style") or "")
    )
    tag = "ol" if _NUMBERED_MARK.match(mark.strip(SPACES)) else "ul"
    del open_lists[level:]
    if not open_lists:
        open_lists.append(lxml_html.Element(tag))
        paragraph.addprevious(open_lists[0])
    while len(open_lists) < level:
        inner: HtmlElement = lxml_html.Element(tag)
        outer = open_lists[-1]
        next(outer.iterchildren(reversed=True), outer).append(inner)
        open_lists.append(inner)
    for span in [s for s in paragraph.iter("span") if "mso-list" in (s.get("style") or "")]:
        span.drop_tree()
    paragraph.tail = None
    paragraph.tag = "li"
    paragraph.attrib.clear()
    open_lists[-1].append(paragraph)
    return open_lists[0]


def _follows(paragraph: HtmlElement, made: HtmlElement) -> bool:
    return paragraph.getprevious() is made and not (made.tail or "").strip(SPACES)


def _outer(body: HtmlElement) -> Iterator[str]:
    yield body.text or ""
    for child in body:
        yield tostring(child, encoding="unicode", method="html")
