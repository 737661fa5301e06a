"""A folder of old pictures: an address as an old page writes it, and the file that it means."""

import filecmp
import re
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes

# What the library takes (articles/renditions/decoding.py looks inside, and has the last word).
TAKEN = frozenset({".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".webp"})
# WordPress: photo-300x200.jpg is photo.jpg made smaller.
_SIZED = re.compile(r"-[0-9]{1,5}x[0-9]{1,5}(?=\.[A-Za-z0-9]+$)")
_FOLDERS_REMEMBERED = 256


class Folder:
    """Files below one folder, found by path; nothing outside of it is ever found."""

    def __init__(self, root: Path) -> None:
        """`root` must be there."""
        self.root = root
        self._real = root.resolve()
        self._names = lru_cache(_FOLDERS_REMEMBERED)(_names)

    def picture(self, path: str) -> str | None:
        """The picture at a path below the folder, as its path there; None: none that we take.

        As old servers took it: backslashes, percent signs of UTF-8 or GBK, any mixture of capitals.
        """
        for spelled in dict.fromkeys((path, unquote(path), _unquoted_gbk(path))):
            found = self._file(spelled)
            if found and Path(found).suffix.lower() in TAKEN:
                return found
        return None

    def smaller(self, path: str) -> str | None:
        """The largest that is left of a picture that WordPress made smaller, itself being gone."""
        above = _parts(path.rpartition("/")[0])
        found = self._however_written(above or [])
        if above is None or len(found) < len(above):
            return None
        stem, _, suffix = path.rpartition("/")[2].casefold().rpartition(".")
        sizes: dict[int, str] = {}
        for folded, name in self._names(self.root.joinpath(*found)).items():
            sized = _SIZED.search(folded)
            if sized and folded == f"{stem}{sized[0]}.{suffix}":
                wide, high = map(int, sized[0][1:].split("x"))
                sizes[wide * high] = name
        return self.picture("/".join([*found, sizes[max(sizes)]])) if sizes else None

    def same(self, one: str, other: str) -> bool:
        """Whether two files hold the same bytes; only those of one size are read."""
        return filecmp.cmp(self.root / one, self.root / other, shallow=False)

    def _file(self, path: str) -> str | None:
        parts = _parts(path)
        if not parts:
            return None
        try:
            here = self.root.joinpath(*parts)
            if not here.is_file():
                parts = self._however_written(parts)
                here = self.root.joinpath(*parts)
            inside = bool(parts) and here.is_file() and here.resolve().is_relative_to(self._real)
        except (OSError, RuntimeError, ValueError):  # too long a name, a loop of links, a zero
            return None
        return "/".join(parts) if inside else None

    def _however_written(self, parts: list[str]) -> list[str]:
        """The path as the folders have it, whatever its capitals; empty: there is none."""
        written: list[str] = []
        for part in parts:
            name = self._names(self.root.joinpath(*written)).get(part.casefold())
            if name is None:
                return []
            written.append(name)
        return written


def full_sizes(path: str) -> list[str]:
    """Where a picture made smaller may lie in full, the largest first, and last as it is named."""
    whole = _SIZED.sub("", path)
    stem, dot, suffix = whole.rpartition(".")
    return list(dict.fromkeys([whole, f"{stem}-scaled{dot}{suffix}", path]))


def _parts(path: str) -> list[str] | None:
    """The names on the way down; None for a way that leads out."""
    parts: list[str] = []
    for part in path.replace("\\", "/").split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return parts


def _names(folder: Path) -> dict[str, str]:
    try:
        names = sorted((each.name for each in folder.iterdir()), reverse=True)
    except OSError:
        return {}
    return {name.casefold(): name for name in names}


def _unquoted_gbk(path: str) -> str:
    # A folder's own name may be no UTF-8.
    return unquote_to_bytes(path.encode("utf-8", "surrogateescape")).decode("gb18030", "replace")
