"""Links of a frozen page to others of the site, and whether they lead anywhere."""

import html
import re
from collections.abc import Iterator

from django.conf import settings

_ATTRIBUTE = re.compile(rb'\s(?:href|src|srcset|content)="([^"]*)"')
# What lives, or is answered by nginx itself.
_ELSEWHERE = re.compile(
    r"/(?:search/|reader(?:/|\.css)|admin/|on-this-day/$|zh-hant/on-this-day/$)"
)
_OF_A_PAGE = re.compile(r"(?:before|after)=[^&]*")


def internal(page: bytes, path: str) -> Iterator[str]:
    """The addresses on this site that a page at `path` (encoded) names; of queries, lists' alone.

    Not those of what lives, nor other devices' views of the same page.
    """
    site = settings.SITE_URL
    for found in _ATTRIBUTE.finditer(page):
        said = html.unescape(found[1].decode())
        for one in said.split(",") if " " in said else [said]:
            address = one.split()[0] if one.split() else ""
            address = address.removeprefix(site) if address.startswith(f"{site}/") else address
            if address.startswith("?"):
                address = path + address
            if not address.startswith("/") or address.startswith("//"):
                continue
            plain, _, query = address.partition("#")[0].partition("?")
            if _ELSEWHERE.match(plain):
                continue
            place = _OF_A_PAGE.search(query)
            yield f"{plain}?{place[0]}" if place else plain
