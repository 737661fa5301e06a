"""A finished answer, packed once."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b

import brotli

from articles.seeing import requests
from articles.seeing.figures import MEMORY, TALLY, Kept, Outcome

# A level that takes about as long as sending takes less: half a millisecond for 30 kB.
_BROTLI_LEVEL, _GZIP_LEVEL = 5, 6
# Rows in the cache's books, beside bodies and headers.
_OVERHEAD = 1_000

Header = tuple[str, str]

_PACK: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, mode=brotli.MODE_TEXT, quality=_BROTLI_LEVEL),
    "gzip": lambda body: gzip.compress(body, _GZIP_LEVEL, mtime=0),
    "": bytes,
}
_UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "br": brotli.decompress,
    "gzip": gzip.decompress,
    "": bytes,
}
ENCODINGS = tuple(_PACK)
# What names or measures a body: each packing has its own.
_OF_A_BODY = frozenset({"content-encoding", "content-length", "etag"})
# What is one request's own, and no page's.
_OF_A_REQUEST = frozenset({requests.HEADER.lower()})


@dataclass(frozen=True, slots=True)
class Packed:
    """An answer as it goes out: status line, headers, body."""

    status: str
    headers: tuple[Header, ...]
    encoding: str
    etag: str
    body: bytes
    found: Kept
    unchanged: Kept
    whole: tuple[Header, ...]  # all that goes out with the body
    is_brief: bool  # caches may answer with it for a second

    @classmethod
    def of(
        cls, status: str, headers: list[Header], body: bytes, encoding: str, outcome: Outcome
    ) -> "Packed":
        """Pack an answer that is not packed yet."""
        left_out = _OF_A_BODY | _OF_A_REQUEST
        kept = [(name, value) for name, value in headers if name.lower() not in left_out]
        said = status, _varying(kept), encoding, _PACK[encoding](body)
        found = outcome._replace(source=MEMORY)
        return cls._sealed(*said, TALLY.kept(found), TALLY.kept(found._replace(status="304")))

    def repacked(self, encoding: str) -> "Packed":
        """The same answer for a browser that takes another packing."""
        body = _PACK[encoding](_UNPACK[self.encoding](self.body))
        return self._sealed(self.status, self.headers, encoding, body, self.found, self.unchanged)

    @classmethod
    def _sealed(
        cls,
        status: str,
        headers: tuple[Header, ...],
        encoding: str,
        body: bytes,
        found: Kept,
        unchanged: Kept,
    ) -> "Packed":
        etag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
        packed = [("Content-Encoding", encoding)] if encoding else []
        whole = *headers, *packed, ("Content-Length", str(len(body))), ("ETag", etag)
        brief = any(name == "Cache-Control" and "s-maxage=1," in value for name, value in headers)
        return cls(status, headers, encoding, etag, body, found, unchanged, whole, brief)

    @property
    def is_found(self) -> bool:
        """Whether it is a page; messages are sent each time (RFC 9110, 13.2.1)."""
        return self.status.startswith("200")

    @property
    def size(self) -> int:
        """Bytes that it takes in memory, about."""
        return len(self.body) + sum(len(n) + len(v) for n, v in self.headers) + _OVERHEAD


def _varying(headers: list[Header]) -> tuple[Header, ...]:
    """The headers, with the packing among what the answer depends on."""
    varied = [value for name, value in headers if name.lower() == "vary"]
    rest = [(name, value) for name, value in headers if name.lower() != "vary"]
    return (*rest, ("Vary", ", ".join([*varied, "Accept-Encoding"])))
