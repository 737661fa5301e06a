"""The command import_articles: files of every kind, refused lines, what it says."""

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from articles.models import Article, Photo
from articles.transfer import BadFile, read_lines
from tests.factories import picture
from tests.lines import as_bytes, make_line, write_lines

pytestmark = pytest.mark.django_db

BOM = b"\xef\xbb\xbf"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rejects of a test go to its own folder."""
    monkeypatch.chdir(tmp_path)


def import_files(*files: Path | str, **options: Any) -> str:
    """The last line that the command prints."""
    out = io.StringIO()
    call_command("import_articles", *map(str, files), stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue().splitlines()[-1]


def rejects(path: Path) -> list[dict[str, Any]]:
    """What stands in a file of refused lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_plain_and_packed_files(tmp_path: Path, name: str) -> None:
    file = write_lines(tmp_path / name, [make_line() for _ in range(3)])
    assert import_files(file) == "新增 3 篇，更新 0 篇，未变 0 篇，退回 0 行"
    assert import_files(file) == "新增 0 篇，更新 0 篇，未变 3 篇，退回 0 行"
    assert not (tmp_path / "import.rejects.jsonl").exists()


def test_several_files_are_one_import(tmp_path: Path) -> None:
    first = write_lines(tmp_path / "1.jsonl", [make_line(id="one"), make_line(id="two")])
    second = write_lines(tmp_path / "2.jsonl.gz", [make_line(id="two", title="改"), b"{"])
    assert import_files(first, second) == "新增 2 篇，更新 1 篇，未变 0 篇，退回 1 行"
    (entry,) = rejects(tmp_path / "import.rejects.jsonl")
    assert (entry["file"], entry["line"]) == (str(second), 2)


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
@pytest.mark.parametrize("end", [True, False])
def test_byte_order_mark_blank_lines_and_line_ends(
    tmp_path: Path, newline: bytes, end: bool
) -> None:
    parts = [b"", as_bytes(make_line()), b"", b"  \t", b"{", as_bytes(make_line(title="末"))]
    file = tmp_path / "a.jsonl"
    file.write_bytes(BOM + newline.join(parts) + (newline if end else b""))
    assert import_files(file) == "新增 2 篇，更新 0 篇，未变 0 篇，退回 1 行"
    (entry,) = rejects(tmp_path / "import.rejects.jsonl")
    assert (entry["line"], entry["content"]) == (5, "{")
    assert Article.objects.filter(title="末").exists()


def test_a_mark_before_the_first_line_is_dropped_and_no_other(tmp_path: Path) -> None:
    line = as_bytes(make_line())
    file = tmp_path / "a.jsonl"
    file.write_bytes(BOM + line + b"\n" + BOM + line + b"\n")
    assert import_files(file) == "新增 1 篇，更新 0 篇，未变 0 篇，退回 1 行"


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\u0085", "\x0b"])
def test_only_line_feeds_end_lines(tmp_path: Path, separator: str) -> None:
    body = f"<p>甲{separator}乙</p>"
    line = json.dumps(make_line(body=body), ensure_ascii=separator == "\x0b").encode()
    (tmp_path / "a.jsonl").write_bytes(line + b"\n")
    assert import_files(tmp_path / "a.jsonl").startswith("新增 1 篇")
    assert Article.objects.get().excerpt.startswith("甲")
    assert Article.objects.get().excerpt.endswith("乙")


def test_an_empty_file_is_an_empty_import(tmp_path: Path) -> None:
    for name, content in (("a.jsonl", b""), ("b.jsonl", BOM), ("c.jsonl.gz", gzip.compress(b""))):
        (tmp_path / name).write_bytes(content)
        assert import_files(tmp_path / name) == "新增 0 篇，更新 0 篇，未变 0 篇，退回 0 行"


def test_refused_lines_are_written_down_with_file_number_reason_and_content(
    tmp_path: Path,
) -> None:
    lines = [make_line(), b'{"id": "\xff"}', make_line(), make_line(title=""), b"[1]"]
    file = write_lines(tmp_path / "a.jsonl", lines)
    target = tmp_path / "refused.jsonl"
    err = io.StringIO()
    call_command("import_articles", str(file), rejects=target, stdout=io.StringIO(), stderr=err)
    assert str(target) in err.getvalue()
    entries = rejects(target)
    assert [entry["line"] for entry in entries] == [2, 4, 5]
    assert [entry["reason"] for entry in entries] == [
        "不是 UTF-8 编码",
        "缺少 title",
        "不是 JSON 对象",
    ]
    assert entries[0]["content"] == '{"id": "\ufffd"}'
    assert json.loads(entries[1]["content"]) == lines[3]
    assert {entry["file"] for entry in entries} == {str(file)}


