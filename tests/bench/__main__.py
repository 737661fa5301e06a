"""Run the measurements and write docs/performance.md's table of them."""

import os
import platform
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from tests.bench.beacon import beacon
from tests.bench.rows import Row

BENCHES: dict[str, Callable[[], list[Row]]] = {"beacon": beacon}
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
PAGE = Path(__file__).parents[2] / "docs" / "performance.md"


def main(names: list[str]) -> None:
    """All rows, or those named; the page is rewritten by a whole run alone."""
    rows = [row for name in names or BENCHES for row in BENCHES[name]()]
    table = "\n".join([Row.HEAD, *map(str, rows)])
    print(table)
    if not names:
        machine = f"{os.cpu_count()} cores, {platform.machine()}"
        said = f"{datetime.now():%Y-%m-%d}, {machine}, Python {platform.python_version()}"  # noqa: DTZ005
        before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
        after = rest.split(END)[1]
        PAGE.write_text(f"{before}{BEGIN}\n{said}\n\n{table}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
