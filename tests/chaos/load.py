"""Readers of cached pages and of others, their beacons, and an editor who saves: all the while.

What each of them sees is judged at once. `Load.faults` holds whatever may not be.
"""

import http.client
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlencode

from lxml import html

from tests.chaos.running import Site

# An answer, be it that there is none, comes within so many seconds: to readers, to editors.
BOUND_SECONDS, SAVE_BOUND_SECONDS = 15.0, 25.0
# And all is well again so many seconds after a fault.
WELL_WITHIN_SECONDS = 10.0
KEPT = 12
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"


class Reply(NamedTuple):
    """An answer; status 0 where none came."""

    status: int
    headers: http.client.HTTPMessage | None
    text: str
    seconds: float


class Browser:
    """A connection that is kept, from an address of its own (nginx bounds what one may ask)."""

    def __init__(self, port: int, address: str, cookies: str = "") -> None:
        self.cookies = cookies
        self._line = http.client.HTTPConnection(
            "127.0.0.1", port, timeout=40, source_address=(address, 0)
        )

    def ask(self, path: str, body: str | bytes | None = None, **headers: str) -> Reply:
        """One request; once more where the server has hung up a kept connection meanwhile."""
        said = {"User-Agent": BROWSER, "Cookie": self.cookies, **headers}
        if body is not None:
            said.setdefault("Content-Type", "application/x-www-form-urlencoded")
        begun = time.monotonic()
        for kept in (self._line.sock is not None, False):
            try:
                self._line.request("GET" if body is None else "POST", path, body, said)
                answer = self._line.getresponse()
                text = answer.read().decode("utf-8", "replace")
            except (OSError, http.client.HTTPException) as error:
                self._line.close()
                hung_up = isinstance(error, http.client.RemoteDisconnected | ConnectionError)
                if kept and hung_up:
                    continue
                return Reply(0, None, repr(error), time.monotonic() - begun)
            return Reply(answer.status, answer.headers, text, time.monotonic() - begun)
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Hang up."""
        self._line.close()


def is_polite(reply: Reply) -> bool:
    """A 503 that says in Chinese what there is to do, when, and nothing of the inside."""
    return (
        reply.status == 503
        and reply.headers is not None
        and int(reply.headers.get("Retry-After", "0")) > 0
        and ("网站正在恢复" in reply.text or "没有" in reply.text)
        and "Traceback" not in reply.text
        and "postgres" not in reply.text.lower()
    )


@dataclass
class Load:
    """It runs from `with` to its end.

    `cut_off`: a connection may end without an answer, or in the middle of one, for what holds it is
    killed or restarted; that is counted.
    """

    site: Site
    pause: float = 0.04  # of each reader, between two requests
    mixed: int = 0  # instead of readers of the one and of the other: so many of both
    pace: float = 0  # requests a second of these, together; else as fast as they can
    slowness: float = 1  # how many times longer than the bounds all may take
    cut_off: bool = False
    crowd: int = 0  # more readers of other pages than gunicorn has threads
    faults: list[str] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    slowest: dict[str, float] = field(default_factory=dict)

    def __enter__(self) -> "Load":
        self.stopping = threading.Event()
        self.saved: list[tuple[str, bool]] = []
        self._lock = threading.Lock()
        self._next = 0.0
        self._browsers = ExitStack()
        self._warm()
        ways: list[Callable[[int], None]] = [self._read_kept, self._read_others] * 2
        if self.mixed:
            ways = [self._read_both] * self.mixed
        ways += [self._search, self._beacons]
        ways += [self._edit, *[self._read_others] * self.crowd]
        self._threads = [
            threading.Thread(target=way, args=(number,), daemon=True)
            for number, way in enumerate(ways)
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stopping.set()
        for thread in self._threads:
            thread.join(60)
            if thread.is_alive():
                self.fault("hangs", thread.name)
        self._browsers.close()

    def fault(self, what: str, why: str) -> None:
        """Something that may not be."""
        with self._lock:
            self.faults.append(f"{what}: {why}")

    def count(self, what: str, reply: Reply | None = None) -> None:
        """Something that may be."""
        with self._lock:
            self.seen[what] += 1
            if reply:
                kind = what.split(maxsplit=1)[0]
                self.slowest[kind] = max(self.slowest.get(kind, 0), reply.seconds)

    def _go_on(self, at_least: float = 0.0, *, mixed: bool = False) -> bool:
        """Wait for one's turn; False when all ends."""
        pause = max(self.pause, at_least)
        if mixed and self.pace:
            with self._lock:
                now = time.monotonic()
                self._next = max(self._next, now - 1)  # who is late makes up for a second
                pause = max(0, self._next - now)
                self._next += 1 / self.pace
        return not self.stopping.wait(pause)

    # -- readers -----------------------------------------------------------------------------

    def _kept_paths(self) -> list[str]:
        return ["/", "/topic/huati/", *self.site.paths[:KEPT]]

    def _browser(self, address: str, cookies: str = "") -> Browser:
        """One that is closed in the end."""
        made = Browser(self.site.port, address, cookies)
        self._browsers.callback(made.close)
        return made

    def _warm(self) -> None:
        """What is asked for as kept has been asked for."""
        browser = self._browser("127.0.0.2")
        for path in self._kept_paths():
            reply = browser.ask(path)
            assert reply.status == 200, (path, reply.status, reply.text[:500])
        browser.close()

    def _read_kept(self, number: int) -> None:
        browser = self._browser(f"127.0.1.{number}")
        turn = number
        while self._go_on():
            turn += 1
            self._kept(browser, turn)

    def _read_others(self, number: int) -> None:
        browser = self._browser(f"127.0.2.{number}")
        while self._go_on():
            self._other(browser)

    def _read_both(self, number: int) -> None:
        """Four kept pages for each other one."""
        browser = self._browser(f"127.0.2.{number}")
        turn = number
        while self._go_on(mixed=True):
            turn += 1
            if turn % 5:
                self._kept(browser, turn)
            else:
                self._other(browser)

    def _kept(self, browser: Browser, turn: int) -> None:
        paths = self._kept_paths()
        reply = browser.ask(paths[turn % len(paths)])
        self._judge("kept", reply, reply.status == 200 and "</html>" in reply.text)

    def _other(self, browser: Browser) -> None:
        """A page that nobody has asked for before."""
        new = 10**9 + next(self.site.numbers)
        nowhere = new % 4 == 0
        path = f"/nowhere-{new}/" if nowhere else f"/topic/huati/?before={new}-{new}"
        reply = browser.ask(path)
        good = reply.status == (404 if nowhere else 200)
        self._judge("other", reply, good or is_polite(reply))

    def _search(self, number: int) -> None:
        browser = self._browser(f"127.0.3.{number}")
        while self._go_on(0.25):  # nginx lets through five a second
            query = urlencode({"q": f"码头{next(self.site.numbers)}"})
            reply = browser.ask(f"/search/?{query}")
            self._judge("other", reply, reply.status == 200 or is_polite(reply))

    def _judge(self, kind: str, reply: Reply, good: bool) -> None:
        if reply.status == 0 and self.cut_off:
            self.count(f"{kind} cut")
            return
        if reply.seconds > BOUND_SECONDS * self.slowness:
            self.fault(kind, f"answered {reply.status} after {reply.seconds:.1f} s")
        if not good:
            self.fault(kind, f"{reply.status} {reply.text[:300]}")
        self.count(f"{kind} {reply.status}", reply)

    # -- reads -------------------------------------------------------------------------------

    def _beacons(self, number: int) -> None:
        """Each reader's beacon, until it is acknowledged; in the end, too."""
        waiting: list[int] = []
        give_up = float("inf")
        while True:
            if not self._go_on(0.05):
                time.sleep(0.1)  # nginx lets one address through ten times a second
                within = WELL_WITHIN_SECONDS * self.slowness + len(waiting) / 9
                give_up = min(give_up, time.monotonic() + within)
                if time.monotonic() > give_up:
                    self.fault("reads", f"{len(waiting)} are not taken any more")
                    return
            else:
                waiting.append(next(self.site.numbers))
            if not waiting:
                return
            reader = waiting.pop(0)
            reply = self._read(reader)
            self.count(f"read {reply.status}", reply)
            if reply.status == 200:
                self.site.reads += 1
            else:
                waiting.append(reader)
                if reply.status != 503 and not (reply.status == 0 and self.cut_off):
                    self.fault("reads", f"{reply.status} {reply.text[:200]}")

    def _read(self, reader: int) -> Reply:
        """A beacon from an address of the reader's own."""
        article = self.site.ids[reader % len(self.site.ids)]
        browser = self._browser(f"127.{10 + (reader >> 16)}.{reader >> 8 & 255}.{reader & 255}")
        try:
            return browser.ask(f"/reads/{article}/?age=9", "", **{"Sec-Fetch-Site": "same-origin"})
        finally:
            browser.close()

    # -- the editor ----------------------------------------------------------------------------

    def _edit(self, number: int) -> None:
        """Opens the form, changes title and text, saves; whatever fails is tried anew."""
        browser = self._browser(f"127.0.5.{number}", f"sessionid={self.site.session}")
        path = f"/admin/articles/article/{self.site.edited}/change/"
        while self._go_on(0.05):
            shown = browser.ask(path)
            if shown.status != 200:
                self._judge("form", shown, is_polite(shown))
                continue
            self.count("form 200", shown)
            text = f"第{next(self.site.numbers)}稿"
            self._save(browser, path, filled(shown, text), text)

    def _save(self, browser: Browser, path: str, form: dict[str, str], text: str) -> None:
        token = form["csrfmiddlewaretoken"]
        browser.cookies = f"sessionid={self.site.session}; csrftoken={token}"
        origin = f"http://127.0.0.1:{self.site.port}"
        reply = browser.ask(path, urlencode(form), Origin=origin)
        self.count(f"save {reply.status}", reply)
        if reply.seconds > SAVE_BOUND_SECONDS * self.slowness:
            self.fault("save", f"answered {reply.status} after {reply.seconds:.1f} s")
        with self._lock:
            self.saved.append((text, reply.status == 302))
        if reply.status == 302 or (reply.status == 200 and "desk-conflict" in reply.text):
            return  # stored; or stored already, when the answer to that went astray
        if reply.status == 0 and self.cut_off:
            return
        if not is_polite(reply) or ("没有丢" not in reply.text):
            self.fault("save", f"{reply.status} {reply.text[:300]}")
        elif "error__title" in reply.text and f'value="{text}"' not in reply.text:
            self.fault("save", "the text is not in the answer")


def filled(shown: Reply, text: str) -> dict[str, str]:
    """What a browser would send of the form, with another title and text."""
    page = html.fromstring(shown.text)
    (form,) = (form for form in page.forms if form.get("id") == "article_form")
    fields = dict(form.form_values())
    return {**fields, "title": text, "body": f"<p>{text}</p>", "_save": "保存"}
