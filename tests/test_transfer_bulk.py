"""Many lines: prepared by processes, and indexed in bulk where there is no index yet."""

import gzip
import io
import os
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from django.core.management import CommandError, call_command

from articles.models import Article, IndexRebuild, PairSample, SearchEntry
from articles.search import maintenance
from articles.transfer import BadFile, Importer, Line, ahead
from tests.commands import IMPORT, Process, Start, finished, is_locked, wait_for
from tests.factories import make_article
from tests.lines import as_bytes, make_line, run_import, write_lines
from tests.searching import found

MANY = 4000


def no_reject(line: Line, reason: str) -> None:
    raise AssertionError(reason)


def given(count: int) -> list[Line]:
    """Lines as they are read."""
    return [Line("x", number, as_bytes(make_line()), 0) for number in range(1, count + 1)]


def lines_file(folder: Path, count: int = MANY) -> Path:
    """A file of many lines; a word of each is its own."""
    lines = (
        make_line(title=f"旧稿{number}", body=f"<p>栈桥第{number}夜。</p>", topics=["海洋"])
        for number in range(count)
    )
    return write_lines(folder / "many.jsonl", lines)


def assert_whole() -> None:
    """Every article is found, by an index that is no longer owed."""
    assert not IndexRebuild.objects.exists()
    for ids in maintenance.batches():
        differences = maintenance.check(*ids)
        assert not differences.wrong
        assert not differences.unfindable
    last = Article.objects.latest("pk")
    assert [one.pk for one in found(last.body[3:-5])] == [last.pk]


def killed(process: Process, start: Start, how: signal.Signals = signal.SIGKILL) -> str:
    """What a process said that a signal has ended, once the database has noticed."""
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(how)
    _, err = process.communicate()
    wait_for(lambda: not is_locked(), start("sleep", "60"))
    _, alive = psutil.wait_procs(children, timeout=20)
    assert not alive
    return err.decode()


# -- prepared by processes ----------------------------------------------------------------------


@pytest.mark.process
def test_processes_prepare_the_same_in_the_same_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "BATCH", 5)
    lines = given(48)
    lines[17] = Line("x", 18, b"{", 0)
    lines[30] = Line("x", 31, None, 0)
    by_others = list(ahead.Ahead(lines, 2))
    assert by_others == list(ahead.Ahead(lines))
    assert [line for batch in by_others for line, _ in batch] == lines
    assert [len(batch) for batch in by_others] == [5] * 9 + [3]
    assert [said for batch in by_others for _, said in batch if isinstance(said, str)] == [
        by_others[3][2][1], "这一行太长",
    ]  # fmt: skip


@pytest.mark.process
@pytest.mark.parametrize("processes", [1, 2])
def test_no_more_is_read_ahead_than_fits(monkeypatch: pytest.MonkeyPatch, processes: int) -> None:
    monkeypatch.setattr(ahead, "BATCH", 5)
    read = 0

    def counted() -> Iterator[Line]:
        nonlocal read
        for line in given(100):
            read += 1
            yield line

    most = 0
    with closing(iter(ahead.Ahead(counted(), processes))) as batches:
        for number, _ in enumerate(batches):
            most = max(most, read - 5 * number)
    assert most == 5 * (max(ahead.FEW, processes + 1) + 1)


