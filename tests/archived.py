"""What is in a WACZ: its records, found as replaying programs find them, by the index."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit
from zipfile import ZipFile

from warcio.archiveiterator import ArchiveIterator


@dataclass(frozen=True)
class Record:
    """What was answered at an address of the site, its query with it."""

    address: str
    date: str
    status: int
    headers: dict[str, str]
    body: bytes
    same_as: str  # of a revisit: the address that has the bytes

    @property
    def told(self) -> tuple[int, str]:
        """The status, and where to go on."""
        return self.status, self.headers.get("location", "")


def records(file: Path) -> Iterator[Record]:
    """Every record that the index names, in its order."""
    with ZipFile(file) as wacz:
        lines = gzip.decompress(wacz.read("indexes/index.cdx.gz")).decode().splitlines()
        assert [line.split(" ")[0] for line in lines] == sorted(
            line.split(" ")[0] for line in lines
        )
        names = [name for name in wacz.namelist() if name.startswith("archive/")]
        warcs = {name.removeprefix("archive/"): wacz.read(name) for name in names}
    for line in lines:
        entry = json.loads(line.split(" ", 2)[2])
        begin = int(entry["offset"])
        piece = BytesIO(warcs[entry["filename"]][begin : begin + int(entry["length"])])
        record = next(ArchiveIterator(piece))
        assert record.rec_headers["WARC-Target-URI"] == entry["url"]
        yield Record(
            _address(entry["url"]),
            record.rec_headers["WARC-Date"],
            int(record.http_headers.get_statuscode()),
            {name.lower(): value for name, value in record.http_headers.headers},
            record.content_stream().read(),
            _address(record.rec_headers.get("WARC-Refers-To-Target-URI", "")),
        )


def _address(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
