"""Words with the statistics of real Chinese news, and some that are planted to be looked for.

Calibrated on news of 2022: the share of the most frequent characters, how many different pairs of
characters a text has, and how many of those are in 3 % and in 25 % of all texts.
"""

import itertools
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from articles.migrations._characters import COMMON, VARIANTS

SEED = 2022
# In which share of all articles, the first of them in how many; the rest in so many articles each.
QINGDAO, FREQUENT, MID = ("青岛", 0.5), ("地铁", 0.1), ("啤酒", 0.01)
RARE_WORDS, RARE_IN = 60, 20
NAMES, NAMES_IN = 60, (1, 2, 4)
# A word is drawn by so many random bits: the least frequent ones stand once or twice in the table.
DRAW_BITS = 20


@dataclass(frozen=True)
class Vocabulary:
    """What texts are made of, the most frequent first, and the names and rare words planted."""

    characters: Sequence[str]
    character_weights: Sequence[float]
    words: Sequence[str]
    drawn: Sequence[str]  # 2 ** DRAW_BITS of them, each word as often as it is frequent
    rare: Sequence[str]
    names: Sequence[str]


@cache
def vocabulary() -> Vocabulary:
    """Fifty thousand words of four thousand characters. Half a second once a process."""
    r = random.Random(SEED)  # noqa: S311 - the same words every time
    common = re.findall("[\u4e00-\u9fa5]", COMMON)
    others = sorted({chr(n) for n in range(0x4E00, 0x9FA6)} - {*common} - {*VARIANTS})
    characters = r.sample(common, len(common)) + r.sample(others, 4000 - len(common))
    weights = list(itertools.accumulate(1 / (n + 60) ** 1.6 for n in range(len(characters))))

    def word(lengths: tuple[int, ...], shares: tuple[int, ...]) -> str:
        k = r.choices(lengths, shares)[0]
        return "".join(r.choices(characters, cum_weights=weights, k=k))

    planted = re.compile("|".join(one for one, _ in (QINGDAO, FREQUENT, MID)))
    found: dict[str, None] = {}
    while len(found) < 50_000:
        one = word((1, 2, 3, 4), (3, 72, 13, 12))
        if not planted.search(one):
            found[one] = None
    words = list(found)
    r.shuffle(words)
    middling = characters[300:2000]
    return Vocabulary(
        characters,
        weights,
        words,
        _table(words),
        ["".join(r.sample(middling, 2)) for _ in range(RARE_WORDS)],
        ["".join(r.sample(middling, 3)) for _ in range(NAMES)],
    )


def _table(words: Sequence[str]) -> Sequence[str]:
    """The words by Zipf's law: to draw one is to look up a random place."""
    reached = list(itertools.accumulate(1 / (n + 20) ** 1.2 for n in range(len(words))))
    table: list[str] = []
    for word, upto in zip(words, reached, strict=True):
        table += [word] * (round(upto / reached[-1] * 2**DRAW_BITS) - len(table))
    return table


@cache
def planted(size: int) -> Mapping[int, Sequence[str]]:
    """Which rare words and names each of `size` articles gets."""
    r = random.Random(SEED + size)  # noqa: S311 - the same places every time
    found: dict[int, list[str]] = {}
    for n, one in enumerate([*vocabulary().rare, *vocabulary().names]):
        times = RARE_IN if n < RARE_WORDS else NAMES_IN[n % len(NAMES_IN)]
        for number in r.sample(range(1, size + 1), min(times, size)):
            found.setdefault(number, []).append(one)
    return found