@pytest.mark.parametrize("count", [1, 10, 11])
def test_it_is_known_from_the_first_batch_on_whether_there_are_many(
    monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(ahead, "BATCH", 5)
    batches = ahead.Ahead(given(count))
    next(iter(batches))
    assert batches.many == (count > 10)


@pytest.mark.process
@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("whole", [3, 12, 40])
def test_what_stands_before_a_break_comes_before_the_error(
    monkeypatch: pytest.MonkeyPatch, processes: int, whole: int
) -> None:
    monkeypatch.setattr(ahead, "BATCH", 5)
    lines = given(whole)

    def torn() -> Iterator[Line]:
        yield from lines
        raise BadFile("torn")

    seen = []
    with pytest.raises(BadFile):
        seen += [line for batch in ahead.Ahead(torn(), processes) for line, _ in batch]
    batches = iter(ahead.Ahead(torn(), processes))
    with pytest.raises(BadFile):
        while True:
            seen += [line for line, _ in next(batches)]
    assert seen == lines


# -- the index ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_within_a_transaction_every_batch_is_indexed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "BATCH", 5)
    run_import(*(make_line() for _ in range(40)))
    assert not IndexRebuild.objects.exists()
    assert SearchEntry.objects.count() == 40
    make_article(title="之后照旧由触发器索引")
    assert len(found("之后照旧")) == 1


@pytest.mark.django_db(transaction=True)
def test_few_lines_are_found_with_their_batch() -> None:
    seen = [SearchEntry.objects.count() for _ in Importer(no_reject).run(given(20))]
    assert seen == [20] * 20
    assert_whole()


@pytest.mark.django_db(transaction=True)
def test_an_archive_with_an_index_keeps_it_in_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maintenance, "HARDLY_ANY", 1)
    monkeypatch.setattr(ahead, "BATCH", 5)
    make_article()
    for line in Importer(no_reject).run(given(40)):
        assert SearchEntry.objects.count() == Article.objects.count() >= line.number
    assert_whole()


@pytest.mark.django_db(transaction=True)
def test_an_empty_archive_is_indexed_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(ahead, "BATCH", 50)
    make_article(title="早先的一篇")
    lines = given(200)
    run = Importer(no_reject).run(lines)
    for line in run:
        assert len(found("早先的一篇")) == 1
        assert SearchEntry.objects.count() == 1, "nothing is indexed while it loads"
        assert IndexRebuild.objects.get().in_bulk, "from the first commit on it is known"
        assert Article.objects.count() > line.number
    file = write_lines(tmp_path / "a.jsonl", [line.content or b"" for line in lines])
    said = io.StringIO()
    call_command("import_articles", str(file), stdout=said, stderr=io.StringIO())
    assert said.getvalue().strip() == "新增 0 篇，更新 0 篇，未变 200 篇，退回 0 行"
    assert_whole()
    assert len(found("早先的一篇")) == 1


@pytest.mark.django_db(transaction=True)
def test_what_changes_while_the_index_is_owed_is_not_found_by_its_old_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ahead, "BATCH", 5)
    line = make_line(id="one", title="原来的题目")
    run_import(line)
    assert len(found("原来的题目")) == 1
    run_import(*(make_line() for _ in range(20)), {**line, "state": "withdrawn"})
    assert maintenance.is_postponed()
    assert not found("原来的题目")


@pytest.mark.django_db(transaction=True)
def test_numbers_far_apart_are_no_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "BATCH", 5)
    run_import(*(make_line(number=number) for number in range(10**16, 10**17, 10**16)))
    run_import(*(make_line() for _ in range(20)))
    call_command("rebuild_search", "--offline", stdout=io.StringIO())
    assert_whole()
    call_command("rebuild_search", stdout=io.StringIO())
    assert_whole()


@pytest.mark.django_db(transaction=True)
def test_a_dry_run_builds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    maintenance.postpone()
    file = write_lines(tmp_path / "a.jsonl", [make_line()])
    call_command("import_articles", str(file), "--dry-run", stdout=io.StringIO())
    assert maintenance.is_postponed()


# -- ended at any point -------------------------------------------------------------------------


@pytest.mark.process
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("then", ["same", "empty", "rebuild", "offline"])
def test_killed_while_loading_the_index_is_completed_by_what_comes_next(
    start: Start, tmp_path: Path, then: str
) -> None:
    file = lines_file(tmp_path)
    process = start(*IMPORT, str(file))
    wait_for(lambda: Article.objects.count() >= 1000, process)
    killed(process, start)
    assert Article.objects.count() < MANY
    assert SearchEntry.objects.count() < Article.objects.count()
    assert maintenance.is_postponed()
    (tmp_path / "empty.jsonl").write_bytes(b"")
    if then == "same":
        assert finished(start(*IMPORT, str(file))).startswith("新增")
        assert Article.objects.count() == MANY
    elif then == "empty":
        assert finished(start(*IMPORT, str(tmp_path / "empty.jsonl"))).startswith("新增 0 篇")
    else:
        call_command("rebuild_search", *["--offline"][: then == "offline"], stdout=io.StringIO())
    assert_whole()


