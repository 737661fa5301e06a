"""Synthetic articles with the statistics of real Chinese news: the same ones for the same size.

Calibrated on news of 2022: length, the share of the most frequent characters, how many different
pairs of characters a text has and how many of those are in 3 % and in 25 % of all texts. Words with
a known frequency are planted. An article depends on its number and the archive's size alone, so
that any part may be made by any process.
"""

import itertools
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from articles.migrations._characters import COMMON, VARIANTS

SEED = 2022
# Characters of body text, and how many words that takes at most.
LENGTH, WORDS = 1735, 560
YEARS = 10
SOURCES, TOPICS, EDITORS = 40, 80, 60
# In which share of all articles, the first of them in how many; the rest in so many articles each.
QINGDAO, FREQUENT, MID = ("青岛", 0.5), ("地铁", 0.1), ("啤酒", 0.01)
RARE_WORDS, RARE_IN = 60, 20
NAMES, NAMES_IN = 60, (1, 2, 4)
LATIN = ("CBD", "5G", "APP", "GDP", "Qingdao", "km", "AI")


@dataclass(frozen=True)
class Text:
    """An article as the archive stores it; `source` and `topics` count from 1."""

    number: int
    published_at: datetime
    title: str
    body: str
    source: int
    topics: tuple[int, ...]
    editor: str
    byline: str


@dataclass(frozen=True)
class Vocabulary:
    """What texts are made of, and the names and rare words that are planted."""

    characters: list[str]
    character_weights: list[float]
    words: list[str]
    word_weights: list[float]
    rare: list[str]
    names: list[str]
    editors: list[str]


@cache
def vocabulary() -> Vocabulary:
    """Fifty thousand words, the most frequent first, of four thousand characters."""
    r = random.Random(SEED)
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
        list(itertools.accumulate(1 / (n + 20) ** 1.2 for n in range(len(words)))),
        ["".join(r.sample(middling, 2)) for _ in range(RARE_WORDS)],
        ["".join(r.sample(middling, 3)) for _ in range(NAMES)],
        ["".join(r.sample(middling, 3)) for _ in range(EDITORS)],
    )


@cache
def _planted(size: int) -> dict[int, list[str]]:
    """Which rare words and names each article of an archive of `size` gets."""
    r = random.Random(SEED + size)
    found: dict[int, list[str]] = {}
    for n, one in enumerate(vocabulary().rare + vocabulary().names):
        times = RARE_IN if n < RARE_WORDS else NAMES_IN[n % len(NAMES_IN)]
        for number in r.sample(range(1, size + 1), min(times, size)):
            found.setdefault(number, []).append(one)
    return found


def texts(first: int, last: int, size: int, newest: date) -> Iterator[Text]:
    """Articles `first` to `last`, both included, of an archive of `size` that ends on `newest`."""
    for number in range(first, last + 1):
        yield _text(number, size, newest)


def _text(number: int, size: int, newest: date) -> Text:
    r = random.Random(SEED * 10_000_019 + number)
    known = vocabulary()
    pool = r.choices(known.words, cum_weights=known.word_weights, k=WORDS)
    extra = [one for one, share in (QINGDAO, FREQUENT, MID) if r.random() < share]
    extra += _planted(size).get(number, [])
    title = "".join(pool[-9:])[:22]
    if extra and r.random() < 0.15:
        title = r.choice(extra) + title
    end = datetime.combine(newest, time(15, 59), UTC)
    age = timedelta(days=YEARS * 365.25) * ((size - number) / size)
    byline = f"本报记者 {r.choice(known.editors)}" if r.random() < 0.7 else ""
    return Text(
        number, end - age, title, _body(r, pool, extra), _zipf(r, SOURCES), _topics(r),
        r.choice(known.editors), byline,
    )  # fmt: skip


def _body(r: random.Random, pool: list[str], extra: list[str]) -> str:
    """Paragraphs of eight clauses; a third of the words are the article's own 25."""
    topical, ordinary = pool[:25], iter(pool[25:])
    clauses: list[str] = []
    length = 0
    while length < LENGTH:
        words = [_word(r, topical, ordinary) for _ in range(r.randint(5, 14))]
        clauses.append("".join(words) + r.choice("，，，。。、；"))
        length += len(clauses[-1])
    for one in extra:
        for _ in range(r.randint(1, 4)):
            place = r.randrange(len(clauses))
            clauses[place] = one + clauses[place]
    paragraphs = ("".join(clauses[n : n + 8]) for n in range(0, len(clauses), 8))
    return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)


def _word(r: random.Random, topical: list[str], ordinary: Iterator[str]) -> str:
    drawn = r.random()
    if drawn < 0.35:
        return topical[int(drawn / 0.35 * len(topical))]
    if drawn < 0.36:
        return str(r.randint(1, 2023))
    if drawn < 0.364:
        return r.choice(LATIN)
    if drawn < 0.366:
        known = vocabulary()
        return "".join(r.choices(known.characters, cum_weights=known.character_weights, k=3))
    return next(ordinary, topical[0])


def _zipf(r: random.Random, most: int) -> int:
    """A number from 1 to `most`: 1 often, `most` seldom."""
    return int(most ** r.random())


def _topics(r: random.Random) -> tuple[int, ...]:
    """None to three topics: the first holds a fifth of all articles, the last few."""
    return tuple(sorted({_zipf(r, TOPICS) for _ in range(r.choice((0, 1, 1, 2, 3)))}))
