"""Going on with the phone: the code on the desk's screen leads to the paragraph being read."""

import io
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from articles.models import Article, Promo
from tests.browser.conftest import DESK, PHONE, SMALL_PHONE, watch
from tests.conftest import PHONE as PHONE_AGENT
from tests.factories import make_article, make_photo, moment
from tests.serving import PATIENCE_SECONDS

try:
    from pyzbar.pyzbar import decode
except ImportError:
    decode = None

pytestmark = pytest.mark.django_db(transaction=True)

SETTLED = 600  # milliseconds; the code changes 150 after the page stands still
LAPTOP = {"width": 1024, "height": 768}
TOP_OF_THE_VIEW = 140

Codes = Callable[[Page, str], list[str]]


@pytest.fixture
def codes(site: str) -> Codes:
    """Our own addresses in the QR codes that can be seen, as a phone's camera reads them."""
    if decode is None and os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail("REQUIRE_BROWSER=1, but there is no zbar library on this machine (libzbar0)")
    if decode is None:
        pytest.skip("no zbar library on this machine (libzbar0)")

    def read(page: Page, expected: str) -> list[str]:
        """Once the page stands still; on a busy machine its code comes later."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while True:
            page.wait_for_timeout(SETTLED)
            found = decode(Image.open(io.BytesIO(page.screenshot())))
            said = [code.data.decode() for code in found if code.data.decode().startswith(site)]
            if any(re.fullmatch(expected, one) for one in said) or time.monotonic() > give_up:
                return said

    return read


@pytest.fixture
def story() -> Article:
    """A long article with a block of every kind; no two say the same."""
    photo = make_photo(1600, 1067)
    paragraphs = [
        f"<p>第{n}段，{'海风从前海吹过来，码头上的灯还亮着。' * 4}</p>" for n in range(40)
    ]
    paragraphs[8] = "<h2>小标题</h2>"
    paragraphs[12] = f'<figure data-photo="{photo.token}"></figure>'
    paragraphs[15] = "<blockquote><p>引文的第一段。</p><p>引文的第二段。</p></blockquote>"
    paragraphs[18] = "<ul><li>第一项</li><li>第二项<ul><li>里面的一项</li></ul></li></ul>"
    paragraphs[21] = "<table><tbody><tr><td>格</td><td>另一格</td></tr></tbody></table>"
    return make_article(
        title="栈桥的早晨从第一班清扫车开始",
        body="".join(paragraphs),
        photos=[photo],
        published_at=moment("2022-09-29 09:18"),
    )


@contextmanager
def reader(browser: Browser, site: str, **options: Any) -> Iterator[Page]:
    """Somebody at a desk, unless told otherwise."""
    with browser.new_context(**{"viewport": DESK, "base_url": site, **options}) as context:
        yield context.new_page()


@contextmanager
def phone(browser: Browser, site: str, **options: Any) -> Iterator[Page]:
    """Somebody with a phone."""
    held = {"viewport": PHONE, "has_touch": True, "is_mobile": True, "user_agent": PHONE_AGENT}
    with reader(browser, site, **{**held, **options}) as page:
        yield page


def scroll_to(page: Page, selector: str) -> None:
    """Bring an element's top a little above the line where one reads."""
    page.evaluate(
        "s => scrollTo(0, document.querySelector(s).getBoundingClientRect().top + scrollY"
        " - innerHeight / 3 + 4)",
        selector,
    )


def top_of(page: Page, selector: str) -> float:
    return float(
        page.evaluate("s => document.querySelector(s).getBoundingClientRect().top", selector)
    )


def marked(page: Page, selector: str) -> bool:
    return bool(
        page.evaluate("s => getComputedStyle(document.querySelector(s)).animationName", selector)
        == "arrive"
    )


