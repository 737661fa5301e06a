"""A real Chromium, and the archive served to it over a real socket."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from articles.models import Correction, Licence, Promo, Topic
from articles.models import Page as SitePage
from tests import chromium
from tests.factories import (
    make_article,
    make_photo,
    make_source,
    make_topic,
    moment,
    revise,
)
from tests.kinds import DESK, PHONE, kinds
from tests.serving import PATIENCE_SECONDS

__all__ = ["DESK", "PHONE"]  # tests here take the sizes of views from one place

SMALL_PHONE = {"width": 320, "height": 640}

CHROMIUM = chromium.found()
_BUSY = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test here; skip them with the reason where there is no browser."""
    for item in items:
        if "tests/browser/" not in str(item.path).replace(os.sep, "/"):
            continue
        item.add_marker(pytest.mark.browser)
        if CHROMIUM is None and os.environ.get("REQUIRE_BROWSER") != "1":
            item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))


@pytest.fixture
def site(live_server: LiveServer, settings: Any) -> Iterator[str]:
    """The address of the running archive; it knows itself by it."""
    settings.SITE_URL = live_server.url
    yield live_server.url
    _until_nothing_is_asked()


def _until_nothing_is_asked() -> None:
    """A page that closes says so by a last request; emptying the tables would cross it."""
    for _ in range(600):
        with connection.cursor() as cursor:
            cursor.execute(_BUSY)
            if not cursor.fetchone()[0]:
                return
        time.sleep(0.1)


@pytest.fixture
def archive(site: str) -> dict[str, str]:
    """A small archive; the paths of one page of each kind."""
    talk = make_topic("青岛话题", slug="huati", featured=True, in_navigation=True, position=1)
    make_topic("精彩美图", slug="meitu", layout=Topic.Layout.PICTURES, in_navigation=True)
    pictures = Topic.objects.get(slug="meitu")
    source = make_source("青岛晚报", slug="wanbao")
    photo = make_photo(1600, 1067, caption="栈桥清晨", credit="本报绘图")
    body = "".join(f"<p>第{n}段，海风从前海吹过来，码头上的灯还亮着。</p>" * 3 for n in range(12))
    rows = "<tr>" + "<td>很宽的一格</td>" * 14 + "</tr>"
    article = make_article(
        title="栈桥的早晨从第一班清扫车开始",
        original_title="潮起栈桥",
        body=f'<p>开头。</p><figure data-photo="{photo.token}"></figure><h2>小标题</h2>{body}'
        f"<table><tbody>{rows * 3}</tbody></table><p>{'超长的词' * 2}{'w' * 200}</p>",
        source=source,
        editor="戴慧慧",
        byline="记者 林疏影",
        published_at=moment("2022-09-29 09:18"),
        topics=[talk, pictures],
        photos=[photo],
        reads=12345,
    )
    for number in range(35):
        make_article(
            title=f"第{number}条消息：前湾港夜间装卸效率创下新高",
            topics=[talk, pictures] if number % 3 else [talk],
            photos=[photo] if number % 4 == 0 else [],
            source=source,
            editor="戴慧慧",
        )
    Correction.objects.create(article=article, text="图注时间有误，已改。")
    changed = make_article(
        title="旧题", body=f'<p>三人受伤。</p><figure data-photo="{photo.token}"></figure>{body}',
        source=source, editor="戴慧慧", byline="记者 林疏影", photos=[photo],
        published_at=moment("2022-09-27 09:18"),
    )  # fmt: skip
    revise(changed, title="新题", body=changed.body.replace("三人", "四人"))
    withdrawn = make_article(title="撤下的稿", published_at=moment("2022-09-28 10:00"))
    withdrawn.withdraw("数据未经核实。")
    SitePage.objects.create(slug="about", title="关于信网", body="<p>我们是谁。</p>")
    Promo.objects.create(kind="qr", title="手机版", url="https://m.example/")
    Promo.objects.create(kind="image", title="图片", url="https://p.example/", photo=photo)
    Licence.objects.create(kind="icp", text="鲁ICP备00000000号")
    return kinds()


@pytest.fixture
def faults() -> list[str]:
    """What the browser complained of; a test ends by finding it empty."""
    return []


def script(name: str) -> str:
    """A function for the browser to run, from the folder beside this."""
    return (Path(__file__).parent / "js" / f"{name}.js").read_text(encoding="utf-8")


def watch(page: Page, faults: list[str]) -> Page:
    """Write down every error, refused resource and request to somebody else's server."""
    page.set_default_timeout(PATIENCE_SECONDS * 1000)
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith(("http://localhost", "http://127.0.0.1", "data:"))
            else faults.append(f"foreign request {request.url}")
        ),
    )
    return page
