"""Searching by keyboard alone, on the desk and on the phone."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESK, PHONE, SMALL_PHONE, watch
from tests.factories import make_article, make_source, make_topic, moment

pytestmark = pytest.mark.django_db(transaction=True)

DEVICES = [("desktop", DESK), ("mobile", PHONE)]


@pytest.fixture
def tides(site: str) -> str:
    """Fifty articles about the tides in two years, from two sources, in two topics."""
    topics = [make_topic("潮汐观察", slug="tides"), make_topic("海洋", slug="sea")]
    sources = [make_source("青岛晚报", slug="wanbao"), make_source("半岛都市报", slug="bandao")]
    for number in range(50):
        make_article(
            title=f"潮汐第{number}号：前湾港夜间装卸效率创下新高",
            body=f"<p>第{number}天，潮汐比往常早了一刻钟，码头上的灯还亮着。</p>",
            topics=[topics[number % 2]],
            source=sources[number % 2],
            published_at=moment(f"{2022 + number % 2}-05-{number % 28 + 1:02} 08:00"),
        )
    return site


def query_of(page: Page) -> dict[str, str]:
    return {name: value[0] for name, value in parse_qs(urlsplit(page.url).query).items()}


def tab_to(page: Page, words: str) -> None:
    """Press Tab until what has the focus says this."""
    for _ in range(150):
        page.keyboard.press("Tab")
        if words in (page.evaluate("document.activeElement.textContent") or "")[:60]:
            return
    raise AssertionError(words)


@pytest.mark.parametrize(("view", "size"), DEVICES)
def test_a_suggestion_is_chosen_with_the_arrows(
    browser: Browser, tides: str, faults: list[str], view: str, size: Any
) -> None:
    with browser.new_context(viewport=size, base_url=tides) as context:
        page = watch(context.new_page(), faults)
        page.goto(f"/?view={view}")
        box = page.locator('input[name="q"]')
        box.focus()
        page.keyboard.type("潮汐")
        listbox = page.get_by_role("listbox", name="搜索建议")
        expect(listbox).to_be_visible()
        expect(box).to_have_attribute("aria-expanded", "true")
        expect(page.locator('form[role="search"] [role="status"]')).to_contain_text("条建议")
        page.keyboard.press("ArrowUp")
        last = page.get_by_role("option").last
        expect(last).to_have_attribute("aria-selected", "true")
        page.keyboard.press("ArrowDown")
        assert box.get_attribute("aria-activedescendant") is None
        page.keyboard.press("ArrowDown")
        first = page.get_by_role("option").first
        assert box.get_attribute("aria-activedescendant") == first.get_attribute("id")
        page.keyboard.press("Escape")
        expect(listbox).to_be_hidden()
        expect(box).to_have_value("潮汐")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url("**/topic/tides/")
    assert faults == []


@pytest.mark.parametrize(("view", "size"), DEVICES)
def test_searching_narrowing_and_paging_by_keyboard(
    browser: Browser, tides: str, faults: list[str], view: str, size: Any
) -> None:
    with browser.new_context(viewport=size, base_url=tides) as context:
        page = watch(context.new_page(), faults)
        page.goto(f"/search/?view={view}")
        page.locator('input[name="q"]').focus()
        page.keyboard.type("潮汐")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text("“潮汐”的搜索结果")
        expect(page.locator(".outcome__total")).to_contain_text("50")
        if view == "mobile":
            tab_to(page, "缩小范围")
            page.keyboard.press("Enter")
        tab_to(page, "2022 年")
        page.keyboard.press("Enter")
        expect(page.locator(".outcome__total")).to_contain_text("25")
        assert query_of(page) == {"q": "潮汐", "year": "2022"}
        tab_to(page, "下一页")
        page.keyboard.press("Enter")
        expect(page.locator(".paging__place")).to_have_text("第 2 页，共 2 页")
        expect(page.locator(".hit")).to_have_count(5)
        tab_to(page, "去掉范围：2022 年")
        page.keyboard.press("Enter")
        expect(page.locator(".outcome__total")).to_contain_text("50")
        assert query_of(page) == {"q": "潮汐"}
    assert faults == []


def test_what_an_input_method_composes_is_left_alone(browser: Browser, tides: str) -> None:
    with browser.new_context(viewport=DESK, base_url=tides) as context:
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto("/search/?view=desktop")
        keyboard = context.new_cdp_session(page)
        page.locator('input[name="q"]').focus()
        composing = {"text": "chao'xi", "selectionStart": 7, "selectionEnd": 7}
        keyboard.send("Input.imeSetComposition", composing)
        page.wait_for_timeout(600)
        assert not [url for url in asked if "suggest/" in url]
        keyboard.send("Input.insertText", {"text": "潮汐"})
        expect(page.get_by_role("listbox")).to_be_visible()


@pytest.mark.parametrize("view", ["desktop", "mobile"])
def test_nothing_scrolls_sideways_on_the_smallest_phone(
    browser: Browser, tides: str, faults: list[str], view: str
) -> None:
    with browser.new_context(viewport=SMALL_PHONE, base_url=tides) as context:
        page = watch(context.new_page(), faults)
        for path in (
            "/search/", "/search/?q=潮汐", "/search/?q=潮汐&year=2022&topic=tides&source=wanbao",
            "/search/?q=潮汐+恐龙+飞船", "/search/?q=" + "w" * 190,
            "/search/?q=潮汐&from=2023-01-01&to=2022-01-01",
        ):  # fmt: skip
            page.goto(f"{path}{'&' if '?' in path else '?'}view={view}")
            page.evaluate(
                "for (const d of document.querySelectorAll('main details')) d.open = true"
            )
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
    assert faults == []
