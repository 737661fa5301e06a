"""The reader's bar: choices that last without a flash, 繁體, 朗读, 打印, 引用, the phone's tray."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESK, PHONE, SMALL_PHONE, watch

pytestmark = pytest.mark.django_db(transaction=True)

VIEWS = [("desktop", DESK), ("mobile", PHONE)]
LIGHT, DARK = (251, 249, 244), (23, 21, 18)
STEPS = {"1": 14, "2": 16, "3": 18, "4": 20, "5": 24}
TEXT = "parseFloat(getComputedStyle(document.documentElement).fontSize)"
# A speech synthesis with one voice, which arrives late as in Chromium; `finish` ends an utterance.
VOICE = """
const said = [], voices = [];
let current = null;
const speech = Object.assign(new EventTarget(), {
  getVoices: () => [...voices],
  speak(utterance) { said.push(utterance); current = utterance; },
  cancel() { const cut = current; current = null; cut?.onerror?.({ error: "canceled" }); },
});
Object.defineProperty(window, "speechSynthesis", { value: speech });
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
window.said = said;
window.speaking = () => current?.text ?? null;
window.finish = () => { const done = current; current = null; done.onend(); };
window.arrive = (...langs) => {
  voices.push(...langs.map((lang) => ({ lang, localService: true })));
  speech.dispatchEvent(new Event("voiceschanged"));
};
"""
LIT = "[...CSS.highlights.get('aloud')].map((range) => range.toString()).join('')"


def paper(page: Page) -> tuple[int, ...]:
    """The colour at the page's upper edge, as painted; asks no script of the page."""
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    return shot.getpixel((3, shot.height - 3))  # type: ignore[return-value]


def unfold(page: Page) -> None:
    """Open the phone's tray, where there is one."""
    tray = page.locator(".tray__handle")
    if tray.count() and page.locator(".tray:not([open])").count():
        tray.click()


def choose(page: Page, name: str, value: str) -> None:
    """Press a button of the bar and wait for what it does."""
    unfold(page)
    with page.expect_response(re.compile("/reader/")):
        page.locator(f'[name="{name}"][value="{value}"]').click()


@pytest.fixture
def reader(browser: Browser, site: str, archive: dict[str, str]) -> Iterator[Any]:
    """Opens the article for a reader: `reader("mobile", PHONE, java_script_enabled=False)`."""
    contexts = []

    def opened(view: str = "desktop", size: Any = DESK, script: str = "", **options: Any) -> Page:
        context = browser.new_context(viewport=size, base_url=site, **options)
        contexts.append(context)
        if script:
            context.add_init_script(script)
        page = context.new_page()
        page.goto(f"{archive['article']}?view={view}")
        page.goto(archive["article"])
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize(("view", "size"), VIEWS)
@pytest.mark.parametrize("scripts", [True, False])
def test_the_three_themes_last_with_and_without_scripts(
    reader: Any, archive: dict[str, str], view: str, size: Any, scripts: bool
) -> None:
    page = reader(view, size, color_scheme="light", java_script_enabled=scripts)
    assert paper(page) == LIGHT
    for theme, seen in [("dark", DARK), ("light", LIGHT), ("dark", DARK)]:
        choose(page, "theme", theme)
        if scripts:
            expect(page.locator(f'[value="{theme}"]')).to_have_attribute("aria-pressed", "true")
            unfold(page)
            page.keyboard.press("Escape")
        else:
            page.wait_for_load_state()
            assert page.url.endswith(archive["article"])
        assert paper(page) == seen
        page.goto(archive["home"])
        assert paper(page) == seen
        page.go_back()
        assert paper(page) == seen
    choose(page, "theme", "system")
    page.goto(archive["home"])
    assert paper(page) == LIGHT


def test_the_system_can_be_overruled_and_followed(reader: Any, archive: dict[str, str]) -> None:
    page = reader(color_scheme="dark")
    assert paper(page) == DARK
    choose(page, "theme", "light")
    page.reload()
    assert paper(page) == LIGHT
    page.emulate_media(color_scheme="light")
    choose(page, "theme", "system")
    page.reload()
    assert paper(page) == LIGHT
    page.emulate_media(color_scheme="dark")
    assert paper(page) == DARK


@pytest.mark.parametrize(("view", "size"), [*VIEWS, ("mobile", SMALL_PHONE)])
def test_five_sizes_without_a_reload(reader: Any, view: str, size: Any) -> None:
    page = reader(view, size)
    page.evaluate("window.here = true")
    for step, pixels in STEPS.items():
        choose(page, "size", step)
        expect(page.locator('[name="size"][aria-pressed="true"]')).to_have_attribute("value", step)
        assert page.evaluate(TEXT) == pixels
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        for control in page.locator(".tools :is(a, button):visible").all():
            box = control.bounding_box()
            least = 44 if view == "mobile" else 24
            assert box, step
            assert min(box["width"], box["height"]) >= least, control.inner_text()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= size["width"]
    assert page.evaluate("window.here")
    page.reload()
    assert page.evaluate(TEXT) == STEPS["5"]


