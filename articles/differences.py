"""What changed between two texts, for people to read: made for Chinese, bounded in its work.

Two bodies are compared paragraph by paragraph, two paragraphs clause by clause, two clauses
character by character. Where so little is common that a finer answer would be a riddle, the old
words are gone and the new ones are new.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple


class Kind(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


class Piece(NamedTuple):
    """A stretch of text and what became of it."""

    kind: Kind
    text: str


class Pair(NamedTuple):
    """A paragraph's place before and after; one is missing if it went or came."""

    before: int | None
    after: int | None


class Match(NamedTuple):
    """So many items that are equal, from these places on."""

    before: int
    after: int
    size: int


# What comparing may cost, in steps: this much whatever the length, and so much an item more.
WORK, WORK_AN_ITEM = 400_000, 40
# A gap without landmarks is looked into if its sides multiply to no more; else it was rewritten.
FINE = 30_000
# Two clauses that share less than this are two different ones; so are two paragraphs.
ALIKE = 0.35
# How far from its place an edited paragraph is looked for, and how much of it is looked at.
REACH, COMPARED = 8, 1000
# A common piece this short between two changes makes them harder to read.
CRUMB = 1
_CLAUSE = re.compile(r"[^，。！？；：、…,!?;\s]*[，。！？；：、…,!?;\s]?")


class _Budget:
    """What may still be spent on one comparison."""

    def __init__(self, items: int) -> None:
        self.left = WORK + WORK_AN_ITEM * items

    def pays(self, steps: int) -> bool:
        self.left -= steps
        return self.left >= 0


def texts(before: str, after: str) -> list[Piece]:
    """One text turned into another.

    The pieces that are not NEW make `before` again, those that are not GONE make `after`. Cost is
    linear in the lengths, see WORK.
    """
    budget = _Budget(len(before) + len(after))
    old, new = _CLAUSE.findall(before), _CLAUSE.findall(after)
    pieces: list[Piece] = []
    for match, gone, came in _walk(_matches(old, new, budget), old, new):
        pieces += _reworded("".join(gone), "".join(came), budget)
        pieces.append(Piece(Kind.SAME, "".join(match)))
    return _tidy(pieces)


def pairs(before: Sequence[str], after: Sequence[str]) -> list[Pair]:
    """Which paragraph became which, in reading order; equal ones and edited ones are paired.

    Cost is about linear in the number of paragraphs, see WORK and REACH.
    """
    found: list[Pair] = []
    old = new = 0
    matches = _matches(before, after, _Budget(len(before) + len(after)))
    for match in [*matches, Match(len(before), len(after), 0)]:
        found += _edited(before, after, range(old, match.before), range(new, match.after))
        found += (Pair(match.before + n, match.after + n) for n in range(match.size))
        old, new = match.before + match.size, match.after + match.size
    return found


def _walk(
    matches: Sequence[Match], before: Sequence[str], after: Sequence[str]
) -> list[tuple[Sequence[str], Sequence[str], Sequence[str]]]:
    """Each match with what went and what came before it."""
    steps = []
    old = new = 0
    for at, there, size in [*matches, Match(len(before), len(after), 0)]:
        steps.append((before[at : at + size], before[old:at], after[new:there]))
        old, new = at + size, there + size
    return steps


def _reworded(before: str, after: str, budget: _Budget) -> list[Piece]:
    """Clauses that differ, character by character if they are alike."""
    whole = [Piece(Kind.GONE, before), Piece(Kind.NEW, after)]
    area = len(before) * len(after)
    if not 0 < area <= FINE or not budget.pays(area):
        return whole
    matches = _matches(before, after, budget)
    if 2 * sum(match.size for match in matches) < ALIKE * (len(before) + len(after)):
        return whole
    pieces: list[Piece] = []
    for same, gone, came in _walk(matches, before, after):
        pieces += (
            Piece(Kind.GONE, "".join(gone)),
            Piece(Kind.NEW, "".join(came)),
            Piece(Kind.SAME, "".join(same)),
        )
    return pieces


