"""The keyboard alone: every control is reached, in order, seen while it has the focus, and left."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import script
from tests.kinds import DEVICES

pytestmark = pytest.mark.django_db(transaction=True)

on_both = pytest.mark.parametrize("device", DEVICES)
SPARE_STEPS = 40
OPEN_ALL = "() => document.querySelectorAll('main details').forEach(d => { d.open = true; })"

STOPS = script("stops")

FOCUS = script("focus")


def walk(page: Page, key: str, limit: int) -> tuple[list[int], list[str]]:
    """Press a key until the focus leaves the page: the stops by number, and what was wrong."""
    stops: list[int] = []
    faults: list[str] = []
    for _ in range(limit):
        page.keyboard.press(key)
        focus: dict[str, Any] | None = page.evaluate(FOCUS)
        if focus is None or (len(stops) > 1 and focus["at"] == stops[0]):
            return stops, faults  # Chromium without a window begins again at the first
        if stops and stops[-1] == focus["at"]:
            continue  # a field of several parts
        if focus["at"] >= 0:
            stops.append(focus["at"])
        elif not focus["scrolls"]:  # the browser lets keys scroll what scrolls
            faults.append(f"unexpected: {focus['said']}")
        faults += focus["faults"]
    return stops, [*faults, f"the focus never left the page: {stops[-3:]}"]


@on_both
@pytest.mark.parametrize("folded", [True, False])
def test_every_control_is_reached_in_order_and_seen(
    browser: Browser, site: str, archive: dict[str, str], device: str, *, folded: bool
) -> None:
    found: list[str] = []
    options: dict[str, Any] = {**DEVICES[device], "reduced_motion": "reduce"}
    with browser.new_context(base_url=site, **options) as context:
        page = context.new_page()
        for name, path in archive.items():
            page.goto(path)
            if not folded:
                if not page.locator("main details").count():
                    continue
                page.evaluate(
                    "document.querySelectorAll('main details').forEach(d => d.open = true)"
                )
            count = page.evaluate(STOPS)
            stops, faults = walk(page, "Tab", count + SPARE_STEPS)
            missed = sorted(set(range(count)) - set(stops))
            faults += page.evaluate(
                "missed => missed.map(n => `never reached: ${stops[n].outerHTML.slice(0, 110)}`)",
                missed,
            )
            if stops != sorted(stops):
                faults.append(f"out of order: {stops}")
            back, faults_back = walk(page, "Shift+Tab", count + SPARE_STEPS)
            if set(back) != set(stops):
                faults.append(f"another way back: {set(back) ^ set(stops)}")
            found += [f"{name}: {fault}" for fault in [*faults, *faults_back]]
    assert not found, "\n".join(dict.fromkeys(found))


@on_both
def test_the_skip_link_leads_past_everything(
    browser: Browser, site: str, archive: dict[str, str], device: str
) -> None:
    with browser.new_context(base_url=site, **DEVICES[device]) as context:
        page = context.new_page()
        for name, path in archive.items():
            page.goto(path)
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.className") == "skip", name
            assert page.locator(".skip").bounding_box()["height"] >= 24, name  # type: ignore[index]
            page.keyboard.press("Enter")
            assert page.evaluate("document.activeElement.id") == "main", name
            page.keyboard.press("Tab")
            past = "document.querySelector('main').compareDocumentPosition(document.activeElement)"
            assert page.evaluate(f"{past} & 4"), f"{name}: the focus went back before the text"
