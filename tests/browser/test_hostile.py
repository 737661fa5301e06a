"""Hostile texts in a real browser: nothing runs, nothing is fetched, nothing is complained of."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser

from tests.browser.conftest import DESK, PHONE
from tests.hostile import infested
from tests.hostile.archive import people
from tests.hostile.browsing import Visit, session_cookie
from tests.hostile.vectors import VECTORS

pytestmark = pytest.mark.django_db(transaction=True)

# One of each template that prints what people write; `make chaos` opens all.
READERS = ("article", "home", "corrections", "searched", "day", "photo", "page")
EDITORS = ("list", "form", "difference", "preview", "corrected")


def test_nothing_runs(browser: Browser, site: str) -> None:
    people()
    texts = [vector.storable for vector in VECTORS]
    infested.infest(texts)
    pages, desk = infested.pages(texts), infested.desk()
    for view, size in (("desktop", DESK), ("mobile", PHONE)):
        with Visit(browser, site, size) as visit:
            for name in READERS:
                visit.open(f"{pages[name]}{'&' if '?' in pages[name] else '?'}view={view}")
            visit.open(pages["traditional"])
        assert visit.faults == []
    with Visit(
        browser, site, DESK, session_cookie(User.objects.get(username="superuser"))
    ) as visit:
        for name in EDITORS:
            visit.open(desk[name])
    assert visit.faults == []


def test_the_trap_is_a_trap(browser: Browser, site: str) -> None:
    with Visit(browser, site, DESK) as visit:
        for kind in ("event handlers", "pictures, styles and forms that fetch"):
            some = [vector.storable for vector in VECTORS if vector.kind == kind][:8]
            # Nothing can be relative to a page that is none's.
            visit.show(f"<main>{''.join(some)}</main>".replace("//canary", "http://canary"))
    for caught in ("ran ", "asked http://canary.example", "onerror="):
        assert any(caught in fault for fault in visit.faults), caught
