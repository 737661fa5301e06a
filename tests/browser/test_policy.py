"""The content security policy in a browser: what pages need is let in, nothing else is."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, Page

from tests.browser.conftest import watch
from tests.desk import editor_named
from tests.kinds import DEVICES

pytestmark = pytest.mark.django_db(transaction=True)

SCROLL = "() => window.scrollTo(0, document.body.scrollHeight)"
# What somebody might get into a page; each says so if it runs.
INTRUDERS = """() => {
  const add = (name, properties) =>
    document.body.append(Object.assign(document.createElement(name), properties));
  window.ran = [];
  add("script", { textContent: "window.ran.push('inline')" });
  add("script", { src: "data:text/javascript,window.ran.push('data')" });
  add("script", { src: URL.createObjectURL(new Blob(["window.ran.push('blob')"])) });
  add("div", { innerHTML: "<img src=/nothing onerror=\\"window.ran.push('handler')\\">" });
  add("iframe", { srcdoc: "<script>parent.ran.push('frame')</script>" });
  add("a", { href: "javascript:window.ran.push('address')", id: "intruder" });
  document.getElementById("intruder").click();
  add("style", { textContent: "body { --stained: 1 }" });
  add("object", { data: "/qr.svg" });
  setTimeout("window.ran.push('text')");
  try { new Worker(URL.createObjectURL(new Blob(["1"]))); } catch {}
}"""
FOUND = """() => [
  ...window.ran,
  ...(getComputedStyle(document.body).getPropertyValue("--stained") ? ["style"] : []),
]"""


@pytest.mark.parametrize("device", DEVICES)
def test_every_kind_of_page_gets_all_that_it_asks_for(
    browser: Browser, site: str, archive: dict[str, str], faults: list[str], device: str
) -> None:
    with browser.new_context(base_url=site, **DEVICES[device]) as context:
        page = watch(context.new_page(), faults)
        for kind, path in archive.items():
            page.goto(path, wait_until="networkidle")
            page.evaluate(SCROLL)
            # Chromium itself says that a 404 or 410 is one.
            faults[:] = [fault for fault in faults if "status of 4" not in fault]
            assert faults == [], (kind, faults)
            manifest = context.new_cdp_session(page).send("Page.getAppManifest")
            assert manifest["errors"] == [], kind
            assert "信网" in manifest["data"]


def test_the_desk_gets_all_that_it_asks_for(
    browser: Browser, site: str, archive: dict[str, str], faults: list[str]
) -> None:
    with _desk(browser, site, editor_named("dai")) as context:
        page = watch(context.new_page(), faults)
        number = archive["article"].rstrip("/").rpartition("/")[2]
        for path in ("", "articles/article/", "articles/article/add/", "articles/photo/",
                     f"articles/article/{number}/change/", f"articles/article/{number}/preview/",
                     f"articles/article/{number}/history/", "articles/promo/"):  # fmt: skip
            page.goto(f"/admin/{path}", wait_until="networkidle")
            assert faults == [], (path, faults)
        page.goto("/admin/articles/article/add/", wait_until="networkidle")
        assert page.evaluate("() => [...document.fonts].some(font => font.status === 'loaded')")


@pytest.mark.parametrize("path", ["/", "/admin/"])
def test_nothing_of_a_strangers_runs(
    browser: Browser, site: str, archive: dict[str, str], path: str
) -> None:
    with _desk(browser, site, editor_named("dai")) as context:
        page: Page = context.new_page()
        page.goto(path, wait_until="networkidle")
        page.evaluate(INTRUDERS)
        page.wait_for_timeout(300)
        assert page.evaluate(FOUND) == []


def _desk(browser: Browser, site: str, user: User) -> Any:
    client = Client()
    client.force_login(user)
    context = browser.new_context(base_url=site, **DEVICES["desk"])
    session = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
    return context
