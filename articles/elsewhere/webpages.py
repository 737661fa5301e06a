"""A folder of old HTML pages as lines for the import, by a mapping file."""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote_from_bytes, urljoin, urlsplit

from lxml import html as lxml_html
from lxml.etree import ParserError, _Element, tostring

from articles import closing, text
from articles.elsewhere import bodies
from articles.elsewhere.bodies import Picture
from articles.elsewhere.encodings import BadEncoding, decode
from articles.elsewhere.folder import Folder
from articles.elsewhere.found import Found, Refuse, found
from articles.elsewhere.links import from_page, within
from articles.elsewhere.mapping import Mapping as PageMapping
from articles.outages import reason
from articles.sanitizer import sanitize
from articles.transfer.stream import LONGEST_LINE


class BadPage(ValueError):
    """A file that can't become a line; the text says why, in Chinese."""


@dataclass(frozen=True)
class WebPages:
    """The pages below a folder; pictures lie in the same folder."""

    folder: Folder
    mapping: PageMapping
    compared: bool = False  # originals are kept for a comparison

    def paths(self) -> Iterator[str]:
        """Every file to be read, by its path below the folder, in order."""
        root = self.folder.root
        for here, folders, files in os.walk(root):
            folders.sort()
            for name in sorted(files):
                path = (Path(here) / name).relative_to(root).as_posix()
                if self.mapping.takes(path):
                    yield path

    def entries(self, refuse: Refuse) -> Iterator[Found]:
        """A line for each page; what can't become one is refused. Memory is a page's."""
        for position, path in enumerate(self.paths(), start=1):
            try:
                line, missing = self._found(path, position)
            except BadPage as error:
                named = readable(path)
                line, missing = Found(named, 1, b"", position, id=named), str(error)
            if missing:
                refuse(line, missing)
            else:
                yield line

    def picture(self, found: Found, tag: str) -> str | None:
        """The file of an <img> of a page as it was."""
        shot = self._picture(bodies.image(tag), found.file)
        return shot.file if shot else None

    def _found(self, path: str, position: int) -> tuple[Found, str]:
        """A page's line, and what it can't do without (empty: it has all). Raises BadPage."""
        source = self._text(path)
        page = _document(source)
        named = readable(path)
        address = self.mapping.address_of(named)
        title = next(iter(self._words("title", page)), "")
        clock = self._words("time", page)
        moment = self.mapping.moment(clock, named)
        inside = self._inside(page)
        gathered = bodies.gather(
            inside,
            lambda held: self._picture(held, path),
            self.folder.same,
            lambda href: from_page(address, href),
        )
        said: dict[str, Any] = {
            "id": address.partition("://")[2] or named,
            "title": title,
            "original_title": next(iter(self._words("original_title", page)), ""),
            "source": next(iter(self._words("source", page)), ""),
            "editor": next(iter(self._words("editor", page)), ""),
            "byline": next(iter(self._words("byline", page)), ""),
            "published_at": moment,
            "topics": [*self._words("topics", page), *self.mapping.topics_of(named)],
            "body": gathered.body,
            "url": address,
            "photos": [picture.said() for picture in gathered.pictures],
        }
        if self.mapping.closing:
            _take_closing(said)
        said["source"] = said["source"] or self.mapping.source
        said["editor"] = said["editor"] or self.mapping.editor
        line = found(
            named, 1, position, {name: it for name, it in said.items() if it}, gathered.lost,
            source if self.compared else None,
        )  # fmt: skip
        missing = ""
        if not title:
            missing = "没有找到标题：title 的选择器在这一页里什么也没选中"
        elif not moment:
            seen = f"选中的文字是“{clock[0][:40]}”" if clock else "time 的选择器什么也没选中"
            missing = f"没有找到时间：{seen}"
        return line, missing

    def _words(self, part: str, page: _Element) -> list[str]:
        return self.mapping.words(part, page)

    def _text(self, path: str) -> str:
        file = self.folder.root / path
        try:
            if not file.resolve().is_relative_to(self.folder.root.resolve()):
                raise BadPage("是指向目录之外的链接")
            if not file.is_file():  # whoever reads a pipe waits for good
                raise BadPage("不是普通文件")
            if file.stat().st_size > LONGEST_LINE:
                raise BadPage("文件太大")
            return text.xml_safe(decode(file.read_bytes(), self.mapping.encoding))
        except BadEncoding as error:
            raise BadPage(str(error)) from error
        except OSError as error:
            raise BadPage(f"读不了：{reason(error)}") from error
        except RuntimeError as error:
            raise BadPage("是指向自己的链接") from error

    def _inside(self, page: _Element) -> str:
        """The HTML of the body, without what is to be dropped from it."""
        for way in self.mapping.find["body"]:
            parts = way.elements(page)
            if parts:
                break
        else:
            raise BadPage("没有找到正文：body 的选择器在这一页里什么也没选中")
        for way in self.mapping.drop:
            for dropped in way.elements(page):
                if dropped not in parts and dropped.getparent() is not None:
                    dropped.drop_tree()  # type: ignore[attr-defined]
        return "".join(tostring(part, encoding="unicode", method="html") for part in parts)

    def _picture(self, held: Mapping[str, str], path: str) -> Picture | None:
        below = self._below(bodies.address(held), path)
        file = self.folder.picture(below) if below else None
        if not file or readable(file) != file:  # a line can't name it
            return None
        return Picture(file, bodies.squeezed(held.get("alt", "")))

    def _below(self, src: str, path: str) -> str:
        """Where a picture's file lies below the folder; empty: elsewhere."""
        src = src.replace("\\", "/")
        try:
            parts = urlsplit(src)
            if parts.scheme or parts.netloc:
                site = self.mapping.address_of("")
                local = within(site, urljoin(site, src)) if site else src
                if not local.startswith("/"):
                    return ""
                parts = urlsplit(local)
            root = urlsplit(self.mapping.address.partition("{path}")[0]).path
        except ValueError:
            return ""
        if not parts.path.startswith("/"):
            return f"{PurePosixPath(path).parent}/{parts.path}"
        return parts.path.removeprefix(root) if root else parts.path


def readable(path: str) -> str:
    """A path as people read it: names that aren't UTF-8 are GB18030, or said byte by byte."""
    return "/".join(map(_readable_name, path.split("/")))


def _readable_name(name: str) -> str:
    raw = os.fsencode(name)
    for encoding in ("utf-8", "gb18030"):
        with suppress(UnicodeDecodeError):
            read = raw.decode(encoding)
            if read.isprintable() and read.encode(encoding) == raw:
                return read
    return quote_from_bytes(raw)


def _document(source: str) -> _Element:
    # In UTF-8 whatever the page says: its own words for its encoding are wrong from here on.
    parser = lxml_html.HTMLParser(encoding="utf-8", huge_tree=True)
    try:
        page = lxml_html.document_fromstring(source.encode(), parser=parser)
    except ParserError as error:
        raise BadPage("是空的网页") from error
    if any("depth" in entry.message.lower() for entry in parser.error_log):
        raise BadPage("元素一层套一层，太深了")
    return page


def _take_closing(said: dict[str, Any]) -> None:
    """Let a closing line, [来源:… 编辑:…], fill the fields that the selectors left empty."""
    body, parts = closing.take(sanitize(said["body"]))
    for part in parts:
        if part.kind and not said[part.kind]:
            said[part.kind] = part.printed
    said["body"] = body
