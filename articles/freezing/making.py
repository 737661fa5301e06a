"""A frozen site, or what of it has changed since it was made."""

import fcntl
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import chain, islice
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.utils import timezone

from articles import reads
from articles.addresses import address
from articles.freezing import archiving, beside, checking, finding, noting, places
from articles.freezing.keeping import Folder, Written
from articles.freezing.outline import Outline, Unit, digest
from articles.freezing.rendering import Known, Made, Run, make_all
from articles.freezing.trouble import Stage, Trouble
from articles.models import Generation, Page, Promo, Topic
from articles.stages import Show
from articles.workers import Workers

# A process is given so many units at once; so many are noted, and hold, together.
_BATCH = 16
_KEPT_EVERY = 1024
# A change of these modules, the site's or its templates is a change of every page.
_CODE = ("articles", "xinwang", "templates", "locale")
_SETTINGS = (
    "SITE_URL", "SITE_NAME", "SITE_DESCRIPTION", "COPYRIGHT_SINCE", "CARD_FONT",
    "SECURITY_CONTACT", "CONTENT_SECURITY_POLICY", "TIME_ZONE", "LANGUAGES",
)  # fmt: skip
_LEAP = 2000


@dataclass(frozen=True)
class Asked:
    """What an operator wants."""

    root: Path
    processes: int = 1
    traditional: bool = False
    previews: bool = True
    search: bool = True
    wacz: Path | None = None  # the same as one file, for web archives


@dataclass
class Frozen:
    """What a run has done."""

    articles: int = 0
    units: int = 0
    remade: int = 0
    removed: int = 0
    written: Written = field(default_factory=Written)
    dead: list[tuple[str, str]] = field(default_factory=list)
    unnameable: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    moved_on: bool = False  # content has changed meanwhile
    unsearchable: bool = False  # for want of SQLite for browsers
    archived: archiving.Archived | None = None


def freeze(asked: Asked, show: Show) -> Frozen:
    """Write the site into a folder; where it is there already, what has changed of it.

    Whatever ends this, the next run goes on from about there. Raises Trouble, OSError for disks,
    BrokenProcessPool where a process is killed.
    """
    with ExitStack() as stack:
        place = asked.wacz and stack.enter_context(archiving.place(asked.root, asked.wacz))
        folder = stack.enter_context(_alone(asked.root))
        began = Generation.objects.standing(timezone.now())
        outline = stack.enter_context(_noted(asked.root, show))
        notes = noting.Notes(asked.root / places.OWN / "notes.sqlite")
        stack.callback(notes.close)
        found = Frozen(articles=outline.articles)
        run = Run(
            asked.root, outline.path, f"{os.getpid()} {outline.now}", asked.traditional,
            previews=asked.previews,
        )  # fmt: skip
        outline.shared = digest(
            _code(), [str(getattr(settings, name)) for name in _SETTINGS],
            timezone.localdate(outline.now).year, outline.surroundings(), django.VERSION,
            (run.traditional, run.previews),
        )  # fmt: skip
        if notes.broken_off:
            for name in notes.unnoted(folder.served()):
                folder.remove(name)
            notes.keep()
        finding.take_away(folder, outline.now)
        total = _take_away(outline, notes, folder, found)
        _pages(run, outline, notes, folder, found, asked.processes, total, show)
        _search(asked, outline, folder, found, show)
        found.written.add(beside.keep(folder, run.traditional, found.lost, show))
        found.dead = checking.check(asked.root, notes, run, show)
        notes.end()
        found.moved_on = Generation.objects.standing(timezone.now())[:4] != began[:4]
        if place:
            found.archived = archiving.archive(asked.root, place, show)
        return found


