"""Provoke the failures and write docs/reliability.md's tables of them."""

import os
import platform
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path

from tests.chaos.backups import backups
from tests.chaos.edge import edge
from tests.chaos.falling import machines
from tests.chaos.faults import faults
from tests.chaos.soak import soak
from tests.chaos.strangers import strangers
from tests.chaos.tried import Tried

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"

# Each is a section of the page, between markers of its own.
SECTIONS: Mapping[str, Callable[[], Iterator[Tried]]] = {
    "backup": backups,
    "edge": edge,
    "faults": faults,
    "machines": machines,
    "soak": soak,
    "input": strangers,  # the last: it sets up Django in this process
}


def main(names: list[str]) -> int:
    """All sections, or those named, are tried and written; 1 if anything was lost."""
    lost = 0
    for name in names or SECTIONS:
        print(f"\n{Tried.HEAD}", flush=True)
        rows = []
        for row in SECTIONS[name]():
            print(row, flush=True)
            rows.append(row)
        lost += sum(row.lost for row in rows)
        _write(name, rows)
    return 1 if lost else 0


def _write(name: str, rows: list[Tried]) -> None:
    machine = f"{os.cpu_count()} cores, {platform.machine()}"
    said = f"{date.today():%Y-%m-%d}, {machine}, Python {platform.python_version()}"  # noqa: DTZ011
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, rest = PAGE.read_text(encoding="utf-8").split(begin)
    table = "\n".join([Tried.HEAD, *map(str, rows)])
    after = rest.split(end)[1]
    PAGE.write_text(f"{before}{begin}\n{said}\n\n{table}\n{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
