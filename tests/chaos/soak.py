"""Minutes of mixed load at seven tenths of what the site can: no error, and nothing grows."""

import os
import time
from collections.abc import Iterator

import psutil

from tests.chaos.fault import uncounted, unstored
from tests.chaos.load import Load
from tests.chaos.running import Site, a_site
from tests.chaos.tried import Tried

MINUTES = float(os.environ.get("SOAK_MINUTES", "2"))
PART = 0.7
READERS = 8
MEASURED_SECONDS = 10
# A process is flat if it has grown less since the end of the first minute: what a heap that is in
# use breathes, and no leak of minutes.
GROWN_PART, GROWN_BYTES = 0.05, 4 * 2**20


def soak() -> Iterator[Tried]:
    """One row. The page cache is made small, so that it is full within the first minute."""
    with a_site(PAGE_CACHE_MEGABYTES="2") as site:
        with Load(site, pause=0, mixed=READERS) as load:
            time.sleep(MEASURED_SECONDS)
            capacity = _read(load) / MEASURED_SECONDS
        faults = [*load.faults, *unstored(site, load)]
        load = Load(site, mixed=READERS, pace=PART * capacity)
        begun = time.monotonic()
        with load:
            time.sleep(min(60, MINUTES * 30))
            first = _memory(site)
            time.sleep(max(0, begun + MINUTES * 60 - time.monotonic()))
            last = _memory(site)
        seconds = time.monotonic() - begun
        faults += [*load.faults, *unstored(site, load), *uncounted(site)]
        faults += [f"{name}: 503" for name in load.seen if name.endswith((" 503", " 0", " cut"))]
        faults += [
            f"{name} has grown from {first[name] >> 20} to {size >> 20} MB"
            for name, size in last.items()
            if size > first.get(name, 0) * (1 + GROWN_PART) + GROWN_BYTES
        ]
        for fault in faults[:20]:
            print(fault, flush=True)
        told = "; ".join(
            f"{name} {first[name] / 2**20:.0f} → {size / 2**20:.0f} MB"
            for name, size in last.items()
        )
        yield Tried(
            f"{MINUTES:g} minutes at {PART:.0%} of {capacity:.0f} pages a second",
            _asked(load),
            f"{_read(load) / seconds:.0f} pages a second of the {PART * capacity:.0f} wanted, "
            f"{load.seen['save 302']} saves, {len(faults)} errors; "
            f"memory after the first minute and at the end: {told}",
            len(faults),
        )


def _read(load: Load) -> int:
    """Pages, kept and others, without what was searched and posted."""
    return sum(n for name, n in load.seen.items() if name.startswith(("kept", "other")))


def _asked(load: Load) -> int:
    return sum(load.seen.values())


def _memory(site: Site) -> dict[str, int]:
    """Memory of gunicorn's and nginx's processes in bytes; of PostgreSQL's first."""
    nginx = psutil.Process(int((site.folder / "nginx.pid").read_text()))
    named = {"gunicorn": psutil.Process(site.gunicorn.master.pid), "nginx": nginx}
    found = {"PostgreSQL": _of(site.postmaster)}
    for name, master in named.items():
        found[name] = _of(master)
        for number, worker in enumerate(sorted(master.children(), key=lambda one: one.pid), 1):
            found[f"{name}'s process {number}"] = _of(worker)
    return found


def _of(process: psutil.Process) -> int:
    return int(process.memory_info().rss)
