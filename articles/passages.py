"""A sanitized body as the passages that a reader tells apart, to show what changed in it."""

import html as entities
import re
from typing import NamedTuple

from articles.sanitizer import SPACES

# What the innermost of these around a text is called; a paragraph needs no name.
_NAMES = {
    "h2": "小标题", "h3": "次级小标题", "li": "列表项", "blockquote": "引文", "caption": "表题",
    "th": "表头", "td": "表格",
}  # fmt: skip
_BLOCK = re.compile(
    r"<(/?)(p|h2|h3|ul|ol|li|blockquote|figure|table|caption|thead|tbody|tr|th|td|hr)\b([^>]*)>"
)
_PHOTO = re.compile(r'data-photo="([^"]*)"')
_INLINE = re.compile(r'<(/?)(strong|em|a|br|sub|sup)\b(?:[^>]*?href="([^"]*)")?[^>]*>')
_MARKS = {"strong": "加粗", "em": "强调", "a": "链接", "sub": "下标", "sup": "上标"}


class Passage(NamedTuple):
    """A paragraph, a heading, a list item, a cell or a picture."""

    name: str
    plain: str
    # The same with its emphasis and links written out: 〔加粗〕…〔/加粗〕.
    marked: str
    # A picture's token; it has no text.
    photo: str = ""


def passages(body: str) -> list[Passage]:
    """A body's passages in order. Cost is linear in its length."""
    found: list[Passage] = []
    around: list[str] = []
    done = 0
    for tag in _BLOCK.finditer(body):
        _add(found, around, body[done : tag.start()])
        done = tag.end()
        closing, name, attributes = tag.groups()
        if name == "figure" and not closing:
            token = _PHOTO.search(attributes)
            found.append(Passage("图片", "", "", entities.unescape(token[1]) if token else ""))
        elif name == "hr":
            found.append(Passage("分隔线", "———", "———"))
        elif closing and name in around:
            del around[len(around) - 1 - around[::-1].index(name) :]
        elif not closing and name != "figure":
            around.append(name)
    _add(found, around, body[done:])
    return found


def _add(found: list[Passage], around: list[str], source: str) -> None:
    marked = entities.unescape(_INLINE.sub(_mark, source)).strip(SPACES)
    plain = entities.unescape(_INLINE.sub(_break, source)).strip(SPACES)
    if marked:
        name = next((_NAMES[tag] for tag in reversed(around) if tag in _NAMES), "")
        found.append(Passage(name, plain, marked))


def _break(tag: re.Match[str]) -> str:
    return "↵" if tag[2] == "br" else ""


def _mark(tag: re.Match[str]) -> str:
    if tag[2] == "br":
        return "↵"
    target = f" {tag[3]}" if tag[3] else ""
    return f"〔{'/' if tag[1] else ''}{_MARKS[tag[2]]}{target}〕"
