"""Links of old pages, as they are to stand in the archive."""

from urllib.parse import urljoin, urlsplit


def within(site: str, href: str) -> str:
    """A link into the site at an address as the path (and query) there; any other as it is.

    The archive sends such paths on to the articles that stood at them.
    """
    if not same_site(site, href):
        return href
    there = urlsplit(href.strip())
    return there._replace(scheme="", netloc="", path=there.path or "/").geturl()


def from_page(address: str, href: str) -> str:
    """A link of the page at an address, which may be relative to it, as `within` has it."""
    if not address or href.startswith("#"):
        return href
    try:
        return within(address, urljoin(address, href.strip()))
    except ValueError:
        return href


def same_site(one: str, other: str) -> bool:
    """Whether two addresses of the web are one host's, with or without `www.`."""
    try:
        here, there = urlsplit(one), urlsplit(other.strip())
        same = _host(there.hostname) == _host(here.hostname) != ""
    except ValueError:
        return False
    return same and there.scheme in ("http", "https")


def _host(name: str | None) -> str:
    return (name or "").removeprefix("www.")
