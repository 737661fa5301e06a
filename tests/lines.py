"""Lines of an import, and running one over them."""

import gzip
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from django.db import connection

from articles.transfer import Importer, Line, Tally
from tests.factories import picture

_numbers = count(1)


def make_line(**fields: Any) -> dict[str, Any]:
    """What a line says of an article, with only what a test is about said in it."""
    number = next(_numbers)
    return {
        "id": f"old-{number}",
        "title": f"旧稿{number}",
        "published_at": "2022-09-29T09:18:00+08:00",
        "body": f"<p>旧稿正文{number}。</p>",
        **fields,
    }


def as_bytes(line: dict[str, Any] | bytes) -> bytes:
    """A line as it stands in a file, without its line break."""
    return line if isinstance(line, bytes) else json.dumps(line, ensure_ascii=False).encode()


def write_lines(path: Path, lines: Iterable[dict[str, Any] | bytes]) -> Path:
    """A file of lines, packed if its name says so."""
    content = b"".join(as_bytes(line) + b"\n" for line in lines)
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


@dataclass
class Outcome:
    """What an import did."""

    tally: Tally
    reasons: dict[int, str] = field(default_factory=dict)

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Added, updated, unchanged, rejected."""
        tally = self.tally
        return tally.added, tally.updated, tally.unchanged, tally.rejected


def run_import(
    *lines: dict[str, Any] | bytes,
    photos: Path | None = None,
    dry_run: bool = False,
    overwrite: bool = False,
) -> Outcome:
    """Import lines; the reasons of refused ones by the number of the line."""
    reasons: dict[int, str] = {}
    importer = Importer(
        lambda line, reason: reasons.update({line.number: reason}),
        photos=lambda _: photos,
        dry_run=dry_run,
        overwrite=overwrite,
    )
    given = [Line("lines", number, as_bytes(line), 0) for number, line in enumerate(lines, start=1)]
    assert list(importer.run(given)) == given
    return Outcome(importer.tally, reasons)


def make_pictures(folder: Path) -> Path:
    """A folder with three pictures in it."""
    for name, colour in (("a.jpg", "red"), ("b.jpg", "green"), ("c.jpg", "blue")):
        (folder / name).write_bytes(picture(40, 30, colour).getvalue())
    return folder


def archive_rows() -> list[Any]:
    """Every row that an import could touch."""
    rows: list[Any] = []
    tables = ("article", "articletopic", "articlephoto", "correction", "photo", "topic", "source")
    for table in tables:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM articles_{table} ORDER BY id")
            rows += cursor.fetchall()
    return rows
