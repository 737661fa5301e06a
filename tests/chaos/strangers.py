"""Bad input to the real site: requests without end, then hostile texts in a real browser."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.audit.site import archive, chromium
from tests.chaos.tried import Tried
from tests.serving import Gunicorn, collect_static

REQUESTS = int(os.environ.get("FUZZ_REQUESTS", "12000"))
SEED = int(os.environ.get("FUZZ_SEED", "8"))


def strangers() -> Iterator[Tried]:
    """Both, on one site of gunicorn and an archive of a test's own."""
    with archive() as folder:
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        collect_static(folder)
        server = Gunicorn(os.environ["DATABASE_URL"])
        with server.running() as port:
            yield from _fuzzed(port)
            yield from _visited(port)


def _fuzzed(port: int) -> Iterator[Tried]:
    """Any method, header, parameter and form field at every address of Django's resolver."""
    from tests.hostile.archive import make_archive
    from tests.hostile.asking import BySocket
    from tests.hostile.fuzzing import Fuzz

    make_archive()
    judge = Fuzz(BySocket(port), SEED).run(REQUESTS)
    _tell(judge.faults)
    kinds = Counter({f"{status // 100}xx": 0 for status in judge.statuses})
    for status, times in judge.statuses.items():
        kinds[f"{status // 100}xx"] += times
    said = ", ".join(f"{times:,} × {kind}" for kind, times in sorted(kinds.items()))
    yield Tried(
        f"odd requests at every address, form and list, seed {SEED}",
        judge.asked,
        f"{said}; {judge.changes} forms were valid and saved",
        len(judge.faults),
    )


def _visited(port: int) -> Iterator[Tried]:
    """Every hostile text at every place that holds one, both templates and the desk; Chromium."""
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from playwright.sync_api import sync_playwright

    from tests.hostile import infested
    from tests.hostile.archive import people
    from tests.hostile.browsing import Visit, session_cookie
    from tests.hostile.vectors import VECTORS
    from tests.kinds import DESK, PHONE

    call_command("flush", interactive=False, verbosity=0)
    people()
    texts = [vector.storable for vector in VECTORS]
    infested.infest(texts, photographed=len(texts))
    site = f"http://127.0.0.1:{port}"
    faults: list[str] = []
    opened = 0
    paths = [*infested.pages(texts).values(), *infested.days(texts), *infested.alone()]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        cookie = session_cookie(User.objects.get(username="superuser"))
        for view, size, shown, who in (
            ("?view=desktop", DESK, paths, None),
            ("?view=mobile", PHONE, paths, None),
            ("", DESK, [*infested.desk().values()], cookie),
        ):
            with Visit(browser, site, size, who) as visit:
                for path in shown:
                    visit.open(path + (view.replace("?", "&") if "?" in path else view))
            faults += visit.faults
            opened += visit.opened
    _tell(faults)
    yield Tried(
        f"{len(texts)} hostile texts in every field, each page opened in Chromium",
        opened,
        "nothing ran, nothing was fetched, no error" if not faults else faults[0][:120],
        len(faults),
    )


def _tell(faults: list[str]) -> None:
    """All of them go beside the database's folder, for whoever has to mend them."""
    if faults:
        said = Path("var", "strangers.txt")
        said.write_text("\n\n".join(faults), encoding="utf-8")
        print(f"{len(faults)} faults: {said}", flush=True)
