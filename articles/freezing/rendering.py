"""Units of pages made and written; what each of several processes does."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from articles import device as devices
from articles import traditional
from articles.freezing import links, living, places
from articles.freezing.asking import Answer, ask
from articles.freezing.keeping import Folder, Written
from articles.freezing.outline import Outline, Unit
from articles.freezing.trouble import Trouble
from articles.models import Article, Topic
from articles.related import SHOWN, related

_PREVIEW = re.compile(rb'<meta property="og:image" content="([^"]*/og/[^"]*)">')
_FURTHER = re.compile(rb'<a rel="(?:next|prev)" href="\?((?:before|after)=[^"]*)">')
# Of links that a process has told it needn't tell again; more than this it forgets.
_TOLD = 200_000
SERVER_ERROR = 500
# What packing makes no smaller.
_DENSE = frozenset({"image/png", "image/jpeg", "image/x-icon"})


@dataclass(frozen=True)
class Run:
    """What all units of one run have in common."""

    root: Path
    outline: Path
    standing: str
    traditional: bool
    previews: bool

    @property
    def scripts(self) -> tuple[str, ...]:
        """What addresses begin with."""
        return ("", traditional.PREFIX) if self.traditional else ("",)


@dataclass(frozen=True)
class Known:
    """What an earlier run noted of a unit: its key, its related articles if they still hold."""

    key: bytes | None
    related: Sequence[int] | None


@dataclass
class Made:
    """What became of a unit. No key: it is to be made again; no files: it was as it is."""

    name: str
    key: bytes | None
    related: Sequence[int] = ()
    files: list[str] | None = None
    links: list[tuple[str, str]] = field(default_factory=list)
    unnameable: list[str] = field(default_factory=list)


@cache
def _folder(root: Path) -> Folder:
    return Folder(root)


@cache
def _outline(path: Path) -> Outline:
    return Outline(path)


@cache
def _told() -> set[str]:
    return set()


def make_all(run: Run, units: Iterable[tuple[Unit, Known]]) -> tuple[list[Made], Written]:
    """Make those units whose keys are not known; raises Trouble where the site fails."""
    folder = _folder(run.root)
    folder.written = Written()
    return [_made(run, folder, unit, known) for unit, known in units], folder.written


def _made(run: Run, folder: Folder, unit: Unit, known: Known) -> Made:
    key, beside = unit.key, known.related
    if unit.article and key:
        outline = _outline(run.outline)
        if beside is None:
            beside = _related(outline, unit.article)
        key = outline.whole_key(key, beside)
    if key and key == known.key:
        return Made(unit.name, key, beside or ())
    made = Made(unit.name, key, beside or (), [])
    # Of an article's files each script has its own; what only machines read is there once.
    scripts = run.scripts if unit.article else ("",)
    files = [f"{script}{path}" for path in unit.files for script in scripts]
    for path, query, device, answer in _answers(run, unit):
        _keep(folder, made, path, query, device, answer)
        if answer.is_page:
            _note_links(made, answer.body, path, query)
            found = _PREVIEW.search(answer.body)
            if run.previews and found and unit.article:
                files.append(unquote(urlsplit(found[1].decode()).path))
    for path in dict.fromkeys([*files, *unit.shared]):
        _keep(folder, made, path, "", "desktop", ask(path))
    return made


def _answers(run: Run, unit: Unit) -> Iterator[tuple[str, str, devices.Device, Answer]]:
    """Every page of a unit for both devices, in each script; further pages where it has them."""
    waiting = [(f"{script}{path}", query) for script in run.scripts for path, query in unit.pages]
    seen = set(waiting)
    while waiting:
        path, query = waiting.pop()
        for device in devices.DEVICES:
            answer = ask(path, query, device, standing=run.standing)
            yield path, query, device, answer
            further = _FURTHER.findall(answer.body) if unit.follows else []
            for place in ((path, each.decode()) for each in further):
                if place not in seen:
                    seen.add(place)
                    waiting.append(place)


def _keep(
    folder: Folder, made: Made, path: str, query: str, device: devices.Device, answer: Answer
) -> None:
    """Write an answer where it belongs; what is not there is not kept."""
    address = f"{path}?{query}" if query else path
    if answer.status >= SERVER_ERROR:
        raise Trouble(f"网站答不出 {address}（{answer.status}），请看日志里的原因，之后再运行一次")
    gone = answer.status == 410
    if answer.status != 200 and not gone:
        made.key = None  # it has changed since it was noted
        return
    try:
        if answer.is_page:
            name = places.page(device, path, query, gone=gone)
            folder.put(name, living.without(answer.body))
        else:
            name = places.file(path)
            folder.put(name, answer.body, pack=answer.header("Content-Type") not in _DENSE)
    except places.Unnameable:
        made.unnameable.append(address)
        return
    if made.files is not None:
        made.files.append(name)


def _note_links(made: Made, page: bytes, path: str, query: str) -> None:
    """Those that this process has not told yet."""
    told = _told()
    if len(told) > _TOLD:
        told.clear()
    page_of = f"{path}?{query}" if query else path
    for target in links.internal(page, quote(path)):
        if target not in told:
            told.add(target)
            made.links.append((target, page_of))


def _related(outline: Outline, number: int) -> list[int]:
    """As views/article.py asks. One query."""
    topics = [Topic(pk=each) for each in outline.topics_of(number)]
    return [each.pk for each in related(Article(pk=number), topics, SHOWN)]
