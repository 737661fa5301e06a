"""Requests that no honest client sends, by what is wrong with them.

Of the classes that RFC 9112 (sections 2.2, 3, 5, 6 and 11) tells a server to refuse, above all
those on whose end two servers in a row may disagree: what one takes for a body is the other's next
request.
"""

from itertools import product

_HOST = b"Host: 127.0.0.1\r\n"
# What a smuggled request would be answered by; nobody may ever get this answer.
SMUGGLED = b"GET /qr.svg HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def _get(line: bytes = b"GET / HTTP/1.1", headers: bytes = b"", body: bytes = b"") -> bytes:
    return line + b"\r\n" + _HOST + headers + b"\r\n" + body


_LINES = {
    "a line of 9 kB": b"GET /" + b"a" * 9_000 + b" HTTP/1.1",
    "a line of 200 kB": b"GET /" + b"a" * 200_000 + b" HTTP/1.1",
    "no version": b"GET / nonsense",
    "version 9": b"GET / HTTP/9.9",
    "a version with blanks": b"GET / HTTP/1 .1",
    "a method in small letters": b"get / HTTP/1.1",
    "a method with a brace": b"G{T / HTTP/1.1",
    "a very long method": b"G" * 4_000 + b" / HTTP/1.1",
    "a NUL in the line": b"GET /\x00 HTTP/1.1",
    "blanks in the address": b"GET /a b HTTP/1.1",
    "no address": b"GET  HTTP/1.1",
    "bytes": bytes(range(128, 256)),
    "TLS without TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x99" * 40,
    "HTTP/2 without leave": b"PRI * HTTP/2.0",
    "CONNECT": b"CONNECT evil.example:443 HTTP/1.1",
}
_HEADERS = {
    "500 headers": b"".join(b"X-%d: 1\r\n" % number for number in range(500)),
    "a header of 9 kB": b"X-Long: " + b"a" * 9_000 + b"\r\n",
    "headers of 130 kB": b"".join(b"X-%d: " % n + b"a" * 2_000 + b"\r\n" for n in range(65)),
    "a NUL in a header": b"X-A: a\x00b\r\n",
    "two hosts": b"Host: evil.example\r\n",
    "a length of minus one": b"Content-Length: -1\r\n",
    "a length in words": b"Content-Length: ten\r\n",
    "a length with a plus": b"Content-Length: +5\r\n",
    "two lengths": b"Content-Length: 5\r\nContent-Length: 6\r\n",
    "a list of lengths": b"Content-Length: 5, 6\r\n",
    "a coding that isn't one": b"Transfer-Encoding: nonsense\r\n",
    "chunked in the middle": b"Transfer-Encoding: chunked, gzip\r\n",
    "chunked twice": b"Transfer-Encoding: chunked, chunked\r\n",
}
_CODINGS = (
    b"Transfer-Encoding: chunked", b"transfer-encoding: Chunked", b"Transfer-Encoding: \tchunked",
    b"Transfer-Encoding: gzip, chunked", b"Transfer-Encoding: identity, chunked",
)  # fmt: skip
CHUNKS = {
    "a chunk's size in words": b"zz\r\nhello\r\n0\r\n\r\n",
    "a chunk's size below nothing": b"-5\r\nhello\r\n0\r\n\r\n",
    "a chunk's size as Python writes it": b"0x5\r\nhello\r\n0\r\n\r\n",
    "a chunk larger than memory": b"ffffffffffffffffff\r\nhello\r\n",
    "a chunk without its end": b"5\r\nhello0\r\n\r\n",
}


def refused() -> dict[str, bytes]:
    """Requests that must get an error, whoever stands in front, and nothing more after it."""
    return {
        **{name: _get(line) for name, line in _LINES.items()},
        **{name: _get(headers=headers) for name, headers in _HEADERS.items()},
        **{
            f"{coding.decode()!r} beside a length of {length}": _get(
                b"POST /admin/login/ HTTP/1.1",
                coding + b"\r\nContent-Length: %d\r\n" % length,
                b"0\r\n\r\n" + SMUGGLED,
            )
            for coding, length in product(_CODINGS, (0, 5, 60))
        },
        **{
            f"the length before {coding.decode()!r}": _get(
                b"POST /admin/login/ HTTP/1.1",
                b"Content-Length: 60\r\n" + coding + b"\r\n",
                b"0\r\n\r\n" + SMUGGLED,
            )
            for coding in _CODINGS
        },
        **{
            name: _get(b"POST /admin/login/ HTTP/1.1", b"Transfer-Encoding: chunked\r\n", chunks)
            for name, chunks in CHUNKS.items()
        },
    }


def odd() -> dict[str, bytes]:
    """Requests that are strange but clear: one answer each, and it is not a smuggled one."""
    body = b"Content-Length: %d\r\n" % len(SMUGGLED)
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(SMUGGLED), SMUGGLED)
    return {
        "a GET with a body": _get(b"GET /topic/ HTTP/1.1", body, SMUGGLED),
        "a GET with a chunked body": _get(
            b"GET /topic/ HTTP/1.1", b"Transfer-Encoding: chunked\r\n", chunked
        ),
        "a HEAD with a body": _get(b"HEAD /topic/ HTTP/1.1", body, SMUGGLED),
        "a beacon with a body": _get(b"POST /reads/7/?age=9 HTTP/1.1", body, SMUGGLED),
        "a POST where nobody takes one": _get(b"POST /topic/ HTTP/1.1", body, SMUGGLED),
        # nginx leaves such lines out
        "a header without a colon": _get(b"GET /topic/ HTTP/1.1", b"nonsense\r\n"),
        "a header without a name": _get(b"GET /topic/ HTTP/1.1", b": value\r\n"),
        "an address with another host's name": _get(b"GET http://evil.example/ HTTP/1.1"),
    }
