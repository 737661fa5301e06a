"""docs/performance.md's table of weights."""

from datetime import datetime

from playwright.sync_api import Browser

from articles.models import Article
from tests.audit.long import CHARACTERS, lengthen
from tests.audit.site import Site
from tests.audit.weights import Weight, weigh
from tests.kinds import DEVICES
from tests.serving import ROOT

PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- weights: begin -->", "<!-- weights: end -->"
WEIGHED = ("home", "article", "topic", "search", "pictures")
COLUMNS = (
    "page", "device", "HTML", "CSS", "HTML + CSS", "scripts", "pictures in the first view",
    "requests", "to others",
)  # fmt: skip
HEAD = f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}"


def write(browser: Browser, site: Site) -> str:
    """Weigh the pages, write the table into the document and return it."""
    lengthen(Article.objects.get(pk=int(site.kinds["article"].rstrip("/").rsplit("/", 1)[1])))
    rows = [
        _row(name, device, _weigh(browser, site, name, device))
        for name in WEIGHED
        for device in DEVICES
    ]
    table = "\n".join([HEAD, *rows])
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    said = f"{datetime.now():%Y-%m-%d}"  # noqa: DTZ005 - the day here
    PAGE.write_text(f"{before}{BEGIN}\n{said}\n\n{table}\n{END}{after}", encoding="utf-8")
    return table


def _weigh(browser: Browser, site: Site, name: str, device: str) -> Weight:
    with browser.new_context(base_url=site.url, **DEVICES[device]) as context:
        return weigh(context.new_page(), site.kinds[name])


def _row(name: str, device: str, weight: Weight) -> str:
    def both(part: dict[str, int]) -> str:
        return " / ".join(f"{part[packer]:,}" for packer in ("br", "gzip"))

    first = {packer: weight.first_view(packer) for packer in ("br", "gzip")}
    shown = f"{name}, {CHARACTERS:,} characters" if name == "article" else name
    return (
        f"| {shown} | {device} | {both(weight.html)} | {both(weight.css)} | {both(first)}"
        f" | {both(weight.js)} | {weight.pictures:,} | {weight.requests} | {weight.foreign} |"
    )
