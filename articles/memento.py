"""What Memento clients are told, and how they ask: RFC 7089, https://www.rfc-editor.org/rfc/rfc7089.

Its pattern 2.1: the permalink is the Original Resource and says where its TimeGate is, which sends
on to the Mementos, the pages of public versions.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from django.utils.http import http_date, parse_http_date

# Below a permalink.
HISTORY, TIMEGATE, TIMEMAP, TEXT = "history/", "timegate/", "timemap/", "text.txt"
LINK_FORMAT = "application/link-format"
# RFC 7089, section 2.1.1.1: this form of a date alone.
_RFC_1123 = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} "
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [1-9]\d{3} \d{2}:\d{2}:\d{2} GMT",
    re.ASCII,
)


class Memento(NamedTuple):
    """A public version: its full address, and from when on readers had it."""

    address: str
    at: datetime


def asked_for(said: str) -> datetime:
    """The moment that an Accept-Datetime names; raises ValueError for what is none."""
    if not _RFC_1123.fullmatch(said.strip()):
        raise ValueError("not a date of RFC 1123")
    return datetime.fromtimestamp(parse_http_date(said.strip()), UTC)


def said(at: datetime) -> str:
    """A moment as Memento-Datetime and links have it: whole seconds, GMT."""
    return http_date(at.timestamp())


def chosen(mementos: Sequence[Memento], at: datetime | None) -> Memento:
    """The one that held at a moment: the last before it, else the first; without one, the last.

    `mementos`: at least one, oldest first.
    """
    held = [one for one in mementos if at is None or int(one.at.timestamp()) <= at.timestamp()]
    return held[-1] if held else mementos[0]


def of_original(permalink: str) -> str:
    """The `Link` of an article's own page; `permalink` is a full address."""
    return ", ".join([f'<{permalink}>; rel="original"', *_ways(permalink)])


def of_timegate(permalink: str) -> str:
    """The `Link` of a TimeGate's answer."""
    return f'<{permalink}>; rel="original", {_ways(permalink)[1]}'


def of_memento(permalink: str, mementos: Sequence[Memento], place: int) -> str:
    """The `Link` of one of the mementos: to itself, to the ends and to its neighbours as well."""
    relations: dict[int, list[str]] = {place: []}
    for name, there in (
        ("first", 0), ("prev", place - 1), ("next", place + 1), ("last", len(mementos) - 1),
    ):  # fmt: skip
        if 0 <= there < len(mementos):
            relations.setdefault(there, []).append(name)
    named = [
        _memento(mementos[there], [*relations[there], "memento"]) for there in sorted(relations)
    ]
    return ", ".join([of_original(permalink), *named])


def timemap(permalink: str, mementos: Sequence[Memento]) -> str:
    """A TimeMap in application/link-format, a link a line (RFC 7089, section 5)."""
    last = len(mementos) - 1
    between = (
        f'; from="{said(mementos[0].at)}"; until="{said(mementos[-1].at)}"' if mementos else ""
    )
    lines = [
        f'<{permalink}>; rel="original"',
        f'<{permalink}{TIMEMAP}>; rel="self"; type="{LINK_FORMAT}"{between}',
        f'<{permalink}{TIMEGATE}>; rel="timegate"',
        *(
            _memento(one, [*["first"] * (place == 0), *["last"] * (place == last), "memento"])
            for place, one in enumerate(mementos)
        ),
    ]
    return ",\n".join(lines) + "\n"


def _ways(permalink: str) -> tuple[str, str]:
    return (
        f'<{permalink}{TIMEGATE}>; rel="timegate"',
        f'<{permalink}{TIMEMAP}>; rel="timemap"; type="{LINK_FORMAT}"',
    )


def _memento(one: Memento, relations: Iterable[str]) -> str:
    return f'<{one.address}>; rel="{" ".join(relations)}"; datetime="{said(one.at)}"'
