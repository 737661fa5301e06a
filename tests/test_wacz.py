"""The frozen site as one file for web archives: valid, the same bytes, whole or not there."""

import gzip
import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from zipfile import ZIP_STORED, ZipFile

import pytest
from django.core.management import CommandError, call_command
from warcio.archiveiterator import ArchiveIterator

from articles import freezing, traditional
from articles.freezing import archiving, places, recording
from articles.models import Article
from tests.archived import Record, records
from tests.commands import started, wait_for
from tests.serving import ROOT
from tests.test_freezing import frozen, holds, site, static, warnings_are_told_again

__all__ = ["site", "static", "warnings_are_told_again"]  # pytest finds fixtures by their names

OLD = "/html/2012/content_1.htm"
KEPT = "旧的一份"


def quiet(*_: object) -> None:
    """Nobody watches."""


def small(root: Path) -> Path:
    """A folder as `freeze` leaves it, with a page or two of each kind; no database."""
    pages = ["", "topic/青岛话题", "2012/03/04/5", "2012/03/04/16"]
    for device in ("desktop", "mobile"):
        for page in pages:
            file = root / device / page / "index.html"
            file.parent.mkdir(parents=True)
            file.write_text(f"<title>{page} &amp; 其他 - 信网</title>{device}")
        (root / device / "topic/青岛话题/before=170-5.html").write_text(f"下页 {device}")
    (root / "files/media").mkdir(parents=True)
    (root / "files/media/a-320.webp").write_bytes(os.urandom(3000))
    (root / "moved.map").write_text('"/old" /2012/03/04/5/;\n')
    return root


def archived(root: Path, file: Path) -> archiving.Archived:
    with archiving.place(root, file) as place:
        return archiving.archive(root, place, quiet)


def fault(checker: str, *arguments: str) -> str:
    """What a package's own checker has against a file; "" if it finds it valid."""
    program = Path(sys.executable).with_name(checker)
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr) if done.returncode else ""


# -- what is in it -------------------------------------------------------------------------------


def test_what_readers_get_is_in_the_file_at_the_addresses_they_ask_for(
    site: dict[str, Article], tmp_path: Path
) -> None:
    root, file = tmp_path / "frozen", tmp_path / "site.wacz"
    found = frozen(root, previews=False, wacz=file)
    kept = list(records(file))
    assert found.archived == archiving.Archived(len(kept), file.stat().st_size)
    every_file_is_there_with_its_bytes(root, kept)
    by_address = {record.address: record for record in kept}
    assert len(by_address) == len(kept)
    shown, gone = (site[name].get_absolute_url() for name in ("shown", "withdrawn"))
    assert by_address[OLD].told == (301, shown)
    assert by_address[f"{traditional.PREFIX}{shown}"].told == (302, shown)
    for address in (gone, f"{gone}?view=mobile"):
        assert by_address[address].status == 410
        assert "撤下的" in by_address[address].body.decode()
    topic = "/topic/%E9%9D%92%E5%B2%9B%E8%AF%9D%E9%A2%98/"
    further = sum(each.startswith(f"{topic}?before=") for each in by_address)
    assert further == 2 * 3  # two pages more, each as it is, for the desk and for the phone
    for address in (shown, topic):
        assert by_address[f"{address}?view=desktop"].same_as == address
        assert by_address[f"{address}?view=mobile"].body != by_address[address].body
    assert by_address["/404/"].status == 404
    assert by_address["/404/?view=mobile"].body == (root / "error/mobile.html").read_bytes()
    sheet = by_address["/reader/?theme=dark"]
    assert sheet.body == (root / "reader/2-dark.css").read_bytes()
    written = datetime.fromtimestamp((root / f"desktop{shown}index.html").stat().st_mtime, UTC)
    assert by_address[shown].date == f"{written:%Y-%m-%dT%H:%M:%SZ}"
    pages_begin_at_home(file, site["shown"])
    both_checkers_find_it_valid(file, tmp_path / "taken out")


def every_file_is_there_with_its_bytes(root: Path, kept: list[Record]) -> None:
    """`places` goes the other way: from addresses to files."""
    left = {name for name in holds(root) if name.startswith(("desktop/", "mobile/", "gone/"))}
    left |= {name for name in holds(root) if name.startswith("files/")}
    left = {name for name in left if not name.endswith((".br", ".gz"))}
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


def pages_begin_at_home(file: Path, article: Article) -> None:
    with ZipFile(file) as wacz:
        lines = wacz.read("pages/pages.jsonl").decode().splitlines()
        about = json.loads(wacz.read("datapackage.json"))
    pages = [json.loads(line) for line in lines]
    assert (about["title"], about["mainPageUrl"]) == ("信网", pages[1]["url"])
    assert urlsplit(pages[1]["url"]).path == "/"
    titles = {urlsplit(page["url"]).path: page["title"] for page in pages[1:]}
    assert titles[article.get_absolute_url()] == "栈桥的海"
    assert titles["/page/about/"] == "关于信网"
    assert not any("/photo/" in path or "/history/" in path for path in titles)
    assert not any("?" in page["url"] for page in pages[1:])


def both_checkers_find_it_valid(file: Path, folder: Path) -> None:
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


