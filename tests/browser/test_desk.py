"""The whole desk in one story: written, scheduled, published, corrected, taken back."""

import base64
import importlib

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from articles.models import Article, Photo
from articles.models import Desk as NewsDesk
from tests.browser.conftest import DESK, PHONE, watch
from tests.browser.test_library import drop, own
from tests.browser.test_writing import paste
from tests.factories import make_source, make_topic, picture
from tests.people import somebody

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "hai-feng-cong-qian-hai-lai"
LIST = "/admin/articles/article/"
PIXEL = base64.b64encode(picture(4, 4, extension="PNG").getvalue()).decode()
WECHAT = f"""
<section style="margin:0;line-height:1.75"><section><h1 style="color:red">潮水退了</h1></section>
<p style="text-indent:2em"><span style="font-size:16px">　　凌晨四点，礁石露出水面。</span></p>
<p><br></p><p><img src="data:image/png;base64,{PIXEL}"></p>
<p><img data-src="https://mmbiz.example/a.jpg">　　赶海的人提着灯，一步一步往外走。</p>
<p>[来源:青岛晚报 编辑:戴慧慧]</p></section>
"""


@pytest.fixture(autouse=True)
def groups(site: str) -> None:
    """The migration's groups; other tests in a browser leave empty tables behind."""
    importlib.import_module("articles.migrations.0008_groups").make_groups(apps, None)


def person(group: str, desk: NewsDesk, name: str) -> User:
    """Somebody of the group, at the desk, with a name and a password."""
    user = somebody(group, desk, last_name=name[0], first_name=name[1:])
    user.set_password(PASSWORD)
    user.save()
    return user


