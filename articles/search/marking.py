"""Results as readers see them: the words that were found, marked in titles and cuts of texts.

The database folds texts for the index; here its folding of single characters is remembered, to find
a folded word's place in the text as printed.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from articles.reading import connection

CUT = 110
# How much of the text before the first hit is shown at most.
LEAD = 36
_SENTENCE_ENDS = "。！？；\n"
_PAUSES = "，、：,;: 　"

# What each character folds to. Bounded by how many characters there are.
_folds: dict[int, str] = {}


def learn(texts: Iterable[str]) -> None:
    """Have the folds of all characters of these texts. One query, if any is new; soon none is."""
    new = [one for one in {*"".join(texts)} if ord(one) not in _folds and one != "\x00"]
    if not new:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT one, articles_fold(one) FROM unnest(%s::text[]) AS one", [new])
        _folds.update({ord(one): folded for one, folded in cursor})


def spans(text: str, needles: Sequence[str]) -> list[tuple[int, int]]:
    """Where in a text, of characters already learned, the folded needles are; never overlapping."""
    pieces = [_folds.get(ord(character), "") for character in text]
    folded = "".join(pieces)
    ends = list(accumulate(map(len, pieces)))
    found: list[tuple[int, int]] = []
    for needle in needles:
        at = folded.find(needle)
        while at >= 0:
            found.append((bisect_right(ends, at), bisect_right(ends, at + len(needle) - 1) + 1))
            at = folded.find(needle, at + len(needle))
    return _merged(found)


def _merged(found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def mark(text: str, needles: Sequence[str]) -> SafeString:
    """The whole text, escaped, with the needles in `<mark>`."""
    return _marked(text, spans(text, needles), 0, len(text))


def cut(text: str, needles: Sequence[str]) -> SafeString:
    """A cut of the text around what was found, or its beginning; at most CUT characters and dots.

    It begins after a full stop or a pause where one is near, and ends at one.
    """
    found = spans(text, needles)
    first = _richest(found)
    start = _beginning(text, first)
    end = _ending(text, start, max((stop for at, stop in found if at == first), default=0))
    inside = [(max(at, start), min(stop, end)) for at, stop in found if at < end and stop > start]
    shown = _marked(text, inside, start, end)
    before = "……" if start and text[start - 1] not in _SENTENCE_ENDS else ""
    after = "……" if end < len(text) and text[end - 1] not in _SENTENCE_ENDS else ""
    return mark_safe(f"{before}{shown}{after}")


def _richest(found: Sequence[tuple[int, int]]) -> int:
    """Where to begin so that a cut shows most of what was found."""
    best, most = 0, 0
    for number, (at, _) in enumerate(found):
        near = sum(stop <= at + CUT - LEAD for _, stop in found[number : number + 20])
        if near > most:
            best, most = at, near
    return best


def _beginning(text: str, at: int) -> int:
    """The start of the sentence that holds `at`, if it is near; else after a pause, else hard."""
    if at <= LEAD:
        return 0
    for marks in (_SENTENCE_ENDS, _PAUSES):
        near = max(text.rfind(sign, at - LEAD, at) for sign in marks)
        if near >= 0:
            return near + 1
    return at - LEAD // 2


def _ending(text: str, start: int, least: int) -> int:
    """Where a cut from `start` ends: not before `least`, after a full stop or a pause if it can."""
    furthest = max(start + CUT, least)
    if furthest >= len(text):
        return len(text)
    for marks in (_SENTENCE_ENDS, _PAUSES):
        near = max(text.rfind(sign, max(start + CUT // 2, least), furthest) for sign in marks)
        if near >= 0:
            return near + 1 if marks is _SENTENCE_ENDS else near
    return furthest


def _marked(text: str, found: Sequence[tuple[int, int]], start: int, end: int) -> SafeString:
    pieces: list[str] = []
    for at, stop in found:
        pieces += escape(text[start:at]), "<mark>", escape(text[at:stop]), "</mark>"
        start = stop
    pieces.append(escape(text[start:end]))
    return mark_safe("".join(pieces))
