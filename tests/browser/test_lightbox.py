"""Looking at photos: the lightbox, its address, and the pages that stand behind it."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from articles.models import Article, Topic
from tests.browser.conftest import DESK, PHONE, watch
from tests.conftest import PHONE as PHONE_AGENT
from tests.factories import make_article, make_photo, make_topic, moment

pytestmark = pytest.mark.django_db(transaction=True)

OPEN = ".lightbox[open]"


@pytest.fixture
def story(site: str) -> Article:
    """A picture story of four photos between paragraphs."""
    photos = [make_photo(1000, 700, caption=f"图注{n}", alt=f"画面{n}") for n in range(1, 5)]
    filler = "".join(f"<p>第{n}段，海风从前海吹来，码头上的灯还亮着。</p>" for n in range(8))
    body = "".join(f'{filler}<figure data-photo="{photo.token}"></figure>' for photo in photos)
    pictures = make_topic("精彩美图", slug="meitu", layout=Topic.Layout.PICTURES)
    return make_article(
        title="四张图", body=body, photos=photos, topics=[pictures],
        published_at=moment("2022-09-29 09:18"),
    )  # fmt: skip


def on(browser: Browser, site: str, **options: Any) -> BrowserContext:
    return browser.new_context(base_url=site, **{"viewport": DESK, **options})


def at(page: Page, story: Article, place: int | None = None) -> None:
    """The page is at the article, or at one of its photos."""
    path = story.get_absolute_url() + (f"photo/{place}/" if place else "")
    expect(page).to_have_url(re.compile(re.escape(path) + "$"))


def showing(page: Page, place: int) -> None:
    expect(page.locator(f"{OPEN} .lightbox__count")).to_have_text(f"第 {place} 张，共 4 张")
    expect(page.locator(f"{OPEN} img")).to_have_attribute("alt", f"画面{place}")
    expect(page.locator(f"{OPEN} figcaption")).to_contain_text(f"图注{place}")


def focused(page: Page) -> str:
    """The number of the link that has the focus."""
    return str(page.evaluate("document.activeElement.dataset.photo"))


def test_by_keyboard_alone(browser: Browser, site: str, story: Article, faults: list[str]) -> None:
    with on(browser, site) as context:
        page = watch(context.new_page(), faults)
        page.goto(story.get_absolute_url())
        page.locator(".text a[data-photo='2']").focus()
        page.keyboard.press("Enter")
        showing(page, 2)
        at(page, story, 2)
        expect(page).to_have_title(re.compile("^画面2 - 四张图"))
        page.keyboard.press("ArrowRight")
        showing(page, 3)
        at(page, story, 3)
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")  # there is no fifth
        showing(page, 4)
        expect(page.locator(".lightbox__step--next")).to_be_disabled()
        # The focus goes round inside; what lies behind is out of reach.
        for _ in range(6):
            page.keyboard.press("Tab")
            assert page.evaluate(
                "document.activeElement === document.body"
                " || !!document.activeElement.closest('.lightbox')"
            )
        page.keyboard.press("Escape")
        expect(page.locator(OPEN)).to_have_count(0)
        at(page, story)
        expect(page).to_have_title(re.compile("^四张图"))
        assert focused(page) == "4"
        expect(page.locator(".text a[data-photo='4']")).to_be_in_viewport()
    assert faults == []


def test_the_focus_is_never_lost_at_either_end(browser: Browser, site: str, story: Article) -> None:
    with on(browser, site) as context:
        page = context.new_page()
        page.goto(story.get_absolute_url())
        page.locator(".text a[data-photo='3']").click()
        following = page.get_by_role("button", name="下一张")
        following.focus()
        page.keyboard.press("Enter")
        showing(page, 4)
        assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "上一张"


def test_back_closes_it_and_forward_opens_it_again(
    browser: Browser, site: str, story: Article, faults: list[str]
) -> None:
    with on(browser, site) as context:
        page = watch(context.new_page(), faults)
        page.goto("/")
        page.goto(story.get_absolute_url())
        page.locator(".text a[data-photo='1']").click()
        page.get_by_role("button", name="下一张").click()
        showing(page, 2)
        page.go_back()
        expect(page.locator(OPEN)).to_have_count(0)
        at(page, story)
        page.go_forward()
        showing(page, 2)
        page.get_by_role("button", name="关闭").click()
        at(page, story)
        expect(page.locator(OPEN)).to_have_count(0)
        page.go_back()  # as often as it was opened and closed, it leaves nothing behind
        expect(page).to_have_url(f"{site}/")
    assert faults == []


def test_a_browser_that_tells_late_of_closing_does_not_close_what_was_opened_again(
    browser: Browser, site: str, story: Article
) -> None:
    with on(browser, site) as context:
        page = context.new_page()
        page.goto(story.get_absolute_url())
        page.locator(".text a[data-photo='2']").click()
        showing(page, 2)
        page.evaluate(
            """addEventListener("close", (event) => {
              event.stopImmediatePropagation();
              const again = () => event.target.dispatchEvent(new Event("close"));
              setTimeout(() => { again(); document.body.dataset.told = ""; }, 1000);
            }, { capture: true, once: true })"""
        )
        page.go_back()
        expect(page.locator(OPEN)).to_have_count(0)
        page.go_forward()
        showing(page, 2)
        page.locator("body[data-told]").wait_for()
        page.wait_for_timeout(300)
        showing(page, 2)
        at(page, story, 2)
        expect(page).to_have_title(re.compile("^画面2 - 四张图"))


def test_what_was_looked_at_does_not_pull_the_reader_back(
    browser: Browser, site: str, story: Article
) -> None:
    """Not even on a machine so busy that its frames come long after the reader's next step."""
    with on(browser, site) as context:
        page = context.new_page()
        page.add_init_script(
            "const frame = requestAnimationFrame;"
            "window.requestAnimationFrame = (draw) => setTimeout(() => frame(draw), 200);"
        )
        page.goto(story.get_absolute_url())
        page.locator(".text a[data-photo='4']").click()
        showing(page, 4)
        page.keyboard.press("Escape")
        at(page, story)
        expect(page.locator(OPEN)).to_have_count(0)
        page.evaluate("location.hash = 'p1'")
        page.wait_for_timeout(800)
        expect(page.locator("#p1")).to_be_in_viewport()


