"""The photo library in a real browser: files dropped, described, focused; a gallery ordered."""

import base64
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, Locator, Page, expect

from articles.models import Article, ArticlePhoto, Photo
from tests.browser.conftest import DESK, watch
from tests.factories import make_article, make_photo, make_topic, picture

pytestmark = pytest.mark.django_db(transaction=True)

# A drop as the browser makes it, with files that the test wrote.
DROP = """(place, files) => {
  const carried = new DataTransfer();
  for (const [name, content] of files) {
    const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
    carried.items.add(new File([bytes], name));
  }
  const how = { dataTransfer: carried, bubbles: true, cancelable: true };
  for (const type of ["dragenter", "dragover", "drop"]) {
    place.dispatchEvent(new DragEvent(type, how));
  }
}"""


@pytest.fixture
def desk(browser: Browser, site: str, faults: list[str]) -> Iterator[Page]:
    """An editor's browser at the desk."""
    client = Client()
    client.force_login(User.objects.create_superuser("editor", password="secret"))
    context = browser.new_context(viewport=DESK, base_url=site, locale="zh-CN")
    context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}]
    )
    yield watch(context.new_page(), faults)
    context.close()


def drop(place: Locator, *files: tuple[str, bytes]) -> None:
    """Drop files on a place."""
    place.evaluate(DROP, [[name, base64.b64encode(content).decode()] for name, content in files])


def own(faults: list[str]) -> list[str]:
    """Faults but those of the tests' server, which has no icon of its own."""
    return [fault for fault in faults if "favicon" not in fault and "404" not in fault]


def test_files_are_dropped_described_and_focused(desk: Page, faults: list[str]) -> None:
    known = make_photo()
    with known.original.open() as original:
        again = original.read()
    desk.goto("/admin/articles/photo/")
    place = desk.locator("[data-upload]")
    drop(
        place,
        ("海边.jpg", picture(900, 600).getvalue()),
        ("坏图.png", b"<html>"),
        ("空.jpg", b""),
        ("又一次.jpg", again),
        ("山上.png", picture(600, 900, extension="PNG").getvalue()),
    )
    lines = desk.locator(".upload__file")
    expect(desk.get_by_role("status")).to_contain_text("2 张已入库，1 张图库里已有，2 张没有成功。")
    expect(lines).to_have_text(
        [
            re.compile("海边.jpg已入库，打开"),
            re.compile("坏图.png不是 JPEG、PNG、WebP 或 GIF 图片。"),
            re.compile("空.jpg文件是空的。"),
            re.compile("又一次.jpg图库里已经有这张图片，看看它"),
            re.compile("山上.png已入库，打开"),
        ]
    )
    expect(lines.locator("progress")).to_have_count(0)
    width = "image => image.complete && image.naturalWidth"
    assert lines.nth(0).locator("img").evaluate(width) == 320
    assert lines.nth(3).get_by_role("link").get_attribute("href") == (
        f"/admin/articles/photo/{known.pk}/change/"
    )

    desk.get_by_role("link", name="填写 2 张图片的说明").click()
    alts = desk.get_by_label("替代文字", exact=True)
    expect(alts).to_have_count(2)
    alts.nth(0).fill("海边的灯塔")
    desk.get_by_label("共同署名").fill("本报记者 程小满")
    expect(desk.get_by_label("署名", exact=True).nth(1)).to_have_attribute(
        "placeholder", "本报记者 程小满"
    )
    desk.get_by_role("button", name="保存全部").click()
    expect(desk.get_by_text("请写替代文字")).to_be_visible()
    expect(alts.nth(0)).to_have_value("海边的灯塔")
    desk.get_by_label("装饰性图片，不需要替代文字").nth(1).check()
    desk.get_by_role("button", name="保存全部").click()
    expect(desk.get_by_text("保存了 2 张图片的说明。")).to_be_visible()
    sea, hill = Photo.objects.exclude(pk=known.pk).order_by("pk")
    assert (sea.alt, sea.credit, hill.alt, hill.decorative) == (
        "海边的灯塔", "本报记者 程小满", "", True,
    )  # fmt: skip

    desk.get_by_role("link", name="山上.png").first.click()
    box = desk.locator("[data-focal-picture] img").bounding_box()
    assert box
    desk.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.1)
    expect(desk.get_by_label("焦点：纵向")).to_have_value("10")
    crop = desk.locator("[data-focal-crop]")
    assert crop.evaluate("image => getComputedStyle(image).objectPosition") == "50% 10%"
    desk.get_by_label("焦点：横向").press("ArrowUp")
    assert crop.evaluate("image => getComputedStyle(image).objectPosition") == "51% 10%"
    desk.get_by_role("button", name="保存", exact=True).click()
    desk.wait_for_url("**/admin/articles/photo/")
    hill.refresh_from_db()
    assert (hill.focus_x, hill.focus_y) == (51, 10)
    assert own(faults) == []


