"""Batches of an import: repeated ids, refusals inside them, dry runs, what they cost."""

import signal
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from articles import reads
from articles.models import Article, Photo, Topic
from articles.transfer import Importer, Line, ahead
from tests.lines import archive_rows, as_bytes, make_line, make_pictures, run_import

pytestmark = pytest.mark.django_db


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with three pictures."""
    return make_pictures(tmp_path)


def test_the_same_id_twice_the_later_wins() -> None:
    first, second = make_line(id="one", title="先"), make_line(id="one", title="后")
    outcome = run_import(first, make_line(), second)
    assert outcome.counts == (2, 1, 0, 0)
    assert Article.objects.get(legacy_id="one").title == "后"


@pytest.mark.parametrize("between", [0, 1, 2, 3, 4, 5])
def test_the_same_id_twice_across_the_end_of_a_batch(
    monkeypatch: pytest.MonkeyPatch, between: int
) -> None:
    monkeypatch.setattr(ahead, "BATCH", 3)
    lines = [
        make_line(id="one", title="一"),
        *(make_line() for _ in range(between)),
        make_line(id="one", title="二"),
        make_line(id="one", title="三"),
    ]
    assert run_import(*lines).counts == (1 + between, 2, 0, 0)
    assert Article.objects.get(legacy_id="one").title == "三"


def test_the_same_number_under_another_id_is_refused_within_a_batch() -> None:
    outcome = run_import(make_line(id="a", number=5), make_line(id="b", number=5), make_line())
    assert outcome.counts == (2, 0, 0, 1)
    assert outcome.reasons == {2: "编号 5 已是另一篇稿件的"}


def test_a_dry_run_writes_nothing_and_counts_what_a_run_would_do(photos: Path) -> None:
    known = make_line(id="known")
    changed = make_line(id="changed")
    run_import(known, changed)
    (photos / "bad.jpg").write_bytes(b"<html>")
    (photos / "copy.jpg").write_bytes((photos / "a.jpg").read_bytes())
    lines: list[dict[str, Any] | bytes] = [
        known,
        {**changed, "title": "改", "topics": ["新话题"]},
        make_line(topics=["海洋"], photos=[{"file": "a.jpg"}], lead_photo="a.jpg"),
        make_line(source="新来源"),
        make_line(title=""),
        make_line(photos=[{"file": "bad.jpg"}]),
        make_line(photos=[{"file": "a.jpg"}, {"file": "copy.jpg"}]),
        b"{",
    ]
    before = archive_rows()
    trial = run_import(*lines, photos=photos, dry_run=True)
    assert trial.counts == (2, 1, 1, 4)
    assert archive_rows() == before
    real = run_import(*lines, photos=photos)
    assert real == trial


def test_a_batch_costs_the_same_statements_whatever_its_size() -> None:
    def statements(size: int) -> tuple[int, int]:
        lines = [
            make_line(
                id=f"{size}-{number}",
                topics=["甲", "乙"],
                source="报",
                corrections=[{"text": "字", "published_at": "2022-10-02"}],
            )
            for number in range(size)
        ]
        with CaptureQueriesContext(
            connection,
        ) as adding:
            run_import(*lines)
        with CaptureQueriesContext(connection) as changing:
            run_import(*({**line, "title": "改"} for line in lines))
        return len(adding), len(changing)

    for title in ("题", "改"):  # what a process looks up once is known
        run_import(make_line(id="0", title=title, topics=["甲", "乙"], source="报"))
    few, many = statements(2), statements(80)
    assert few == many
    assert max(many) <= 20


def test_one_article_that_the_database_refuses_does_not_take_its_batch_along(
    photos: Path,
) -> None:
    old = [make_line(reads=10), make_line(reads=20)]
    run_import(*old)
    for article in Article.objects.all():
        reads.record(article, 5, date(2022, 9, 30))
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE articles_article ADD CONSTRAINT no_sharks CHECK (title <> '鲨鱼')"
        )
    outcome = run_import(
        make_line(topics=["新话题"], source="新来源"),
        make_line(title="鲨鱼", topics=["鲨鱼话题"], source="新来源"),
        make_line(number=777, topics=["新话题"], photos=[{"file": "a.jpg"}]),
        {**old[0], "title": "鲨鱼"},
        {**old[1], "title": "改", "reads": 30},
        photos=photos,
    )
    assert outcome.counts == (2, 1, 0, 2)
    assert set(outcome.reasons) == {2, 4}
    assert all(reason.startswith("数据库不收：") for reason in outcome.reasons.values())
    assert all("\n" not in reason for reason in outcome.reasons.values())
    assert {article.reads for article in Article.objects.filter(title="改")} == {35}
    fresh = Article.objects.get(pk=777)
    assert fresh.source is None
    assert [topic.name for topic in fresh.topics.all()] == ["新话题"]
    assert Article.objects.filter(source__name="新来源").count() == 1
    connection.check_constraints()


def test_a_picture_that_is_none_does_not_take_its_batch_along(photos: Path) -> None:
    (photos / "bad.jpg").write_bytes(b"<html>")
    outcome = run_import(
        make_line(topics=["新话题"], photos=[{"file": "a.jpg"}]),
        make_line(topics=["新话题"], photos=[{"file": "b.jpg"}, {"file": "bad.jpg"}]),
        make_line(topics=["新话题"], photos=[{"file": "c.jpg"}]),
        photos=photos,
    )
    assert outcome.counts == (2, 0, 0, 1)
    assert outcome.reasons[2].startswith("图片 bad.jpg：不是")
    assert Photo.objects.count() == 2
    assert Topic.objects.get().articles.count() == 2
    connection.check_constraints()


def test_a_lost_database_is_nobodys_line() -> None:
    def fail(execute: Any, sql: str, *rest: Any) -> Any:
        if "nextval" in sql:
            raise OperationalError("server closed the connection unexpectedly")
        return execute(sql, *rest)

    with connection.execute_wrapper(fail), pytest.raises(OperationalError):
        run_import(make_line())
    assert run_import(make_line()).counts == (1, 0, 0, 0)


def test_lines_are_yielded_once_their_batch_is_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead, "BATCH", 2)
    given = (Line("x", n, as_bytes(make_line()), 0) for n in range(1, 6))
    run = Importer(lambda line, reason: None).run(given)
    seen = [(line.number, Article.objects.count()) for line in run]
    assert seen == [(1, 2), (2, 2), (3, 4), (4, 4), (5, 5)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("way", ["written", "one by one"])
def test_ctrl_c_at_a_commit_counts_what_is_in(
    monkeypatch: pytest.MonkeyPatch, when: str, way: str
) -> None:
    monkeypatch.setattr(ahead, "BATCH", 2)
    commit = connection.commit

    def interrupted() -> None:
        now = Article.objects.count() in {3, 4}
        if now and when == "before":
            signal.raise_signal(signal.SIGINT)
        commit()
        if now and when == "after":
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(connection, "commit", interrupted)
    lines = [make_line() for _ in range(9)]
    if way == "one by one":
        lines[3] = make_line(original_title="题" * 300)
    importer = Importer(lambda line, reason: None)
    given = (Line("x", n, as_bytes(line), 0) for n, line in enumerate(lines, start=1))
    with pytest.raises(KeyboardInterrupt):
        list(importer.run(given))
    assert importer.tally.added == Article.objects.count() == (4 if way == "written" else 3)
