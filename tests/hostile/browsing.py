"""Pages opened in Chromium with traps laid: what runs, fetches or fails is written down."""

import re
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page

from tests.hostile.fuzzing import session

# Everything that a text could run, and what is refused to it.
_TRAPS = """
window.__trapped = [];
window.__run = (number) => { window.__trapped.push(`ran ${number}`); };
for (const name of ["alert", "confirm", "prompt", "print"]) {
  window[name] = () => { window.__trapped.push(name); };
}
document.addEventListener("securitypolicyviolation", (event) => {
  window.__trapped.push(`refused ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
});
"""
# What would run only later, by a click or a key.
_LATER = """() => {
  const found = [];
  for (const element of document.querySelectorAll("*")) {
    const name = element.localName;
    for (const { name: attribute, value } of element.attributes) {
      if (attribute.startsWith("on")) found.push(`<${name} ${attribute}=${value}>`);
      if (/^(href|src|action|formaction|xlink:href|data|poster|ping)$/.test(attribute)) {
        let scheme = "";
        try { scheme = new URL(value, location.href).protocol; } catch { continue; }
        if (!/^(https?|mailto|tel|data|about):$/.test(scheme)) found.push(`${name} ${value}`);
        if (scheme === "data:" && name !== "img") found.push(`${name} ${value}`);
      }
    }
    if (/^(base|object|embed|applet|frame|frameset|math|plaintext|xmp)$/.test(name)) {
      found.push(`<${name}>`);
    }
  }
  if (document.documentElement !== document.querySelector("html")) found.push("no html");
  if (document.querySelectorAll("main, #content").length < 1) found.push("no main");
  return found;
}"""
# Complaints that say nothing of what was written: a page of ours may be a 404 or a 410.
_EXPECTED = re.compile(r"status of (?:404|410)")


class Visit:
    """Somebody's browser on the site; `faults` is what must stay empty."""

    def __init__(
        self,
        browser: Browser,
        site: str,
        size: dict[str, int],
        cookie: dict[str, str] | None = None,
    ) -> None:
        """A fresh context, with a session of somebody's if there is one."""
        self.faults: list[str] = []
        self.site = site
        self.opened = 0
        self._context = browser.new_context(base_url=site, viewport=size, locale="zh-CN")  # type: ignore[arg-type]
        self._context.add_init_script(_TRAPS)
        if cookie:
            self._context.add_cookies([{**cookie, "url": site}])  # type: ignore[typeddict-item]
        self._page = self._context.new_page()
        self._watch(self._page)

    def _watch(self, page: Page) -> None:
        host = urlsplit(self.site).netloc
        page.on("console", lambda said: self._note(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self._note(str(error)))
        page.on("dialog", lambda dialog: (self._note(dialog.message), dialog.dismiss()))
        page.on(
            "request",
            lambda request: (
                None
                if urlsplit(request.url).netloc == host
                or request.url.startswith(("data:", "about:"))
                else self._note(f"asked {request.url}")
            ),
        )

    def _note(self, wrong: str) -> None:
        if not _EXPECTED.search(wrong):
            self.faults.append(f"{self._page.url}: {wrong}")

    def open(self, path: str) -> None:
        """Open a page, wait until its scripts have run, and look into it and its frames."""
        self._page.goto(path, wait_until="load")
        self.look()

    def look(self) -> None:
        """What is to be seen of the page as it stands."""
        self.opened += 1
        for frame in self._page.frames:
            for wrong in [*frame.evaluate("window.__trapped"), *frame.evaluate(_LATER)]:
                self._note(wrong)

    def show(self, html: str) -> None:
        """A page of this markup, without any policy: to see that the traps catch."""
        self._page.set_content(html)
        self._page.wait_for_timeout(100)
        self.look()

    def __enter__(self) -> Self:
        """Nothing more."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the browser's context."""
        self._context.close()


def session_cookie(user: User) -> dict[str, Any]:
    """The cookie of somebody who is logged in."""
    return {"name": settings.SESSION_COOKIE_NAME, "value": session(user.username)}