@pytest.mark.process
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("entries", [500, MANY])
def test_killed_while_indexing_it_is_completed_by_the_next_import(
    start: Start, tmp_path: Path, entries: int
) -> None:
    file = lines_file(tmp_path)
    process = start(*IMPORT, str(file))
    wait_for(lambda: SearchEntry.objects.count() >= entries, process)
    killed(process, start)
    if maintenance.is_postponed():  # else it was a moment too late
        assert finished(start(*IMPORT, str(file))).endswith(f"未变 {MANY} 篇，退回 0 行")
    assert_whole()


@pytest.mark.process
@pytest.mark.django_db(transaction=True)
def test_ctrl_c_ends_it_with_the_index_of_what_is_in(start: Start, tmp_path: Path) -> None:
    process = start(*IMPORT, "--processes", "2", str(lines_file(tmp_path, 3 * MANY)))
    wait_for(lambda: Article.objects.count() >= 1000, process)
    said = killed(process, start, signal.SIGINT)
    assert process.returncode == 1
    assert "还要为写入的稿件建立搜索索引" in said
    assert "CommandError: 已中断。写入的都在" in said
    assert said.count("Traceback") == 0
    assert f"新增 {Article.objects.count()} 篇" in said
    assert Article.objects.count() < 3 * MANY
    assert_whole()


@pytest.mark.process
@pytest.mark.django_db(transaction=True)
def test_a_process_that_is_killed_ends_it_with_a_word_and_all_that_is_in(
    start: Start, tmp_path: Path
) -> None:
    process = start(*IMPORT, "--processes", "2", str(lines_file(tmp_path, 3 * MANY)))
    wait_for(lambda: Article.objects.count() >= 1000, process)
    helpers = [
        child
        for child in psutil.Process(process.pid).children()
        if "spawn_main" in " ".join(child.cmdline())
    ]
    os.kill(helpers[0].pid, signal.SIGKILL)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "整理稿件的进程被终止了" in err.decode()
    assert f"新增 {Article.objects.count()} 篇" in err.decode()
    assert 1000 <= Article.objects.count() < 3 * MANY
    assert_whole()


@pytest.mark.process
@pytest.mark.django_db(transaction=True)
def test_a_torn_file_leaves_an_index_of_what_stood_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    whole = gzip.compress(lines_file(tmp_path).read_bytes())
    (tmp_path / "torn.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CommandError, match="不是完整的 gzip 文件"):
        call_command("import_articles", "torn.jsonl.gz", stderr=io.StringIO())
    assert 1000 < Article.objects.count() < MANY
    assert_whole()


@pytest.mark.process
@pytest.mark.django_db(transaction=True)
def test_all_files_are_one_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = [f"{number}.jsonl" for number in range(30)]
    for name in names:
        write_lines(tmp_path / name, [make_line(body="<p>一样的话一样的话</p>") for _ in range(40)])
    said = io.StringIO()
    call_command("import_articles", *names, stdout=said, stderr=io.StringIO())
    assert said.getvalue().strip() == "新增 1200 篇，更新 0 篇，未变 0 篇，退回 0 行"
    assert not IndexRebuild.objects.exists()
    assert SearchEntry.objects.count() == 1200
    assert PairSample.objects.get().archive == 1200


@pytest.mark.parametrize("said", ["0", "-1", "zwei", "1.5"])
def test_a_number_of_processes_is_one_or_more(said: str) -> None:
    with pytest.raises(CommandError, match="1 到 8 之间的整数"):
        call_command("import_articles", f"--processes={said}", "x.jsonl")
