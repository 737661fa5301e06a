"""Imports as real processes: standard input, two at once, killed halfway, memory."""

import gzip
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from articles.models import Article, ArticleTopic, Correction, Topic
from tests.commands import EXPORT, IMPORT, Start, finished, is_locked, wait_for
from tests.lines import as_bytes, make_line, write_lines

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.process]


def test_standard_input(start: Start, tmp_path: Path) -> None:
    lines: list[dict[str, Any] | bytes] = [make_line() for _ in range(3)]
    given = b"\n".join([*(as_bytes(line) for line in lines), b"", b"{"])
    said = finished(start(*IMPORT, "-"), b"\xef\xbb\xbf" + given)
    assert said == "新增 3 篇，更新 0 篇，未变 0 篇，退回 1 行"
    assert Article.objects.count() == 3
    (entry,) = (tmp_path / "import.rejects.jsonl").read_text().splitlines()
    assert (json.loads(entry)["file"], json.loads(entry)["line"]) == ("-", 5)


def test_the_second_import_at_once_says_so(start: Start, tmp_path: Path) -> None:
    first = start(*IMPORT, "-")
    wait_for(is_locked, first)
    file = write_lines(tmp_path / "a.jsonl", [make_line()])
    with pytest.raises(CommandError, match="另一个导入正在进行"):
        call_command("import_articles", str(file))
    assert not Article.objects.exists()
    assert finished(first, as_bytes(make_line())).startswith("新增 1 篇")
    call_command("import_articles", str(file), stdout=io.StringIO())
    assert Article.objects.count() == 2


def test_killed_halfway_and_run_again_everything_is_in_exactly_once(
    start: Start, tmp_path: Path
) -> None:
    lines = [
        make_line(
            topics=[f"话题{number % 7}", f"话题{number % 11}"],
            reads=number,
            corrections=[{"text": f"更正{number}", "published_at": "2022-10-01"}],
        )
        for number in range(4000)
    ]
    file = write_lines(tmp_path / "a.jsonl.gz", lines)
    killed_at = []
    for least in (1, 1500):
        process = start(*IMPORT, str(file))
        wait_for(lambda least=least: Article.objects.count() >= least, process)  # type: ignore[misc]
        process.kill()
        process.communicate()
        wait_for(lambda: not is_locked(), start(sys.executable, "-c", "input()"))
        killed_at.append(Article.objects.count())
    assert 0 < killed_at[0] <= killed_at[1] < len(lines)
    assert all(count % 500 == 0 for count in killed_at)
    kept = killed_at[1]
    said = finished(start(*IMPORT, str(file)))
    assert said == f"新增 {4000 - kept} 篇，更新 0 篇，未变 {kept} 篇，退回 0 行"
    in_order = Article.objects.order_by("pk").values_list("legacy_id", "reads")
    assert list(in_order) == [(line["id"], line["reads"]) for line in lines]
    assert Topic.objects.count() == 11
    assert ArticleTopic.objects.count() == sum(len(set(line["topics"])) for line in lines)
    assert Correction.objects.count() == 4000
    assert ArticleTopic.objects.filter(published_at=None).count() == 0
    said = finished(start(*IMPORT, str(file)))
    assert said == "新增 0 篇，更新 0 篇，未变 4000 篇，退回 0 行"


# Runs a command and prints the most memory that it and its processes ever held, in kB.
PEAK = """
import sys, threading, time
from contextlib import suppress
import django
import psutil
from django.core.management import call_command
def peak(process):
    with open(f"/proc/{process}/status") as status:
        return next((int(line.split()[1]) for line in status if line.startswith("VmHWM")), 0)
def watch():
    while True:
        for child in psutil.Process().children():
            with suppress(OSError):
                peaks[child.pid] = peak(child.pid) or peaks.get(child.pid, 0)
        time.sleep(0.05)
peaks = {}
if __name__ == "__main__":
    django.setup()
    threading.Thread(target=watch, daemon=True).start()
    call_command(*sys.argv[1:])
    print(peak("self") + sum(peaks.values()))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
def test_memory_does_not_grow_with_the_file(start: Start, tmp_path: Path) -> None:
    def peak(name: str, lines: Iterator[dict[str, Any] | bytes]) -> int:
        file = write_lines(tmp_path / name, lines)
        return int(
            finished(
                start(sys.executable, "-c", PEAK, "import_articles", "--processes=2", str(file))
            )
        )

    padding = b" " * 4000  # a file that would be noticed if it were held
    few = peak("few.jsonl.gz", (as_bytes(make_line()) + padding for _ in range(2_000)))
    many = peak("many.jsonl.gz", (as_bytes(make_line()) + padding for _ in range(10_000)))
    bad = peak("bad.jsonl.gz", (b"x" + padding for _ in range(50_000)))
    assert Article.objects.count() == 12_000
    assert many < 1.3 * few
    assert bad < 1.3 * few


def test_an_export_to_standard_output_is_the_file(start: Start, tmp_path: Path) -> None:
    lines = [make_line(title="“栈桥”\u2028🌊"), make_line(state="draft")]
    call_command(
        "import_articles", str(write_lines(tmp_path / "a.jsonl", lines)), stdout=io.StringIO()
    )
    call_command("export_articles", str(tmp_path / "out.jsonl.gz"), stdout=io.StringIO())
    process = start(*EXPORT)
    out, err = process.communicate()
    assert (process.returncode, err) == (0, b"")
    assert out == gzip.decompress((tmp_path / "out.jsonl.gz").read_bytes())
    assert out.count(b"\n") == 2