def test_warcs_are_of_bounded_size_and_say_what_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "FILE_BYTES", 2_000)
    root, file = small(tmp_path / "frozen"), tmp_path / "site.wacz"
    archived(root, file)
    with ZipFile(file) as wacz:
        warcs = [name for name in wacz.namelist() if name.startswith("archive/")]
        assert len(warcs) > 2
        for name in warcs:
            with wacz.open(name) as warc:
                first = next(iter(ArchiveIterator(warc)))
                assert first.rec_type == "warcinfo"
                said = first.content_stream().read().decode()
                assert "software: xinwang freeze" in said
                assert "信网" in said
            assert wacz.getinfo(name).file_size < 2_000 + 5_000
    assert sum(record.address == "/media/a-320.webp" for record in records(file)) == 1


def test_of_very_many_pages_the_older_ones_are_a_list_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "LISTED", 3)
    root, file = small(tmp_path / "frozen"), tmp_path / "site.wacz"
    archived(root, file)
    with ZipFile(file) as wacz:
        first, rest = (
            [json.loads(line) for line in wacz.read(f"pages/{name}.jsonl").splitlines()]
            for name in ("pages", "extraPages")
        )
    paths = [unquote(urlsplit(page["url"]).path) for page in [*first[1:], *rest[1:]]]
    assert paths == ["/", "/topic/青岛话题/", "/2012/03/04/16/", "/2012/03/04/5/"]
    assert len(first) == 1 + 3
    assert first[2]["title"] == "topic/青岛话题 & 其他"


# -- whole or not there --------------------------------------------------------------------------


_RUN = """
import sys, django
from pathlib import Path
django.setup()
from articles.freezing import archiving
root, file = map(Path, sys.argv[1:])
with archiving.place(root, file) as place:
    archiving.archive(root, place, lambda *_: None)
"""


@contextmanager
def stuck(root: Path, file: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that has begun to write the file, and waits for one of the folder's."""
    blocked = root / "files/media/blocked.jpg"
    os.mkfifo(blocked)
    process = started(file.parent, sys.executable, "-c", _RUN, str(root), str(file))
    warc = file.with_name(f"{file.name}.part") / "xinwang-00001.warc.gz"
    try:
        wait_for(lambda: warc.exists() and warc.stat().st_size > 0, process)
        yield process
    finally:
        process.kill()
        process.communicate()
        blocked.unlink()


@pytest.mark.process
def test_a_killed_run_leaves_the_older_file_and_the_next_one_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "xinwang.settings")
    root, file = small(tmp_path / "frozen"), tmp_path / "site.wacz"
    file.write_text(KEPT)
    with stuck(root, file) as process:
        with pytest.raises(freezing.Trouble, match="另一个进程正在写"):
            archived(root, file)
        process.kill()
        process.wait()
    assert file.read_text() == KEPT
    archived(root, file)
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "var") == [
        "frozen", "site.wacz",
    ]  # fmt: skip
    assert {record.address for record in records(file)} >= {"/", "/old", "/?view=mobile"}


def test_a_file_that_may_not_grow_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    root, file = small(tmp_path / "frozen"), tmp_path / "site.wacz"
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_500, limits[1]))
    try:
        with pytest.raises(freezing.Trouble, match=r"写不了 .*site\.wacz：文件超过了允许的大小"):
            archived(root, file)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [path.name for path in tmp_path.iterdir()] == ["frozen"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing/site.wacz", "请先建好"),
        ("folder", "是文件夹"),
        ("folder.wacz", "是文件夹"),
        ("letter.txt", r"要以 \.wacz 结尾"),
        ("frozen/site.wacz", "会随网站发出去"),
        ("linked/site.wacz", "会随网站发出去"),
    ],
)
def test_a_place_where_the_file_can_not_be_is_refused_before_anything_is_done(
    tmp_path: Path, name: str, said: str
) -> None:
    for folder in ("folder", "folder.wacz", "frozen/.freeze"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "linked").symlink_to(tmp_path / "frozen")
    (tmp_path / "letter.txt").write_text(KEPT)
    with pytest.raises(CommandError, match=said):
        call_command("freeze", str(tmp_path / "frozen"), wacz=tmp_path / name)
    assert not holds(tmp_path / "frozen")
    assert (tmp_path / "letter.txt").read_text() == KEPT


def test_a_folder_that_takes_no_files_is_told(tmp_path: Path) -> None:
    locked = Path("/proc/self/site.wacz")  # root, too, can write nothing there
    with pytest.raises(CommandError, match=r"写不了 /proc/self/site\.wacz"):
        call_command("freeze", str(tmp_path / "frozen"), wacz=locked)
    assert not (tmp_path / "frozen").exists()


def test_without_the_packages_all_else_works_and_the_file_says_what_to_install(
    tmp_path: Path,
) -> None:
    code = (
        "import sys, django; from pathlib import Path\n"
        "sys.modules.update(warcio=None, wacz=None, cdxj_indexer=None)\n"
        "django.setup()\n"
        "from articles import freezing\n"
        "from django.core.management import call_command\n"
        f"call_command('freeze', '{tmp_path}/frozen', wacz=Path('{tmp_path}/site.wacz'))\n"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "xinwang.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, check=False
    )
    assert "requirements-freeze.txt" in done.stderr.decode().splitlines()[-1]
    assert list(tmp_path.iterdir()) == []
