"""Pages as readers meet them: they fit, they work without JavaScript, nothing complains."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import DESK, PHONE, SMALL_PHONE, watch

pytestmark = pytest.mark.django_db(transaction=True)

# A page answers 404 or 410 on purpose; Chromium reports that as an error of its own.
EXPECTED = "the server responded with a status of 4"


@pytest.mark.parametrize(
    ("view", "size"),
    [("desktop", DESK), ("desktop", {"width": 1024, "height": 768}), ("mobile", PHONE),
     ("mobile", SMALL_PHONE)],
)  # fmt: skip
def test_every_page_fits_and_nothing_complains(
    browser: Browser,
    site: str,
    archive: dict[str, str],
    faults: list[str],
    view: str,
    size: Any,
) -> None:
    with browser.new_context(viewport=size, base_url=site) as context:
        page = watch(context.new_page(), faults)
        for name, path in archive.items():
            page.goto(f"{path}{'&' if '?' in path else '?'}view={view}", wait_until="load")
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= size["width"], f"{name} scrolls sideways: {width}"
            assert page.locator("h1").count() == 1, name
            expect(page.locator("main")).to_be_visible()
            broken = page.evaluate(
                "[...document.images].filter(i => i.complete && !i.naturalWidth).map(i => i.src)"
            )
            assert not broken, name
    assert [fault for fault in faults if EXPECTED not in fault] == []


@pytest.mark.parametrize(("view", "size"), [("desktop", DESK), ("mobile", PHONE)])
def test_everything_readable_works_without_javascript(
    browser: Browser, site: str, archive: dict[str, str], view: str, size: Any
) -> None:
    with browser.new_context(viewport=size, base_url=site, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{archive['article']}?view={view}")
        expect(page.get_by_text("开头。")).to_be_visible()
        expect(page.locator("#p2 img")).to_be_visible()
        if view == "desktop":
            expect(page.locator(".qr--article .qr__code")).to_be_visible()
        box = page.locator('input[name="q"]').first
        if not box.is_visible():  # the phone's bar leads to the search page
            page.get_by_role("link", name="搜索").first.click()
        page.locator('input[name="q"]:visible').first.fill("栈桥的早晨")
        page.locator('input[name="q"]:visible').first.press("Enter")
        page.locator("main").get_by_role("link", name="栈桥的早晨从第一班清扫车开始").first.click()
        expect(page.locator("h1")).to_have_text("栈桥的早晨从第一班清扫车开始")


def test_the_browsers_own_dark_mode_is_followed(
    browser: Browser, site: str, archive: dict[str, str]
) -> None:
    papers = []
    for scheme in ("light", "dark"):
        with browser.new_context(base_url=site, color_scheme=scheme) as context:  # type: ignore[arg-type]
            page = context.new_page()
            page.goto(archive["home"])
            papers.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert papers[0] != papers[1]


def test_the_citation_is_copied(browser: Browser, site: str, archive: dict[str, str]) -> None:
    with browser.new_context(
        viewport=DESK, base_url=site, permissions=["clipboard-read", "clipboard-write"]
    ) as context:  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(archive["article"])
        page.get_by_role("button", name="复制").first.click()
        copied = page.evaluate("navigator.clipboard.readText()")
    assert "栈桥的早晨从第一班清扫车开始[N/OL]" in copied
    assert archive["article"] in copied


def test_the_skip_link_comes_first_and_leads_to_the_text(
    browser: Browser, site: str, archive: dict[str, str]
) -> None:
    with browser.new_context(viewport=DESK, base_url=site) as context:
        page = context.new_page()
        page.goto(archive["article"])
        page.keyboard.press("Tab")
        assert "跳到正文" in page.evaluate("document.activeElement.textContent")
        page.keyboard.press("Enter")
        assert page.evaluate("location.hash") == "#main"
        assert page.locator("main#main").count() == 1
