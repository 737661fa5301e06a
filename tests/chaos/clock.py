"""The clock of the machine that serves jumps: gunicorn's and nginx's, not the database's."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.chaos.fault import Fault
from tests.chaos.load import Browser, Load
from tests.chaos.running import Site, a_site
from tests.chaos.tried import Tried
from tests.scratch import scratch

HOUR, DAY = 3600, 24 * 3600
# What time brings out shows as soon as an edit does, and this machine has much to do.
SHOWN_SECONDS = 4

TITLE = "定时的稿"
_SCHEDULE = f"""
import django
django.setup()
from datetime import timedelta
from django.utils import timezone
from tests.factories import make_article
print(make_article(
    title="{TITLE}", published_at=timezone.now() + timedelta(minutes=30)).get_absolute_url())
"""


@contextmanager
def _jumping(folder: Path, compiler: str) -> Iterator[Callable[[int], None]]:
    """Processes that begin meanwhile see a clock that is as far ahead as was said last."""
    library, said = folder / "clock.so", folder / "clock"
    source = Path(__file__).with_name("clock.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", library, source, "-ldl"], check=True)

    def jump(seconds: int) -> None:
        with said.open("r+b") as file:  # in place: whoever looks has it mapped
            file.write(seconds.to_bytes(8, sys.byteorder, signed=True))

    said.write_bytes(bytes(8))
    wanted = {"LD_PRELOAD": str(library), "XINWANG_CLOCK": str(said)}
    os.environ.update(wanted)
    try:
        yield jump
    finally:
        for name in wanted:
            del os.environ[name]


def jumps() -> Iterator[Tried]:
    """An hour ahead, then two days, then back."""
    compiler = shutil.which("cc")
    if compiler is None:
        print(
            "时钟：这台机器上没有 C 编译器（Debian：apt install gcc libc6-dev），跳过", flush=True
        )
        return
    with scratch() as folder:
        folder.chmod(0o711)
        with _jumping(folder, compiler) as jump, a_site() as site:
            scheduled = site.run("-c", _SCHEDULE, LD_PRELOAD="").split()[-1]

            def ahead(site: Site, load: Load) -> None:
                """What was to appear in half an hour appears."""
                _is(site, load, scheduled, 404, shown=False)
                jump(HOUR)
                _is(site, load, scheduled, 200, shown=True)

            def back(site: Site, load: Load) -> None:
                """It goes again; nginx believes its pages' times, so its folder is emptied."""
                jump(0)
                time.sleep(1)
                for kept in (site.folder / "cache").iterdir():
                    shutil.rmtree(kept, ignore_errors=True)
                _is(site, load, scheduled, 404, shown=False)

            for what, provoke in (
                ("the clock jumps an hour ahead", ahead),
                ("the clock jumps past midnight, two days ahead", lambda *_: jump(2 * DAY)),
                ("the clock is set back", back),
            ):
                yield Fault(what, provoke, 1, bites=False).tried(site)


def _is(site: Site, load: Load, path: str, status: int, shown: bool) -> None:
    """The scheduled article's page has a status, and the home page names it or doesn't."""
    browser = Browser(site.port, "127.0.8.1")
    until = time.monotonic() + SHOWN_SECONDS
    while time.monotonic() < until:
        page, home = browser.ask(path), browser.ask("/")
        if page.status == status and (TITLE in home.text) == shown:
            break
        time.sleep(0.1)
    else:
        load.fault(
            "clock", f"{path} is {page.status}, the home page names it: {TITLE in home.text}"
        )
    browser.close()
