"""Lines of a file, of a gzip file or of standard input, in constant memory."""

import gzip
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from articles.outages import reason

# The longest article by far has a few hundred thousand characters; this bounds memory.
LONGEST_LINE = 16 * 1024 * 1024
STANDARD_INPUT = "-"


class BadFile(Exception):
    """The file can't be read (further); the text says why."""


@dataclass(frozen=True)
class Line:
    """One line: where it stands, its bytes (None: too long to hold), how far the file is read."""

    file: str
    number: int
    content: bytes | None
    position: int


def read_lines(name: str) -> Iterator[Line]:
    """The non-empty lines of a file (`.gz` unpacked), or of standard input for `-`."""
    try:
        if name == STANDARD_INPUT:
            yield from _lines(name, sys.stdin.buffer, None)
        elif name.endswith(".gz"):
            with Path(name).open("rb") as packed, gzip.open(packed) as unpacked:
                yield from _lines(name, unpacked, packed)  # type: ignore[arg-type]
        else:
            with Path(name).open("rb") as file:
                yield from _lines(name, file, file)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BadFile(f"{name} 不是完整的 gzip 文件：{error}") from error
    except OSError as error:
        raise BadFile(f"读不了 {name}：{reason(error)}") from error


def _lines(name: str, file: BinaryIO, underlying: BinaryIO | None) -> Iterator[Line]:
    number = 0
    while content := file.readline(LONGEST_LINE + 1):
        number += 1
        kept: bytes | None = content
        while len(content) > LONGEST_LINE and not content.endswith(b"\n"):
            kept, content = None, file.readline(LONGEST_LINE + 1)
        if number == 1 and kept:
            kept = kept.removeprefix(b"\xef\xbb\xbf")
        if kept is None or kept.strip():
            yield Line(name, number, kept, underlying.tell() if underlying else 0)
