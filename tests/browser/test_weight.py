"""What a page may weigh, and that nothing jumps while it comes in."""

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.audit.weights import weigh
from tests.browser.conftest import script
from tests.kinds import DEVICES

pytestmark = pytest.mark.django_db(transaction=True)

on_both = pytest.mark.parametrize("device", DEVICES)
SCRIPTS = 10_000
# A telephone on a slow line: what comes late must find its place kept.
SLOW: dict[str, Any] = {
    "offline": False,
    "latency": 60,
    "downloadThroughput": 150_000,
    "uploadThroughput": 150_000,
}


@on_both
def test_scripts_are_few_and_all_is_our_own(
    browser: Browser, site: str, archive: dict[str, str], device: str
) -> None:
    with browser.new_context(base_url=site, **DEVICES[device]) as context:
        for name, path in archive.items():
            page = context.new_page()
            weight = weigh(page, path)
            page.close()
            assert 0 < weight.js["br"] <= SCRIPTS, (name, weight)
            assert weight.foreign == 0, (name, weight)


@on_both
def test_nothing_jumps_while_a_page_comes_in(
    browser: Browser, site: str, archive: dict[str, str], device: str
) -> None:
    found: list[str] = []
    with browser.new_context(base_url=site, **DEVICES[device]) as context:
        page = context.new_page()
        page.add_init_script(f"window.shifts = []; ({script('shifts')})()")
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        session.send("Network.emulateNetworkConditions", SLOW)
        for name, path in archive.items():
            page.goto(path)
            # Those below the view come in while one scrolls.
            page.evaluate(script("scroll_through"))
            found += [f"{name}: {shift}" for shift in page.evaluate("window.shifts")]
    assert not found, "\n".join(found)
