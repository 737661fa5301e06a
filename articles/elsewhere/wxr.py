"""A WordPress export (WXR) as a stream: what is said of the site, then item after item.

WXR is RSS 2.0 with names of WordPress's own (wp-admin/includes/export.php); never has it a DOCTYPE.
So a file with one is refused before anything that it declares is read: no entity is ever expanded,
nothing is ever fetched. Memory is an item's, whatever the file's size.
"""

import codecs
import gzip
import html
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, BinaryIO
from xml.parsers import expat

from lxml import etree

from articles import text
from articles.outages import reason
from articles.transfer import BadFile

CHUNK = 64 * 1024
# So much may stand before the first element: the declaration and WordPress's own comments.
_LONGEST_PROLOG = 1024 * 1024
_NAMESPACE = "http://wordpress.org/export/"
_TOLD = ("base_blog_url", "author", "category", "tag", "term")
_NOTHING_FOLLOWS = "文件不完整：读到末尾也没有结束"


@dataclass(frozen=True)
class Term:
    """A category or a tag: `parent` is the slug of the category above."""

    name: str
    slug: str
    parent: str = ""


@dataclass
class Site:
    """What an export says of the site before its items. Its size is that of its lists."""

    address: str = ""
    authors: dict[str, str] = field(default_factory=dict)  # what is printed, by login
    categories: dict[str, Term] = field(default_factory=dict)  # by slug


@dataclass
class Item:
    """A post, a page, an attachment or whatever else: its fields as they stand in the file.

    `fields` are by name, with WordPress's own prefix (`wp:post_id`, `content:encoded`).
    """

    position: int
    fields: dict[str, str]
    terms: list[tuple[str, Term]]  # (category or post_tag, …)
    meta: dict[str, str]

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")

    @property
    def number(self) -> int:
        """The ID; 0 if there is none."""
        return text.number(self["wp:post_id"].strip()) or 0


def read(name: str, site: Site) -> Generator[Item, None, None]:
    """The items of an export (`.gz` unpacked); `site` is told what is said of it on the way.

    Raises BadFile for what can't be read, what is no export, and what is hostile.
    """
    try:
        with _opened(name) as (file, underlying):
            _look_at_prolog(name, file)
            file.seek(0)
            yield from _items(name, file, underlying, site)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BadFile(f"{name} 不是完整的 gzip 文件：{error}") from error
    except OSError as error:
        raise BadFile(f"读不了 {name}：{reason(error)}") from error


@contextmanager
def _opened(name: str) -> Iterator[tuple[IO[bytes], BinaryIO]]:
    with Path(name).open("rb") as underlying:
        if name.endswith(".gz"):
            with gzip.open(underlying) as file:
                yield file, underlying  # type: ignore[misc]
        else:
            yield underlying, underlying


class _Begun(Exception):
    """The first element is reached: all before it is harmless."""


def _look_at_prolog(name: str, file: IO[bytes]) -> None:
    """Refuse a file that declares a DOCTYPE, or whose root isn't WordPress's.

    expat tells of a DOCTYPE before it reads what stands in it.
    """

    def doctype(*_: object) -> None:
        raise BadFile(
            f"{name} 里有 DOCTYPE 声明。WordPress 的导出文件没有它，"
            "它可以用来撑爆内存或读走别的文件，所以整个文件都没有读。"
        )

    def element(tag: str, attributes: dict[str, str]) -> None:
        if tag != "rss" or not any(word.startswith(_NAMESPACE) for word in attributes.values()):
            raise BadFile(f"{name} 不是 WordPress 的导出文件（WXR）")
        raise _Begun

    parser = expat.ParserCreate("utf-8")
    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = element
    read = 0
    with suppress(_Begun):
        for chunk in _sound(name, file):
            try:
                parser.Parse(chunk)
            except expat.ExpatError as error:
                raise BadFile(f"{name} 第 {error.lineno} 行不是合法的 XML") from error
            read += len(chunk)
            if read > _LONGEST_PROLOG:
                break
        raise BadFile(f"{name} 不是 WordPress 的导出文件（WXR）")


