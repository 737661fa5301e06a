"""Static files as they are served: a page's stylesheet is one file.

`static/css/<device>-<kind>.css` imports the blocks that a kind of page is made of. The development
server and its tests leave the imports to the browser. Here, when files are collected, they are put
in place, without comments and indentation: one request instead of a dozen one after the other, and
HTML and stylesheet arrive together in a connection's first flight (docs/performance.md).
"""

import posixpath
import re
from collections.abc import Callable, Iterator
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

FOLDER = "css/"  # ours; what the admin brings stays as it is
_IMPORT = re.compile(r'^@import "([^"]+)";\n', re.MULTILINE)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_LINE_BREAK = re.compile(r"\s*\n\s*")


class BundledStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """WhiteNoise's storage of hashed, compressed files; stylesheets have their imports in place."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Where the collected files are; nothing is read but their manifest."""
        super().__init__(*args, **kwargs)
        self._urls: dict[str, str] = {}

    def url(self, name: str, force: bool = False) -> str:
        """As Django works it out, once until files are collected anew: a page names a dozen."""
        if name not in self._urls:
            self._urls[name] = str(super().url(name, force))
        return self._urls[name]

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str, bool]]:
        """Put imports in place, then hash and compress; a missing import is a FileNotFoundError."""

        def read(name: str) -> str:
            if name not in sources:
                raise FileNotFoundError(f"no stylesheet {name}")
            storage, path = sources[name]
            with storage.open(path) as file:
                return str(file.read().decode())

        self._urls.clear()
        sources = dict(paths)
        for name in () if dry_run else sources:
            if not (name.startswith(FOLDER) and name.endswith(".css")):
                continue
            sheet = ContentFile(bundle(name, read).encode())
            self.delete(name)
            paths[name] = self, self.save(name, sheet)
        yield from super().post_process(paths, dry_run=dry_run, **options)


def bundle(name: str, read: Callable[[str], str]) -> str:
    """The stylesheet `name` with its imports in place and without what only people read."""

    def imported(match: re.Match[str]) -> str:
        return bundle(posixpath.normpath(posixpath.join(posixpath.dirname(name), match[1])), read)

    return _LINE_BREAK.sub("\n", _COMMENT.sub("", _IMPORT.sub(imported, read(name)))).lstrip()
