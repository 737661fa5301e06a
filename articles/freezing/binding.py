"""WARCs and pages bound into one WACZ 1.1.1 file, by the `wacz` package's own parts.

Its command would do the same, but wants room for all WARCs twice, sorts in the system's /tmp, can't
have an index of more than 2 GiB and says nothing for an hour. Here each WARC goes when it is in.
"""

import json
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.conf import settings
from django.utils import timezone
from wacz.waczindexer import WACZIndexer

# As the package's command has it.
_LINES_A_BLOCK = 1024
_FIELDS = "referrer,req.http:cookie"
_COPIED_BYTES = 2**20


class _Indexer(WACZIndexer):  # type: ignore[misc]
    """Tells of each record that is in the index."""

    tell: Callable[[], object]

    def process_index_entry(self, *given: Any) -> None:
        super().process_index_entry(*given)
        self.tell()


def bind(
    target: Path, warcs: Sequence[Path], pages: Mapping[str, Path], tell: Callable[[], object]
) -> None:
    """Write the file; the WARCs are gone then. `tell` is called for each record.

    Memory: 32 MB of the index, which is sorted in the target's folder.
    """
    data, blocks = target.with_name("index.cdx.gz"), target.with_name("index.idx")
    with redirect_stdout(StringIO()):
        indexer = _index(warcs, data, blocks, tell)
        with ZipFile(target, "w") as wacz:
            _put(wacz, f"indexes/{data.name}", data, packed=False)
            _put(wacz, f"indexes/{blocks.name}", blocks, packed=True)
            for path in warcs:
                _put(wacz, f"archive/{path.name}", path, packed=False)
                path.unlink()
            for name, path in pages.items():
                _put(wacz, name, path, packed=True)
            about = _about(indexer, wacz)
            _say(wacz, "datapackage.json", about)
            _say(
                wacz, "datapackage-digest.json", indexer.generate_datapackage_digest(about.encode())
            )


def _index(
    warcs: Sequence[Path], data: Path, blocks: Path, tell: Callable[[], object]
) -> WACZIndexer:
    with data.open("wb") as out, blocks.open("w", encoding="utf-8") as beginnings:
        indexer = _Indexer(
            beginnings, [str(path) for path in warcs], sort=True, post_append=True, compress=out,
            lines=_LINES_A_BLOCK, digest_records=True, fields=_FIELDS, data_out_name=data.name,
            hash_type="sha256", main_url=f"{settings.SITE_URL}/", main_ts=None, detect_pages=False,
            passed_pages_dict={}, extract_text=False, signing_url=None, signing_token=None,
        )  # fmt: skip
        indexer.tell = tell
        indexer.process_all()
    return indexer


def _put(wacz: ZipFile, name: str, path: Path, *, packed: bool) -> None:
    """Copy a file in, its size known before.

    Of an entry that has no extra field in the ZIP's directory, wabac.js takes it that its own
    header has none; with the size unknown Python writes one there, and nothing would be replayed.
    """
    entry = ZipInfo.from_file(path, name)
    entry.compress_type = ZIP_DEFLATED if packed else ZIP_STORED
    with path.open("rb") as file, wacz.open(entry, "w") as out:
        while piece := file.read(_COPIED_BYTES):
            out.write(piece)


def _say(wacz: ZipFile, name: str, said: str) -> None:
    entry = ZipInfo(name, timezone.localtime().timetuple()[:6])
    entry.compress_type = ZIP_DEFLATED
    wacz.writestr(entry, said)


def _about(indexer: WACZIndexer, wacz: ZipFile) -> str:
    """datapackage.json; reads the whole file once more, for the hashes."""
    asked = Namespace(title=settings.SITE_NAME, desc=settings.SITE_DESCRIPTION, date=None)
    about = json.loads(indexer.generate_datapackage(asked, wacz))
    # The package writes mainPageURL; the specification of WACZ 1.1.1 has it so.
    about["mainPageUrl"] = about.pop("mainPageURL")
    return json.dumps(about, ensure_ascii=False, indent=2)
