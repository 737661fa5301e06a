"""Titles and bodies made of the vocabulary's words, already as the sanitizer leaves them."""

import math
from array import array
from collections.abc import Sequence
from random import Random

from articles.corpus.vocabulary import DRAW_BITS, FREQUENT, MID, QINGDAO, vocabulary

# Characters of a body: the mean, how unlike each other bodies are (log-normal), the bounds.
LENGTH, SPREAD, SHORTEST, LONGEST = 1735, 0.45, 200, 8000
CHARACTERS_A_WORD = 2.53  # with its share of punctuation
# Of an article's words a third are out of its own few.
OWN = 25
_OWN_KINDS = bytes(range(90))  # of 256
# One word in so many is a number, a name in Latin letters, or characters that nobody has seen.
ODD = 64
LATIN = ("CBD", "5G", "APP", "GDP", "Qingdao", "km", "AI")
MARKS = "，，，。。、；"

_MEDIAN = LENGTH / math.exp(SPREAD**2 / 2)
_SHIFT = 32 - DRAW_BITS


class Piece:
    """A title and paragraphs; `body` puts them together."""

    def __init__(self, r: Random, rare: Sequence[str]) -> None:
        """A quarter of a millisecond of one core; `rare` are words to be planted."""
        length = min(max(_MEDIAN * math.exp(r.gauss(0, SPREAD)), SHORTEST), LONGEST)
        own = _draw(r, OWN)
        kinds = r.randbytes(int(length / CHARACTERS_A_WORD))
        others = iter(_draw(r, len(kinds.translate(None, _OWN_KINDS))))
        extra = [one for one, share in (QINGDAO, FREQUENT, MID) if r.random() < share]
        extra += rare
        self.title = _title(r, own)
        if extra and r.random() < 0.15:
            self.title = r.choice(extra) + self.title
        many = len(_OWN_KINDS)
        repeated = (own * many)[:many]
        words = [repeated[n] if n < many else next(others) for n in kinds]
        for _ in range(len(words) // ODD):
            words[int(r.random() * len(words))] = _odd(r)
        self.paragraphs = _paragraphs(r, words, extra)

    def body(self, dateline: str, subheads: Sequence[str], figures: Sequence[str]) -> str:
        """The body: a subhead every few paragraphs, and photos' tokens between them."""
        blocks = [f"<p>{paragraph}</p>" for paragraph in self.paragraphs]
        blocks[0] = f"<p>{dateline}{self.paragraphs[0]}</p>"
        step = max(len(blocks) // (len(figures) + 1), 1)
        for n, token in enumerate(figures, start=1):
            blocks[min(n * step, len(blocks)) - 1] += f'<figure data-photo="{token}"></figure>'
        for n, subhead in enumerate(subheads, start=1):
            if n * 4 < len(blocks):
                blocks[n * 4] = f"<h2>{subhead}</h2>{blocks[n * 4]}"
        return "".join(blocks)


def headline(r: Random) -> str:
    """A title of no article's own words."""
    return _title(r, _draw(r, 9))


def _draw(r: Random, many: int) -> list[str]:
    drawn = vocabulary().drawn
    return [drawn[n >> _SHIFT] for n in array("I", r.randbytes(4 * many))]


def _title(r: Random, words: Sequence[str]) -> str:
    """Five to nine words; half of all titles are of two phrases."""
    many = 5 + int(r.random() * 5)
    at = many // 2 if r.random() < 0.5 else 0
    phrases = ("".join(words[:at]), "".join(words[at:many]))
    return " ".join(phrase for phrase in phrases if phrase)[:30].rstrip()


def _odd(r: Random) -> str:
    drawn = r.random()
    if drawn < 0.6:
        return str(int(r.random() * 2023) + 1)
    if drawn < 0.86:
        return r.choice(LATIN)
    known = vocabulary()
    return "".join(r.choices(known.characters, cum_weights=known.character_weights, k=3))


def _paragraphs(r: Random, words: Sequence[str], extra: Sequence[str]) -> list[str]:
    """Paragraphs of some eight clauses of five to fourteen words, a full stop after each."""
    clauses: list[str] = []
    at = 0
    for drawn in r.randbytes(len(words) // 5 + 1):
        many = 5 + drawn % 10
        clauses.append("".join(words[at : at + many]) + MARKS[drawn // 10 % len(MARKS)])
        at += many
        if at >= len(words):
            break
    for one in extra:
        for _ in range(1 + int(r.random() * 4)):
            place = int(r.random() * len(clauses))
            clauses[place] = one + clauses[place]
    size = 6 + int(r.random() * 5)
    return ["".join(clauses[n : n + size])[:-1] + "。" for n in range(0, len(clauses), size)]
