"""Where in the frozen folder an answer stands: deploy/nginx-frozen.conf looks there.

desktop/ mobile/            pages; of a list's further pages the query is the file's name
gone/desktop/ gone/mobile/  what was withdrawn (410)
error/                      the page for what isn't there (404)
reader/                     style sheets of readers' choices
files/                      all that is the same on every device
files/search/               what the search page reads: index.json names a file of SQLite's
moved.map                   old addresses, for nginx
.freeze/                    what the next run has to know
"""

from urllib.parse import unquote

from articles.device import Device

FILES, GONE, ERROR, READER = "files", "gone", "error", "reader"
MOVED = "moved.map"
SEARCH = f"{FILES}/search/"
SEARCHED = f"{SEARCH}index.json"
OWN = ".freeze"
INDEX = "index.html"
# Bytes of a name, on every file system that Linux servers use.
LONGEST_NAME = 255
# What a packed file's name is longer by.
_PACKED = len(".html.gz")


class Unnameable(ValueError):
    """No file can have the name that this address would need."""


def page(device: Device, path: str, query: str = "", *, gone: bool = False) -> str:
    """The file of a page; raises Unnameable."""
    name = f"{query}.html" if query else INDEX
    return _safe(f"{GONE}/{device}" if gone else device, f"{path}{name}")


def file(path: str) -> str:
    """The file of what is no page; raises Unnameable."""
    return _safe(FILES, path)


def page_of(address: str, device: Device = "desktop") -> list[str]:
    """Where the answer to an address (percent-encoded, perhaps with a query) may stand."""
    path, _, query = address.partition("?")
    path = unquote(path)
    try:
        if path.endswith("/"):
            return [page(device, path, query), page(device, path, query, gone=True)]
        return [file(path)]
    except Unnameable:
        return []


def _safe(folder: str, path: str) -> str:
    parts = path.split("/")[1:]
    for part in parts:
        if part in ("", ".", "..") or len(part.encode()) + _PACKED > LONGEST_NAME:
            raise Unnameable(path)
    return "/".join([folder, *parts])
