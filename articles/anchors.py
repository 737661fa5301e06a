"""Paragraphs' anchors, the 12 in `#p12`: a link made before an edit still lands on its text.

Every block of a body holds its own number and, as aliases, those of blocks that went: a list of
`[own, alias, …]`, one a block. What is stored is `[]` while a body was never edited, which stands
for 1 … N in order. A number is never given to another text, for links to it are out there.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from difflib import SequenceMatcher
from itertools import chain
from typing import NamedTuple

Anchors = list[list[int]]

# A block is an edited one of before when they share this much of their pairs of characters.
ALIKE = 0.5
# How far from its place an edited block is looked for, in blocks. Bounds the cost of a rewrite.
REACH = 12
# How much of a block is compared; the rest of a very long one says no more about which it is.
COMPARED = 2000
# Texts that stand in a body more often than this (“＊＊＊”) don't lead the comparison.
OFTEN = 16
# Of so many blocks by so many at most, runs are looked for; beyond, a text that is alone of its
# kind is known again, and others by their likeness.
FINE = 4_000_000
# What an address may hold (converters.AnchorConverter), and so an import takes in.
HIGHEST = 9_999_999


class _Run(NamedTuple):
    """Blocks from `old` to `old_end` that became those from `new` to `new_end`."""

    equal: bool
    old: int
    old_end: int
    new: int
    new_end: int


def settle(stored: Sequence[Sequence[int]], blocks: int) -> Anchors:
    """The anchors of so many blocks, whatever is stored: one entry each, no number twice.

    What is stored fits unless somebody wrote a body past `Article.save`; then blocks at the end
    get fresh numbers, or the last one takes those of the blocks that are missing.
    """
    if not stored:
        return [[number] for number in range(1, blocks + 1)]
    known = sound(stored)
    settled = known[:blocks] + [[] for _ in range(blocks - len(known))]
    if settled:
        settled[-1] += chain.from_iterable(known[blocks:])
    fresh = _unused({*chain.from_iterable(known)})
    for entry in settled:
        if not entry:
            entry.append(next(fresh))
    return settled


def sound(stored: object) -> Anchors:
    """What makes sense of what is stored: it may have been written by hand."""
    seen: set[int] = set()
    entries: Anchors = []
    for entry in stored if isinstance(stored, list | tuple) else ():
        entries.append([])
        for number in entry if isinstance(entry, list | tuple) else ():
            # A bool is an int to Python.
            if type(number) is int and 1 <= number <= HIGHEST and number not in seen:
                seen.add(number)
                entries[-1].append(number)
    return entries


def _unused(known: Set[int]) -> Iterator[int]:
    """Numbers that no block has had: those above all, then those between them."""
    highest = max(known, default=0)
    yield from range(highest + 1, HIGHEST + 1)
    yield from (number for number in range(1, highest) if number not in known)


def carry(stored: Sequence[Sequence[int]], before: Sequence[str], after: Sequence[str]) -> Anchors:
    """What to store when a body of the blocks `before` becomes one of the blocks `after`.

    Blocks whose text stayed keep their anchors, wherever they went; so do those that were edited.
    New ones get numbers never used in this article. The anchors of a block that is gone become
    aliases of the block that took its text in, else of the one after it, else of the last.
    Cost: about linear, see REACH and FINE; 2,000 blocks rewritten take well under a second.
    """
    held = settle(stored, len(before))
    known = numbers(stored, len(before))
    if not after:  # nothing to stand at: kept in one entry for the body that comes
        return [sorted(known)] if known else []
    runs = _runs(before, after)
    kept = _kept(runs, before, after)
    edited, absorbed = _edited(runs, kept, before, after)
    kept |= edited
    carried: Anchors = [[] for _ in after]
    for old, new in kept.items():
        carried[new] = held[old]
    fresh = _unused(known)
    for entry in carried:
        if not entry:
            entry.append(next(fresh))
    for old, following in _gone(runs, kept):
        carried[absorbed.get(old, min(following, len(after) - 1))] += held[old]
    if not before:
        carried[0] += sorted(known)
    return compact(carried)


def merge(
    said: Sequence[Sequence[int]], carried: Sequence[Sequence[int]], known: Set[int]
) -> Anchors:
    """`said` for some blocks and, as aliases, whatever it leaves out of the `known` numbers.

    `carried` has the same blocks and says where those stand.
    """
    missing = known - set(chain.from_iterable(said))
    merged = [list(entry) for entry in said]
    for entry, there in zip(merged, carried, strict=False):  # without blocks there is one entry
        entry.extend(number for number in there if number in missing)
    return compact(merged)


def compact(anchors: Anchors) -> Anchors:
    """As it is stored: `[]` for 1 … N in order."""
    untouched = all(entry == [place] for place, entry in enumerate(anchors, start=1))
    return [] if untouched else anchors


def numbers(stored: Sequence[Sequence[int]], blocks: int) -> set[int]:
    """Every number that a link may hold."""
    return set(chain.from_iterable([*sound(stored), *settle(stored, blocks)]))


def _runs(before: Sequence[str], after: Sequence[str]) -> list[_Run]:
    """Both bodies in order, cut into runs that are equal and runs that are not."""
    shorter = min(len(before), len(after))
    head = 0
    while head < shorter and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < shorter - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    old_end, new_end = len(before) - tail, len(after) - tail
    if (old_end - head) * (new_end - head) > FINE:
        middle = [_Run(False, head, old_end, head, new_end)]
    else:
        middle = _compared(before, after, head, old_end, new_end)
    return [
        _Run(True, 0, head, 0, head),
        *middle,
        _Run(True, old_end, len(before), new_end, len(after)),
    ]


def _compared(
    before: Sequence[str], after: Sequence[str], head: int, old_end: int, new_end: int
) -> list[_Run]:
    """The runs between the equal ends. Cost: at worst what the lengths multiply to."""
    often = {text for text, times in Counter(after).items() if times > OFTEN}
    matcher = SequenceMatcher(
        often.__contains__, before[head:old_end], after[head:new_end], autojunk=False
    )
    return [
        _Run(tag == "equal", head + old, head + old_to, head + new, head + new_to)
        for tag, old, old_to, new, new_to in matcher.get_opcodes()
    ]


def _kept(runs: Iterable[_Run], before: Sequence[str], after: Sequence[str]) -> dict[int, int]:
    """Old to new place of the blocks whose text stayed, first in order, then moved ones.

    Only a text that is alone of its kind can be known for moved.
    """
    kept: dict[int, int] = {}
    for run in runs:
        if run.equal:
            kept |= zip(range(run.old, run.old_end), range(run.new, run.new_end), strict=True)
    taken = set(kept.values())
    alone = {text for text, times in Counter(before).items() if times == 1}
    alone &= {text for text, times in Counter(after).items() if times == 1}
    moved = {text: new for new, text in enumerate(after) if text in alone and new not in taken}
    for old, text in enumerate(before):
        if old not in kept and text in moved:
            kept[old] = moved[text]
    return kept


def _edited(
    runs: Iterable[_Run], kept: dict[int, int], before: Sequence[str], after: Sequence[str]
) -> tuple[dict[int, int], dict[int, int]]:
    """Old to new place of blocks that were edited; and of those that another one took in."""
    edited: dict[int, int] = {}
    absorbed: dict[int, int] = {}
    taken = set(kept.values())
    for run in runs:
        old_places = [old for old in range(run.old, run.old_end) if old not in kept]
        new_places = [new for new in range(run.new, run.new_end) if new not in taken]
        if not old_places or not new_places:
            continue
        likenesses = sorted(_likenesses(old_places, new_places, before, after))
        gone, free = set(old_places), set(new_places)
        for unlike, _, _, old, new in likenesses:
            if unlike <= 1 - ALIKE and old in gone and new in free:
                edited[old] = new
                gone.remove(old)
                free.remove(new)
        within = sorted((outside, away, old, new) for _, away, outside, old, new in likenesses)
        for outside, _, old, new in within:
            if outside <= 1 - ALIKE and old in gone:
                absorbed.setdefault(old, new)
    return edited, absorbed


def _likenesses(
    old_places: list[int], new_places: list[int], before: Sequence[str], after: Sequence[str]
) -> Iterator[tuple[float, int, float, int, int]]:
    """(unlike, blocks away, share of the old text that is not in the new, old, new)."""
    new_pairs = [_pairs(after[new]) for new in new_places]
    for rank, old in enumerate(old_places):
        pairs = _pairs(before[old])
        expected = rank * len(new_places) // len(old_places)
        first = max(0, expected - REACH)
        for near in range(first, min(len(new_places), expected + REACH + 1)):
            shared = len(pairs & new_pairs[near])
            if shared:
                unlike = 1 - 2 * shared / (len(pairs) + len(new_pairs[near]))
                away = abs(near - expected)
                yield unlike, away, 1 - shared / len(pairs), old, new_places[near]


def _pairs(text: str) -> frozenset[str]:
    """A text's pairs of neighbouring characters (Sørensen and Dice compare by them)."""
    text = f" {text[:COMPARED]} "
    return frozenset(text[place : place + 2] for place in range(len(text) - 1))


def _gone(runs: Iterable[_Run], kept: dict[int, int]) -> Iterator[tuple[int, int]]:
    """The old places of blocks that are gone, each with the new place of what follows it."""
    for run in runs:
        following = run.new
        for old in range(run.old, run.old_end):
            if old not in kept:
                yield old, following
            elif run.new <= kept[old] < run.new_end:
                following = kept[old] + 1