@pytest.mark.parametrize("size", [DESK, LAPTOP])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_phone_goes_on_where_the_desk_was(
    browser: Browser, site: str, story: Article, codes: Codes, faults: list[str],
    size: Any, scheme: Any,
) -> None:  # fmt: skip
    permalink = site + story.get_absolute_url()
    with reader(browser, site, viewport=size, color_scheme=scheme) as page:
        watch(page, faults)
        page.goto(permalink)
        assert codes(page, permalink) == [permalink]
        page.mouse.wheel(0, page.evaluate("document.querySelector('.text').offsetHeight / 2"))
        place = re.escape(permalink) + r"#(p[0-9]+)"
        (seen,) = codes(page, place)
        found = re.fullmatch(place, seen)
        assert found, seen
        box = page.locator(f"#{found[1]}").bounding_box()
        assert box
        assert box["y"] <= size["height"] / 3 <= box["y"] + box["height"] + 40
        said = page.locator(f"#{found[1]}").inner_text()
        page.evaluate("scrollTo(0, 0)")
        assert codes(page, permalink) == [permalink]
    with phone(browser, site, color_scheme=scheme) as page:
        watch(page, faults)
        page.goto(seen)
        block = f"#{found[1]}"
        assert page.locator(block).inner_text() == said
        assert marked(page, block)
        bar = page.locator(".bar").bounding_box()
        assert bar
        assert bar["height"] <= top_of(page, block) <= TOP_OF_THE_VIEW
    assert faults == []


def test_every_kind_of_block_has_its_code(
    browser: Browser, site: str, story: Article, codes: Codes
) -> None:
    permalink = site + story.get_absolute_url()
    with reader(browser, site) as page:
        page.goto(permalink)
        ids = page.evaluate(
            "['h2', 'figure', 'blockquote > p + p', 'li li', 'table']"
            ".map(kind => document.querySelector(`.text ${kind}`).id)"
        )
        assert len(set(ids)) == 5
        for block in ids:
            scroll_to(page, f"#{block}")
            assert codes(page, f"{permalink}#{block}") == [f"{permalink}#{block}"]


def test_a_code_that_cannot_be_had_leaves_the_permalink(
    browser: Browser, site: str, story: Article, codes: Codes
) -> None:
    permalink = site + story.get_absolute_url()
    with reader(browser, site) as page:
        page.goto(permalink)
        scroll_to(page, "#p5")
        assert codes(page, f"{permalink}#p5") == [f"{permalink}#p5"]
        page.route("**/*.svg", lambda route: route.abort())
        scroll_to(page, "#p20")
        assert codes(page, permalink) == [permalink]


@pytest.mark.parametrize("size", [DESK, LAPTOP])
def test_without_javascript_the_code_is_the_permalink_and_stays(
    browser: Browser, site: str, story: Article, codes: Codes, size: Any
) -> None:
    permalink = site + story.get_absolute_url()
    with reader(browser, site, java_script_enabled=False, viewport=size) as page:
        page.goto(permalink)
        assert codes(page, permalink) == [permalink]
        page.mouse.wheel(0, 2500)
        assert codes(page, permalink) == [permalink]
    with phone(browser, site, java_script_enabled=False) as page:
        page.goto(f"{permalink}#p30")
        expect(page.get_by_role("link", name="从头看")).to_be_visible()
        expect(page.get_by_role("button", name="复制链接")).to_be_hidden()
        assert 0 < page.locator("#p30").bounding_box()["y"] < TOP_OF_THE_VIEW  # type: ignore[index]


def test_an_old_link_lands_on_its_text_after_an_edit(
    browser: Browser, site: str, story: Article
) -> None:
    permalink = site + story.get_absolute_url()
    with phone(browser, site) as page:
        page.goto(permalink)
        said = {
            name: page.locator(f"#{name}").inner_text() for name in ("p28", "p29", "p30", "p36")
        }
        first = "<p>编者按：本文有增补。</p>" * 3
        gone = f"<p>{said['p29']}</p>"
        assert story.body.count(gone) == 1
        story.body = first + story.body.replace(gone, "").replace(
            said["p36"], said["p36"] + "（完）"
        )
        story.save()
        for name, text in (("p28", said["p28"]), ("p36", said["p36"] + "（完）")):
            page.goto("about:blank")
            page.goto(f"{permalink}#{name}")
            assert page.locator(f"#{name}").inner_text() == text
            assert marked(page, f"#{name}")
            assert 0 < top_of(page, f"#{name}") < TOP_OF_THE_VIEW
        page.goto("about:blank")
        page.goto(f"{permalink}#p29")  # removed: its neighbour
        neighbour = page.locator("#p30")
        assert neighbour.inner_text() == said["p30"]
        assert neighbour.locator("> span#p29").count() == 1
        assert marked(page, "#p30")
        assert 0 < top_of(page, "#p30") < TOP_OF_THE_VIEW