def test_its_address_can_be_reloaded(browser: Browser, site: str, story: Article) -> None:
    with on(browser, site) as context:
        page = context.new_page()
        page.goto(story.get_absolute_url())
        page.locator(".text a[data-photo='2']").click()
        showing(page, 2)
        page.reload()
        expect(page.locator("main .viewer img")).to_have_attribute("alt", "画面2")
        page.keyboard.press("ArrowRight")
        at(page, story, 3)
        page.wait_for_load_state()  # its keys, too
        page.keyboard.press("ArrowLeft")
        at(page, story, 2)
        page.wait_for_load_state()
        page.keyboard.press("Escape")
        at(page, story)
        expect(page.locator("h1")).to_have_text("四张图")


def test_a_link_opened_in_a_new_tab_is_left_alone(
    browser: Browser, site: str, story: Article
) -> None:
    with on(browser, site) as context:
        page = context.new_page()
        page.goto(story.get_absolute_url())
        with context.expect_page() as opened:
            page.locator(".text a[data-photo='2']").click(modifiers=["Control"])
        at(opened.value, story, 2)
        at(page, story)
        expect(page.locator(OPEN)).to_have_count(0)


def test_the_filmstrip_opens_it_too(browser: Browser, site: str, story: Article) -> None:
    with on(browser, site) as context:
        page = context.new_page()
        page.goto(story.get_absolute_url())
        page.locator(".filmstrip a").nth(2).click()
        showing(page, 3)
        page.keyboard.press("Escape")
        expect(page.locator(OPEN)).to_have_count(0)
        assert page.evaluate("!!document.activeElement.closest('.filmstrip')")


SWIPE = """([from, to]) => {
    const box = document.querySelector('.lightbox[open]') ?? document.querySelector('.viewer');
    const touch = (x) => new Touch({ identifier: 1, target: box, clientX: x, clientY: 300 });
    const say = (type, x, held) => box.dispatchEvent(new TouchEvent(type, {
        touches: held ? [touch(x)] : [], changedTouches: [touch(x)], bubbles: true }));
    say('touchstart', from, true);
    say('touchend', to, false);
}"""


def test_by_swiping_on_a_phone(
    browser: Browser, site: str, story: Article, faults: list[str]
) -> None:
    phone = {"viewport": PHONE, "user_agent": PHONE_AGENT, "has_touch": True, "is_mobile": True}
    with on(browser, site, **phone) as context:
        page = watch(context.new_page(), faults)
        page.goto(story.get_absolute_url())
        page.locator(".text a[data-photo='2']").tap()
        showing(page, 2)
        picture, box = page.locator(f"{OPEN} img").bounding_box(), page.viewport_size
        assert picture
        assert box
        assert picture["width"] == box["width"]
        assert picture["y"] >= 48
        page.evaluate(SWIPE, [300, 60])
        showing(page, 3)
        page.evaluate(SWIPE, [60, 300])
        showing(page, 2)
        page.evaluate(SWIPE, [200, 180])  # a tap that slipped
        showing(page, 2)
        page.reload()
        page.evaluate(SWIPE, [300, 60])
        at(page, story, 3)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert faults == []


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_without_javascript_every_photo_has_its_page(
    browser: Browser, site: str, story: Article, size: Any
) -> None:
    with on(browser, site, viewport=size, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(story.get_absolute_url())
        expect(page.locator("dialog")).to_be_hidden()
        page.locator(".text a[data-photo='1']").click()
        at(page, story, 1)
        page.get_by_role("link", name="下一张").click()
        at(page, story, 2)
        expect(page.locator("figcaption")).to_contain_text("图注2")
        page.locator(".filmstrip a").nth(3).click()
        at(page, story, 4)
        page.get_by_role("link", name="回到正文").click()
        at(page, story)


def test_it_moves_only_where_motion_is_wanted(browser: Browser, site: str, story: Article) -> None:
    for wish, name in (("reduce", "none"), ("no-preference", "appear")):
        with on(browser, site, reduced_motion=wish) as context:
            page = context.new_page()
            page.goto(story.get_absolute_url())
            page.locator(".text a[data-photo='1']").click()
            showing(page, 1)
            moving = page.locator(OPEN).evaluate("box => getComputedStyle(box).animationName")
            assert moving == name


def test_a_photos_page_stands_still_while_it_loads(
    browser: Browser, site: str, story: Article
) -> None:
    with on(browser, site) as context:
        page = context.new_page()
        page.route("**/media/**", lambda route: (page.wait_for_timeout(300), route.continue_()))
        page.goto(f"{story.get_absolute_url()}photo/1/")
        shift = page.evaluate("""() => new Promise((done) => {
            let sum = 0;
            new PerformanceObserver((list) => {
                for (const each of list.getEntries()) sum += each.value;
            }).observe({ type: "layout-shift", buffered: true });
            setTimeout(() => done(sum), 500);
        })""")
        assert shift == 0
