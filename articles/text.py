"""What is read from bodies: plain text, excerpts, numbered blocks, names; counts in words."""

import html as entities
import itertools
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from articles.sanitizer import SPACES, Clean

_NUMBERED = re.compile(r"<(p|h2|h3|li|blockquote|figure|table)(?=[ >])")
_FIGURE = re.compile(r'<figure data-photo="([^"]*)"></figure>')
_BLOCK_END = re.compile(r"</(?:p|h2|h3|li|blockquote|figure|table|tr|caption)>|<br>|<hr>")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ANY_TAG = re.compile(r"<[^>]*>")
# 央视网消息（新闻联播）： / 信网讯： says nothing in a list of headlines.
_DATELINE = re.compile(r"^[^，。！？：；、]{0,12}(?:消息|讯|电)(?:（[^（）]{1,20}）)?[：:\s]\s*")


def plain(body: str) -> str:
    """The text of a sanitized body, a line a block."""
    spaced = _ANY_TAG.sub("", _BLOCK_END.sub("\n", body))
    lines = (line.strip(SPACES) for line in entities.unescape(spaced).split("\n"))
    return "\n".join(line for line in lines if line)


def xml_safe(words: str) -> str:
    """The words without the characters that XML 1.0 has no way to write (section 2.2)."""
    return _NOT_IN_XML.sub("", words)


# Of PostgreSQL's bigint, as rows' ids are.
LARGEST_NUMBER = 2**63 - 1


def number(said: str | None, most: int = LARGEST_NUMBER) -> int | None:
    """The number from 0 to `most` that is said in ASCII digits; None if anything else is."""
    if not said or not (said.isascii() and said.isdigit()) or len(said) > len(str(most)):
        return None
    value = int(said)
    return value if value <= most else None


# An excerpt is made of the first so many characters, and some more where there is much markup.
_EXCERPTED = 200


# Characters a minute. Readers of Chinese do 255 aloud (Trauzettel-Klosinski and Dietz, "The New
# International Reading Speed Texts IReST", IOVS 2012); Medium reckons with 500 in silence (its
# help, "Read time"). News is read between the two.
READING_PACE = 400
# Scripts' ranges for re, which has no \p{Han}; static/desk/counters.js has the same.
_HAN = re.compile("[\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")


