"""The pictures of a WordPress site, as its export lists them: any number, in constant memory."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from articles.elsewhere.bodies import words
from articles.elsewhere.wxr import Item


@dataclass(frozen=True)
class Attachment:
    """A file that was uploaded: its path below the folder of uploads, and its words."""

    number: int
    file: str
    alt: str
    caption: str


class Attachments:
    """Kept in a file of SQLite's that has no name, and is gone with the process."""

    def __init__(self) -> None:
        """Empty."""
        self._base = sqlite3.connect("", isolation_level=None)
        self._base.execute(
            "CREATE TABLE attachment (number INTEGER PRIMARY KEY, parent INTEGER, place INTEGER,"
            " file TEXT, alt TEXT, caption TEXT)"
        )
        self._base.execute("CREATE INDEX by_parent ON attachment (parent, place, number)")
        self._base.execute("BEGIN")

    def close(self) -> None:
        """Let go of the file."""
        self._base.close()

    def add(self, item: Item) -> None:
        """Remember an item of the kind `attachment`; the first of a number counts."""
        file = item.meta.get("_wp_attached_file") or below_uploads(item["wp:attachment_url"])
        self._base.execute(
            "INSERT OR IGNORE INTO attachment VALUES (?, ?, ?, ?, ?, ?)",
            [
                item.number, _number(item["wp:post_parent"]), _number(item["wp:menu_order"]), file,
                words(item.meta.get("_wp_attachment_image_alt", "")),
                words(item["excerpt:encoded"]),
            ],
        )  # fmt: skip

    def get(self, number: int) -> Attachment | None:
        """The attachment of that number."""
        return next(iter(self._found("number = ?", number)), None)

    def of(self, parent: int) -> list[Attachment]:
        """Those that were uploaded to a post, in the order of its gallery."""
        return list(self._found("parent = ? ORDER BY place, number", parent))

    def _found(self, which: str, number: int) -> Iterable[Attachment]:
        rows = self._base.execute(
            f"SELECT number, file, alt, caption FROM attachment WHERE {which}",  # noqa: S608
            [number],
        )
        return (Attachment(*row) for row in rows)


def below_uploads(address: str) -> str:
    """The path of a file below the folder of uploads, from its address; empty: it is elsewhere."""
    try:
        path = unquote(urlsplit(address.strip()).path)
    except ValueError:
        return ""
    for folder in ("/uploads/", "/files/"):
        _, found, below = path.rpartition(folder)
        if found:
            return below
    return ""


def _number(said: str) -> int:
    said = said.strip()
    return int(said) if said.isascii() and said.isdigit() and len(said) < 18 else 0
