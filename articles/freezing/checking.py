"""Whether every internal link of a frozen site leads to a page, a file or what was withdrawn."""

from pathlib import Path

from articles import traditional
from articles.freezing import links, places
from articles.freezing.noting import Notes
from articles.freezing.rendering import Run
from articles.freezing.trouble import Stage
from articles.stages import Show

_TOLD_EVERY = 1000


def check(root: Path, notes: Notes, run: Run, show: Show) -> list[tuple[str, str]]:
    """Links that lead nowhere, each with a page that has it.

    Known are all addresses that any page has named; of one that is no more only the page noted last
    is read, to see whether it still names it.
    """
    dead: list[tuple[str, str]] = []
    forgotten: list[str] = []
    for count, (target, page) in enumerate(notes.links(), start=1):
        if not _leads(root, target, run):
            if _names(root, page, target):
                dead.append((target, page))
            else:
                forgotten.append(target)
        if count % _TOLD_EVERY == 0:
            show(Stage.LINKS, count, None, count)
    notes.unlink(forgotten)
    notes.keep()
    return dead


def _leads(root: Path, target: str, run: Run) -> bool:
    if target.startswith("/og/") and not run.previews:
        return True  # left out, as was asked
    if not run.traditional and traditional.is_traditional(target):
        target = traditional.original(target)  # nginx leads there
    return any((root / name).exists() for name in places.page_of(target))


def _names(root: Path, page: str, target: str) -> bool:
    encoded = page.partition("?")[0]
    for name in places.page_of(page):
        path = root / name
        if path.exists() and target in links.internal(path.read_bytes(), encoded):
            return True
    return False