def logged_in(browser: Browser, site: str, user: User, faults: list[str]) -> Page:
    """A browser in which somebody has come through the login page."""
    context = browser.new_context(
        base_url=site, viewport=DESK, locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    page = watch(context.new_page(), faults)
    page.goto("/admin/")
    page.fill("#id_username", user.username)
    page.fill("#id_password", PASSWORD)
    page.click("[type=submit]")
    expect(page.get_by_role("heading", name="今日工作")).to_be_visible()
    return page


def press(page: Page, name: str) -> None:
    """Press a button of the article's row, and wait for what comes."""
    with page.expect_navigation():
        page.locator(f"[name={name}]").last.click()


def choose(page: Page, select: str, words: str) -> None:
    """Pick from an autocomplete what these words find."""
    page.locator(f"{select} + .select2 .select2-selection").click()
    page.locator(".select2-search__field").fill(words)
    page.locator(".select2-results__option", has_text=words).first.click()


def as_reader(browser: Browser, site: str, path: str, view: str) -> tuple[int, str]:
    """What a reader gets at an address."""
    size = DESK if view == "desktop" else PHONE
    with browser.new_context(base_url=site, viewport=size) as context:
        page = context.new_page()
        answer = page.goto(f"{path}?view={view}")
        assert answer
        return answer.status, page.content()


def test_an_article_from_the_first_word_to_its_withdrawal(  # noqa: PLR0915  # one story
    browser: Browser, site: str, faults: list[str]
) -> None:
    desk = NewsDesk.objects.create(name="要闻部")
    make_source("青岛晚报")
    make_topic("海洋")
    dai = logged_in(browser, site, person("编辑", desk, "戴慧慧"), faults)
    chief = logged_in(browser, site, person("主编", desk, "王主编"), faults)

    # written, with what WeChat brings along
    dai.goto(f"{LIST}add/")
    dai.fill("#id_title", "赶海的人提着灯")
    dai.locator(".ProseMirror").click()
    paste(dai, WECHAT)
    expect(dai.locator(".ProseMirror h2")).to_have_text("潮水退了")
    expect(dai.locator("#id_editor")).to_have_value("戴慧慧")
    expect(dai.locator("#id_source")).to_contain_text("青岛晚报")
    said = dai.locator(".messagelist, [role=alert], [role=status]").all_inner_texts()
    assert any("图片" in words and "mmbiz.example" in words for words in said), said
    expect(dai.locator("#checks")).to_contain_text("没有归入任何话题")
    choose(dai, "#id_memberships-0-topic", "海洋")
    press(dai, "_draft")
    article = Article.objects.get()
    change = f"{LIST}{article.pk}/change/"
    assert (article.state, article.desk, article.editor) == ("draft", desk, "戴慧慧")
    assert "style" not in article.body
    assert "　" not in article.body
    assert "来源:" not in article.body

    # two pictures dropped on the gallery, a bad one between them
    drop(
        dai.locator("[data-gallery]"),
        ("灯.jpg", picture(1280, 853).getvalue()),
        ("坏.png", b"<html>no picture</html>"),
        ("礁石.jpg", picture(1280, 853).getvalue()),
    )
    gallery = dai.locator("[data-gallery]")
    expect(gallery.get_by_role("status")).to_contain_text("2 张已入库，1 张没有成功。")
    expect(gallery).to_contain_text("不是 JPEG、PNG、WebP 或 GIF 图片")
    press(dai, "_draft")
    assert article.gallery.count() == 2
    expect(dai.locator("#checks")).to_contain_text("替代文字")
    for photo, alt in zip(Photo.objects.order_by("pk"), ("一盏灯", "礁石"), strict=True):
        dai.goto(f"/admin/articles/photo/{photo.pk}/change/")
        dai.fill("#id_alt", alt)
        press(dai, "_save")
    dai.goto(change)
    expect(dai.locator("#checks")).to_contain_text("没有发现问题")

    # seen before, in both templates; by nobody else
    dai.goto(f"{LIST}{article.pk}/preview/")
    frames = [dai.frame_locator("iframe").nth(number) for number in (0, 1)]
    for frame in frames:
        expect(frame.locator("h1")).to_have_text("赶海的人提着灯")
        expect(frame.locator(".text figure img").first).to_be_visible()
    expect(frames[0].locator(".masthead")).to_be_visible()
    expect(frames[1].locator(".bar")).to_be_visible()

    # scheduled
    dai.goto(change)
    dai.fill("#id_published_at_0", f"{timezone.localdate().year + 1}-01-01")
    dai.fill("#id_published_at_1", "08:00")
    press(dai, "_schedule")
    expect(dai.locator(".messagelist")).to_contain_text("已定时")
    article.refresh_from_db()
    assert article.is_scheduled
    assert as_reader(browser, site, article.get_absolute_url(), "desktop")[0] == 404
    dai.goto("/admin/")
    expect(dai.locator("main, #content").first).to_contain_text("赶海的人提着灯")

    # published
    dai.goto(change)
    press(dai, "_publish")
    article.refresh_from_db()
    path = article.get_absolute_url()
    for view in ("desktop", "mobile"):
        status, html = as_reader(browser, site, path, view)
        assert status == 200
        assert "赶海的人提着灯" in html
        assert "一盏灯" in html

    # two at once: the later save is refused, with both versions at hand
    dai.goto(change)
    chief.goto(change)
    chief.fill("#id_title", "主编改的标题")
    press(chief, "_save")
    dai.fill("#id_title", "编辑改的标题")
    press(dai, "_continue")
    expect(dai.locator(".desk-conflict")).to_contain_text("主编改的标题")
    expect(dai.locator("#id_title")).to_have_value("编辑改的标题")
    article.refresh_from_db()
    assert article.title == "主编改的标题"

    # not an editor's to take back
    dai.goto(change)
    expect(dai.locator("[name=_withdraw]")).to_have_count(0)
    forged = dai.request.post(
        change,
        form={
            "_withdraw": "1",
            "withdrawal_reason": "伪造",
            "csrfmiddlewaretoken": dai.locator("[name=csrfmiddlewaretoken]").first.input_value(),
        },
        headers={"referer": f"{site}{change}"},
    )
    assert forged.status == 403
    article.refresh_from_db()
    assert article.state == "published"

    # corrected, then withdrawn
    chief.goto(change)
    chief.locator("#corrections-group .add-row a").click()
    chief.fill("#id_corrections-0-text", "出发时间应为凌晨三点。")
    press(chief, "_save")
    assert "出发时间应为凌晨三点。" in as_reader(browser, site, path, "mobile")[1]
    chief.goto(change)
    press(chief, "_withdraw")  # without a reason
    expect(chief.locator(".errorlist").first).to_be_visible()
    chief.fill("#id_withdrawal_reason", "当事人要求核实。")
    press(chief, "_withdraw")
    for view in ("desktop", "mobile"):
        status, html = as_reader(browser, site, path, view)
        assert status == 410
        assert "当事人要求核实。" in html
        assert "一步一步往外走" not in html

    # and who did what
    chief.goto(f"{LIST}{article.pk}/history/")
    told = chief.locator("#content").inner_text()
    for words in ("戴慧慧", "王主编", "定时发布", "撤稿", "更正"):
        assert words in told
    refused = ("403", "404", "410")  # the forged post aside, the browser tells what it was told
    assert [fault for fault in own(faults) if not any(code in fault for code in refused)] == []
    for page in (dai, chief):
        page.context.close()


def test_who_guesses_is_locked_out(browser: Browser, site: str, faults: list[str]) -> None:
    user = person("编辑", NewsDesk.objects.create(name="要闻部"), "戴慧慧")
    context: BrowserContext
    with browser.new_context(base_url=site, locale="zh-CN") as context:
        page = context.new_page()
        for _ in range(5):
            page.goto("/admin/login/")
            page.fill("#id_username", user.username)
            page.fill("#id_password", "wrong")
            page.click("[type=submit]")
        expect(page.locator("body")).to_contain_text("15 分钟")
        page.goto("/admin/login/")
        page.fill("#id_username", user.username)
        page.fill("#id_password", PASSWORD)
        page.click("[type=submit]")
        expect(page.get_by_role("heading", name="今日工作")).to_have_count(0)
