"""Setting Chinese in lines: where a line may break, and which breaks look best.

The rules are those of Requirements for Chinese Text Layout, 3.1.6 (https://www.w3.org/TR/clreq/):
no closing mark begins a line, no opening one ends it, words of other scripts stay whole.
"""

import re
from collections.abc import Callable

NEVER_FIRST = "。，、；：？！）》〉」』】〕”’…—·%％.,;:?!)]}"
NEVER_LAST = "（《〈「『【〔“‘([{"
PAUSES = "。，；：？！…—"
# How long the shorter of two lines may be beside the longer.
LEAST_OF_TWO = 0.4
_PIECE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.,:/%+\-]*|……|——|\s|.", re.DOTALL)

Width = Callable[[str], float]


def pieces(words: str) -> list[str]:
    """What may not be broken: characters with the marks that cling to them, words, numbers."""
    found: list[str] = []
    for piece in _PIECE.findall(words):
        clings = found and (piece[0] in NEVER_FIRST or found[-1][-1] in NEVER_LAST)
        if clings and not piece.isspace():
            found[-1] += piece
        else:
            found.append(piece)
    return found


def fill(words: str, width: float, measure: Width) -> list[str]:
    """As few lines as hold the words; what is wider than a line by itself is broken anywhere."""
    lines: list[str] = []
    line = ""
    for piece in pieces(words):
        if not line or measure((line + piece).rstrip()) <= width:
            line += piece
        else:
            lines.append(line)
            line = piece
        line = line.lstrip() if not line.strip() else line
        while measure(line.rstrip()) > width and len(line) > 1:
            fits = max(1, _fitting(line, width, measure))
            lines.append(line[:fits])
            line = line[fits:]
    return [each.strip() for each in [*lines, line] if each.strip()]


def balance(words: str, width: float, measure: Width) -> list[str]:
    """The same number of lines as `fill` makes, of lengths as equal as can be.

    Two lines part at a pause in the sentence, where that leaves neither much shorter.
    """
    best = fill(words, width, measure)
    if len(best) == 2 and (parted := _at_a_pause(words, width, measure)):
        return parted
    low, high = width / max(1, len(best)) / 2, width
    while high - low > 4:
        middle = (low + high) / 2
        tried = fill(words, middle, measure)
        if len(tried) <= len(best):
            best, high = tried, middle
        else:
            low = middle
    return best


def cut(words: str, most: int, width: float, measure: Width) -> list[str]:
    """At most so many lines; what doesn't fit is left out, and …… says so."""
    if len(fill(words, width, measure)) <= most:
        return balance(words, width, measure)
    low, high = 0, len(words)
    while high - low > 1:
        middle = (low + high) // 2
        if len(fill(_shortened(words, middle), width, measure)) <= most:
            low = middle
        else:
            high = middle
    return fill(_shortened(words, low), width, measure)


def _at_a_pause(words: str, width: float, measure: Width) -> list[str]:
    found: list[tuple[float, list[str]]] = []
    whole = pieces(words)
    for place in range(1, len(whole)):
        if whole[place - 1][-1] in PAUSES or whole[place].isspace():
            lines = ["".join(whole[:place]).strip(), "".join(whole[place:]).strip()]
            short, long = sorted(map(measure, lines))
            if long <= width and short >= LEAST_OF_TWO * long:
                found.append((long, lines))
    return min(found)[1] if found else []


def _shortened(words: str, length: int) -> str:
    return words[:length].rstrip(NEVER_FIRST + NEVER_LAST + " ") + "……"


def _fitting(line: str, width: float, measure: Width) -> int:
    """How many characters of a line fit."""
    low, high = 0, len(line)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if measure(line[:middle]) <= width else (low, middle)
    return low
