"""What readers look for, in classes that cost differently; drawn from the archive's own texts."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import connection

from articles.corpus.cast import topics
from articles.corpus.vocabulary import QINGDAO, SEED, vocabulary
from articles.migrations._characters import COMMON
from articles.paging import Cursor, Position
from articles.search import Filters
from articles.search.query import Query, parse
from tests.bench.filling import END

EACH = 40
SAMPLE = 4000
# The shares of all articles that words of these classes are in, and common characters.
MID, FREQUENT, COMMON_SHARE = (0.007, 0.014), (0.07, 0.14), (0.05, 1)


@dataclass(frozen=True)
class Case:
    """One search: what is typed, how it is narrowed, and from where on the page is read."""

    typed: str
    filters: Filters = field(default_factory=Filters)
    position: Position = field(default_factory=Position)

    @property
    def query(self) -> Query:
        """What was typed, taken apart."""
        return parse(self.typed)

    @property
    def words(self) -> Sequence[str]:
        """The folded words, for engines that know no filter."""
        return self.typed.split()

    @property
    def plain(self) -> bool:
        """Whether it is words alone."""
        return not self.filters and self.position == Position()


@dataclass(frozen=True)
class Sampled:
    """A sample of the archive: folded texts, and how many of them hold each pair or character."""

    texts: Sequence[str]
    often: Mapping[str, int]
    first: date
    last: date
    cursors: Sequence[Cursor]

    def within(self, shares: tuple[float, float], among: Sequence[str]) -> list[str]:
        """Those that a share of the texts between these two has, in order."""
        low, high = (share * len(self.texts) for share in shares)
        return [one for one in among if low <= self.often.get(one, 0) <= high]


def sample(articles: int) -> Sampled:
    """About SAMPLE entries, spread evenly over the archive."""
    step = max(articles // SAMPLE, 1)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT text, published_at, article_id FROM articles_searchentry"
            " WHERE article_id %% %s = 0 ORDER BY article_id",
            [step],
        )
        rows = cursor.fetchall()
    often: Counter[str] = Counter()
    for text, _, _ in rows:
        often.update({*text} | {text[n : n + 2] for n in range(len(text) - 1)})
    days = [at.date() for _, at, _ in rows]
    return Sampled(
        [text for text, _, _ in rows], often, min(days), max(days),
        [Cursor(at, number) for _, at, number in rows],
    )  # fmt: skip


def classes(articles: int) -> dict[str, list[Case]]:
    """By class, up to EACH different searches; the same ones for the same archive."""
    r = random.Random(SEED)
    seen, known = sample(articles), vocabulary()
    two = [word for word in known.words if len(word) == 2]
    mid, frequent = (_some(r, seen.within(shares, two)) for shares in (MID, FREQUENT))
    rare, names = known.rare[:EACH], known.names[:EACH]
    singles = [one for one in seen.often if len(one) == 1 and one > "㐀"]
    common = seen.within(COMMON_SHARE, [one for one in singles if one in COMMON])
    middle = seen.cursors[len(seen.cursors) // 4 : -len(seen.cursors) // 4]
    return {
        "rare name": _cases(names),
        "rare word": _cases(rare),
        "mid word": _cases(mid),
        "frequent word": _cases(frequent),
        "青岛": _cases([QINGDAO[0]]),
        "rare ∧ mid": _cases(_pairs(r, rare, mid)),
        "mid ∧ frequent": _cases(_pairs(r, mid, frequent)),
        "frequent ∧ frequent": _cases(_pairs(r, frequent, frequent)),
        "phrase of 4": _cases(_phrases(r, seen.texts, 4)),
        "phrase of 12": _cases(_phrases(r, seen.texts, 12)),
        "common character": _cases(_some(r, common)),
        "rare character": _cases(_some(r, [one for one in singles if one not in COMMON])),
        "no hit": _cases("".join(r.sample(known.characters[300:2000], 4)) for _ in range(EACH)),
        "frequent, one year": _years(r, seen, frequent),
        "mid, one year": _years(r, seen, mid),
        "frequent, one topic": [
            Case(word, Filters(topic=r.randint(1, len(topics(END))))) for word in frequent
        ],
        "mid, deep": [Case(word, position=Position(r.choice(middle))) for word in mid],
        "frequent, deep": [Case(word, position=Position(r.choice(middle))) for word in frequent],
    }


def substrings(r: random.Random, texts: Sequence[str], many: int, lengths: range) -> Iterator[str]:
    """Parts of texts, from random places, of random lengths; none crosses a line's end."""
    while many:
        text, length = r.choice(texts), r.choice(lengths)
        at = r.randrange(max(len(text) - length, 1))
        found = text[at : at + length]
        if len(found) == length and "\n" not in found:
            many -= 1
            yield found


def _phrases(r: random.Random, texts: Sequence[str], length: int) -> list[str]:
    return list(substrings(r, texts, EACH, range(length, length + 1)))


def _cases(typed: Sequence[str] | Iterator[str]) -> list[Case]:
    return [Case(one) for one in typed]


def _some(r: random.Random, among: Sequence[str]) -> list[str]:
    return r.sample(sorted(among), min(EACH, len(among)))


def _pairs(r: random.Random, some: Sequence[str], others: Sequence[str]) -> list[str]:
    pairs = {(one, other) for one in some for other in others if one < other or some is not others}
    return [f"{one} {other}" for one, other in r.sample(sorted(pairs), min(EACH, len(pairs)))]


def _years(r: random.Random, seen: Sampled, words: Sequence[str]) -> list[Case]:
    days = (seen.last - seen.first).days - 365
    starts = [seen.first + timedelta(days=r.randrange(days)) for _ in words]
    return [
        Case(word, Filters(first=first, last=first + timedelta(days=364)))
        for word, first in zip(words, starts, strict=True)
    ]
