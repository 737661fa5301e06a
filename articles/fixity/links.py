"""Links in what readers read, and addresses of old systems: each is followed to what it names."""

import html as entities
import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from django.urls import Resolver404, resolve

from articles import oldpaths
from articles.checking import links
from articles.checking.links import Link
from articles.fixity.finding import Fault, Step, batches
from articles.models import Article, Page, Promo

BATCH = 200
_HREF = re.compile(r'<a [^>]*?href="([^"]*)"')
# What is named of an address that leads nowhere.
_SHOWN = 200


def check_links() -> Iterator[Step]:
    """Links in published bodies, in Pages and of promos, to pages and files of ours.

    At most nine queries a batch of 200.
    """
    for batch in batches(Article.objects.published().only("body"), BATCH):
        yield _step((str(one.pk), _hrefs(one.body)) for one in batch)
    for pages in batches(Page.objects.all(), BATCH):
        yield _step((one.get_absolute_url(), _hrefs(one.body)) for one in pages)
    for promos in batches(Promo.objects.shown(), BATCH):
        yield _step((f"推广“{one.title}”", [one.url]) for one in promos)


def check_redirects() -> Iterator[Step]:
    """Old addresses of what readers have: each leads to its own article. A query a batch."""
    moved = Article.objects.public().exclude(legacy_url="")
    for batch in batches(moved.only("legacy_path", "published_at"), BATCH):
        spelled = {one.pk: oldpaths.spellings(*_parted(one.legacy_path)) for one in batch}
        every = sorted({each for several in spelled.values() for each in several})
        there = Article.objects.public().at_old_paths(every)
        # Of several at one path the view answers with the first that came.
        to = dict(there.order_by("-id").values_list("legacy_path", "pk"))
        faults = []
        for one in batch:
            led = next((to[each] for each in spelled[one.pk] if each in to), None)
            what = _shadow(one.legacy_path) or _elsewhere(one.pk, led)
            if what:
                faults.append(Fault("redirect", str(one.pk), f"旧网址 {one.legacy_path} {what}"))
        yield Step(len(batch), faults)


def _hrefs(body: str) -> list[str]:
    return [entities.unescape(href) for href in _HREF.findall(body)]


def _step(found: Iterable[tuple[str, list[str]]]) -> Step:
    """What is wrong with the links of some pages."""
    rows = list(found)
    wrong = dict(links.faults(Link(href, "", 0) for _, hrefs in rows for href in hrefs))
    faults = [
        Fault("link", about, f"链接 {href[:_SHOWN]} {wrong[Link(href, '', 0)]}")
        for about, hrefs in rows
        for href in dict.fromkeys(hrefs)
        if Link(href, "", 0) in wrong
    ]
    return Step(len(rows), faults)


def _parted(path: str) -> tuple[str, str]:
    """As a request has it: the path without percent signs, the query as it is."""
    path, _, query = path.partition("?")
    return unquote(path), query


def _shadow(path: str) -> str:
    """Whether an address of ours stands before the old one."""
    try:
        name = resolve(_parted(path)[0]).url_name
    except Resolver404:
        return "不是网址"
    return "" if name == "old-address" else "被本站自己的网址占用，转不到稿件"


def _elsewhere(number: int, led: int | None) -> str:
    if led is None:
        return "转不到稿件"
    return "" if led == number else f"转到了另一篇稿件（编号 {led}）"
