"""WCAG 2.2 AA on every kind of page, on the desk and the phone, light and dark."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page

from tests.browser.conftest import script
from tests.kinds import DEVICES

pytestmark = pytest.mark.django_db(transaction=True)

on_both = pytest.mark.parametrize("device", DEVICES)

AXE = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}
OPEN_ALL = "() => document.querySelectorAll('details').forEach(d => { d.open = true; })"

# Roles of what can be worked, and of pictures: each needs a name that a Chinese reader hears.
NAMED = {
    "button", "checkbox", "combobox", "dialog", "DisclosureTriangle", "image", "link", "listbox",
    "menuitem", "navigation", "complementary", "option", "radio", "searchbox", "slider", "switch",
    "tab", "textbox", "region", "group",
}  # fmt: skip
NAMELESS = {"group"}  # has a name only where the page gives it one: <details> has none
BROWSERS_OWN = {"Show date picker"}  # said in the reader's own language by their browser
CHINESE = re.compile(r"[\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z]{2,}")

MOVING = script("moving")
UNMARKED = script("unmarked")
DRAWN = script("drawn")


@contextmanager
def opened(browser: Browser, site: str, device: str, **options: Any) -> Iterator[Page]:
    """A page of somebody on this device."""
    with browser.new_context(base_url=site, **DEVICES[device], **options) as context:
        yield context.new_page()


def axe(page: Page) -> list[str]:
    """What axe finds wrong with the page as it stands, a line each."""
    results = page.evaluate("options => axe.run(options)", AXE)
    return [
        f"{found['id']}: {node['target']} {node['html'][:160]} {node['failureSummary']}"
        for found in results["violations"]
        for node in found["nodes"]
    ]


@on_both
def test_axe_finds_nothing(
    browser: Browser, site: str, archive: dict[str, str], device: str
) -> None:
    found: list[str] = []
    # Without transitions: axe would measure a colour on its way.
    with opened(browser, site, device, reduced_motion="reduce") as page:
        for name, path in archive.items():
            page.emulate_media(color_scheme="light")
            page.goto(path)
            page.evaluate(AXE_SCRIPT)
            found += [f"{name}, light: {fault}" for fault in axe(page)]
            page.emulate_media(color_scheme="dark")
            page.evaluate(OPEN_ALL)  # what is folded has to be right as well
            found += [f"{name}, dark, opened: {fault}" for fault in axe(page)]
    assert not found, "\n".join(found)


def heard(page: Page) -> list[tuple[str, str, int]]:
    """What a screen reader is told: roles, names and levels, in order."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()

    def level(node: dict[str, Any]) -> int:
        values = [each["value"]["value"] for each in node["properties"] if each["name"] == "level"]
        return int(values[0]) if values else 0

    return [
        (node["role"]["value"], node.get("name", {}).get("value", "").strip(), level(node))
        for node in nodes
        if not node["ignored"]
    ]


def outline_faults(said: list[tuple[str, str, int]]) -> list[str]:
    """Landmarks and headings that are missing, doubled, nameless or a level too deep."""
    roles = Counter(role for role, _, _ in said)
    faults = [
        f"{roles[role]} × {role}" for role in ("main", "banner", "contentinfo") if roles[role] != 1
    ]
    for role in ("navigation", "complementary"):
        names = Counter(name for each, name, _ in said if each == role)
        faults += [f"{role} “{name}” × {count}" for name, count in names.items() if count > 1]
    levels = [level for role, _, level in said if role == "heading"]
    if levels.count(1) != 1:
        faults.append(f"{levels.count(1)} × h1")
    faults += [
        f"h{after} after h{before}" for before, after in pairwise(levels) if after > before + 1
    ]
    return faults


def name_faults(said: list[tuple[str, str, int]]) -> list[str]:
    """Controls, landmarks and pictures without a name, or with one that isn't Chinese."""
    return [
        f"{role} “{name}”"
        for role, name, _ in said
        if role in NAMED
        and not any(name.startswith(own) for own in BROWSERS_OWN)
        and not (role in NAMELESS and not name)
        and not CHINESE.search(name)
        and (LATIN.search(name) or not re.search(r"\d", name))
    ]


@on_both
def test_landmarks_headings_and_names(
    browser: Browser, site: str, archive: dict[str, str], device: str
) -> None:
    found: list[str] = []
    with opened(browser, site, device) as page:
        for name, path in archive.items():
            page.goto(path)
            page.evaluate(OPEN_ALL)
            said = heard(page)
            found += [f"{name}: {fault}" for fault in outline_faults(said) + name_faults(said)]
    assert not found, "\n".join(found)


@on_both
def test_nothing_moves_for_those_who_asked_for_it(
    browser: Browser, site: str, archive: dict[str, str], device: str
) -> None:
    with opened(browser, site, device, reduced_motion="reduce") as page:
        for name, path in archive.items():
            page.goto(path if name != "article" else f"{path}#p3")
            assert page.evaluate(MOVING) == [], name
            assert page.evaluate("document.getAnimations().length") == 0, name


@pytest.fixture
def colours_of(tmp_path: Any) -> Callable[[Page, str], int]:
    """How many colours an element is painted in."""
    import io

    from PIL import Image

    def count(page: Page, selector: str) -> int:
        shot = page.locator(selector).screenshot()
        return len(Image.open(io.BytesIO(shot)).convert("RGB").getcolors(1 << 24) or [])

    return count


@on_both
def test_nothing_disappears_in_forced_colours(
    browser: Browser,
    site: str,
    archive: dict[str, str],
    colours_of: Callable[[Page, str], int],
    device: str,
) -> None:
    found: list[str] = []
    with opened(browser, site, device, forced_colors="active", color_scheme="dark") as page:
        for name, path in archive.items():
            page.goto(path)
            page.evaluate(OPEN_ALL)
            found += [f"{name}: chosen? {element}" for element in page.evaluate(UNMARKED)]
            found += [
                f"{name}: empty {kind}"
                for kind, number in page.evaluate(DRAWN)
                if colours_of(page, f"[data-drawn='{number}']") < 2
            ]
    assert not found, "\n".join(found)
