"""What a page weighs: an article arrives in a connection's first flight, scripts stay small.

Bytes as they are sent: stylesheets as collecting them writes them, compressed once with Brotli's
best; the page with a quality that is fast enough for each page anew.
"""

import gzip
import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import brotli
import pytest
from django.conf import settings
from django.test import Client

from articles.models import Article, Licence, Page, Photo, Promo, Topic
from tests.factories import make_article, make_source, make_topic, moment
from xinwang.staticfiles import bundle

pytestmark = [pytest.mark.django_db, pytest.mark.once]

VIEWS = ("desktop", "mobile")
FIRST_FLIGHT = 14_336  # ten packets, as a server may send before it hears from the reader
SCRIPTS = 10 * 1024
CHARACTERS = 2_500
STATIC = Path(settings.BASE_DIR) / "static"


def sample() -> list[dict[str, Any]]:
    """The sample archive's articles."""
    folder = Path(settings.BASE_DIR) / "fixtures" / "articles"
    lines = [
        line for file in sorted(folder.glob("*.jsonl")) for line in file.read_text().splitlines()
    ]
    return [json.loads(line) for line in lines]


def make_unseen_photo(number: int) -> Photo:
    """A photo as large as the largest, by name alone: its files are not asked for."""
    return Photo.objects.create(
        sha256=sha256(str(number).encode()).hexdigest(), name="sea.jpg", alt="海边的灯塔",
        width=1600, height=1067, widths=[320, 640, 960, 1280, 1600],
    )  # fmt: skip


@pytest.fixture
def article() -> Article:
    """An article of 2,500 characters of real prose amid all that may stand around one."""
    names = ["青岛话题", "深度报道", "民生", "海洋", "财经", "文化", "体育"]
    topics = [
        make_topic(name, slug=f"topic-{n}", featured=n < 2, in_navigation=True, position=n)
        for n, name in enumerate(names)
    ]
    meitu = make_topic("精彩美图", slug="meitu", layout=Topic.Layout.PICTURES, in_navigation=True)
    source = make_source("青岛晚报", slug="wanbao")
    articles = sample()
    for number, told in enumerate(articles[:24]):
        make_article(
            title=told["title"], body=told["body"], source=source, reads=90_000 - number,
            topics=[topics[number % 3], *([meitu] if number % 4 == 0 else [])],
            lead_photo=make_unseen_photo(number),
        )  # fmt: skip
    for title, note in (("手机版", "扫一扫，在手机上看今天的青岛"), ("小程序", "微信扫码")):
        Promo.objects.create(kind="qr", title=title, note=note, url=f"https://{note}.example/")
    for n, title in enumerate(("媒体资源", "关于信网", "广告服务", "人才招聘", "联系我们")):
        Page.objects.create(title=title, slug=f"page-{n}", body="<p>页</p>")
    for kind in Licence.Kind.values:
        Licence.objects.create(kind=kind, text=f"许可证 {kind} 00000000000")
    paragraphs = "".join(re.findall(r"<p>.*?</p>", "".join(a["body"] for a in articles[30:])))
    text, length = "", 0
    for paragraph in re.findall(r"<p>.*?</p>", paragraphs):
        if length < CHARACTERS:
            text += paragraph
            length += len(re.sub(r"<[^>]*>", "", paragraph))
    photo = make_unseen_photo(99)
    return make_article(
        title="一辆厢货拉着茂腔走", original_title="九个人的戏班", source=source, editor="戴慧慧",
        byline="记者 庄若川 通讯员 管长庚", published_at=moment("2022-09-29 09:18"),
        body=f'<figure data-photo="{photo.token}"></figure>{text}', topics=topics[:2],
        photos=[photo], reads=12345,
    )  # fmt: skip


def read(name: str) -> str:
    return (STATIC / name).read_text()


def linked(html: str, pattern: str) -> list[str]:
    """The static files that a page names."""
    return [name for name in re.findall(pattern, html) if (STATIC / name).exists()]


def stylesheets(html: str) -> list[str]:
    """The stylesheets that a page waits for."""
    tags = [tag for tag in re.findall(r'<link rel="stylesheet"[^>]*>', html) if "print" not in tag]
    return [name for tag in tags for name in linked(tag, r"/static/([^\"]+\.css)")]


@pytest.mark.parametrize("view", VIEWS)
def test_an_article_arrives_in_the_first_flight(
    client: Client, article: Article, view: str
) -> None:
    client.cookies["view"] = view
    html = client.get(article.get_absolute_url()).content
    sheets = [bundle(name, read).encode() for name in stylesheets(html.decode())]
    assert sheets
    by_brotli = len(brotli.compress(html, quality=5)) + sum(map(len, map(brotli.compress, sheets)))
    by_gzip = len(gzip.compress(html, 6)) + sum(len(gzip.compress(each, 9)) for each in sheets)
    print(f"{view}: {by_brotli} bytes by Brotli, {by_gzip} by gzip")
    assert by_brotli <= FIRST_FLIGHT


@pytest.mark.parametrize("view", VIEWS)
def test_scripts_stay_small_and_hold_up_nothing(
    client: Client, article: Article, view: str
) -> None:
    client.cookies["view"] = view
    for path in (article.get_absolute_url(), "/", "/topic/topic-0/", "/search/?q=青岛"):
        html = client.get(path).content.decode()
        scripts = linked(html, r'<script[^>]*src="/static/([^"]+)"')
        weight = sum(len(brotli.compress((STATIC / name).read_bytes())) for name in scripts)
        assert scripts
        assert weight <= SCRIPTS, path