def test_sizes_without_scripts(reader: Any, archive: dict[str, str]) -> None:
    page = reader(java_script_enabled=False)
    for step, pixels in STEPS.items():
        choose(page, "size", step)
        page.wait_for_load_state()
        assert page.evaluate(TEXT) == pixels
        button = page.locator(f'[name="size"][value="{step}"]')
        assert "使用中" in button.evaluate("(e) => getComputedStyle(e, '::after').content")


def test_the_first_paint_waits_for_the_readers_style_sheet(
    reader: Any, archive: dict[str, str]
) -> None:
    page = reader(color_scheme="light")
    choose(page, "theme", "dark")
    page.route("**/reader.css", lambda route: (page.wait_for_timeout(400), route.continue_()))
    page.goto(archive["home"])
    painted, dressed = page.evaluate(
        """async () => {
             const painted = await new Promise((done) => {
               new PerformanceObserver((list) => {
                 for (const { name, startTime } of list.getEntries()) {
                   if (name === "first-contentful-paint") done(startTime);
                 }
               }).observe({ type: "paint", buffered: true });
             });
             const sheet = document.querySelector("link[data-reader]").href;
             return [painted, performance.getEntriesByName(sheet)[0].responseEnd];
           }"""
    )
    assert painted >= dressed
    assert paper(page) == DARK


def test_a_page_left_before_the_choice_comes_back_with_it(
    reader: Any, archive: dict[str, str]
) -> None:
    page = reader(color_scheme="light")
    page.goto(archive["home"])
    choose(page, "theme", "dark")
    choose(page, "size", "4")
    page.go_back()
    chosen = page.locator('[name="size"][aria-pressed="true"]')
    expect(chosen).to_have_attribute("value", "4")
    assert page.evaluate(TEXT) == STEPS["4"]
    assert paper(page) == DARK


def test_the_tray_by_keyboard_and_by_touch(reader: Any, faults: list[str]) -> None:
    page = watch(reader("mobile", PHONE, has_touch=True), faults)
    handle, tools = page.locator(".tray__handle"), page.locator(".tray .tools")
    handle.focus()
    page.keyboard.press("Enter")
    expect(tools).to_be_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "打印"
    page.keyboard.press("Escape")
    expect(tools).to_be_hidden()
    assert page.evaluate("document.activeElement.className") == "tray__handle"
    handle.tap()
    expect(tools).to_be_visible()
    page.locator("h1").tap()
    expect(tools).to_be_hidden()
    handle.tap()
    page.locator('.tray a[href="#cite"]').tap()
    expect(tools).to_be_hidden()
    expect(page.locator("#citation")).to_be_in_viewport()
    assert faults == []


@pytest.mark.parametrize(("view", "size"), VIEWS)
def test_reading_goes_on_in_traditional_characters(
    reader: Any, archive: dict[str, str], view: str, size: Any
) -> None:
    page = reader(view, size)
    page.goto(f"{archive['article']}#p3")
    unfold(page)
    page.get_by_role("link", name="繁體").click()
    page.wait_for_url(f"**/zh-hant{archive['article']}#p3")
    expect(page.locator("h1")).to_have_text("棧橋的早晨從第一班清掃車開始")
    page.locator(".navigation a", has_text="青島話題").click()
    page.wait_for_url("**/zh-hant/topic/huati/")
    page.locator('input[name="q"]').first.fill("栈桥")
    page.locator('input[name="q"]').first.press("Enter")
    page.wait_for_url("**/zh-hant/search/**")
    expect(page.locator("main .hit").first).to_contain_text("棧橋")
    unfold(page)
    page.get_by_role("link", name="简体").click()
    page.wait_for_url(re.compile(r"[0-9]/search/\?q="))


def test_reading_aloud(reader: Any, faults: list[str]) -> None:
    page = watch(reader(script=VOICE, reduced_motion="reduce"), faults)
    start, player = page.get_by_role("button", name="朗读"), page.locator(".aloud")
    expect(start).to_be_hidden()
    page.evaluate("arrive('en-US', 'zh-HK', 'zhuang')")
    expect(start).to_be_hidden()
    page.evaluate("arrive('zh_CN')")
    start.click()
    expect(player).to_be_visible()
    assert page.evaluate("speaking()") == "栈桥的早晨从第一班清扫车开始"
    page.evaluate("finish()")
    assert page.evaluate("speaking()") == page.evaluate(LIT) == "开头。"
    page.evaluate("finish()")
    assert page.evaluate("speaking()") == "小标题"  # not the caption, not the credit
    player.get_by_role("button", name="下一句").click()
    assert page.evaluate("speaking()").startswith("第0段，海风")
    player.get_by_role("button", name="暂停").click()
    assert page.evaluate("speaking()") is None
    player.get_by_role("button", name="上一句").click()
    assert page.evaluate("speaking()") == "小标题"
    player.get_by_role("button", name="暂停").click()
    player.get_by_role("button", name="继续").click()
    assert page.evaluate("speaking()") == "小标题"
    player.get_by_label("语速").select_option("1.5")
    assert page.evaluate("[speaking(), said.at(-1).rate]") == ["小标题", 1.5]
    player.get_by_role("button", name="停止").click()
    expect(player).to_be_hidden()
    assert page.evaluate("speaking()") is None
    assert page.evaluate(LIT) == ""
    assert page.evaluate("document.activeElement.textContent") == "朗读"
    assert faults == []