def test_refused_lines_mended_go_in(tmp_path: Path) -> None:
    file = write_lines(tmp_path / "a.jsonl", [make_line(title="", id="one"), make_line()])
    import_files(file)
    content = rejects(tmp_path / "import.rejects.jsonl")[0]["content"]
    (tmp_path / "b.jsonl").write_text(content.replace('"title": ""', '"title": "补上"'))
    assert import_files(tmp_path / "b.jsonl").startswith("新增 1 篇")
    assert Article.objects.get(legacy_id="one").title == "补上"


def test_photos_lie_beside_the_file_or_where_the_option_says(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(picture(40, 30, "red").getvalue())
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "b.jpg").write_bytes(picture(40, 30, "blue").getvalue())
    beside = write_lines(tmp_path / "a.jsonl", [make_line(photos=[{"file": "a.jpg"}])])
    other = write_lines(tmp_path / "b.jsonl", [make_line(photos=[{"file": "b.jpg"}])])
    assert import_files(beside).startswith("新增 1 篇")
    assert import_files(other) == "新增 0 篇，更新 0 篇，未变 0 篇，退回 1 行"
    assert import_files(other, photos=tmp_path / "other").startswith("新增 1 篇")
    assert set(Photo.objects.values_list("name", flat=True)) == {"a.jpg", "b.jpg"}


def test_a_dry_run_says_that_it_wrote_nothing(tmp_path: Path) -> None:
    file = write_lines(tmp_path / "a.jsonl", [make_line(), b"{"])
    said = import_files(file, dry_run=True)
    assert said == "新增 1 篇，更新 0 篇，未变 0 篇，退回 1 行（只是检查，没有写入）"
    assert not Article.objects.exists()
    assert len(rejects(tmp_path / "import.rejects.jsonl")) == 1


def test_a_truncated_gzip_file_is_named_and_what_was_read_is_kept(tmp_path: Path) -> None:
    lines = [make_line(body=f"<p>{number**40}</p>") for number in range(700)]
    whole = write_lines(tmp_path / "whole.jsonl.gz", lines)
    for share, least in ((0.9, 500), (0.5, 200), (0.2, 50)):
        torn = tmp_path / "torn.jsonl.gz"
        torn.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * share)])
        Article.objects.all().delete()
        with pytest.raises(CommandError) as error:
            import_files(torn)
        assert f"{torn} 不是完整的 gzip 文件" in str(error.value)
        kept = Article.objects.count()
        assert least < kept < 700
        assert f"新增 {kept} 篇" in str(error.value)
        in_order = Article.objects.order_by("pk").values_list("legacy_id", flat=True)
        assert list(in_order) == [line["id"] for line in lines[:kept]]
    assert import_files(whole) == f"新增 {700 - kept} 篇，更新 0 篇，未变 {kept} 篇，退回 0 行"


def test_a_gzip_file_with_a_hole_in_it_is_named(tmp_path: Path) -> None:
    file = write_lines(tmp_path / "a.jsonl.gz", [make_line() for _ in range(200)])
    content = bytearray(file.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 40] = b"\x00" * 40
    file.write_bytes(content)
    with pytest.raises(CommandError, match="不是完整的 gzip 文件"):
        import_files(file)


def test_files_that_cant_be_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "plain.gz").write_bytes(as_bytes(make_line()))
    for name in ("gone.jsonl", "gone.jsonl.gz", "plain.gz", ""):
        with pytest.raises(CommandError) as error:
            import_files(tmp_path / name)
        assert str(tmp_path / name) in str(error.value)


def test_lines_say_how_far_the_file_is_read(tmp_path: Path) -> None:
    file = write_lines(tmp_path / "a.jsonl", [b"1", b"", b"333"])
    assert [(line.number, line.content, line.position) for line in read_lines(str(file))] == [
        (1, b"1\n", 2),
        (3, b"333\n", 7),
    ]


def test_reading_a_torn_file_gives_its_whole_lines_first(tmp_path: Path) -> None:
    content = gzip.compress(b"1\n2\n" + bytes(range(256)) * 4)
    (tmp_path / "a.gz").write_bytes(content[:-12])
    lines = read_lines(str(tmp_path / "a.gz"))
    assert [next(lines).content, next(lines).content] == [b"1\n", b"2\n"]
    with pytest.raises(BadFile, match="不是完整的 gzip 文件"):
        list(lines)
