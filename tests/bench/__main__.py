"""Run the measurements and write docs/performance.md's tables of them."""

import os
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from tests.bench.beacon import beacon
from tests.bench.pages import pages
from tests.bench.rows import Row
from tests.bench.search import search

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"


def measured() -> list[str]:
    """What is measured beside a reference of its own."""
    return ["\n".join([Row.HEAD, *map(str, [*pages(), *beacon()])])]


# Each is a section of the page, between markers of its own.
SECTIONS: Mapping[str, Callable[[], Sequence[object]]] = {"measured": measured, "search": search}


def main(names: list[str]) -> None:
    """All sections, or those named, are measured and written."""
    for name in names or SECTIONS:
        tables = "\n\n".join(map(str, SECTIONS[name]()))
        print(tables)
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
