"""The mapping file (TOML) that tells the parts of a site's old HTML pages apart.

docs/import.md has every key and an example.
"""

import codecs
import re
import tomllib
from collections.abc import Mapping as Table
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from cssselect import SelectorError
from lxml.cssselect import CSSSelector
from lxml.etree import XPath, XPathError, _Element

from articles.elsewhere.bodies import squeezed

FILES = ("*.htm", "*.html", "*.shtml", "*.xhtml")
_PARTS = ("title", "original_title", "body", "time", "source", "editor", "byline", "topics")
_KEYS = {
    "files": {"include", "exclude", "address", "encoding"},
    "find": set(_PARTS),
    "body": {"drop", "closing"},
    "time": {"formats", "path"},
    "defaults": {"source", "editor", "topics"},
    "topics": {"path", "names"},
}
_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y年%m月%d日 %H:%M", "%Y-%m-%d", "%Y年%m月%d日")
_DIRECTIVES = {
    "Y": r"(?P<Y>[12][0-9]{3})", "y": r"(?P<y>[0-9]{2})", "m": r"(?P<m>[0-9]{1,2})",
    "d": r"(?P<d>[0-9]{1,2})", "H": r"(?P<H>[0-9]{1,2})", "M": r"(?P<M>[0-9]{2})",
    "S": r"(?P<S>[0-9]{2})", "%": "%",
}  # fmt: skip
# Two digits of a year: before the web there were no pages.
_FIRST_OF_CENTURY = 80


class BadMapping(ValueError):
    """The mapping file makes no sense; the text says where, in Chinese."""


@dataclass(frozen=True)
class Way:
    """One way to a part of a page: what to select, and what of its text to take."""

    select: XPath
    match: re.Pattern[str] | None = None

    def elements(self, page: _Element) -> list[_Element]:
        """The elements that it selects."""
        selected = self.select(page)
        return [one for one in _listed(selected) if isinstance(one, _Element)]

    def words(self, page: _Element) -> list[str]:
        """The texts that it selects, each in one line."""
        said = []
        for one in _listed(self.select(page)):
            words = "".join(map(str, one.itertext())) if isinstance(one, _Element) else str(one)
            if self.match:
                found = self.match.search(words)
                words = found[found.lastindex or 0] or "" if found else ""
            said.append(squeezed(words))
        return [words for words in said if words]


@dataclass(frozen=True)
class Mapping:
    """A mapping file, checked."""

    include: tuple[str, ...]
    exclude: tuple[str, ...]
    address: str
    encoding: str
    find: Table[str, tuple[Way, ...]]
    drop: tuple[Way, ...]
    closing: bool
    formats: tuple[re.Pattern[str], ...]
    path_format: re.Pattern[str] | None
    source: str
    editor: str
    topics: tuple[tuple[str, tuple[str, ...]], ...]

    def takes(self, path: str) -> bool:
        """Whether a file is to be read, by its path below the folder."""
        return _any(path, self.include) and not _any(path, self.exclude)

    def address_of(self, path: str) -> str:
        """Where a file stood; empty: not said."""
        return self.address.replace("{path}", path)

    def words(self, part: str, page: _Element) -> list[str]:
        """What the first way that leads anywhere finds."""
        ways = (way.words(page) for way in self.find.get(part, ()))
        return next(filter(None, ways), [])

    def topics_of(self, path: str) -> list[str]:
        """The topics of what lies at a path."""
        return [name for pattern, names in self.topics if _any(path, [pattern]) for name in names]

    def moment(self, said: Sequence[str], path: str) -> str:
        """The first time that a format finds in the texts, else in the path, in ISO 8601."""
        for words in said:
            for form in self.formats:
                if found := form.search(words):
                    return _iso(found)
        found = self.path_format.search(path) if self.path_format else None
        return _iso(found) if found else ""


def load(path: Path) -> Mapping:
    """Read a mapping file; raises BadMapping, OSError."""
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadMapping(f"不是合法的 TOML（要用 UTF-8 编码）：{error}") from error
    for name, table in said.items():
        if name not in _KEYS:
            raise BadMapping(f"不认识 [{name}]，能用的是 {'、'.join(_KEYS)}")
        rows = table if name == "topics" else [table]
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise BadMapping(
                f"[{name}] 应写成{'表的列表（[[topics]]）' if rows is table else '表'}"
            )
        for key in {key for row in rows for key in row} - _KEYS[name]:
            raise BadMapping(f"[{name}] 里不认识 {key}，能用的是 {'、'.join(sorted(_KEYS[name]))}")
    return _mapping(_Said(said))


def _mapping(said: "_Said") -> Mapping:
    find = {part: said.ways("find", part) for part in _PARTS}
    for part in ("title", "body"):
        if not find[part]:
            raise BadMapping(f"[find] 里缺少 {part}")
    address = said.text("files", "address")
    if address and ("{path}" not in address or not address.startswith(("http://", "https://"))):
        raise BadMapping("[files] address 应是完整的网址，其中 {path} 代表文件的路径")
    path_format = said.text("time", "path")
    return Mapping(
        include=said.texts("files", "include") or FILES,
        exclude=said.texts("files", "exclude"),
        address=address,
        encoding=_encoding(said.text("files", "encoding")),
        find=find,
        drop=said.ways("body", "drop"),
        closing=said.flag("body", "closing"),
        formats=tuple(map(_format, said.texts("time", "formats") or _FORMATS)),
        path_format=_format(path_format) if path_format else None,
        source=said.text("defaults", "source"),
        editor=said.text("defaults", "editor"),
        topics=(("*", said.texts("defaults", "topics")), *said.topics()),
    )


