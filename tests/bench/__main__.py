"""Run the measurements and write docs/performance.md's tables of them."""

import os
import platform
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from pathlib import Path

from tests.bench.beacon import beacon
from tests.bench.every import every
from tests.bench.importing import held, importing
from tests.bench.limits import limits
from tests.bench.pages import pages
from tests.bench.rows import Bound, Kind, Row
from tests.bench.search import search

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
# How many the archive has that pages and searches are measured in; it is kept for the next run.
ARTICLES = int(os.environ.get("BENCH_ARTICLES", "20000"))


def measured() -> list[str]:
    """What is measured beside a reference of its own."""
    return [_told(Row.HEAD, chain(pages(ARTICLES), beacon(), importing()))]


def bounded() -> list[str]:
    """What may be so much and no more."""
    return [_told(Bound.HEAD, chain(limits(ARTICLES), held()))]


def listed() -> list[str]:
    """Every kind of page, the readers' and the desk's."""
    return [_told(Kind.HEAD, every(ARTICLES))]


def searched() -> Sequence[object]:
    """Searches by kind, and other engines."""
    return search(ARTICLES)


# Each is a section of the page, between markers of its own.
SECTIONS: Mapping[str, Callable[[], Sequence[object]]] = {
    "measured": measured, "bounded": bounded, "every": listed, "search": searched
}  # fmt: skip


def _told(head: str, rows: Iterable[object]) -> str:
    """A table; its rows are told as they come, for they take their time."""
    print(head, flush=True)
    said = [head]
    for row in rows:
        print(row, flush=True)
        said.append(str(row))
    return f"{ARTICLES:,} articles.\n\n" + "\n".join(said)


def main(names: list[str]) -> None:
    """All sections, or those named, are measured and written."""
    for name in names or SECTIONS:
        tables = "\n\n".join(map(str, SECTIONS[name]()))
        print(f"\n{tables}\n", flush=True)
        _write(name, tables)


def _write(name: str, tables: str) -> None:
    machine = f"{os.cpu_count()} cores, {platform.machine()}"
    said = f"{datetime.now():%Y-%m-%d}, {machine}, Python {platform.python_version()}"  # noqa: DTZ005
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, rest = PAGE.read_text(encoding="utf-8").split(begin)
    after = rest.split(end)[1]
    PAGE.write_text(f"{before}{begin}\n{said}\n\n{tables}\n{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
