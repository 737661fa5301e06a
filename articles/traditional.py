"""The 繁體 view: a finished page in traditional characters, at an address of its own.

OpenCC's `s2tw` chooses characters by the words around them (头发 頭髮, 发展 發展), in the forms of
Taiwan's standard. It changes no words: 软件 becomes 軟件, not 軟體, as `s2twp` would have it, for
what people said and what things are called is not ours to rephrase.
"""

import re
from functools import cache

from opencc import OpenCC

LANGUAGE = "zh-hant"  # as Django and addresses spell it
PREFIX = f"/{LANGUAGE}"

# A tag with its attributes, whose values may hold > where the sanitizer wrote them.
_TAG = re.compile(r"""(<(?:[^<>"']|"[^"]*"|'[^']*')*>)""")
_NAME = re.compile(r"</?([a-z][a-z0-9]*)")
# Attributes that are read by people. Of `content` only meta elements have one.
_READ = re.compile(
    r'(\s(?:alt|title|aria-label|placeholder|content|label|data-said(?:-[a-z]+)*|data-name)=")([^"]*)'
)
# What is between these is not for people, or not ours to change: code, and what was typed.
_UNREAD = frozenset({"script", "style", "code", "textarea"})
_VOID = frozenset({"img", "input", "link", "meta", "br", "hr", "source", "wbr"})
# Parts of a page are converted in one go, parted by a character that no HTML may hold.
_BETWEEN = "\x1f"


def is_traditional(path: str) -> bool:
    """Whether a path belongs to the 繁體 view."""
    return path.startswith(f"{PREFIX}/")


def original(path: str) -> str:
    """The path of the same page as it was published."""
    return path.removeprefix(PREFIX) if is_traditional(path) else path


def counterpart(path: str) -> str:
    """The path of the same page in the other script."""
    return original(path) if is_traditional(path) else PREFIX + path


def convert(text: str) -> str:
    """Text without markup, in traditional characters."""
    converted: str = _converter().convert(text)
    return converted


def page(html: str) -> str:
    """An HTML page in traditional characters: its texts, and the attributes that people read.

    Addresses, ids, scripts, code and typed values stay, and so does what says `translate="no"`.
    The markup is left as it is, byte for byte.
    """
    parts: list[str] = []
    spoken: list[int] = []  # which of the parts
    silent, depth = "", 0  # the element whose inside stays, and how many of its name are open
    for number, part in enumerate(_TAG.split(html)):
        is_tag = number % 2 == 1
        if is_tag and silent:
            depth += _opens(part, silent)
            silent = silent if depth else ""
            parts.append(part)
        elif is_tag and (silent := _silenced(part)):
            depth = 1
            parts.append(part)
        elif part.isascii() or silent:
            parts.append(part)
        else:
            pieces = _READ.split(part) if is_tag else [part]
            first = 2 if is_tag else 0
            spoken.extend(range(len(parts) + first, len(parts) + len(pieces), 3))
            parts.extend(pieces)
    texts = convert(_BETWEEN.join(parts[each].replace(_BETWEEN, "") for each in spoken))
    for each, text in zip(spoken, texts.split(_BETWEEN), strict=bool(spoken)):
        parts[each] = text
    return "".join(parts).replace('<html lang="zh-CN"', '<html lang="zh-Hant"', 1)


@cache
def _converter() -> OpenCC:
    """Loaded when first needed, 60 ms and 43 MB a process; any number of threads may use it.

    Without the characters beyond Unicode's basic plane that few readers' fonts have.
    """
    return OpenCC("s2tw", include_tofu_risk_dictionaries=False)


def _silenced(tag: str) -> str:
    """The name of the element that a tag opens, if its inside stays as it is."""
    name = _NAME.match(tag)
    if not name or tag.startswith("</") or name[1] in _VOID:
        return ""
    return name[1] if name[1] in _UNREAD or ' translate="no"' in tag else ""


def _opens(tag: str, name: str) -> int:
    """1 for a tag that opens an element of this name, -1 for one that closes it, else 0."""
    found = _NAME.match(tag)
    if not found or found[1] != name:
        return 0
    return -1 if tag.startswith("</") else 1
