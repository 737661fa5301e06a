"""Which of the found articles a reader most likely means."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

# How soon news pales beside what says more of the words; tried on tests/search_judged.json.
HALF_LIFE_DAYS = 3 * 365
RECENCY = 0.6
# Where one more occurrence stops telling more, in a text of usual length (BM25's k1 and b).
SATURATION = 1.2
LENGTH_WEIGHT = 0.75
USUAL_BYTES = 3000


@dataclass(frozen=True)
class Candidate:
    """What the order depends on; everything folded, lengths in UTF-8 bytes."""

    article_id: int
    published: date
    titles: Sequence[str]
    text_bytes: int
    occurrences: Sequence[int]


def rank(candidates: Sequence[Candidate], needles: Sequence[str], today: date) -> list[int]:
    """The candidates' ids: the best first, of equals the newest.

    First whose title is the phrase, then whose title has it, then whose title has every word, then
    some, then the rest; within each by density of the words and recency.
    """
    return [
        candidate.article_id
        for candidate in sorted(
            candidates,
            key=lambda one: (
                _place(one, needles),
                _weight(one, today),
                one.published,
                one.article_id,
            ),
            reverse=True,
        )
    ]


def _place(candidate: Candidate, needles: Sequence[str]) -> float:
    phrase = "".join(needles)
    # Readers see the title; the original one, if any, comes second in `titles` and in rank.
    if phrase == candidate.titles[0]:
        return 4
    if phrase in candidate.titles[0]:
        return 3
    had = sum(any(needle in title for title in candidate.titles) for needle in needles)
    return 2 * (had == len(needles)) or (had / len(needles) if needles else 0)


def _weight(candidate: Candidate, today: date) -> float:
    length = 1 - LENGTH_WEIGHT + LENGTH_WEIGHT * candidate.text_bytes / USUAL_BYTES
    density = sum(
        often * (SATURATION + 1) / (often + SATURATION * length) for often in candidate.occurrences
    ) / max(len(candidate.occurrences), 1)
    age = max((today - candidate.published).days, 0)
    return density + RECENCY * math.pow(0.5, age / HALF_LIFE_DAYS)
