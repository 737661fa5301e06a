"""The keyboard alone: every control is reached, in order, seen while it has the focus, and left."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.kinds import DEVICES

pytestmark = pytest.mark.django_db(transaction=True)

on_both = pytest.mark.parametrize("device", DEVICES)
SPARE_STEPS = 40

# Whatever can take the focus by Tab, in the order of the document; of radio buttons one a group.
STOPS = """() => {
  window.looks = element => [element, element.parentElement, element.parentElement.parentElement]
    .map(box => getComputedStyle(box))
    .map(style => [style.boxShadow, style.borderColor, style.backgroundColor].join()).join();
  const seen = element => !element.closest("[inert]") && element.getClientRects().length > 0
    && element.checkVisibility({ visibilityProperty: true });
  const can = "a[href], button, input, select, textarea, summary, [tabindex], [contenteditable],"
    + "audio[controls], video[controls]";
  const groups = new Map();
  window.stops = [...document.querySelectorAll(can)].filter(element => {
    if (element.tabIndex < 0 || element.disabled || element.type === "hidden") return false;
    if (element.type !== "radio") return seen(element);
    const group = groups.get(element.name) ?? document.querySelector(
      `input[type=radio][name="${element.name}"]:checked`) ?? element;
    groups.set(element.name, group);
    return group === element && seen(element);
  });
  window.plain = new Map(window.stops.map(element => [element, window.looks(element)]));
  return window.stops.length;
}"""

# Where the focus is, and what is wrong with how it is shown there.
FOCUS = """() => {
  const element = document.activeElement;
  if (!element || element === document.body || element === document.documentElement) return null;
  const faults = [];
  const shown = [element, ...(element.labels ?? [])];
  const opaque = colour => !/^(transparent|rgba\\(.*, 0\\))$/.test(colour);
  const drawn = box => {
    const style = getComputedStyle(box);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1
      && opaque(style.outlineColor);
  };
  if (!shown.some(drawn) && window.looks(element) === window.plain.get(element))
    faults.push("focus can't be seen");
  const boxes = shown.flatMap(box => [...box.getClientRects()]).filter(r => r.width > 1 && r.height > 1);
  const hit = (x, y) => {
    const there = document.elementFromPoint(x, y);
    return there && shown.some(box => box.contains(there) || there.contains(box));
  };
  const first = boxes[0];
  if (!first) faults.push("has no box");
  else {
    const x = (Math.max(first.left, 0) + Math.min(first.right, innerWidth)) / 2;
    const inset = Math.min(3, first.height / 4);
    const tall = first.height > innerHeight / 2;
    const heights = tall ? [first.top + inset] : [first.top + inset, first.top + first.height / 2, first.bottom - inset];
    const lost = heights.filter(y => !hit(x, y));
    if (lost.length) {
      const over = document.elementFromPoint(x, lost[0]);
      faults.push(`hidden at ${x},${lost} of ${innerWidth}×${innerHeight} by ${over?.outerHTML.slice(0, 60)}`);
    }
  }
  const whole = shown.map(box => box.getBoundingClientRect());
  const width = Math.max(...whole.map(r => r.width)), height = Math.max(...whole.map(r => r.height));
  const inline = getComputedStyle(element).display === "inline"
    && element.parentElement.textContent.trim() !== element.textContent.trim();
  if (!inline && (width < 23.5 || height < 23.5))
    faults.push(`target of ${width.toFixed(1)} × ${height.toFixed(1)}`);
  const scrolls = element.scrollHeight > element.clientHeight || element.scrollWidth > element.clientWidth;
  const said = element.outerHTML.replace(/\\s+/g, " ").slice(0, 110);
  return { at: window.stops.indexOf(element), scrolls, faults: faults.map(fault => `${fault}: ${said}`), said };
}"""


def walk(page: Page, key: str, limit: int) -> tuple[list[int], list[str]]:
    """Press a key until the focus leaves the page: the stops by number, and what was wrong there."""
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
            page.wait_for_function("document.activeElement.id === 'main'")
            page.keyboard.press("Tab")
            past = "document.querySelector('main').compareDocumentPosition(document.activeElement)"
            assert page.evaluate(f"{past} & 4"), f"{name}: the focus went back before the text"