@dataclass(frozen=True)
class Length:
    """How long a text is as Chinese editors count: 汉字, and every character but spaces."""

    han: int
    total: int

    @property
    def minutes(self) -> int:
        """What reading takes, at least a minute; nothing for no text."""
        return -(-self.total // READING_PACE)


def length(body: str) -> Length:
    """The length of a sanitized body."""
    said = "".join(plain(body).replace("\u200b", "").replace("\ufeff", "").split())
    return Length(len(_HAN.findall(said)), len(said))


def folded(title: str) -> str:
    """A title's letters and figures alone, in one width and case: what makes two the same."""
    plain_forms = unicodedata.normalize("NFKC", title).casefold()
    return "".join(character for character in plain_forms if character.isalnum())


def excerpt(body: str, length: int = 96) -> str:
    """The beginning of a sanitized body, at most `length` characters, cut at a natural point.

    Cut by character as Chinese needs it: after the last full stop in the second half, else after
    the last comma there, else hard; what was cut ends in “……”.
    """
    text = _without_dateline(_beginning(body))
    if len(text) <= length:
        text = _without_dateline(body)
    if len(text) <= length:
        return text
    head = text[: length - 2]
    for marks in ("。！？", "，；、：", " "):
        cut = max(head.rfind(mark) for mark in marks)
        if cut >= length // 2:
            return head[: cut + 1] if marks == "。！？" else head[:cut] + "……"
    return head + "……"


def _without_dateline(body: str) -> str:
    return _DATELINE.sub("", plain(body).replace("\n", " "), count=1)


def _beginning(body: str) -> str:
    """A body's first blocks, which mostly are all that an excerpt is made of."""
    end = body.find("</p>", _EXCERPTED)
    return body if end < 0 else body[: end + len("</p>")]


def blocks(body: str) -> list[str]:
    """What each block of a sanitized body says, to know it again after an edit.

    The text up to the next block; of a figure its photo; of a quote “>” and what its first block
    says, for it has no text of its own. However it is marked up or emphasised, a text is the same.
    """
    said: list[str] = []
    end = len(body)
    for start in reversed(list(_NUMBERED.finditer(body))):
        inside = body[start.start() : end]
        end = start.start()
        figure = _FIGURE.match(inside)
        if figure:
            said.append(f"<{figure[1]}>")
        elif start[1] == "blockquote":
            said.append(">" + (said[-1] if said else ""))
        else:
            said.append(_ANY_TAG.sub("", inside).strip(SPACES))
    return said[::-1]


def count_blocks(body: str) -> int:
    """How many blocks a sanitized body has."""
    return len(_NUMBERED.findall(body))


def number_blocks(body: str, anchors: Sequence[Sequence[int]]) -> str:
    """Give every block of a sanitized body its id, p1 …; `anchors` has an entry for each.

    An entry's first number is the block's own; the others stand as empty spans at its start.
    """
    pieces: list[str] = []
    done = 0
    for block, (own, *aliases) in zip(_NUMBERED.finditer(body), anchors, strict=True):
        pieces += body[done : block.end()], f' id="p{own}"'
        done = block.end()
        if aliases:
            # A table may hold nothing before its caption or its first cell.
            inside = (_INSIDE_TABLE if block[1] == "table" else _INSIDE).search(body, done)
            at = inside.end() if inside else done
            pieces += body[done:at], *(f'<span id="p{alias}"></span>' for alias in aliases)
            done = at
    return "".join([*pieces, body[done:]])


_ATTRIBUTES = r'(?: [a-z-]+="[^"]*")*'
_INSIDE = re.compile(rf"{_ATTRIBUTES}>")
_INSIDE_TABLE = re.compile(rf"<(?:caption|th|td){_ATTRIBUTES}>")


def photo_tokens(body: str) -> list[str]:
    """The photos that a sanitized body shows, in order."""
    return [entities.unescape(token) for token in _FIGURE.findall(body)]


def replace_photos(body: Clean, replace: Callable[[str], str]) -> Clean:
    """The body with each photo's token replaced by `replace(token)`.

    It stays clean: tokens are escaped, and nothing else changes.
    """

    def figure(match: re.Match[str]) -> str:
        token = entities.escape(replace(entities.unescape(match[1])))
        return f'<figure data-photo="{token}"></figure>'

    return Clean(_FIGURE.sub(figure, body))


def fill_figures(body: str, inside: Callable[[str], str]) -> str:
    """A numbered body with `inside(token)`, trusted HTML, put into each figure.

    A figure whose photo is gone is dropped but for its anchors, where links to it still land.
    """

    def filled(match: re.Match[str]) -> str:
        content = inside(entities.unescape(match[2]))
        if content:
            return f"<figure{match[1]}>{match[3]}{content}</figure>"
        return (f"<span{match[1]}></span>" if match[1] else "") + match[3]

    return _NUMBERED_FIGURE.sub(filled, body)


_NUMBERED_FIGURE = re.compile(
    r'<figure((?: id="p[0-9]+")?) data-photo="([^"]*)">((?:<span id="p[0-9]+"></span>)*)</figure>'
)


def frame_tables(body: str) -> str:
    """A numbered body with each table in a box that scrolls by itself, by keyboard as well."""
    numbers = itertools.count(1)
    return _TABLE.sub(
        lambda table: (
            f'<div class="wide" role="region" aria-label="表{next(numbers)}，可左右滑动"'
            f' tabindex="0">{table[0]}</div>'
        ),
        body,
    )


_TABLE = re.compile(r"<table[ >].*?</table>", re.DOTALL)


def phrases(title: str) -> list[list[str]]:
    """A title as a headline breaks: parts that a space divides, of phrases that end at a mark.

    One part of one phrase where a phrase is too long for a phone's line: it breaks anywhere.
    """
    parts = [_PHRASE_END.split(part) for part in title.split()] or [[title]]
    if any(_ems(phrase) > PHRASE for part in parts for phrase in part):
        return [[title]]
    return parts


PHRASE = 12  # characters: a phone of 320 pixels has room for so many of a headline's
_PHRASE_END = re.compile(r"(?<=[，。：；、！？…】])(?![，。：；、！？…】”’》）])")


def _ems(phrase: str) -> float:
    return sum(0.5 if letter.isascii() else 1 for letter in phrase)


# Words that print before names in a byline: 记者 林疏影 通讯员 高以安 · 文/图 程小满
_ROLES = re.compile(
    r"(?<=[\s/、，])(?:本报|本网|首席|见习|实习|特约|全媒体)*(?:记者|通讯员|评论员|实习生|摄影|摄像|绘图|文|图|编译)"
    r"(?:/(?:记者|摄影|文|图))*(?=[\s/：:、])[/：:]?"
)


def authors(byline: str) -> list[str]:
    """The names in a byline as printed, without the words for what they do."""
    return [name for name in re.split(r"[\s、，,;；]+", _ROLES.sub(" ", f" {byline} ")) if name]


def count(number: int) -> str:
    """A count as Chinese readers write it: 9856, 1.2万, 35万, 1.3亿."""
    for unit, name in ((10**8, "亿"), (10**4, "万")):
        if number >= unit:
            tenths = number * 10 // unit  # cut, not rounded: 9999 万 is not yet 1 亿
            return (
                f"{tenths // 10}{name}"
                if tenths >= 1000 or tenths % 10 == 0
                else f"{tenths / 10:.1f}{name}"
            )
    return str(number)
