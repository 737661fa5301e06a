"""A save while the database is away, in a real browser: the text stays, and is stored later."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import DESK
from tests.chaos.running import Site, a_site
from tests.missing import skipped_without_nginx

pytestmark = pytest.mark.process


@pytest.fixture
def broken() -> Iterator[Site]:
    with skipped_without_nginx(), a_site(articles=5) as made:
        yield made


def test_a_save_in_an_outage_keeps_the_text_and_a_later_one_stores_it(
    browser: Browser, broken: Site
) -> None:
    address = f"http://127.0.0.1:{broken.port}"
    form = f"{address}/admin/articles/article/{broken.edited}/change/"
    context = browser.new_context(viewport=DESK, locale="zh-CN")
    context.add_cookies([{"name": "sessionid", "value": broken.session, "url": address}])
    page = context.new_page()
    page.goto(form)
    page.fill("#id_title", "断线时写的标题")
    broken.cluster.stop()
    with page.expect_navigation():
        page.locator("input[name=_save], [name=_draft]").first.click()
    expect(page.locator("h1")).to_have_text("没有保存")
    expect(page.locator("main")).to_contain_text("您写的内容没有丢")
    assert page.locator("input[name=title]").input_value() == "断线时写的标题"
    with page.expect_navigation():
        page.get_by_role("button", name="再存一次").click()  # too early
    expect(page.locator("h1")).to_have_text("没有保存")
    assert page.locator("input[name=title]").input_value() == "断线时写的标题"
    broken.cluster.start()

    # Whoever comes by another way finds it in the browser.
    other = context.new_page()
    other.goto(form)
    expect(other.locator("#id_title")).to_have_value("第0稿")
    other.get_by_role("button", name="恢复").click()
    expect(other.locator("#id_title")).to_have_value("断线时写的标题")
    other.close(run_before_unload=False)

    with page.expect_navigation():
        page.get_by_role("button", name="再存一次").click()
    assert page.url == f"{address}/admin/articles/article/"
    stored = broken.sql("SELECT title FROM articles_article WHERE id = %s", broken.edited)
    assert stored == [("断线时写的标题",)]

    # Without gunicorn nginx says the same in a few words, and going back leads to the text.
    page.goto(form)
    page.fill("#id_title", "网站也停了")
    broken.stop_gunicorn()
    with page.expect_navigation():
        page.locator("input[name=_save], [name=_draft]").first.click()
    expect(page.locator("body")).to_contain_text("您写的内容没有丢，请后退到表单")
    page.go_back()
    page.wait_for_timeout(200)
    assert "网站也停了" in page.evaluate("JSON.stringify(localStorage)")
    context.close()
