"""Writing in a real browser: pasting, photos, tables, counts, checks, and no script at all."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from articles.models import Article, ArticlePhoto
from articles.models import Page as SitePage
from articles.sanitizer import sanitize
from tests.browser.conftest import DESK, watch
from tests.factories import make_article, make_photo, make_source, make_topic

pytestmark = pytest.mark.django_db(transaction=True)

TEXT = ".ProseMirror"
SAMPLES = Path(__file__).parent.parent / "pasted"
EVERY_TAG = (SAMPLES / "every-tag.html").read_text().strip()


@pytest.fixture
def desk(browser: Browser, site: str) -> Iterator[BrowserContext]:
    """An editor who has logged in."""
    client = Client()
    client.force_login(User.objects.create_superuser("editor", password="secret"))
    cookie = client.cookies[django_settings.SESSION_COOKIE_NAME].value
    with browser.new_context(viewport=DESK, base_url=site) as context:
        name = django_settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": cookie, "url": site}])
        yield context


def opened(desk: BrowserContext, path: str, faults: list[str]) -> Page:
    page = watch(desk.new_page(), faults)
    page.route(
        "**/favicon.ico", lambda route: route.fulfill(status=204)
    )  # browsers ask by themselves
    page.add_init_script(
        'addEventListener("prose-editor:ready", (e) => { window.editor = e.detail.editor; })'
    )
    page.goto(path)
    expect(page.locator(TEXT)).to_be_visible()
    return page


def change(article: Article) -> str:
    return f"/admin/articles/article/{article.pk}/change/"


def save(page: Page) -> None:
    page.locator("input[name=_continue], [name=_draft]").last.click()  # both stay on the page
    page.wait_for_load_state()


def paste(page: Page, html: str = "", plain: str = "") -> None:
    """What the browser does when somebody pastes, with what came from elsewhere."""
    page.locator(TEXT).evaluate(
        """(text, [html, plain]) => {
          const clipboardData = new DataTransfer();
          if (html) clipboardData.setData("text/html", html);
          if (plain) clipboardData.setData("text/plain", plain);
          text.focus();
          const how = {clipboardData, bubbles: true, cancelable: true};
          text.dispatchEvent(new ClipboardEvent("paste", how));
        }""",
        [html, plain],
    )


def written(page: Page) -> str:
    return page.locator("#id_body").input_value()


def test_an_edit_keeps_every_tag_that_a_body_may_hold(
    desk: BrowserContext, faults: list[str]
) -> None:
    photo = make_photo()
    body = EVERY_TAG.replace("{token}", photo.token)
    assert sanitize(body) == body
    article = make_article(body=body, photos=[photo])
    page = opened(desk, change(article), faults)
    assert written(page) == body
    page.locator(TEXT).locator("p", has_text="结尾").click()
    page.keyboard.press("End")
    page.keyboard.type("加了一句。")
    expect(page.locator("#id_body")).to_have_value(re.compile("加了一句"))
    assert written(page) == body.replace("结尾。", "结尾。加了一句。")
    save(page)
    article.refresh_from_db()
    assert article.body == body.replace("结尾。", "结尾。加了一句。")
    assert faults == []


def test_saving_untouched_changes_nothing(desk: BrowserContext, faults: list[str]) -> None:
    article = make_article(body="<p>甲&amp;乙</p><ul><li>一</li></ul>")
    page = opened(desk, change(article), faults)
    page.fill("#id_editor", "沈知远")
    save(page)
    article.refresh_from_db()
    assert (article.editor, article.revised_at) == ("沈知远", None)
    assert faults == []


def test_a_new_row_joins_the_body_of_its_table_and_a_caption_is_edited(
    desk: BrowserContext, faults: list[str]
) -> None:
    body = "<table><thead><tr><th>头</th></tr></thead><tbody><tr><td>身</td></tr></tbody></table>"
    page = opened(desk, change(make_article(body=body)), faults)
    page.locator(f"{TEXT} th").click()
    page.get_by_role("button", name="加行").click()
    page.get_by_role("button", name="表格标题").click()
    page.locator("dialog input").fill("潮汐 <表>")
    page.get_by_role("button", name="确定").click()
    expect(page.locator("#id_body")).to_have_value(re.compile("<caption>潮汐 &lt;表&gt;</caption>"))
    saved = sanitize(written(page))
    assert saved.count("<thead>") == saved.count("<tbody>") == 1
    assert saved.count("<tr>") == 3
    page.locator(f"{TEXT} td").last.click()
    page.keyboard.type("一")
    page.keyboard.press("Enter")
    page.keyboard.type("二")
    expect(page.locator("#id_body")).to_have_value(re.compile("身一<br>二"))
    assert faults == []


def test_the_menu_and_its_dialogs_speak_chinese(desk: BrowserContext, faults: list[str]) -> None:
    page = opened(desk, change(make_article(body="<p>青岛</p>")), faults)
    seen = page.evaluate(
        """async () => {
          const wait = (ms) => new Promise((done) => setTimeout(done, ms));
          const said = [];
          const read = (root) => {
            for (const element of root.querySelectorAll("*")) {
              for (const name of ["title", "aria-label", "placeholder", "data-placeholder"]) {
                if (element.getAttribute(name)) said.push(element.getAttribute(name));
              }
              if (element.classList.contains("material-icons")) continue; // a name is a sign
              if (!element.children.length) said.push(element.textContent);
            }
          };
          read(document.querySelector(".prose-menubar"));
          for (const name of ["link", "photo", "newTable", "caption"]) {
            const range = document.createRange();
            range.selectNodeContents(document.querySelector(".ProseMirror p"));
            if (name !== "caption") {
              document.querySelector(".ProseMirror").focus();
              getSelection().removeAllRanges();
              getSelection().addRange(range);
            }
            await wait(60);
            document.querySelector(`[data-name=${name}]`).click();
            await wait(400);
            for (const dialog of document.querySelectorAll("dialog")) {
              read(dialog);
              dialog.close();
            }
            await wait(60);
          }
          return said;
        }"""
    )
    assert {"编辑链接", "网址", "提示文字", "确定", "取消", "从图库插入图片", "表格标题"} <= set(
        seen
    )
    for words in seen:
        english = re.findall(r"[A-Za-z]{2,}", re.sub(r"（[A-Za-z0-9+]+）", "", words))
        assert english == [], words
    assert faults == []


WECHAT = (SAMPLES / "wechat-with-closing.html").read_text().replace("PAD", "A" * 4000)


def test_a_wechat_article_comes_out_clean_and_tells_what_it_lost(
    desk: BrowserContext, faults: list[str]
) -> None:
    source = make_source("青岛晚报")
    article = make_article(body="", state="draft", published_at=None)
    page = opened(desk, change(article), faults)
    paste(page, WECHAT)
    clean = (
        "<h2>海风来了</h2><p>第一段，<strong>很重要</strong>。</p><p>第二段。</p><p>第三段。</p>"
    )
    expect(page.locator("#id_body")).to_have_value(clean)
    notices = page.locator(".writing__notice")
    expect(notices.first).to_contain_text("有 1 处图片没有带进来")
    expect(notices.first).to_contain_text("https://mmbiz.qpic.cn/a.jpg")
    expect(page.locator("#id_editor")).to_have_value("戴慧慧")
    expect(page.locator(".field-source .select2-selection")).to_contain_text("青岛晚报")
    notices.first.get_by_role("button", name="知道了").click()
    expect(notices).to_have_count(2)
    save(page)
    article.refresh_from_db()
    assert (article.body, article.editor, article.source) == (clean, "戴慧慧", source)
    assert faults == []


def test_a_text_is_pasted_where_one_writes(desk: BrowserContext, faults: list[str]) -> None:
    page = opened(desk, change(make_article(body="<p>前后</p>")), faults)
    page.evaluate("editor.commands.setTextSelection(2)")
    paste(page, plain="，中间，")
    expect(page.locator("#id_body")).to_have_value("<p>前，中间，后</p>")
    paste(page, plain="　　甲\n\n　　乙")
    expect(page.locator("#id_body")).to_have_value("<p>前，中间，甲</p><p>乙后</p>")
    page.keyboard.press("Control+z")
    expect(page.locator("#id_body")).to_have_value("<p>前，中间，后</p>")
    assert faults == []


def test_without_the_server_a_text_is_pasted_all_the_same(
    desk: BrowserContext, faults: list[str]
) -> None:
    page = opened(desk, change(make_article(body="")), faults)
    page.route("**/intake/", lambda route: route.abort())
    paste(page, "<p style='color:red'>离线也能写</p>")
    expect(page.locator("#id_body")).to_have_value("<p>离线也能写</p>")
    expect(page.locator(".writing__notice")).to_contain_text("连不上服务器")
    assert [fault for fault in faults if "ERR_FAILED" not in fault] == []


def test_a_photo_is_found_placed_and_becomes_the_articles(
    desk: BrowserContext, faults: list[str]
) -> None:
    sea = make_photo(caption="栈桥的海")
    for number in range(25):
        make_photo(40 + number, 30, caption=f"别的{number}")
    article = make_article(body="<p>正文</p>")
    page = opened(desk, change(article), faults)
    page.locator(f"{TEXT} p").click()
    page.get_by_role("button", name="从图库插入图片").click()
    tiles = page.locator(".picker__photo")
    expect(tiles).to_have_count(24)
    page.get_by_role("button", name="更多").click()
    expect(tiles).to_have_count(26)
    expect(page.get_by_role("button", name="更多")).to_be_hidden()
    page.get_by_label("查找图片").fill("栈桥")
    expect(tiles).to_have_count(1)
    tiles.click()
    placed = page.locator(f"{TEXT} figure")
    expect(placed.locator("figcaption")).to_contain_text("栈桥的海")
    expect(placed.locator("img")).to_have_js_property("complete", value=True)
    save(page)
    assert [use.photo for use in article.gallery.all()] == [sea]
    article.refresh_from_db()
    assert f'<figure data-photo="{sea.token}"></figure>' in article.body
    ArticlePhoto.objects.update(caption="这篇稿件里的图注")
    page.reload()
    expect(placed.locator("figcaption")).to_contain_text("这篇稿件里的图注")
    placed.hover()
    placed.get_by_role("button", name="移除").click()
    expect(page.locator("#id_body")).to_have_value("<p>正文</p>")
    assert faults == []


def test_lengths_are_counted_while_one_writes(desk: BrowserContext, faults: list[str]) -> None:
    page = opened(desk, change(make_article(title="标题", body="<p>青岛</p>")), faults)
    counted = page.locator(".writing__length [data-count]")
    expect(counted).to_have_text(["2", "2", "1"])
    page.locator(f"{TEXT} p").click()
    page.keyboard.press("End")
    page.keyboard.type("，2022 年𠮷 OK。")
    expect(counted).to_have_text(["4", "12", "1"])
    room = page.locator(".field-title .writing__room")
    expect(room).to_have_text("2 / 200")
    page.fill("#id_title", "海" * 200)
    expect(room).to_have_text("200 / 200")
    save(page)
    expect(counted).to_have_text(["4", "12", "1"])
    assert faults == []


def test_checks_follow_the_writing_and_lead_to_the_place(
    desk: BrowserContext, faults: list[str]
) -> None:
    make_article(title="栈桥晨光")
    article = make_article(title="旧题", body="<p>甲</p><p>乙</p>", topics=[make_topic()])
    page = opened(desk, change(article), faults)
    found = page.locator(".checks__list li")
    expect(found).to_have_text(["没有填写来源。"])
    page.fill("#id_title", "栈桥 晨光")
    expect(found).to_have_count(2)
    expect(found.first).to_contain_text("最近 7 天已有同题稿件")
    page.locator(f"{TEXT} p").last.click()
    page.keyboard.press("End")
    page.keyboard.type("　　另起")
    expect(found).to_have_count(3)
    page.locator("#id_title").focus()
    found.nth(1).locator("a").click()
    expect(page.locator(TEXT)).to_be_focused()
    page.keyboard.type("（到了）")
    expect(page.locator("#id_body")).to_have_value(re.compile("<p>（到了）乙"))
    assert faults == []


def test_a_restored_draft_shows_in_the_editor(desk: BrowserContext, faults: list[str]) -> None:
    page = opened(desk, change(make_article(body="<p>旧</p>")), faults)
    page.locator("#id_body").evaluate(
        "area => { area.value = '<p>找回的</p>'; area.dispatchEvent(new Event('input')); }"
    )
    expect(page.locator(TEXT)).to_have_text("找回的")
    assert faults == []


def test_a_page_is_written_in_the_same_editor(desk: BrowserContext, faults: list[str]) -> None:
    about = SitePage.objects.create(slug="about", title="关于", body="<p>我们。</p>")
    page = opened(desk, f"/admin/articles/page/{about.pk}/change/", faults)
    page.locator(f"{TEXT} p").click()
    paste(page, plain="[来源:青岛晚报]")
    expect(page.locator("#id_body")).to_have_value(re.compile("来源:青岛晚报"))
    save(page)
    about.refresh_from_db()
    assert "[来源:青岛晚报]" in about.body
    assert faults == []


def test_without_scripts_the_body_is_a_text_area(
    browser: Browser, desk: BrowserContext, site: str
) -> None:
    article = make_article(body="<p>旧</p>")
    state: Any = desk.storage_state()
    with browser.new_context(
        base_url=site, java_script_enabled=False, storage_state=state
    ) as context:
        page = context.new_page()
        page.goto(change(article))
        expect(page.locator("#id_body")).to_be_visible()
        page.fill("#id_body", '<h1>题</h1><p>　　新<img src="https://x.example/a.jpg"></p>')
        save(page)
        expect(page.locator(".messagelist")).to_contain_text("https://x.example/a.jpg")
    article.refresh_from_db()
    assert article.body == "<h2>题</h2><p>新</p>"