def test_aliases_are_found_in_every_kind_of_block(
    browser: Browser, site: str, story: Article
) -> None:
    permalink = site + story.get_absolute_url()
    with phone(browser, site) as page:
        count = len(story.block_anchors)
        Article.objects.update(anchors=[[place, place + 1000] for place in range(1, count + 1)])
        page.goto(permalink)
        ids = page.evaluate(
            "['h2', 'figure', 'blockquote', 'li li', 'table', 'p']"
            ".map(kind => document.querySelector(`.text ${kind}`).id)"
        )
        for block in ids:
            alias = f"p{int(block[1:]) + 1000}"
            page.goto("about:blank")
            page.goto(f"{permalink}#{alias}")
            assert page.locator(f"#{block} span#{alias}").count() == 1
            assert marked(page, f"#{block}"), block
            if block != "p1":
                assert 40 < top_of(page, f"#{block}") < TOP_OF_THE_VIEW, block


@pytest.mark.parametrize(
    ("view", "size"),
    [("desktop", DESK), ("desktop", LAPTOP), ("desktop", {"width": 800, "height": 1000}),
     ("mobile", PHONE), ("mobile", SMALL_PHONE)],
)  # fmt: skip
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_line_for_who_came_by_a_link_covers_no_text(
    browser: Browser, site: str, story: Article, faults: list[str], view: str, size: Any,
    scheme: Any,
) -> None:  # fmt: skip
    path = story.get_absolute_url()
    with reader(
        browser, site, viewport=size, color_scheme=scheme,
        permissions=["clipboard-read", "clipboard-write"],
    ) as page:  # fmt: skip
        watch(page, faults)
        page.goto(f"{path}?view={view}")
        line = page.locator(".resume")
        expect(line).to_be_hidden()
        page.goto(f"{path}?view={view}#p999")
        expect(line).to_be_hidden()
        page.goto("about:blank")
        page.goto(f"{path}?view={view}#p30")
        expect(line).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        inside = line.bounding_box()
        assert inside
        assert 0 <= inside["y"] < inside["y"] + inside["height"] <= size["height"]
        if inside["x"] < page.locator(".text").bounding_box()["x"] + 300:  # type: ignore[index]
            assert inside["y"] + inside["height"] <= top_of(page, "#p30")
        page.get_by_role("button", name="复制链接").click()
        assert page.evaluate("navigator.clipboard.readText()") == f"{site}{path}#p30"
        page.get_by_role("button", name="关闭").focus()
        page.keyboard.press("Enter")
        expect(line).to_be_hidden()
        assert page.evaluate("document.activeElement.id") == "p30"
        if view == "mobile":
            expect(page.locator(".bar .search")).to_be_visible()
        page.reload()
        page.get_by_role("link", name="从头看").click()
        expect(line).to_be_hidden()
        page.wait_for_function("scrollY === 0")
    assert faults == []


def test_reduced_motion_leaves_a_still_mark(browser: Browser, site: str, story: Article) -> None:
    with phone(browser, site, reduced_motion="reduce") as page:
        page.goto(f"{story.get_absolute_url()}#p30")
        colour = "s => getComputedStyle(document.querySelector(s)).backgroundColor"
        assert not marked(page, "#p30")
        assert page.evaluate(colour, "#p30") != page.evaluate(colour, "#p31")


def test_the_strip_discloses_the_sites_code(
    browser: Browser, site: str, story: Article, codes: Codes
) -> None:
    Promo.objects.create(kind="qr", title="信网手机版", url=f"{site}/")
    with reader(browser, site, java_script_enabled=False) as page:
        page.goto("/search/")
        page.locator("summary", has_text="手机版").click()
        assert f"{site}/" in codes(page, f"{site}/")
        page.get_by_role("link", name="在这里看手机版").click()
        expect(page.locator('meta[content="mobile"]')).to_have_count(1)


def test_the_line_fits_the_smallest_phone_with_the_largest_text(
    browser: Browser, site: str, story: Article
) -> None:
    with phone(browser, site, viewport=SMALL_PHONE) as page:
        page.context.add_cookies([{"name": "size", "value": "5", "url": site}])
        page.goto(f"{story.get_absolute_url()}#p30")
        bar = page.locator(".bar").bounding_box()
        assert bar
        assert bar["height"] <= top_of(page, "#p30")
        assert page.evaluate("document.documentElement.scrollWidth") <= SMALL_PHONE["width"]
