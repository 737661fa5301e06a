"""Not losing work, in a real browser: two editors, a closed tab, an expired login."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from articles import history
from articles.models import Article, OpenArticle
from tests.browser.conftest import DESK, watch
from tests.desk import at_desk, change_path, editor_named
from tests.factories import make_article, make_topic

pytestmark = pytest.mark.django_db(transaction=True)

ADD = "/admin/articles/article/add/"


class Desk:
    """One editor's browser."""

    def __init__(self, browser: Browser, site: str, login: str, name: str) -> None:
        self.user = editor_named(login, name)
        self.context: BrowserContext = browser.new_context(
            base_url=site,
            viewport=DESK,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        self.site = site
        self.log_in()

    def log_in(self) -> None:
        """As after the login page."""
        cookie = at_desk(self.user).cookies["sessionid"].value
        self.context.add_cookies([{"name": "sessionid", "value": cookie, "url": self.site}])

    def open(self, path: str, faults: list[str]) -> Page:
        """A page in a new tab."""
        page = watch(self.context.new_page(), faults)
        page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
        page.goto(path)
        return page


@pytest.fixture
def wang(browser: Browser, site: str) -> Iterator[Desk]:
    desk = Desk(browser, site, "wang", "王编辑")
    yield desk
    desk.context.close()


@pytest.fixture
def dai(browser: Browser, site: str) -> Iterator[Desk]:
    desk = Desk(browser, site, "dai", "戴慧慧")
    yield desk
    desk.context.close()


def save(page: Page) -> None:
    with page.expect_navigation():
        page.locator("input[name=_save], [name=_draft]").first.click()


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Wait, at most a minute."""
    for _ in range(600):
        if holds():
            return
        page.wait_for_timeout(100)
    pytest.fail("waited in vain")


def bar(page: Page, name: str) -> Locator:
    return page.locator(f'[data-desk-bar="{name}"]')


def drafts(page: Page) -> int:
    return int(
        page.evaluate(
            "Object.keys(localStorage).filter(k => k.startsWith('xinwang.draft.')).length"
        )
    )


def test_two_editors_hear_of_each_other_and_neither_overwrites(
    wang: Desk, dai: Desk, faults: list[str]
) -> None:
    article = make_article(title="原来", body="<p>海风很大。</p>")
    path = change_path(article)
    with_wang = wang.open(path, faults)
    expect(with_wang.locator("[data-desk-others] .desk-bar")).to_have_count(0)
    with_dai = dai.open(path, faults)
    expect(with_dai.locator("[data-desk-others]")).to_contain_text("王编辑 正在编辑这篇稿件")
    with_dai.fill("#id_title", "她的标题")
    save(with_dai)
    # Told without a reload, as soon as the page asks.
    with_wang.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(bar(with_wang, "saved")).to_contain_text("戴慧慧")
    expect(bar(with_wang, "saved")).to_contain_text("您看到的不是最新版本")
    with_wang.fill("#id_title", "我的标题")
    save(with_wang)
    expect(with_wang.locator(".desk-conflict")).to_contain_text("戴慧慧 在")
    expect(with_wang.locator("#id_title")).to_have_value("我的标题")
    assert Article.objects.get().title == "她的标题"
    assert drafts(with_wang) == 1  # refused: the draft stays
    save(with_wang)
    assert Article.objects.get().title == "我的标题"
    assert with_wang.url.endswith("/admin/articles/article/")
    assert [fault for fault in faults if "beforeunload" not in fault] == []


def test_giving_up_ones_own_version_shows_the_others(
    wang: Desk, dai: Desk, faults: list[str]
) -> None:
    article = make_article(title="原来")
    page = wang.open(change_path(article), faults)
    with history.recording([article], dai.user):
        Article.objects.update(title="她的标题")
    page.fill("#id_title", "我的标题")
    save(page)
    with page.expect_navigation():
        page.get_by_text("放弃我的改动").click()
    expect(page.locator("#id_title")).to_have_value("她的标题")
    expect(bar(page, "draft")).to_have_count(0)
    assert drafts(page) == 0
    assert faults == []


def test_leaving_the_page_says_goodbye(wang: Desk, faults: list[str]) -> None:
    page = wang.open(change_path(make_article()), faults)
    expect(page.locator("#desk-keeping")).to_be_attached()
    until(page, OpenArticle.objects.exists)
    assert OpenArticle.objects.count() == 1
    page.goto("/admin/")
    until(page, lambda: not OpenArticle.objects.exists())
    assert faults == []


def test_text_outlives_a_closed_tab_with_its_rows(wang: Desk, faults: list[str]) -> None:
    topic = make_topic("青岛话题")
    article = make_article(title="原来", body="<p>一</p>")
    page = wang.open(change_path(article), faults)
    page.fill("#id_title", "写了很久的标题")
    page.fill("#id_byline", "记者 林疏影")
    page.uncheck("#id_age_notice")
    page.evaluate(
        """([pk, name]) => {
             document.querySelector('#memberships-group .add-row a').click();
             const field = document.getElementById('id_memberships-1-topic');
             field.add(new Option(name, pk, true, true));
             field.dispatchEvent(new Event('change', {bubbles: true}));
           }""",
        [topic.pk, topic.name],
    )
    until(page, lambda: drafts(page) == 1)
    page.close()
    assert Article.objects.get().title == "原来"

    page = wang.open(change_path(article), faults)
    expect(bar(page, "draft")).to_have_text(re.compile("发现 [0-9]{2}:[0-9]{2} 未保存的内容"))
    expect(page.locator("#id_title")).to_have_value("原来")
    page.get_by_role("button", name="查看区别").click()
    expect(page.locator("[data-desk-differences]")).to_contain_text("写了很久的标题")
    page.evaluate(
        "document.querySelector('#article_form').addEventListener('desk:restore',"
        " () => document.body.dataset.heard = document.getElementById('id_title').value)"
    )
    page.get_by_role("button", name="恢复").click()
    expect(page.locator("#id_title")).to_have_value("写了很久的标题")
    expect(page.locator("#id_byline")).to_have_value("记者 林疏影")
    expect(page.locator("#id_age_notice")).not_to_be_checked()
    expect(page.locator("#id_memberships-1-topic")).to_have_value(str(topic.pk))
    assert page.evaluate("document.body.dataset.heard") == "写了很久的标题"
    save(page)
    article.refresh_from_db()
    assert (article.title, article.age_notice) == ("写了很久的标题", False)
    assert [str(row) for row in article.memberships.all()] == ["青岛话题"]
    page.goto(change_path(article))
    expect(bar(page, "draft")).to_have_count(0)
    assert drafts(page) == 0
    assert faults == []


def test_a_restored_draft_does_not_overwrite_what_was_saved_since(
    wang: Desk, dai: Desk, faults: list[str]
) -> None:
    article = make_article(title="原来")
    page = wang.open(change_path(article), faults)
    page.fill("#id_title", "我的标题")
    until(page, lambda: drafts(page) == 1)
    page.close()
    with history.recording([article], dai.user):
        Article.objects.update(title="她的标题")
    page = wang.open(change_path(article), faults)
    page.get_by_role("button", name="恢复").click()
    save(page)
    expect(page.locator(".desk-conflict")).to_contain_text("戴慧慧 在")
    assert Article.objects.get().title == "她的标题"
    assert faults == []


def test_an_expired_login_loses_nothing(wang: Desk, faults: list[str]) -> None:
    page = wang.open(ADD, faults)
    page.fill("#id_title", "登录过期时写的")
    Session.objects.all().delete()
    save(page)
    assert "/admin/login/" in page.url
    assert not Article.objects.exists()
    page.fill("#id_username", "wang")
    page.fill("#id_password", "secret")
    with page.expect_navigation():
        page.locator("[type=submit]").click()
    page.goto(ADD)
    page.get_by_role("button", name="恢复").click()
    expect(page.locator("#id_title")).to_have_value("登录过期时写的")
    save(page)
    assert Article.objects.get().title == "登录过期时写的"
    assert faults == []


def test_an_open_page_says_that_the_login_expired_and_saves_after_a_new_one(
    wang: Desk, faults: list[str]
) -> None:
    article = make_article(title="原来")
    page = wang.open(change_path(article), faults)
    page.fill("#id_title", "新的")
    Session.objects.all().delete()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(bar(page, "login")).to_contain_text("登录已过期")
    other = wang.open("/admin/login/", faults)
    other.fill("#id_username", "wang")
    other.fill("#id_password", "secret")
    with other.expect_navigation():
        other.locator("[type=submit]").click()
    save(page)  # the form's own token is of the old login
    assert Article.objects.get().title == "新的"
    assert faults == []


def test_an_answer_that_another_has_overtaken_says_nothing(wang: Desk, faults: list[str]) -> None:
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        held.append(route)

    article = make_article(title="原来")
    wang.context.route("**/presence/**", hold_the_first)
    page = wang.open(change_path(article), faults)
    Session.objects.all().delete()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(bar(page, "login")).to_contain_text("登录已过期")
    held[0].fulfill(status=200, json={"others": ["戴慧慧正在看"], "saved": None})
    page.wait_for_timeout(300)
    expect(bar(page, "login")).to_be_visible()
    expect(page.locator("[data-desk-others]")).to_be_empty()
    assert faults == []


def test_drafts_are_their_writers_alone_and_bounded(
    wang: Desk, dai: Desk, faults: list[str]
) -> None:
    page = wang.open(ADD, faults)
    page.evaluate(
        """() => { for (let n = 0; n < 30; n++) localStorage.setItem(
             `xinwang.draft.99.articles.article:${n}.${'0'.repeat(32)}`,
             JSON.stringify({at: Date.now() - 1000 * (n + 1), token: '', fields: []})) }"""
    )
    page.fill("#id_title", "王的稿子")
    until(page, lambda: "王的稿子" in page.evaluate("JSON.stringify(localStorage)"))
    assert drafts(page) == 20
    page.close()
    page = wang.context.new_page()
    wang.user, kept = dai.user, wang.user
    wang.log_in()  # somebody else at the same computer
    page.goto(ADD)
    page.wait_for_timeout(300)
    expect(bar(page, "draft")).to_have_count(0)
    wang.user = kept
    wang.log_in()
    page.goto(ADD)
    expect(bar(page, "draft")).to_have_count(1)
    page.get_by_role("button", name="丢弃").click()
    expect(bar(page, "draft")).to_have_count(0)
    page.reload()
    page.wait_for_timeout(300)
    expect(bar(page, "draft")).to_have_count(0)


def test_a_full_storage_is_told(wang: Desk, faults: list[str]) -> None:
    page = wang.open(ADD, faults)
    page.evaluate("() => { Storage.prototype.setItem = () => { throw new Error('full') } }")
    page.fill("#id_title", "没处存")
    expect(bar(page, "full")).to_contain_text("浏览器没有地方保存")


def test_leaving_with_unsaved_text_asks_first_and_an_untouched_form_does_not(
    wang: Desk, faults: list[str]
) -> None:
    asked: list[str] = []
    page = wang.open(change_path(make_article()), faults)
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto("/admin/")
    assert asked == []
    page.goto(ADD)
    page.locator("#id_title").press_sequentially("改")
    page.goto("/admin/")
    assert asked == ["beforeunload"]
    assert faults == []
