"""What a long command says of how far it is."""

import io

import pytest

from articles.management import progress
from articles.management.progress import Progress


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that a test sets."""
    now = [1000.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_where_nobody_watches_there_is_a_line_now_and_then(clock: list[float]) -> None:
    said: list[str] = []
    with Progress("导入", 2_000_000, said.append) as shown:
        for second, position in ((1, 1), (9, 100_000), (10, 200_000), (15, 1), (20, 1_000_000)):
            clock[0] = 1000.0 + second
            shown.reach(position, position // 100)
    assert said == [
        "导入：2,000 篇，每秒 200 篇，10%，还需 2 分钟",
        "导入：10,000 篇，每秒 500 篇，50%，还需 20 秒",
    ]


def test_without_an_end_in_sight_nothing_is_foretold(clock: list[float]) -> None:
    said: list[str] = []
    with Progress("导入", None, said.append) as shown:
        clock[0] += 10
        shown.reach(5_000, 50)
    assert said == ["导入：50 篇，每秒 5 篇"]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.4, "0 秒"), (59, "59 秒"), (90, "2 分钟"), (3600, "1 小时"), (7800, "2 小时 10 分钟")],
)
def test_lengths_of_time_are_said_as_people_say_them(seconds: float, said: str) -> None:
    assert progress.duration(seconds) == said


def test_where_a_person_watches_there_is_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Screen()
    monkeypatch.setattr("sys.stderr", screen)
    said: list[str] = []
    with Progress("导入", 100, said.append) as shown:
        shown._bar.mininterval = 0
        shown.reach(50, 7)
    assert "导入  50%|" in screen.getvalue()
    assert "7 篇，每秒" in screen.getvalue()
    assert not said