@contextmanager
def _alone(root: Path) -> Iterator[Folder]:
    """The folder, for this run alone; raises Trouble if it holds something else, or is in use."""
    own = root / places.OWN
    if root.exists() and not own.exists() and any(root.iterdir()):
        raise Trouble(f"{root} 里有别的东西：请给一个新的、空的，或以前冻结过的文件夹")
    own.mkdir(parents=True, exist_ok=True)
    with (own / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Trouble(f"另一个进程正在写 {root}，请等它结束") from error
        folder = Folder(root.resolve())
        folder.begin()
        yield folder


@contextmanager
def _noted(root: Path, show: Show) -> Iterator[Outline]:
    """The archive's outline; it goes with the run."""
    path = (root / places.OWN / "outline.sqlite").resolve()
    path.unlink(missing_ok=True)
    outline = Outline(path)
    try:
        for count in outline.note():
            show(Stage.NOTING, count, None, count)
        yield outline
    finally:
        outline.close()
        path.unlink(missing_ok=True)


def _code() -> bytes:
    """A digest of what pages are made with."""
    base = Path(settings.BASE_DIR)
    names = (path for folder in _CODE for path in sorted((base / folder).rglob("*")))
    files = [
        (str(path.relative_to(base)), digest(path.read_bytes()))
        for path in names
        if path.is_file() and path.suffix != ".pyc"
    ]
    static: list[tuple[str, str]] = (
        sorted(staticfiles_storage.hashed_files.items())
        if isinstance(staticfiles_storage, ManifestFilesMixin)
        else []
    )
    return digest(files, static)


def _units(outline: Outline) -> Iterator[Unit]:
    """All of them; first what was withdrawn, whatever may fail then."""
    return chain(outline.article_units(), _others(outline), outline.list_units())


def _take_away(outline: Outline, notes: noting.Notes, folder: Folder, found: Frozen) -> int:
    """Remove what readers no longer have, before anything is made; how many units there are."""
    total = 0
    units = _units(outline)
    while names := [unit.name for unit in islice(units, _KEPT_EVERY)]:
        notes.wanted(names)
        total += len(names)
    for name, files in notes.forgotten():
        found.removed += 1
        for file in files:
            folder.remove(file)
        notes.forget([name])
    notes.keep()
    return total


def _pages(
    run: Run, outline: Outline, notes: noting.Notes, folder: Folder, found: Frozen,
    processes: int, total: int, show: Show,
) -> None:  # fmt: skip
    """Every unit: left alone where its key is known, else made."""
    wanted = _wanted(outline, notes, found)
    unkept = 0
    for made, written in _made(run, wanted, processes):
        for name in notes.note(made, outline.rank):
            folder.remove(name)
        found.units += len(made)
        found.remade += sum(each.files is not None for each in made)
        found.unnameable += (one for each in made for one in each.unnameable)
        found.written.add(written)
        unkept += len(made)
        if unkept >= _KEPT_EVERY:
            os.sync()  # notes never hold what a power cut could take
            notes.keep()
            unkept = 0
        show(Stage.PAGES, found.units, total, found.units)
    notes.keep()


def _search(asked: Asked, outline: Outline, folder: Folder, found: Frozen, show: Show) -> None:
    """What the search page reads, or nothing."""
    folder.written = Written()
    found.unsearchable = asked.search and not finding.can_be_read()
    if asked.search and not found.unsearchable:
        finding.keep(folder, outline.now, show)
    else:
        finding.leave_out(folder)
    found.written.add(folder.written)


def _wanted(outline: Outline, notes: noting.Notes, found: Frozen) -> Iterator[tuple[Unit, Known]]:
    """Units that have to be looked at."""
    for unit in _units(outline):
        known = notes.known(unit.name, outline.rank)
        if known.key and _stands(outline, unit, known):
            found.units += 1
        else:
            yield unit, known


def _stands(outline: Outline, unit: Unit, known: Known) -> bool:
    """Whether a unit would come out as it is; no query."""
    if unit.key is None or (unit.article and known.related is None):
        return False
    key = outline.whole_key(unit.key, known.related or ()) if unit.article else unit.key
    return key == known.key


def _made(
    run: Run, units: Iterable[tuple[Unit, Known]], processes: int
) -> Iterator[tuple[list[Made], Written]]:
    """Units made, in batches, by so many processes; by this one if that is enough."""
    waiting_units = iter(units)
    batches = iter(lambda: list(islice(waiting_units, _BATCH)), [])
    if processes == 1:
        for batch in batches:
            yield make_all(run, batch)
        return
    workers = Workers(processes)
    waiting: deque[Future[tuple[list[Made], Written]]] = deque()
    try:
        for batch in batches:
            waiting.append(workers.submit(make_all, run, batch))
            if len(waiting) > 2 * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        workers.close()


def _others(outline: Outline) -> Iterator[Unit]:
    """Pages that are few: made each time, and written where they differ."""
    lists = [
        address(name) for name in ("home", "archive", "topics", "sources", "editors", "search")
    ]
    lists += [address("most-read"), *(address("most-read-window", one) for one in reads.WINDOWS)]
    lists += [f"/{year}/" for year in outline.years()]
    lists += [page.get_absolute_url() for page in Page.objects.defer("body")]
    for path in lists:
        yield Unit(path, None, [(path, "")])
    held = outline.by_day_of_year()
    for day in days():
        path = address("on-this-day-of", day.month, day.day)
        yield Unit(path, digest(outline.shared, held.get(f"{day:%m-%d}")), [(path, "")])
    yield Unit(address("corrections"), None, [(address("corrections"), "")], follows=True)
    files = [
        address(name)
        for name in (
            "feed", "json-feed", "sitemap", "sitemap-pages", "sitemap-news", "robots",
            "opensearch", "manifest", "favicon", "security", "site-code",
        )
    ]  # fmt: skip
    files += [f"/sitemap/{month}.xml" for month in outline.months()]
    for promo in Promo.objects.shown().filter(kind=Promo.Kind.QR):
        files.append(address("promo-code", promo.pk))
    for topic in Topic.objects.all():
        feeds = f"/feed/topic/{topic.slug}"
        files += [f"{feeds}/atom.xml", f"{feeds}/feed.json"]
    for path in files:
        yield Unit(path, None, [], [path])


def days() -> Iterator[date]:
    """Every day of a leap year."""
    day = date(_LEAP, 1, 1)
    while day.year == _LEAP:
        yield day
        day += timedelta(days=1)
