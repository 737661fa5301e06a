"""Who counts as one reader, told from a request's headers alone and kept by nobody.

A visitor is a keyed hash of the address and of a slot that the browser's headers fall into. The
key changes every day and is then forgotten (models.ReadKey), so a hash tells nothing later. The
slots bound a flood: one address can be at most SLOTS visitors of an article a day, however many
browsers it pretends to be, and the readers behind one company's address still count one by one.
"""

import hashlib
import ipaddress
import re
from collections.abc import Mapping
from typing import Any

SLOTS = 256
HASH_BYTES = 16
# An IPv6 customer is given a /64 at least (RFC 6177): an address in it says nothing more.
IPV6_PREFIX = 64

# Programs that fetch pages for others: crawlers, link previews, monitors, scripts.
_PROGRAMS = re.compile(
    r"(?<!cu)bot\b|crawl|spider|slurp|preview|headless|lighthouse|facebookexternalhit|whatsapp"
    r"|embedly|quora link|pingdom|monitor|curl/|wget/|python-|httpclient|okhttp|go-http|java/|node"
    r"|scrapy|phantomjs|archive\.org|sogou web|yisou|360so|bytespider|petalbot",
    re.IGNORECASE,
)


def is_program(user_agent: str) -> bool:
    """Whether the browser says that it is none; silence counts as none, too."""
    return not user_agent or _PROGRAMS.search(user_agent) is not None


def network(address: str) -> str:
    """What of an address tells readers apart: all of IPv4, the /64 of IPv6."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    mapped = getattr(parsed, "ipv4_mapped", None)
    if mapped or parsed.version == 4:
        return str(mapped or parsed)
    return str(ipaddress.ip_network((parsed, IPV6_PREFIX), strict=False))


def identify(key: bytes, address: str, *browser: str) -> bytes:
    """The visitor's hash for the day that the key belongs to."""
    slot = hashlib.blake2b("\0".join(browser).encode(), key=key, digest_size=1).digest()
    whole = hashlib.blake2b(key=key, digest_size=HASH_BYTES, person=b"visitor")
    whole.update(network(address).encode() + b"\0" + slot)
    return whole.digest()


def address(environ: Mapping[str, Any], behind_proxy: bool) -> str:
    """Where a request comes from; behind our proxy, the last address that it has added."""
    if behind_proxy:
        return str(environ.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip()
    return str(environ.get("REMOTE_ADDR", ""))
