"""What each article of a made-up archive is; it follows from its number, the size and the end."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from random import Random

from articles import text
from articles.corpus import cast
from articles.corpus.rhythm import Rhythm, rhythm
from articles.corpus.vocabulary import SEED, planted
from articles.corpus.writing import Piece, headline

# The newest are drafts, those before them are to appear: a share of all, and at most so many.
DRAFTS, SCHEDULED = (50, 40), (100, 12)
# One article in so many has a correction or was withdrawn; which ones.
CORRECTED, WITHDRAWN = (2000, 40), (3000, 150)
# The older six tenths came from another system and have their addresses there.
MOVED = 0.6
ILLUSTRATED = 0.083  # besides the section of pictures, of which all are
# Reads are kept by day for so long, up to the day after the last; what was before is a number.
READ_DAYS = 45
_LIFETIME_READS, _TAIL, _MOST_READS = 40, 1.1, 2_000_000
_OLD_BUT_READ = 0.02


@dataclass(frozen=True)
class Picture:
    """A photo of the library, as articles use it."""

    id: int
    token: str
    caption: str


@dataclass(frozen=True)
class Plan:
    """An archive to be made: `articles` of every state; the newest published one is of `end`."""

    articles: int
    end: date
    pictures: Sequence[Picture] = ()

    @property
    def published(self) -> int:
        """How many have appeared by the end, withdrawn ones included; they come first."""
        return self.articles - self._drafts - self._scheduled

    @property
    def last_read_on(self) -> date:
        """The last day with reads: the one after the end, so that today's ranking has some."""
        return self.end + timedelta(days=1)

    @property
    def rhythm(self) -> Rhythm:
        """When they appear."""
        return rhythm(self.published, self.end)

    def state(self, number: int) -> str:
        """What has become of an article."""
        if number > self.articles - self._drafts:
            return "draft"
        if number <= self.published and number % WITHDRAWN[0] == WITHDRAWN[1]:
            return "withdrawn"
        return "published"

    def published_at(self, number: int, chance: float) -> datetime | None:
        """When an article appears; a draft has no time."""
        if number <= self.published:
            return self.rhythm.moment(number, chance)
        if self.state(number) == "draft":
            return None
        last = self.rhythm.moment(self.published, 0)
        return last + timedelta(days=2, hours=7 * (number - self.published))

    @property
    def _drafts(self) -> int:
        return min(self.articles // DRAFTS[0], DRAFTS[1])

    @property
    def _scheduled(self) -> int:
        return min(self.articles // SCHEDULED[0], SCHEDULED[1])


@dataclass(frozen=True)
class Note:
    """A correction."""

    kind: str
    published_at: datetime
    text: str


@dataclass(frozen=True)
class Story:
    """An article with all that belongs to it; source, topics and desk are numbered from 1."""

    number: int
    state: str
    published_at: datetime | None
    created_at: datetime
    title: str
    original_title: str
    body: str
    excerpt: str
    source: int
    desk: int | None
    editor: str
    byline: str
    topics: Sequence[int]
    gallery: Sequence[Picture]
    note: Note | None
    imported_reads: int
    daily_reads: Mapping[date, int]
    legacy_id: str | None
    legacy_url: str

    @property
    def reads(self) -> int:
        """All of them."""
        return self.imported_reads + sum(self.daily_reads.values())


def story(plan: Plan, number: int) -> Story:
    """An article, from 1. Less than half a millisecond of one core."""
    r = random.Random(SEED * 10_000_019 + number)  # noqa: S311 - the same article every time
    state = plan.state(number)
    at = plan.published_at(number, r.random())
    created = (at or plan.rhythm.moment(plan.published, 0)) - timedelta(minutes=r.randrange(5, 300))
    piece = Piece(r, planted(plan.articles).get(number, ()))
    section = cast.section(r.random())
    gallery = _gallery(r, plan, section)
    placed = [one.token for one in gallery if r.random() < 0.6]
    editor, writer = (cast.editors()[cast.zipf(r.random(), cast.EDITORS)] for _ in range(2))
    body = piece.body(_dateline(r, at, writer), _subheads(r), placed)
    moved = at is not None and number <= plan.published * MOVED
    imported, daily = _reads(r, plan, number)
    return Story(
        number, state, at, created, piece.title, headline(r) if r.random() < 0.05 else "",
        body, text.excerpt(body), 1 + cast.zipf(r.random(), len(cast.sources())),
        1 + cast.SECTIONS[section][2] if section is not None else None,
        editor, _byline(r, writer), _topics(r, plan, number, section), gallery,
        _note(number, at, state), imported, daily,
        f"c{number}" if moved else None,
        f"http://old.xinwang.example/{at:%Y-%m/%d}/content_{number}.htm" if moved else "",
    )  # fmt: skip


def _dateline(r: Random, at: datetime | None, writer: str) -> str:
    if at is None or r.random() < 0.7:
        return ""
    return f"信网{at.month}月{at.day}日讯（记者 {writer}）：" if r.random() < 0.5 else "信网讯 "


def _subheads(r: Random) -> Sequence[str]:
    return [headline(r)[:14].rstrip() for _ in range(3)] if r.random() < 0.1 else ()


def _byline(r: Random, writer: str) -> str:
    drawn = r.random()
    if drawn < 0.3:
        return ""
    helper = cast.editors()[cast.zipf(r.random(), cast.EDITORS)]
    return f"本报记者 {writer} 通讯员 {helper}" if drawn > 0.9 else f"本报记者 {writer}"


def _gallery(r: Random, plan: Plan, section: int | None) -> Sequence[Picture]:
    """One to three photos, the lead first; none for most."""
    of_pictures = section == cast.PICTURES
    if not plan.pictures or not (of_pictures or r.random() < ILLUSTRATED):
        return ()
    many = 3 if of_pictures else r.choice((1, 1, 1, 1, 1, 1, 2, 2, 2, 3))
    return r.sample(plan.pictures, min(many, len(plan.pictures)))


def _topics(r: Random, plan: Plan, number: int, section: int | None) -> Sequence[int]:
    """Its section, up to two subjects, and the events that it is about."""
    first = len(cast.SECTIONS) + 1
    found = [] if section is None else [section + 1]
    found += {
        first + cast.zipf(r.random(), len(cast.SUBJECTS)) for _ in range(r.choice((0, 0, 1, 1, 2)))
    }
    return sorted(found) + list(_about_events(plan.published, plan.end).get(number, ()))


@cache
def _about_events(published: int, end: date) -> Mapping[int, Sequence[int]]:
    """The topics of events by article: each event has its articles within some sixty days."""
    r = random.Random(SEED)  # noqa: S311 - the same articles every time
    found: dict[int, list[int]] = {}
    before = len(cast.SECTIONS) + len(cast.SUBJECTS)
    for event in range(cast.EVENT_TOPICS):
        year = date(end.year - event % 10, 1, 1)
        begins = year + timedelta(days=r.randrange(300))
        numbers = rhythm(published, end).numbers(begins, begins + timedelta(days=60))
        many = min(cast.event_size(event, published), len(numbers))
        for number in r.sample(numbers, many):
            found.setdefault(number, []).append(before + event + 1)
    return found


def _reads(r: Random, plan: Plan, number: int) -> tuple[int, Mapping[date, int]]:
    """What an old system or earlier days counted, and the last days' reads: most at first."""
    if number > plan.published:
        return 0, {}
    popular = min(int(_LIFETIME_READS * r.paretovariate(_TAIL)), _MOST_READS)
    day, last = plan.rhythm.day(number), plan.last_read_on
    age = (last - day).days
    if age < READ_DAYS:
        halved = (popular >> n + 1 for n in range(age + 1))
        return 0, {day + timedelta(days=n): count for n, count in enumerate(halved) if count}
    daily: dict[date, int] = {}
    if r.random() < _OLD_BUT_READ:
        for _ in range(3):
            daily[last - timedelta(days=r.randrange(READ_DAYS))] = 1 + popular // 500
    return popular, daily


def _note(number: int, at: datetime | None, state: str) -> Note | None:
    if at is None:
        return None
    if state == "withdrawn":
        return Note(
            "retraction", at + timedelta(days=2), "采访未尽，事实有误，本站撤回此稿并致歉。"
        )
    if number % CORRECTED[0] != CORRECTED[1]:
        return None
    if number // CORRECTED[0] % 2:
        return Note("addition", at + timedelta(days=1), "有关部门今天作了答复，全文已补在文末。")
    return Note("correction", at + timedelta(hours=20), "第二段的数字有误，现已改正。")
