"""Reads, counted by the page itself."""

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from articles.models import Article, ReadEvent
from articles.reads import roll_up
from tests.browser.conftest import PHONE, watch
from tests.conftest import PHONE as IPHONE
from tests.factories import make_article

pytestmark = pytest.mark.django_db(transaction=True)

AFTER_MS = 5000
# Milliseconds after the page was asked for: by its own clock, for a busy machine looks late.
ASKED_AT = """
performance.getEntriesByType("resource").find(({ name }) => name.includes("/reads/")).startTime
"""


def number(page: Page) -> str:
    return str(page.locator("[data-reads]").first.text_content())


@pytest.mark.parametrize("view", ["desktop", "mobile"])
def test_five_seconds_in_view_are_one_read_a_day(
    browser: Browser, site: str, faults: list[str], view: str
) -> None:
    article = make_article(reads=41)
    with browser.new_context(base_url=site, user_agent=IPHONE, viewport=PHONE) as context:  # type: ignore[arg-type]
        page = watch(context.new_page(), faults)
        page.goto(f"{article.get_absolute_url()}?view={view}")
        expect(page.locator("[data-reads]").first).to_have_text("42", timeout=2 * AFTER_MS)
        assert page.evaluate(ASKED_AT) >= AFTER_MS
        assert ReadEvent.objects.count() == 1
        with page.expect_response(lambda answer: "/reads/" in answer.url, timeout=3 * AFTER_MS):
            page.reload()
    assert ReadEvent.objects.count() == 1
    roll_up(timezone.localdate())
    assert Article.objects.get().reads == 42
    assert faults == []


def test_a_glance_and_a_browser_without_javascript_count_nothing(
    browser: Browser, site: str
) -> None:
    path = make_article(reads=41).get_absolute_url()
    with browser.new_context(base_url=site, user_agent=IPHONE) as context:
        page = context.new_page()
        page.goto(path, wait_until="domcontentloaded")
        page.wait_for_timeout(AFTER_MS // 2)
        page.goto("about:blank")
    with browser.new_context(
        base_url=site, user_agent=IPHONE, java_script_enabled=False
    ) as context:
        page = context.new_page()
        page.goto(path)
        page.wait_for_timeout(AFTER_MS + 1000)
        assert number(page) == "41"
    assert not ReadEvent.objects.exists()


def test_a_page_out_of_view_waits(browser: Browser, site: str) -> None:
    path = make_article(reads=41).get_absolute_url()
    hidden = """
        Object.defineProperty(document, "visibilityState", {
            configurable: true, get: () => window.__shown ? "visible" : "hidden"
        });
    """
    with browser.new_context(base_url=site, user_agent=IPHONE) as context:
        context.add_init_script(hidden)
        page = context.new_page()
        page.goto(path)
        page.wait_for_timeout(AFTER_MS + 1500)
        assert not ReadEvent.objects.exists()
        page.evaluate(
            "window.__shown = true; document.dispatchEvent(new Event('visibilitychange'))"
        )
        expect(page.locator("[data-reads]").first).to_have_text("42", timeout=2 * AFTER_MS)
