"""Which template a reader gets: phones the mobile one, desks and tablets the desktop one.

Rules: MDN, "Browser detection using the user agent" (a phone says "Mobi"); Android tablets leave
"Mobile" out; `Sec-CH-UA-Mobile` is the browser's own word (W3C User-Agent Client Hints).
"""

import re
from functools import lru_cache
from typing import Literal

Device = Literal["desktop", "mobile"]
DEVICES: tuple[Device, ...] = ("desktop", "mobile")

# Where a reader's choice is kept.
COOKIE = "view"
# What a page depends on, for caches: the device is read from these and nothing else.
VARY = ("User-Agent", "Sec-CH-UA-Mobile", "Cookie")

_PHONE = re.compile(r"Mobi|iPhone|iPod|Windows Phone|Phone; OpenHarmony")
_TABLET = re.compile(r"iPad|Tablet|PlayBook|Silk(?!.*Mobile)")
# Browsers' names are shorter; what is longer is not remembered, for anybody may send it.
_LONGEST = 300


def detect(user_agent: str, client_hint: str = "") -> Device:
    """The device that a request's headers speak of."""
    read = _read if len(user_agent) <= _LONGEST else _read.__wrapped__
    return read(user_agent, client_hint == "?1")


@lru_cache(1024)  # it takes a tenth of what a page from memory takes
def _read(user_agent: str, says_mobile: bool) -> Device:
    if _TABLET.search(user_agent):
        return "desktop"
    return "mobile" if says_mobile or _PHONE.search(user_agent) else "desktop"


def choose(asked: str | None, remembered: str | None, detected: Device) -> Device:
    """The reader's word goes first, then what they chose before, then the device itself."""
    for word in (asked, remembered):
        for device in DEVICES:
            if word == device:
                return device
    return detected
