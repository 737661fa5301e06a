"""An article found in another system: a line for the import, with where it came from."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from articles.transfer import Line
from articles.transfer.stream import LONGEST_LINE


@dataclass(frozen=True)
class Found(Line):
    """A line as `import_articles` takes it, and what is to be said of it."""

    id: str = ""
    title: str = ""
    remarks: tuple[str, ...] = ()  # what an article lacks that goes in all the same
    original: str | None = None  # HTML as it was, kept for a comparison alone


# What can't even become a line, and why.
Refuse = Callable[[Found, str], None]


def found(
    file: str,
    number: int,
    position: int,
    said: Mapping[str, Any],
    remarks: Sequence[str] = (),
    original: str | None = None,
) -> Found:
    """What was found, as a line. The same words make the same line: its digest tells of changes."""
    content: bytes | None = json.dumps(said, ensure_ascii=False).encode("utf-8", "replace")
    if content and len(content) > LONGEST_LINE:
        content = None
    return Found(
        file, number, content, position,
        str(said.get("id", "")), str(said.get("title", "")), tuple(remarks), original,
    )  # fmt: skip
