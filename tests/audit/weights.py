"""What a page weighs on its way to the reader: bytes as compressed, requests, whose they are."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urlsplit

import brotli
from playwright.sync_api import Page, Response

# As they travel: files are packed once, with all patience; pages as a server packs each in passing.
PACKERS: dict[str, tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]] = {
    "br": (lambda page: brotli.compress(page, quality=5), cache(brotli.compress)),
    "gzip": (lambda page: gzip.compress(page, 6), cache(lambda file: gzip.compress(file, 9))),
}
FIRST_VIEW = """() => [...document.images].filter(image => {
  const box = image.getBoundingClientRect();
  return box.width && box.top < innerHeight && box.bottom > 0 && box.left < innerWidth;
}).map(image => image.currentSrc)"""
# Style sheets that what is seen waits for; one for print is fetched beside and read by nobody.
WAITED_FOR = """() => [...document.querySelectorAll("link[rel=stylesheet]")]
  .filter(link => matchMedia(link.media || "all").matches).map(link => link.href)"""


@dataclass(frozen=True)
class Weight:
    """Bytes of a page's parts, by packer ("br", "gzip"); pictures are as they are."""

    html: dict[str, int] = field(default_factory=dict)
    css: dict[str, int] = field(default_factory=dict)
    js: dict[str, int] = field(default_factory=dict)
    pictures: int = 0
    requests: int = 0
    foreign: int = 0

    def first_view(self, packer: str) -> int:
        """What has to arrive before anything is seen: the page and its style sheets."""
        return self.html[packer] + self.css[packer]


def weigh(page: Page, url: str) -> Weight:
    """Load a page with an empty cache and weigh all that came."""
    answers: list[Response] = []

    def came(answer: Response) -> None:
        answers.append(answer)

    page.on("response", came)
    page.goto(url, wait_until="networkidle")
    page.remove_listener("response", came)
    own = urlsplit(page.url).netloc
    # A picture packed into the address itself (data:) is part of what names it.
    answers = [answer for answer in answers if answer.url.startswith("http")]
    shown, waited_for = set(page.evaluate(FIRST_VIEW)), set(page.evaluate(WAITED_FOR))
    kinds: dict[str, list[bytes]] = {"document": [], "stylesheet": [], "script": [], "image": []}
    for answer in answers:
        kind = answer.request.resource_type
        if kind == "stylesheet" and answer.url not in waited_for and _linked(page, answer.url):
            continue
        if kind in kinds and (kind != "image" or answer.url in shown):
            kinds[kind].append(answer.body())
    return Weight(
        html={name: len(packed(kinds["document"][0])) for name, (packed, _) in PACKERS.items()},
        css=_total(kinds["stylesheet"]),
        js=_total(kinds["script"]),
        pictures=sum(map(len, kinds["image"])),
        requests=len(answers),
        foreign=sum(urlsplit(answer.url).netloc != own for answer in answers),
    )


def _linked(page: Page, url: str) -> bool:
    """Whether the page itself names this style sheet, and not another by @import."""
    return bool(
        page.evaluate(
            "url => [...document.querySelectorAll('link')].some(link => link.href === url)", url
        )
    )


def _total(files: list[bytes]) -> dict[str, int]:
    return {name: sum(len(pack(file)) for file in files) for name, (_, pack) in PACKERS.items()}
