"""The frozen site as one file for web archives: valid, the same bytes, whole or not there."""

import json
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zipfile import ZipFile

import pytest
from django.core.management import CommandError, call_command
from warcio.archiveiterator import ArchiveIterator

from articles import freezing
from articles.freezing import (
    archiving,
    binding,  # noqa: F401 - is loaded then, and not counted
    recording,
)
from tests.archived import records
from tests.commands import started, wait_for
from tests.full import files_of_at_most
from tests.serving import ROOT

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
    lines = ("/old", "/旧/1.htm", "/%e6%97%a7/1.htm", r"/a\"b\\c?id=1")
    (root / "moved.map").write_text("".join(f'"{old}" /2012/03/04/5/;\n' for old in lines))
    return root


def archived(root: Path, file: Path) -> archiving.Archived:
    with archiving.place(root, file) as place:
        return archiving.archive(root, place, quiet)


# -- what is in it (of a whole site: tests/test_freezing.py) -------------------------------------


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


def test_a_large_file_is_read_by_pieces(tmp_path: Path) -> None:
    root, file = small(tmp_path / "frozen"), tmp_path / "site.wacz"
    size = 24 * 2**20
    (root / "files/media/a.sqlite").write_bytes(os.urandom(2**20) * 24)  # gzip makes it no smaller
    tracemalloc.start()
    try:
        archived(root, file)
        assert tracemalloc.get_traced_memory()[1] < size / 2
    finally:
        tracemalloc.stop()
    (said,) = (
        record.headers["content-length"]
        for record in records(file)
        if record.address == "/media/a.sqlite"
    )
    assert int(said) == size


def test_old_addresses_are_percent_encoded_and_there_once(tmp_path: Path) -> None:
    archived(small(tmp_path / "frozen"), tmp_path / "site.wacz")
    moved = [record for record in records(tmp_path / "site.wacz") if record.status == 301]
    assert {record.told for record in moved} == {(301, "/2012/03/04/5/")}
    assert sorted(record.address for record in moved) == [
        "/%E6%97%A7/1.htm", '/a"b\\c?id=1', "/old",
    ]  # fmt: skip


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
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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
    said = r"写不了 .*site\.wacz：文件超过了允许的大小"
    with files_of_at_most(1_500), pytest.raises(freezing.Trouble, match=said):
        archived(root, file)
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
        ("linked.wacz", "会随网站发出去"),
    ],
)
def test_a_place_where_the_file_can_not_be_is_refused_before_anything_is_done(
    tmp_path: Path, name: str, said: str
) -> None:
    for folder in ("folder", "folder.wacz", "frozen/.freeze"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "linked").symlink_to(tmp_path / "frozen")
    (tmp_path / "linked.wacz").symlink_to(tmp_path / "frozen/site.wacz")
    (tmp_path / "letter.txt").write_text(KEPT)
    with pytest.raises(CommandError, match=said):
        call_command("freeze", str(tmp_path / "frozen"), wacz=tmp_path / name)
    assert [path.name for path in (tmp_path / "frozen").rglob("*")] == [".freeze"]
    assert (tmp_path / "letter.txt").read_text() == KEPT


def test_where_the_name_is_a_link_the_file_stands_where_it_leads(tmp_path: Path) -> None:
    root, disk, link = small(tmp_path / "frozen"), tmp_path / "disk", tmp_path / "site.wacz"
    disk.mkdir()
    link.symlink_to(disk / "kept.wacz")
    archived(root, link)
    assert link.is_symlink()
    assert [path.name for path in disk.iterdir()] == ["kept.wacz"]
    assert any(record.address == "/" for record in records(link))


def test_a_folder_that_can_not_be_frozen_is_not_told_as_the_file(tmp_path: Path) -> None:
    root = Path("/proc/self/frozen")
    with pytest.raises(CommandError, match="写不了 /proc/self/frozen") as told:
        call_command("freeze", str(root), wacz=tmp_path / "site.wacz")
    assert "site.wacz" not in str(told.value)
    assert list(tmp_path.iterdir()) == []


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
