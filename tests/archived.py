"""What is in a WACZ: its records, found by the index as replaying programs find them, its pages."""

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from zipfile import ZIP_STORED, ZipFile

from warcio.archiveiterator import ArchiveIterator

from articles.freezing import places


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


def holds_the_site(file: Path, root: Path, shown: str, gone: str, old: str) -> None:
    """Check what is in the file of a frozen site that is there in both scripts.

    `shown`, `gone`: articles; `old`: the first one's address in the old system.
    """
    kept = list(records(file))
    _every_file_is_there_with_its_bytes(root, kept)
    by_address = {record.address: record for record in kept}
    assert len(by_address) == len(kept)
    assert by_address[old].told == (301, shown)
    for address in (gone, f"{gone}?view=mobile"):
        assert by_address[address].status == 410
        assert "撤下的" in by_address[address].body.decode()
    topic = "/topic/%E9%9D%92%E5%B2%9B%E8%AF%9D%E9%A2%98/"
    further = sum(each.startswith(f"{topic}?before=") for each in by_address)
    assert further == 2 * 3  # two pages more, each as it is, for the desk and for the phone
    for address in (shown, topic, f"/zh-hant{shown}"):
        assert by_address[f"{address}?view=desktop"].same_as == address
        assert by_address[f"{address}?view=mobile"].body != by_address[address].body
    assert by_address["/404/"].status == 404
    assert by_address["/404/?view=mobile"].body == (root / "error/mobile.html").read_bytes()
    traditional = by_address["/zh-hant/404/?view=mobile"].body
    assert traditional == (root / "error/mobile-zh-hant.html").read_bytes()
    sheet = by_address["/reader/?theme=dark"]
    assert sheet.body == (root / "reader/2-dark.css").read_bytes()
    written = datetime.fromtimestamp((root / f"desktop{shown}index.html").stat().st_mtime, UTC)
    assert by_address[shown].date == f"{written:%Y-%m-%dT%H:%M:%SZ}"
    _pages_begin_at_home(file, shown)
    with TemporaryDirectory() as folder:
        _both_checkers_find_it_valid(file, Path(folder))


def _every_file_is_there_with_its_bytes(root: Path, kept: list[Record]) -> None:
    """`places` goes the other way: from addresses to files."""
    served = ("desktop", "mobile", "gone", "files")
    files = (path for top in served for path in (root / top).rglob("*") if path.is_file())
    left = {str(path.relative_to(root)) for path in files if path.suffix not in (".br", ".gz")}
    assert len(left) > 100
    for record in kept:
        if record.status not in (200, 410) or record.address.startswith("/reader"):
            continue
        url = urlsplit(record.address)
        query = dict(parse_qsl(url.query))
        device: Any = query.pop("view", "desktop")
        path = unquote(url.path)
        place = "&".join(f"{key}={value}" for key, value in query.items())
        gone = record.status == 410
        is_page = path.endswith("/")
        name = places.page(device, path, place, gone=gone) if is_page else places.file(path)
        if not record.same_as:
            assert record.body == (root / name).read_bytes(), record.address
        left.discard(name)
    assert not left


def _pages_begin_at_home(file: Path, shown: str) -> None:
    with ZipFile(file) as wacz:
        lines = wacz.read("pages/pages.jsonl").decode().splitlines()
        about = json.loads(wacz.read("datapackage.json"))
    pages = [json.loads(line) for line in lines]
    assert (about["title"], about["mainPageUrl"]) == ("信网", pages[1]["url"])
    assert urlsplit(pages[1]["url"]).path == "/"
    titles = {urlsplit(page["url"]).path: page["title"] for page in pages[1:]}
    assert titles[shown] == "栈桥的海"
    assert titles["/page/about/"] == "关于信网"
    assert not any("/photo/" in path or "/history/" in path for path in titles)
    assert not any("?" in page["url"] for page in pages[1:])


def _both_checkers_find_it_valid(file: Path, folder: Path) -> None:
    assert fault("wacz", "validate", "-f", str(file)) == ""
    with ZipFile(file) as wacz:
        warcs = [name for name in wacz.namelist() if name.startswith("archive/")]
        stored = {wacz.getinfo(name).compress_type for name in (*warcs, "indexes/index.cdx.gz")}
        assert stored == {ZIP_STORED}
        wacz.extractall(folder)
    assert fault("warcio", "check", *(str(folder / name) for name in warcs)) == ""
    whole = gzip.decompress((folder / warcs[0]).read_bytes())
    broken = folder / "broken.warc"
    broken.write_bytes(whole.replace("栈桥的海".encode(), "栈桥的河".encode()))
    assert "digest failed" in fault("warcio", "check", str(broken))


def fault(checker: str, *arguments: str) -> str:
    """What a package's own checker has against a file; "" if it finds it valid."""
    program = Path(sys.executable).with_name(checker)
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr) if done.returncode else ""