def _tidy(pieces: Sequence[Piece]) -> list[Piece]:
    """Without crumbs; each run of changes is one piece gone and one new."""
    spoken = [piece for piece in pieces if piece.text]
    tidy: list[Piece] = []
    gone = new = ""
    for place, (kind, text) in enumerate(spoken):
        inside = (gone or new) and place + 1 < len(spoken)
        crumb = inside and len(text) <= CRUMB and spoken[place + 1].kind != Kind.SAME
        if kind == Kind.SAME and not crumb:
            tidy += (Piece(Kind.GONE, gone), Piece(Kind.NEW, new), Piece(kind, text))
            gone = new = ""
        else:
            gone += text if kind != Kind.NEW else ""
            new += text if kind != Kind.GONE else ""
    tidy += (Piece(Kind.GONE, gone), Piece(Kind.NEW, new))
    merged: list[Piece] = []
    for piece in tidy:
        if piece.text and merged and merged[-1].kind == piece.kind:
            merged[-1] = Piece(piece.kind, merged[-1].text + piece.text)
        elif piece.text:
            merged.append(piece)
    return merged


def _matches(before: Sequence[Hashable], after: Sequence[Hashable], budget: _Budget) -> list[Match]:
    """What is equal, in order in both.

    Ends first; then what stands once in each side (as in Bram Cohen's patience diff); what is left
    between those by the longest common runs, if it is small.
    """
    found: list[Match] = []
    work = [(0, len(before), 0, len(after))]
    while work:
        low, high, start, end = work.pop()
        ahead = _common(zip(before[low:high], after[start:end], strict=False))
        found.append(Match(low, start, ahead))
        low, start = low + ahead, start + ahead
        behind = _common(zip(reversed(before[low:high]), reversed(after[start:end]), strict=False))
        high, end = high - behind, end - behind
        found.append(Match(high, end, behind))
        old, new = high - low, end - start
        if not old or not new or not budget.pays(old + new):
            continue
        marks = _landmarks(before[low:high], after[start:end])
        if marks:
            edges = [(0, 0), *marks, (old, new)]
            work += ((low + a, low + c, start + b, start + d) for (a, b), (c, d) in pairwise(edges))
        elif old * new <= FINE and budget.pays(old * new):
            runs = SequenceMatcher(None, before[low:high], after[start:end], autojunk=False)
            found += (Match(low + a, start + b, n) for a, b, n in runs.get_matching_blocks())
    return sorted(match for match in found if match.size)


def _common(sides: Iterable[tuple[Hashable, Hashable]]) -> int:
    """How many items in a row are equal."""
    number = 0
    for one, other in sides:
        if one != other:
            break
        number += 1
    return number


def _landmarks(before: Sequence[Hashable], after: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Places of items that stand once in each, as many as are in the same order in both."""
    once = {item for item, times in Counter(before).items() if times == 1}
    once &= {item for item, times in Counter(after).items() if times == 1}
    if not once:
        return []
    there = {item: place for place, item in enumerate(after) if item in once}
    places = [(place, there[item]) for place, item in enumerate(before) if item in once]
    ends: list[int] = []  # the lowest end of an ascending run of each length
    tops: list[int] = []  # which of `places` that end is
    back: list[int] = []  # what stands before each of `places` in its run
    for number, (_, place) in enumerate(places):
        length = bisect_left(ends, place)
        back.append(tops[length - 1] if length else -1)
        ends[length : length + 1] = [place]
        tops[length : length + 1] = [number]
    chain: list[tuple[int, int]] = []
    number = tops[-1]
    while number >= 0:
        chain.append(places[number])
        number = back[number]
    return chain[::-1]


def _edited(before: Sequence[str], after: Sequence[str], gone: range, came: range) -> list[Pair]:
    """Paragraphs that went and came, those that are edits of another paired, in order."""
    found: list[Pair] = []
    new = came.start
    came_pairs = [_bigrams(after[place]) for place in came]
    for rank, old in enumerate(gone):
        bigrams = _bigrams(before[old])
        expected = max(new, came.start + rank * len(came) // len(gone))
        near = range(max(new, expected - REACH), min(came.stop, expected + REACH + 1))
        likeness, place = max(
            ((_alike(bigrams, came_pairs[there - came.start]), -there) for there in near),
            default=(0.0, 0),
        )
        if likeness < ALIKE:
            found.append(Pair(old, None))
            continue
        found += (Pair(None, there) for there in range(new, -place))
        found.append(Pair(old, -place))
        new = -place + 1
    return found + [Pair(None, there) for there in range(new, came.stop)]


def _bigrams(text: str) -> frozenset[str]:
    text = f" {text[:COMPARED]} "
    return frozenset(text[place : place + 2] for place in range(len(text) - 1))


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    """From 0 to 1 by shared pairs of characters (Sørensen and Dice)."""
    return 2 * len(one & other) / (len(one) + len(other))
