"""The closing line of a pasted article: `[来源:青岛晚报 编辑:戴慧慧]` and its many spellings."""

import html as entities
import re
from dataclasses import dataclass

from articles.sanitizer import SPACES

_KINDS = {
    "source": "(?:文章|新闻|消息|稿件|信息)?来源|稿源",
    "editor": "(?:责任|网络|本期|值班|执行)?编辑|责编",
    "byline": "(?:本报|本网|首席|见习|实习|特约|全媒体)*记者|通讯员|作者|撰文|摄影",
    # Said of an article, too, but nothing that the archive keeps.
    "": "校对|审核|审校|初审|复审|终审|总?监制|主编|排版|供图|实习生",
}
# What a byline does not repeat: 作者:林疏影 is printed as 林疏影.
_UNPRINTED = ("作者", "撰文")
_WORDS = "|".join(f"(?P<{kind or 'other'}>{words})" for kind, words in _KINDS.items())
_LABEL = re.compile(rf"(?:{_WORDS})\s*(?:[:：]|(?=\s))\s*")
_LABEL_WITH_COLON = re.compile(rf"(?:{_WORDS})\s*[:：]\s*")
_OPENING, _ENDING = r"[\[［【（(〔]", r"[\]］】）)〕]"
_BRACKETED = re.compile(rf"^{_OPENING}\s*(.+?)\s*{_ENDING}$")
_TRAILING = re.compile(rf"{_OPENING}[^\[\]［］【】（）()〔〕<>]{{4,120}}{_ENDING}$")
_LAST_PARAGRAPH = re.compile(r"<(p|h2|h3)>((?:(?!<(?:p|h2|h3)>).)*)</\1>$", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_BETWEEN = SPACES + ",，;；、|丨/·"
_LONGEST, _LONGEST_VALUE = 120, 60
# How many closing lines are taken off a body; each is looked for anew.
_MOST = 20


@dataclass(frozen=True)
class Part:
    """One statement of a closing line: `编辑:戴慧慧`. Its kind is a field's name, or nothing."""

    kind: str
    label: str
    value: str

    def __str__(self) -> str:
        return f"{self.label}:{self.value}"

    @property
    def printed(self) -> str:
        """As the field holds it: a byline with what its people do, others alone."""
        named = self.kind == "byline" and self.label not in _UNPRINTED
        return f"{self.label} {self.value}" if named else self.value


def parse(line: str) -> list[Part]:
    """What a line of text says, if it is a closing line and nothing else; else nothing.

    In brackets a space may stand for the colon; without them every label needs its colon.
    """
    line = line.strip(SPACES)
    if len(line) > _LONGEST:
        return []
    bracketed = _BRACKETED.match(line)
    labels = list((_LABEL if bracketed else _LABEL_WITH_COLON).finditer(said := _inside(line)))
    if not labels or labels[0].start():
        return []
    ends = [*(label.start() for label in labels[1:]), len(said)]
    parts = []
    for label, end in zip(labels, ends, strict=True):
        value = said[label.end() : end].strip(_BETWEEN)
        if not value or len(value) > _LONGEST_VALUE or re.search("[:：。！？，]", value):
            return []
        kind = "" if label.lastgroup == "other" else label.lastgroup or ""
        parts.append(Part(kind, label[0].rstrip(SPACES + ":："), value))
    return parts


def take(body: str) -> tuple[str, list[Part]]:
    """A sanitized body without the closing lines at its end, and what they said, in order.

    They stand in paragraphs of their own, on a last line, or in brackets behind the last sentence.
    """
    parts: list[Part] = []
    for _ in range(_MOST):
        last = _LAST_PARAGRAPH.search(body)
        kept, said = _cut(last[2]) if last else ("", [])
        if not last or not said:
            break
        parts = said + parts
        body = body[: last.start()] + (f"<{last[1]}>{kept}</{last[1]}>" if kept else "")
    return body, parts


def line(parts: list[Part]) -> str:
    """Parts as a paragraph again; nothing for none."""
    said = entities.escape(" ".join(map(str, parts)), quote=False)
    return f"<p>[{said}]</p>" if said else ""


def _inside(line: str) -> str:
    found = _BRACKETED.match(line)
    return found[1] if found else line


def _cut(paragraph: str) -> tuple[str, list[Part]]:
    """A paragraph's HTML without its closing line, and what that said."""
    if parts := parse(_plain(paragraph)):
        return "", parts
    before, broken, after = paragraph.rpartition("<br>")
    if broken and (parts := parse(_plain(after))) and "<" not in after:
        return before.rstrip(SPACES), parts
    trailing = _TRAILING.search(paragraph)
    if trailing and (parts := parse(_plain(trailing[0]))):
        return paragraph[: trailing.start()].rstrip(SPACES), parts
    return paragraph, []


def _plain(html: str) -> str:
    return entities.unescape(_TAG.sub("", html.replace("<br>", " ")))