def test_the_wall_becomes_a_list_and_stays_one(desk: Page, faults: list[str]) -> None:
    make_photo()
    desk.goto("/admin/articles/photo/")
    title = desk.locator("thead .column-credit")
    expect(title).to_be_hidden()
    desk.get_by_role("button", name="列表", exact=True).click()
    expect(title).to_be_visible()
    desk.reload()
    expect(title).to_be_visible()
    assert own(faults) == []


def order(article: Article) -> list[str]:
    """The gallery as it is stored."""
    return [use.photo.caption or use.photo.name for use in article.gallery.order_by("position")]


def test_a_gallery_is_dragged_moved_by_keys_and_dropped_into(desk: Page, faults: list[str]) -> None:
    photos = [make_photo(caption=name) for name in "甲乙丙"]
    article = make_article(photos=photos, topics=[make_topic("一"), make_topic("二")])
    path = f"/admin/articles/article/{article.pk}/change/"
    desk.goto(path)
    rows = desk.locator("#gallery-group tr.has_original:not(.empty-form)")
    rows.nth(2).locator(".order__handle").drag_to(
        rows.nth(0).locator(".order__handle"), target_position={"x": 12, "y": 2}
    )
    expect(rows.nth(0).locator("select")).to_have_text("丙")
    topics = desk.locator("#memberships-group tr.has_original")
    topics.nth(1).get_by_role("button", name="上移").focus()
    desk.keyboard.press("Enter")
    save(desk)
    assert order(article) == ["丙", "甲", "乙"]
    assert [each.topic.name for each in article.memberships.order_by("position")] == ["二", "一"]

    desk.goto(path)
    drop(
        desk.locator("[data-gallery]"),
        ("新一.jpg", picture().getvalue()),
        ("坏.jpg", b"<html>"),
        ("新二.jpg", picture().getvalue()),
    )
    expect(desk.locator("[data-gallery]").get_by_role("status")).to_contain_text(
        "2 张已入库，1 张没有成功。"
    )
    expect(rows).to_have_count(5)
    expect(rows.nth(4).locator(".thumbnail")).to_be_visible()
    rows.nth(4).get_by_role("button", name="上移").click()
    rows.nth(3).get_by_role("button", name="上移").click()
    rows.nth(4).locator(".inline-deletelink").click()
    expect(rows).to_have_count(4)
    save(desk)
    assert order(article) == ["丙", "甲", "新二.jpg", "乙"]
    assert Photo.objects.get(name="新一.jpg")
    assert ArticlePhoto.objects.count() == 4
    assert own(faults) == []


def save(desk: Page) -> None:
    """Save the article; the list follows."""
    desk.locator("[name=_save]").last.click()
    desk.wait_for_url("**/admin/articles/article/")


def test_a_lost_picture_is_a_placeholder_on_the_page(desk: Page, media: Any) -> None:
    photo = make_photo(700, 500)
    article = make_article(photos=[photo], body=f'<figure data-photo="{photo.token}"></figure>')
    for path in media.iterdir():
        path.unlink()
    desk.goto(article.get_absolute_url())
    shown = "image => image.complete && image.naturalWidth > 0"
    assert desk.locator(".text figure img").evaluate(shown)
    assert desk.locator(".text figure img").bounding_box()["height"] > 200  # type: ignore[index]
