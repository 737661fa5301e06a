"""The closing line of a pasted article, in its many spellings."""

import pytest

from articles import closing


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("[来源:青岛晚报 编辑:戴慧慧]", {"source": "青岛晚报", "editor": "戴慧慧"}),
        ("［来源：青岛晚报　编辑：戴慧慧］", {"source": "青岛晚报", "editor": "戴慧慧"}),
        ("【来源：青岛晚报】", {"source": "青岛晚报"}),
        ("（责任编辑：戴慧慧）", {"editor": "戴慧慧"}),
        ("来源：青岛晚报  责编：戴慧慧", {"source": "青岛晚报", "editor": "戴慧慧"}),
        ("[来源:青岛晚报编辑:戴慧慧]", {"source": "青岛晚报", "editor": "戴慧慧"}),
        ("[来源 青岛晚报 编辑 戴慧慧]", {"source": "青岛晚报", "editor": "戴慧慧"}),
        ("稿源：观海新闻/青岛晚报", {"source": "观海新闻/青岛晚报"}),
        ("（记者 林疏影）", {"byline": "记者 林疏影"}),
        ("(本报记者：林疏影 高以安)", {"byline": "本报记者 林疏影 高以安"}),
        ("作者：林疏影", {"byline": "林疏影"}),
        ("编辑：李四；审核：王五", {"editor": "李四", "": "王五"}),
    ],
)
def test_a_closing_line_is_read(line: str, said: dict[str, str]) -> None:
    assert {part.kind: part.printed for part in closing.parse(line)} == said


@pytest.mark.parametrize(
    "line",
    [
        "", "正文。", "编辑部来信：各位读者", "编辑：他说，这不行。", "来源：",
        "[青岛晚报 编辑:戴慧慧]",
        "记者 林疏影", "来源：青岛晚报 时间：昨天", "他问编辑：为什么", "来源：" + "长" * 61,
    ],
)  # fmt: skip
def test_what_only_looks_like_one_stays(line: str) -> None:
    assert closing.parse(line) == []


@pytest.mark.parametrize(
    "body",
    [
        "<p>正文。</p><p>[来源:青岛晚报 编辑:戴慧慧]</p>",
        "<p>正文。</p><p><strong>[来源:青岛晚报 编辑:戴慧慧]</strong></p>",
        "<p>正文。</p><p>来源：<a href='/x'>青岛晚报</a></p><p>编辑：戴慧慧</p>",
        "<p>正文。<br>[来源:青岛晚报 编辑:戴慧慧]</p>",
        "<p>正文。[来源:青岛晚报 编辑:戴慧慧]</p>",
    ],
)
def test_it_is_taken_from_wherever_it_stands_at_the_end(body: str) -> None:
    kept, parts = closing.take(body)
    assert kept == "<p>正文。</p>"
    assert [part.printed for part in parts] == ["青岛晚报", "戴慧慧"]


@pytest.mark.parametrize(
    "body",
    [
        "", "<p>正文。</p>", "<p>编辑：戴慧慧</p><p>正文。</p>",
        "<p>正文（来源不明）。</p>", "<ul><li>编辑：戴慧慧</li></ul>",
        "<p>他说：“编辑：戴慧慧，你好。”</p>",
    ],
)  # fmt: skip
def test_nothing_else_is_taken(body: str) -> None:
    assert closing.take(body) == (body, [])


def test_what_is_left_over_is_a_line_again() -> None:
    parts = closing.parse("编辑：A&B 审核：王五")
    assert closing.line(parts) == "<p>[编辑:A&amp;B 审核:王五]</p>"
    assert closing.take(closing.line(parts)) == ("", parts)
    assert closing.line([]) == ""