def test_reading_aloud_begins_where_the_reader_is_and_follows(reader: Any) -> None:
    page = reader(script=VOICE, reduced_motion="reduce")
    page.evaluate("arrive('zh-CN')")
    page.locator("#p9").evaluate("(block) => scrollTo(0, block.offsetTop - 200)")
    page.evaluate("document.querySelector('[data-aloud]').click()")
    first = page.evaluate("speaking()")
    assert first in page.locator(".text").inner_text()
    assert first not in ("开头。", "小标题")
    before = page.evaluate("scrollY")
    for _ in range(9):
        page.evaluate("finish()")
    assert page.evaluate("scrollY") > before
    assert page.evaluate("speaking()") == page.evaluate(LIT)


def test_reading_aloud_covers_the_text_in_short_pieces_and_ends(reader: Any) -> None:
    page = reader("mobile", PHONE, script=VOICE, reduced_motion="reduce")
    page.evaluate("arrive('zh-TW', 'zh-CN')")
    unfold(page)
    page.get_by_role("button", name="朗读").click()
    expect(page.locator(".tray .tools")).to_be_hidden()
    assert page.evaluate("document.activeElement.dataset.do") == "toggle"
    assert page.evaluate("said.at(-1).voice.lang") == "zh-CN"
    texts = []
    while text := page.evaluate("speaking()"):
        texts.append(text)
        assert len(text) <= 100
        page.evaluate("finish()")
    whole = page.evaluate(
        """[...document.querySelectorAll('.article__title, .text > :is(p, h2)')]
             .map((e) => e.textContent).join('')"""
    )
    assert re.sub(r"\s", "", "".join(texts)) == re.sub(r"\s", "", whole)
    expect(page.locator(".aloud")).to_be_hidden()


def test_leaving_ends_the_reading(reader: Any, archive: dict[str, str]) -> None:
    page = reader(script=VOICE)
    page.evaluate("arrive('zh-CN')")
    page.get_by_role("button", name="朗读").click()
    page.evaluate("dispatchEvent(new Event('pagehide'))")
    assert page.evaluate("speaking()") is None
    expect(page.locator(".aloud")).to_be_hidden()


@pytest.mark.parametrize("view", ["desktop", "mobile"])
def test_the_printed_article(reader: Any, site: str, archive: dict[str, str], view: str) -> None:
    page = reader(view, DESK, color_scheme="dark")
    choose(page, "theme", "dark")
    pdf = page.pdf(prefer_css_page_size=True)
    assert f"/URI ({site}{archive['article']})".encode() in pdf
    page.emulate_media(media="print")
    for shown in [".masthead, .bar", "h1", ".notes", "#p1", ".text figure img", "#citation",
                  ".facts, .meta >> nth=0", ".printed a"]:  # fmt: skip
        expect(page.locator(shown).first).to_be_visible()
    expect(page.locator(".qr__code:visible")).to_have_count(1)
    for hidden in [".strip", ".navigation", ".search", ".section", ".footer", ".aloud", ".promos"]:
        expect(page.locator(f"{hidden}:visible")).to_have_count(0)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"


def test_paper_gets_the_articles_own_code(reader: Any) -> None:
    page = reader()
    own = page.locator(".qr--article img[src$='/code.svg']")
    of_paragraph = page.locator(".qr--article img[src*='/p']")
    expect(own).to_be_visible()
    page.locator("#p9").scroll_into_view_if_needed()
    page.mouse.wheel(0, 600)
    expect(of_paragraph).to_be_visible()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(own).to_be_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(of_paragraph).to_be_visible()


def test_printing_has_a_button_where_scripts_can_print(reader: Any) -> None:
    page = reader(script="window.printed = 0; window.print = () => { printed += 1; };")
    page.get_by_role("button", name="打印").click()
    assert page.evaluate("printed") == 1
    expect(reader(java_script_enabled=False).locator("[data-print]")).to_be_hidden()


def test_the_citation_is_selected_whole_and_never_converted(
    reader: Any, archive: dict[str, str]
) -> None:
    page = reader()
    page.goto(f"/zh-hant{archive['article']}")
    page.get_by_role("link", name="引用").click()
    page.locator("#citation").click()
    selected = page.evaluate("getSelection().toString()")
    assert "栈桥的早晨从第一班清扫车开始[N/OL]" in selected
    assert selected.rstrip().endswith(archive["article"])
