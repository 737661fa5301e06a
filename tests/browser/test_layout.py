"""Layout holds: at every width, with text twice as large, without a shift or an orphan."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESK, PHONE, SMALL_PHONE
from tests.factories import make_article, make_photo

pytestmark = pytest.mark.django_db(transaction=True)

WIDE = {"width": 1440, "height": 900}
TABLET = {"width": 800, "height": 1000}
EVERY = [("desktop", DESK), ("desktop", WIDE), ("desktop", TABLET), ("mobile", PHONE),
         ("mobile", SMALL_PHONE)]  # fmt: skip

# Not seen as it stands, or scrolling in a box of its own.
HIDDEN = "'.unseen, .tools__name, .skip, .outcome__jump, .wide, .navigation, details:not([open]) *'"

# What stands outside the window, save what scrolls in a box of its own or is hidden on purpose.
OUTSIDE = """
() => [...document.querySelectorAll('body *')].filter(e => {
  const box = e.getBoundingClientRect();
  if (!box.width || !box.height || e.closest(HIDDEN)) return false;
  return box.right > innerWidth + 1 || box.left < -1;
}).map(e => e.tagName + '.' + e.className)
""".replace("HIDDEN", HIDDEN)
# Words cut off by their own box: only what is meant to be cut (line-clamp) may be.
CUT = """
() => [...document.querySelectorAll('body *')].filter(e => {
  const style = getComputedStyle(e);
  if (style.overflowX === 'visible' || e.matches(HIDDEN)) return false;
  return e.scrollWidth > e.clientWidth + 1 && e.tagName !== 'INPUT';
}).map(e => e.tagName + '.' + e.className)
""".replace("HIDDEN", HIDDEN)
# How much of the window's height is under what sticks to it.
STUCK = """
() => {
  scrollTo(0, document.body.scrollHeight / 2);
  const bars = [...document.querySelectorAll('body *')].filter(e => {
    const style = getComputedStyle(e);
    const box = e.getBoundingClientRect();
    return ['sticky', 'fixed'].includes(style.position) && style.visibility !== 'hidden'
      && box.width > innerWidth * .6 && box.bottom > 0 && box.top < innerHeight;
  });
  return bars.reduce((sum, e) => sum + e.getBoundingClientRect().height, 0) / innerHeight;
}
"""
# Titles whose last line is one character.
ORPHANS = """
selector => [...document.querySelectorAll(selector)].filter(title => {
  const range = document.createRange(), lines = [];
  const walker = document.createTreeWalker(title, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    for (let at = 0; at < walker.currentNode.length; at++) {
      range.setStart(walker.currentNode, at);
      range.setEnd(walker.currentNode, at + 1);
      const box = range.getClientRects()[0];
      if (!box || !walker.currentNode.data[at].trim()) continue;
      const line = lines.at(-1);
      if (line && Math.abs(line.top - box.top) < 6) line.count++;
      else lines.push({top: box.top, count: 1});
    }
  }
  return lines.length > 1 && lines.at(-1).count === 1;
}).map(title => title.textContent)
"""
# Pictures in a narrower rendition than they are shown in, though there is a wider one.
BLURRED = """
() => [...document.querySelectorAll('picture > img')].filter(img => {
  const width = source => Number(source.match(/-(\\d+)\\.\\w+$/)?.[1]);
  const widest = Math.max(...img.srcset.match(/\\d+(?=w)/g));
  const shown = Math.min(img.getBoundingClientRect().width, widest);
  return img.currentSrc && width(img.currentSrc) < shown * .95;
}).map(img => `${img.currentSrc} at ${img.getBoundingClientRect().width}: ${img.sizes}`)
"""


@pytest.mark.parametrize(("view", "size"), EVERY)
def test_no_picture_is_narrower_than_its_place(
    browser: Browser, site: str, archive: dict[str, str], view: str, size: Any
) -> None:
    for name in ("home", "article", "topic", "pictures", "photo", "search"):
        path = archive[name]
        # Each with an empty cache: a wider one that is at hand is taken instead.
        with browser.new_context(viewport=size, base_url=site) as context:
            page = context.new_page()
            page.goto(f"{path}{'&' if '?' in path else '?'}view={view}", wait_until="load")
            assert page.evaluate(BLURRED) == [], name


@pytest.mark.parametrize(("view", "size"), EVERY)
def test_text_twice_as_large_loses_nothing(
    browser: Browser, site: str, archive: dict[str, str], view: str, size: Any
) -> None:
    with browser.new_context(viewport=size, base_url=site) as context:
        page = context.new_page()
        for name, path in archive.items():
            page.goto(f"{path}{'&' if '?' in path else '?'}view={view}", wait_until="load")
            page.evaluate("document.documentElement.style.fontSize = '32px'")
            overflow = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert overflow <= 0, f"{name} scrolls sideways by {overflow}"
            assert page.evaluate(OUTSIDE) == [], name
            assert page.evaluate(CUT) == [], name
            assert page.evaluate(STUCK) <= 1 / 3, name


def test_a_wide_table_scrolls_by_itself_and_by_keyboard(
    browser: Browser, site: str, archive: dict[str, str]
) -> None:
    with browser.new_context(viewport=PHONE, base_url=site) as context:
        page = context.new_page()
        page.goto(f"{archive['article']}?view=mobile")
        box = page.get_by_role("region", name="表1，可左右滑动")
        expect(box.locator("table")).to_have_count(1)
        assert box.evaluate("e => e.scrollWidth > e.clientWidth")
        box.focus()
        expect(box).to_be_focused()
        assert box.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
        box.evaluate("e => { window.moved = new Promise(d => { e.onscroll = d; }); }")
        page.keyboard.press("ArrowRight")
        assert page.evaluate("window.moved.then(() => document.activeElement.scrollLeft)") > 0
        assert page.evaluate("scrollX") == 0


@pytest.mark.parametrize(("view", "size"), [("desktop", DESK), ("mobile", PHONE)])
def test_nothing_shifts_while_a_page_arrives(
    browser: Browser, site: str, archive: dict[str, str], view: str, size: Any
) -> None:
    with browser.new_context(viewport=size, base_url=site) as context:
        context.add_init_script(
            "window.shifts = 0; new PerformanceObserver(list => {"
            " for (const entry of list.getEntries()) window.shifts += entry.value;"
            "}).observe({type: 'layout-shift', buffered: true});"
        )
        page = context.new_page()
        for name in ("home", "article", "pictures", "search"):
            path = archive[name]
            page.goto(f"{path}{'&' if '?' in path else '?'}view={view}", wait_until="networkidle")
            for picture in page.locator("main img:visible").all()[:4]:
                picture.scroll_into_view_if_needed()
            page.wait_for_load_state("networkidle")
            assert page.evaluate("window.shifts") == 0, name


LONG = [
    "国家卫生健康委通报最新疫情",
    "新华社长篇通讯：肩负光荣使命 勇担历史重任——党的二十大代表诞生记",
    "《求是》杂志发表重要文章《新时代中国共产党的历史使命》",
    "李克强向世界知识产权组织《全球创新指数2022》发布会致贺信",
    "小雪无雪 明午后起北风 周三晨市区跌破0℃",
    "供暖头一周，测温员敲开398户的门",
    "烈士纪念日向人民英雄敬献花篮仪式在京隆重举行",
]


def orphans(page: Page) -> list[str]:
    found: list[str] = page.evaluate(
        ORPHANS, "h1, h2, .opener__title, .lines__line a, .ranking li > a, .pictures__story"
    )
    return found


@pytest.mark.parametrize(("view", "size"), EVERY)
def test_no_title_leaves_one_character_on_its_last_line(
    browser: Browser, site: str, archive: dict[str, str], view: str, size: Any
) -> None:
    from articles.models import Topic

    photo = make_photo(1600, 1067)
    articles = [
        make_article(
            title=title,
            reads=90_000 - number,
            photos=[photo] if number % 2 else [],
            topics=Topic.objects.filter(slug="huati"),
        )
        for number, title in enumerate(LONG)
    ]
    paths = ["/", archive["topic"], archive["most-read"], archive["day"]]
    paths += [article.get_absolute_url() for article in articles]
    with browser.new_context(viewport=size, base_url=site) as context:
        page = context.new_page()
        for path in paths:
            page.goto(f"{path}?view={view}")
            assert orphans(page) == [], path


def test_a_headline_breaks_between_its_phrases(
    browser: Browser, site: str, archive: dict[str, str]
) -> None:
    article = make_article(title="供暖头一周，测温员敲开398户的门")
    with browser.new_context(viewport=SMALL_PHONE, base_url=site) as context:
        page = context.new_page()
        page.goto(f"{article.get_absolute_url()}?view=mobile")
        tops = page.locator("h1 span").evaluate_all("all => all.map(e => e.offsetTop)")
        heights = page.locator("h1 span").evaluate_all("all => all.map(e => e.offsetHeight)")
    assert len(tops) == 2
    assert tops[0] < tops[1]
    assert heights[0] == heights[1]  # a line each


def test_the_code_follows_the_reader_in_every_layout_with_a_rail(
    browser: Browser, site: str, archive: dict[str, str]
) -> None:
    for size in (DESK, WIDE, {"width": 1024, "height": 768}):
        with browser.new_context(viewport=size, base_url=site) as context:  # type: ignore[arg-type]
            page = context.new_page()
            page.goto(f"{archive['article']}?view=desktop")
            page.evaluate("document.querySelector('.article__foot').scrollIntoView()")
            expect(page.locator(".qr--article .qr__code[src*='/p']")).to_be_visible()
            code = page.locator(".qr--article .qr__code").bounding_box()
            assert code is not None
            assert 0 <= code["y"] < size["height"] / 2, size
