"""The page of an import's dry run: originals do no harm, and it fits every screen."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from django.utils import timezone
from playwright.sync_api import Browser

from articles.elsewhere import comparing
from articles.elsewhere.found import found
from tests.browser.conftest import DESK, PHONE
from tests.factories import picture

HOSTILE = """<html><head><title>x</title>
<meta http-equiv="refresh" content="0;url=http://127.0.0.1:9/refresh">
<link rel="stylesheet" href="http://127.0.0.1:9/style.css"><base href="http://127.0.0.1:9/">
<style>@import "http://127.0.0.1:9/import.css"; p { background: url(http://127.0.0.1:9/bg.png) }
</style></head><body onload="parent.document.title='偷'">
<script>top.document.title = "偷"; fetch("http://127.0.0.1:9/fetch"); alert(1)</script>
<img src="http://127.0.0.1:9/img.png" onerror="top.location='http://127.0.0.1:9/top'"
 srcset="http://127.0.0.1:9/2.png 2x" data-src="http://127.0.0.1:9/3.png">
<img src="a.jpg" alt="海"><iframe src="http://127.0.0.1:9/frame"></iframe>
<object data="http://127.0.0.1:9/object"></object><video src="http://127.0.0.1:9/v.mp4" autoplay>
</video><svg><image href="http://127.0.0.1:9/svg.png"/></svg></iframe>"></iframe>
<p id="said">原来的话</p></body></html>"""

PLAIN = "<p>平常的话</p><table width=1200><tr><td>宽</table>"


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """A server's address, and what anybody has asked it for."""
    seen: list[str] = []

    class Noting(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Noting) as server:
        Thread(target=server.serve_forever).start()
        yield f"127.0.0.1:{server.server_port}", seen
        server.shutdown()


@pytest.fixture
def page_file(tmp_path: Path, asked: tuple[str, list[str]]) -> Path:
    """A comparison of ten articles, the first of them hostile."""
    (tmp_path / "a.jpg").write_bytes(picture(900, 600, "navy").getvalue())
    long = f"http://old.example.com/{'x' * 300}"
    lines = [
        found(
            "a.htm", number, number,
            {
                "id": str(number), "title": "题" * 60, "published_at": "2003-05-06", "url": long,
                "body": f'<p>{"潮" * 300}</p><figure data-photo="a.jpg"></figure>'
                f"<table><tr>{'<td>很长的一格字</td>' * 30}</tr></table><p>{long}</p>",
                "photos": [{"file": "a.jpg", "caption": "海"}],
            },
            ["图片没有带进来（" + long + "）"],
            HOSTILE.replace("127.0.0.1:9", asked[0]) if number == 0 else PLAIN,
        )
        for number in range(10)
    ]  # fmt: skip
    problems = comparing.Problems()
    for line in lines:
        problems.remark(line, line.remarks[0])
        problems.refuse(line, f"title 超过 200 字：{long}")
    counts = [("稿件", "10 篇"), (f"没有收：{'x' * 40}", "1 条")]
    path = tmp_path / "compare.html"
    comparing.write(
        path, "试", lines, tmp_path, lambda _, tag: "a.jpg" if "a.jpg" in tag else None,
        counts, problems, timezone.localtime(),
    )  # fmt: skip
    assert json.loads(lines[0].content or b"{}")["id"] == "0"
    return path


def test_an_original_runs_nothing_and_fetches_nothing(
    browser: Browser, page_file: Path, asked: tuple[str, list[str]]
) -> None:
    with browser.new_context(viewport=DESK) as context:
        page = context.new_page()
        dialogs: list[str] = []
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        page.goto(page_file.as_uri())
        frame = page.frame_locator(".pair iframe").first
        frame.locator("#said").wait_for()
        assert frame.locator("img[alt=海]").evaluate("image => image.naturalWidth") == 800
        page.wait_for_timeout(500)
        assert page.title() == "试导结果：试"
        assert dialogs == []
        assert asked[1] == []


@pytest.mark.parametrize("view", [DESK, PHONE, {"width": 320, "height": 640}])
def test_it_fits(browser: Browser, page_file: Path, view: dict[str, int]) -> None:
    with browser.new_context(viewport=view) as context:
        page = context.new_page()
        page.goto(page_file.as_uri())
        page.evaluate("document.querySelector('details').open = true")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide == view["width"]
