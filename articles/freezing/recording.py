"""The answers of a frozen site as WARC records (ISO 28500), in files of bounded size.

Beside them the pages that a reader can choose from, as WACZ has them: one JSON object a line.
"""

import html
import json
import os
import re
import time
from contextlib import ExitStack
from hashlib import blake2b
from importlib.metadata import version
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import IO, Self

from django.conf import settings
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from articles.freezing.walking import Answer

_WARC = "WARC/1.1"
_CONFORMS = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
# A file of the archive is closed with the first record beyond this.
FILE_BYTES = 2**30
# So many of the pages a replaying browser takes in before it shows anything; others it asks for.
LISTED = 10_000
_TITLE = re.compile(rb"<title>([^<]*)</title>")
# A page that is one of an article's or a day's own.
_WITHIN = re.compile(r"/\d+/\d+/\d+/(?:\d+/.+)?$|/on-this-day/|/zh-hant/|/search/|.*\?")
_ARTICLE = re.compile(r"/\d+/\d+/\d+/\d+/$")


class Records:
    """Takes answers, and writes them into a folder: WARCs, and lists of pages."""

    def __init__(self, folder: Path) -> None:
        """The folder is there, and empty."""
        self.folder = folder
        self.warcs: list[Path] = []
        self.written = 0
        self._files = ExitStack()
        self._pages = {
            name: self._files.enter_context((folder / name).open("w", encoding="utf-8"))
            for name in ("home", "lists", "articles")
        }
        self._begun = ExitStack()
        self._begin()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        with self._files:  # a full disk is told by closing, too
            self._begun.close()

    def add(self, answer: Answer) -> None:
        """Write a record, and those of other addresses that are answered alike."""
        if self._out.tell() >= FILE_BYTES:
            self._begin()
        with answer.file.open("rb") if answer.file else BytesIO() as body:
            self._write(answer, body)

    def _write(self, answer: Answer, body: IO[bytes]) -> None:
        """A file may be larger than memory: it is read by pieces, but for a page's title."""
        length = body.seek(0, os.SEEK_END)
        body.seek(0)
        address, at = f"{settings.SITE_URL}{answer.address}", _date(answer.at)
        record = self._writer.create_warc_record(
            address, "response", payload=body, length=length,
            http_headers=_head(answer, length), warc_headers_dict={"WARC-Date": at},
        )  # fmt: skip
        self._writer.write_record(record)
        self.written += 1
        digest = record.rec_headers.get_header("WARC-Payload-Digest")
        for other in answer.same:
            again = self._writer.create_revisit_record(
                f"{settings.SITE_URL}{other}", digest, address, at,
                http_headers=_head(answer, length), warc_headers_dict={"WARC-Date": at},
            )  # fmt: skip
            self._writer.write_record(again)
            self.written += 1
        if answer.same and answer.status == answer.status.OK:
            body.seek(0)
            self._list(answer.address, at, body.read())

    def pages(self) -> dict[str, Path]:
        """The lists of pages by their names in a WACZ: home first, lists, articles; then the rest.

        Ends the writing.
        """
        self.__exit__()
        first, rest = self.folder / "pages.jsonl", self.folder / "extraPages.jsonl"
        with ExitStack() as files:
            main, more = (
                files.enter_context(path.open("w", encoding="utf-8")) for path in (first, rest)
            )
            main.write(_line(format="json-pages-1.0", id="pages", title=settings.SITE_NAME))
            more.write(_line(format="json-pages-1.0", id="extra-pages", title="更早的稿件"))
            noted = [
                files.enter_context((self.folder / name).open(encoding="utf-8"))
                for name in self._pages
            ]
            left = 0
            for number, line in enumerate(chain.from_iterable(noted)):
                left = max(0, number + 1 - LISTED)
                (more if left else main).write(line)
        pages = {"pages/pages.jsonl": first}
        return pages | ({"pages/extraPages.jsonl": rest} if left else {})

    def _begin(self) -> None:
        """The next file."""
        self._begun.close()
        path = self.folder / f"xinwang-{len(self.warcs) + 1:05}.warc.gz"
        self.warcs.append(path)
        self._out: IO[bytes] = self._begun.enter_context(path.open("wb"))
        self._writer = WARCWriter(self._out, gzip=True, warc_version=_WARC)
        about = {
            "software": f"xinwang freeze, warcio/{version('warcio')}",
            "format": "WARC File Format 1.1",
            "conformsTo": _CONFORMS,
            "isPartOf": settings.SITE_NAME,
            "description": f"{settings.SITE_NAME}（{settings.SITE_URL}）的公开网站，"
            "由 manage.py freeze 写成文件，再按 nginx 的回答记录，没有经过网络",
        }
        self._writer.write_record(self._writer.create_warcinfo_record(path.name, about))

    def _list(self, address: str, at: str, page: bytes) -> None:
        """Note a page where a reader would look for it."""
        if _ARTICLE.match(address):
            kind = "articles"
        elif _WITHIN.match(address):
            return
        else:
            kind = "home" if address == "/" else "lists"
        found = _TITLE.search(page)
        title = html.unescape(found[1].decode()) if found else address
        title = title.removesuffix(f" - {settings.SITE_NAME}")
        url = f"{settings.SITE_URL}{address}"
        number = blake2b(url.encode(), digest_size=12).hexdigest()
        self._pages[kind].write(_line(id=number, url=url, ts=at, title=title))


def _head(answer: Answer, length: int) -> StatusAndHeaders:
    status = f"{answer.status.value} {answer.status.phrase}"
    headers = [*answer.headers, ("Content-Length", str(length))]
    return StatusAndHeaders(status, headers, protocol="HTTP/1.1")


def _date(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


def _line(**said: str) -> str:
    return json.dumps(said, ensure_ascii=False) + "\n"
