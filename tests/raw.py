"""Requests as no client would write them, and the answers to the letter."""

import socket
from contextlib import suppress
from dataclasses import dataclass

# How long to wait for an answer before saying that no more will come, and for another one.
SILENT_SECONDS, QUIET_SECONDS = 15.0, 0.5


@dataclass
class Answer:
    """An answer as it came; status 0 where the server hung up without one."""

    status: int
    headers: dict[str, list[str]]
    body: bytes

    def said(self, name: str) -> str:
        """A header's only value; "" if there is none, an error if there are several."""
        values = self.headers.get(name.lower(), [])
        assert len(values) <= 1, (name, values)
        return values[0] if values else ""


def answers(port: int, request: bytes, source: str = "127.0.0.1") -> list[Answer]:
    """Send bytes and read every answer to them, until the server hangs up or is quiet.

    A server that says nothing at all is told that no more will come. `source`: an address of this
    machine's own that they come from.
    """
    received = b""
    with socket.create_connection(
        ("127.0.0.1", port), timeout=SILENT_SECONDS, source_address=(source, 0)
    ) as line:
        with suppress(OSError):  # it may have answered and hung up before the end
            line.sendall(request)
        told = False
        while True:
            try:
                part = line.recv(65536)
            except TimeoutError:
                if received or told:
                    break
                line.shutdown(socket.SHUT_WR)
                told = True
                continue
            except OSError:
                break
            if not part:
                break
            received += part
            line.settimeout(QUIET_SECONDS)
    return split(received)


def split(received: bytes) -> list[Answer]:
    """The answers one after the other; of HEAD and 304, too, where they have no body."""
    found = []
    while received.startswith(b"HTTP/"):
        head, _, rest = received.partition(b"\r\n\r\n")
        line, *lines = head.decode("latin-1").split("\r\n")
        headers: dict[str, list[str]] = {}
        for one in lines:
            name, _, value = one.partition(": ")
            headers.setdefault(name.lower(), []).append(value)
        length = headers.get("content-length", [])
        if length and not rest.startswith(b"HTTP/"):
            body, received = rest[: int(length[0])], rest[int(length[0]) :]
        elif "chunked" in headers.get("transfer-encoding", []):
            body, received = _chunks(rest)
        else:
            at = rest.find(b"HTTP/1.1 ")
            body, received = (rest, b"") if at < 0 else (rest[:at], rest[at:])
        found.append(Answer(int(line.split()[1]), headers, body))
    return found


def _chunks(rest: bytes) -> tuple[bytes, bytes]:
    body = b""
    while True:
        size, _, rest = rest.partition(b"\r\n")
        if not (length := int(size or b"0", 16)):
            return body, rest.removeprefix(b"\r\n")
        body, rest = body + rest[:length], rest[length + 2 :]


def one(port: int, request: bytes, source: str = "127.0.0.1") -> Answer:
    """The first answer to some bytes."""
    return next(iter(answers(port, request, source)), Answer(0, {}, b""))
