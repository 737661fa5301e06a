"""`make shots`, `make audit`, `make weights`: python -m tests.audit shots weights audit."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.audit.site import archive, behind_nginx, by_gunicorn, chromium
from tests.serving import ROOT, Missing

SHOTS = ROOT / "var" / "shots"


@contextmanager
def browsing() -> Iterator[Browser]:
    """Chromium, without a window."""
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


def shots(folder: Path) -> int:
    """Take the screenshots."""
    with browsing() as browser, by_gunicorn(folder) as site:
        from tests.audit.shots import shoot

        count = shoot(browser, site, SHOTS)
    print(
        f"{count} 张截图在 {SHOTS.relative_to(ROOT)}/，一览：{SHOTS.relative_to(ROOT)}/index.html"
    )
    return 0


def weights(folder: Path) -> int:
    """Weigh the pages and write the table of them."""
    with browsing() as browser, behind_nginx(folder) as site:
        from tests.audit.table import write

        print(write(browser, site))
    return 0


def audit(folder: Path) -> int:
    """Check everything; 1 where anything falls short."""
    from tests.audit.checks import check

    return check(folder)


COMMANDS: dict[str, Callable[[Path], int]] = {"shots": shots, "weights": weights, "audit": audit}


def main(names: list[str]) -> int:
    """Do these in one scratch folder; say in a sentence what is missing for them."""
    # A process that a signal ends stops nothing that it started.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        with archive() as folder:
            return max(COMMANDS[name](folder) for name in names)
    except Missing as missing:
        print(missing, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