@dataclass(frozen=True)
class _Said:
    """What a mapping file says, asked for by table and key."""

    tables: Table[str, Any]

    def value(self, table: str, key: str) -> Any:
        """As TOML has it; None: not said."""
        return self.tables.get(table, {}).get(key)

    def text(self, table: str, key: str) -> str:
        """A text."""
        value = self.value(table, key)
        if value is not None and not isinstance(value, str):
            raise BadMapping(f"[{table}] {key} 应是文字")
        return value or ""

    def texts(self, table: str, key: str) -> tuple[str, ...]:
        """A text or a list of them."""
        return _texts(f"[{table}] {key}", self.value(table, key))

    def flag(self, table: str, key: str) -> bool:
        """True or false; false if it isn't said."""
        value = self.value(table, key)
        if not isinstance(value, bool | None):
            raise BadMapping(f"[{table}] {key} 应是 true 或 false")
        return bool(value)

    def ways(self, table: str, key: str) -> tuple[Way, ...]:
        """Selectors: a text, a table of `select` and `match`, or a list of these."""
        value = self.value(table, key)
        values = [] if value is None else value if isinstance(value, list) else [value]
        return tuple(_way(f"[{table}] {key}", one) for one in values)

    def topics(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Topics by path."""
        rows = []
        for row in self.tables.get("topics", []):
            path, names = row.get("path"), _texts("[[topics]] names", row.get("names"))
            if not isinstance(path, str) or not names:
                raise BadMapping("[[topics]] 里要有 path 和 names")
            rows.append((path, names))
        return tuple(rows)


def _texts(where: str, value: Any) -> tuple[str, ...]:
    values = [] if value is None else [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
        raise BadMapping(f"{where} 应是文字或文字的列表")
    return tuple(values)


def _way(where: str, value: Any) -> Way:
    said = {"select": value} if isinstance(value, str) else value
    if not isinstance(said, dict) or "select" not in said or set(said) - {"select", "match"}:
        raise BadMapping(f"{where} 应是选择器，或 {{ select = …, match = … }}")
    selector, match = said["select"], said.get("match")
    if not isinstance(selector, str) or not isinstance(match, str | None):
        raise BadMapping(f"{where} 的 select 和 match 应是文字")
    try:
        pattern = re.compile(match) if match else None
    except re.error as error:
        raise BadMapping(f"{where} 的 match 不是合法的正则表达式：{error}") from error
    try:
        # An XPath begins with one of these, a CSS selector never does.
        by_path = selector.startswith(("/", "./", "("))
        return Way(XPath(selector) if by_path else CSSSelector(selector), pattern)
    except (SelectorError, XPathError) as error:
        raise BadMapping(f"{where} 不是合法的选择器：{selector}（{error}）") from error


def _format(said: str) -> re.Pattern[str]:
    """A time's format (the directives of strftime) as an expression that finds it in a text."""
    pieces = []
    for part in re.findall(r"%.?|\s+|[^%\s]", said):
        if part.startswith("%"):
            if part[1:] not in _DIRECTIVES:
                raise BadMapping(f"[time] 里的 {part} 不认识：{said}")
            pieces.append(_DIRECTIVES[part[1:]])
        else:
            pieces.append(r"\s*" if part.isspace() else re.escape(part))
    # Of a longer number nothing is taken.
    before = ["(?<![0-9])"] if said.startswith("%") else []
    after = ["(?![0-9])"] if said[-2:-1] == "%" else []
    try:
        form = re.compile("".join([*before, *pieces, *after]))
    except re.error as error:  # a directive twice
        raise BadMapping(f"[time] 的写法不对：{said}") from error
    if not {"m", "d"} <= set(form.groupindex) or not {"Y", "y"} & set(form.groupindex):
        raise BadMapping(f"[time] 要有年、月、日（%Y、%m、%d）：{said}")
    return form


def _iso(found: re.Match[str]) -> str:
    """What a format found. Whether there is such a day the record says."""
    said = found.groupdict(default="0")
    year = said.get("Y") or ("19" if int(said["y"]) >= _FIRST_OF_CENTURY else "20") + said["y"]
    clock = [said.get(part, "0").zfill(2) for part in "HMS"]
    return f"{year}-{said['m'].zfill(2)}-{said['d'].zfill(2)}T{':'.join(clock)}"


def _encoding(name: str) -> str:
    try:
        return codecs.lookup(name).name if name else ""
    except LookupError as error:
        raise BadMapping(f"[files] encoding 不认识：{name}") from error


def _listed(selected: Any) -> list[Any]:
    return selected if isinstance(selected, list) else [selected]


def _any(path: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(path.lower(), pattern.lower()) for pattern in patterns)
