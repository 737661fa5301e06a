"""What a reader typed, taken apart.

青岛 地铁 means both words; “…” and "…" keep a phrase with spaces together; -词 excludes;
标题: 来源: 编辑: 记者: 话题: say where a word has to stand.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

LONGEST = 200
MOST_TERMS = 10


class Field(Enum):
    """Where a term has to stand."""

    ANY = ""
    TITLE = "标题"
    SOURCE = "来源"
    EDITOR = "编辑"
    BYLINE = "记者"
    TOPIC = "话题"


# 责编 and 作者 are what readers write for the same; 標題, 來源, 編輯, 話題 in 繁體.
FIELD_NAMES = {
    **{field.value: field for field in Field if field.value},
    "責編": Field.EDITOR, "责编": Field.EDITOR, "編輯": Field.EDITOR, "作者": Field.BYLINE,
    "標題": Field.TITLE, "來源": Field.SOURCE, "話題": Field.TOPIC, "記者": Field.BYLINE,
}  # fmt: skip
_UNPRINTABLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\ufffd\ud800-\udfff\u200b-\u200f\u2028-\u202e\ufeff]+"
)
_QUOTES = {'"': '"', "“": "”", "”": "”", "「": "」", "『": "』", "＂": "＂"}
_FIELD = rf"(?P<field>{'|'.join(FIELD_NAMES)})[:：]\s?"
# The field is taken or not for good (`?+`): without a word after it, it is no word itself.
_TERM = re.compile(
    rf"(?P<minus>[-－]?)(?:{_FIELD})?+(?:"
    + "|".join(
        f"{begin}(?P<q{n}>[^{end}]*){end}?" for n, (begin, end) in enumerate(_QUOTES.items())
    )
    + r"|(?P<word>\S*))"
)
_NEEDS_QUOTES = re.compile(rf"[-－{''.join(_QUOTES)}]|{_FIELD}|.*\s")


@dataclass(frozen=True)
class Term:
    """A word or phrase as typed, where it has to stand, and whether it must not."""

    text: str
    field: Field = Field.ANY
    excluded: bool = False

    def __str__(self) -> str:
        where = f"{self.field.value}:" if self.field.value else ""
        text = self.text
        if _NEEDS_QUOTES.match(text):
            fitting = (pair for pair in _QUOTES.items() if not set(pair) & set(text))
            begin, end = next(fitting, ("", ""))
            text = f"{begin}{text}{end}"
        return f"{'-' if self.excluded else ''}{where}{text}"


@dataclass(frozen=True)
class Query:
    """What was typed, in one printable line, and its terms; `cut`: not all of it is searched."""

    typed: str
    terms: Sequence[Term]
    cut: bool = False

    @property
    def wanted(self) -> Sequence[Term]:
        """The terms that have to occur."""
        return [term for term in self.terms if not term.excluded]

    def without(self, term: Term) -> "Query":
        """The same with one term less."""
        return of([other for other in self.terms if other != term])


def of(terms: Sequence[Term]) -> Query:
    """A query of these terms, written as a reader would type it."""
    return Query(" ".join(map(str, terms)), terms)


def parse(typed: str) -> Query:
    """Take apart what was typed. Whatever it is, the time is linear in LONGEST at most.

    More than LONGEST characters or MOST_TERMS terms are cut, and the Query says so.
    """
    line = " ".join(_UNPRINTABLE.sub(" ", typed[: 10 * LONGEST]).split())
    shown = line[:LONGEST].strip()
    terms: dict[Term, None] = {}
    for match in _TERM.finditer(shown):
        text = next((part for part in match.groups()[2:] if part is not None), "").strip()
        # 5 - 3, C-: a hyphen alone is no word; nor is a field's name without one.
        if text.strip("-－"):
            field = FIELD_NAMES[match["field"]] if match["field"] else Field.ANY
            terms[Term(text, field, bool(match["minus"]))] = None
    kept = tuple(terms)[:MOST_TERMS]
    return Query(
        shown, kept, cut=len(line) > LONGEST or len(typed) > 10 * LONGEST or len(kept) < len(terms)
    )
