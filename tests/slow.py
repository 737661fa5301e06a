"""Clients that are slow on purpose (slow-loris), by the hundred and from many addresses.

Each comes from an address of its own in 127.0.0.0/8, as the many machines of an attack would.
"""

import socket
from contextlib import suppress
from types import TracebackType

_HEAD = b"Host: 127.0.0.1\r\nUser-Agent: slow\r\n"
# What is sent at first, and byte by byte afterwards.
KINDS = {
    "headers": (b"GET /topic/ HTTP/1.1\r\n" + _HEAD + b"X-Slow: ", b"a"),
    "bodies": (
        b"POST /admin/login/ HTTP/1.1\r\n" + _HEAD + b"Content-Length: 60000\r\n\r\n", b"a",
    ),
    "readers": (b"GET /topic/?slow HTTP/1.1\r\n" + _HEAD + b"\r\n", b""),
    "silent": (b"", b""),
}  # fmt: skip
_PER_ADDRESS = 10


class Slow:
    """So many slow clients of a kind, connected as long as the block lasts and they are let."""

    def __init__(self, port: int, kind: str, number: int) -> None:
        """Connects nobody yet."""
        self._port, self._number = port, number
        self._first, self._then = KINDS[kind]
        self._lines: list[socket.socket] = []

    def __enter__(self) -> "Slow":
        """Connect them all and send what they begin with."""
        for number in range(self._number):
            line = socket.socket()
            line.settimeout(5)
            # A window of hardly anything, for those who don't read.
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
            line.bind((f"127.0.{1 + number // _PER_ADDRESS}.1", 0))
            self._lines.append(line)
            with suppress(OSError):
                line.connect(("127.0.0.1", self._port))
                line.sendall(self._first)
        return self

    def trickle(self) -> None:
        """Another byte of each."""
        for line in self._lines:
            with suppress(OSError):
                line.send(self._then)

    @property
    def held(self) -> int:
        """How many the server still has on the line."""
        return sum(map(_is_open, self._lines))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Hang up."""
        for line in self._lines:
            line.close()


def _is_open(line: socket.socket) -> bool:
    line.setblocking(False)
    try:
        return line.recv(1, socket.MSG_PEEK) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        line.settimeout(5)