def _sound(name: str, file: IO[bytes]) -> Iterator[bytes]:
    """The file in pieces, without what XML has no way to write and old databases are full of.

    Nor with blank lines before its declaration, which plugins leave there.
    """
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    begun = False
    while True:
        chunk = file.read(CHUNK)
        try:
            words = text.xml_safe(decoder.decode(chunk, final=not chunk))
        except UnicodeDecodeError as error:
            raise BadFile(f"{name} 不是 UTF-8 编码的，WordPress 的导出文件都是") from error
        if not begun:
            words = words.lstrip()
        if words:
            begun = True
            yield words.encode()
        if not chunk:
            return


def _items(name: str, file: IO[bytes], underlying: BinaryIO, site: Site) -> Iterator[Item]:
    parser = etree.XMLPullParser(
        events=("end",),
        tag=["{*}item", "{*}comment", *(f"{{*}}{told}" for told in _TOLD)],
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
    )
    try:
        for chunk in _sound(name, file):
            parser.feed(chunk)
            yield from _ended(parser, site, underlying)
        parser.close()
    except etree.XMLSyntaxError as error:
        if "too big" in str(error) or "huge" in str(error):
            raise BadFile(f"{name} 第 {error.lineno} 行起有一段文字超过 10 MB，不收") from error
        raise BadFile(f"{name} 第 {error.lineno} 行起不是合法的 XML，{_NOTHING_FOLLOWS}") from error
    yield from _ended(parser, site, underlying)


def _ended(parser: "etree.XMLPullParser", site: Site, underlying: BinaryIO) -> Iterator[Item]:
    for _, element in parser.read_events():
        if not isinstance(element, etree._Element):
            continue
        tag = etree.QName(element).localname
        if tag == "item":
            yield _item(element, underlying.tell())
            _forget(element)
        elif tag == "comment":  # readers' words, of which there may be any number
            _forget(element)
        elif _named(element).startswith("wp:"):
            _tell(site, tag, element)
            _forget(element)


def _forget(element: "etree._Element") -> None:
    """Let go of an element and of what stands before it in the same parent, if that is the same."""
    element.clear()
    parent = element.getparent()
    before = element.getprevious()
    while parent is not None and before is not None and before.tag == element.tag:
        parent.remove(before)
        before = element.getprevious()


def _item(element: "etree._Element", position: int) -> Item:
    item = Item(position, {}, [], {})
    for child in element.iterchildren(etree.Element):
        name = _named(child)
        if name == "category":
            term = Term(_text(child), child.get("nicename", ""))
            item.terms.append((child.get("domain", ""), term))
        elif name == "wp:postmeta":
            said = {_named(part): part.text or "" for part in child.iterchildren(etree.Element)}
            item.meta.setdefault(said.get("wp:meta_key", ""), said.get("wp:meta_value", ""))
        else:
            item.fields.setdefault(name, child.text or "")
    return item


def _tell(site: Site, tag: str, element: "etree._Element") -> None:
    said = {_named(child): _text(child) for child in element.iterchildren(etree.Element)}
    if tag == "base_blog_url":
        site.address = _text(element)
    elif tag == "author":
        login = said.get("wp:author_login", "")
        site.authors[login] = said.get("wp:author_display_name") or login
    elif tag == "category":
        slug = said.get("wp:category_nicename", "")
        name, parent = said.get("wp:cat_name", ""), said.get("wp:category_parent", "")
        site.categories[slug] = Term(name, slug, parent)


def _named(element: "etree._Element") -> str:
    """An element's name with the prefix that WordPress gives it, whatever the file calls it."""
    name = etree.QName(element)
    space = name.namespace or ""
    if not space.startswith(_NAMESPACE):
        return f"{_PREFIXES[space]}:{name.localname}" if space in _PREFIXES else name.localname
    prefix = "excerpt" if space.rstrip("/").endswith("/excerpt") else "wp"
    return f"{prefix}:{name.localname}"


_PREFIXES = {
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/dc/elements/1.1/": "dc",
}


def _text(element: "etree._Element") -> str:
    """A name as it is read: in CDATA, too, WordPress writes `&amp;` for `&`."""
    return html.unescape(element.text or "").strip()
