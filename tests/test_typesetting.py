"""Setting Chinese in lines."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.typesetting import NEVER_FIRST, NEVER_LAST, balance, cut, fill, pieces


def measure(words: str) -> float:
    """A Chinese character is two wide, others one."""
    return sum(1 if sign.isascii() else 2 for sign in words)


def test_words_numbers_and_marks_stay_together() -> None:
    assert pieces("他说：“好。”iPhone 15涨5.5%了……") == [
        "他", "说：", "“好。”", "iPhone", " ", "15", "涨", "5.5%", "了……",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "width", "lines"),
    [
        ("海风从前海吹来", 8, ["海风从前", "海吹来"]),
        ("海风从前，海吹来", 8, ["海风从", "前，海吹", "来"]),
        ("海风从《前海》吹", 8, ["海风从", "《前海》", "吹"]),
        ("海 PORT 风", 6, ["海", "PORT", "风"]),
        ("", 8, []),
        ("   ", 8, []),
        ("w" * 20, 8, ["w" * 8, "w" * 8, "w" * 4]),
    ],
)
def test_lines_break_where_chinese_may(words: str, width: float, lines: list[str]) -> None:
    assert fill(words, width, measure) == lines


def test_lines_are_balanced_and_part_at_a_pause() -> None:
    assert fill("一二三四五六七八九十甲", 20, measure) == ["一二三四五六七八九十", "甲"]
    assert balance("一二三四五六七八九十甲", 20, measure) == ["一二三四五六", "七八九十甲"]
    assert balance("里院揭开旧皮，墙上露出字", 20, measure) == ["里院揭开旧皮，", "墙上露出字"]
    assert balance("短，一二三四五六七八九十甲", 24, measure)[0] != "短，"


def test_what_does_not_fit_is_cut_and_says_so() -> None:
    lines = cut("一二三四五六七八九十，" * 5, 2, 20, measure)
    assert len(lines) == 2
    assert lines[-1].endswith("……")
    assert not lines[-1].endswith("，……")
    assert cut("短题", 2, 20, measure) == ["短题"]


WORDS = st.text(alphabet="海风吹来的港口abc12 ，。！？（）《》“”：…", max_size=60)


@given(WORDS, st.integers(16, 60))
def test_no_mark_stands_where_it_may_not(words: str, width: int) -> None:
    whole = max((measure(piece) for piece in pieces(words)), default=0)
    for lines in (fill(words, width, measure), balance(words, width, measure)):
        assert "".join("".join(lines).split()) == "".join(words.split())
        if whole > width:
            continue  # no line holds this one piece
        assert all(measure(line) <= width for line in lines)
        for line, following in pairwise(lines):
            # A space in the original may part them.
            if line + following in words:
                assert following[0] not in NEVER_FIRST
                assert line[-1] not in NEVER_LAST
