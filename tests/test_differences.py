"""What changed between two texts: true, readable, bounded."""

from hypothesis import given, settings
from hypothesis import strategies as st

from articles import differences
from articles.differences import Kind, Pair, pairs, texts
from articles.passages import passages

WORDS = st.text(alphabet="青岛栈桥海，。！ab1", max_size=60)


def shown(before: str, after: str) -> str:
    marks = {Kind.SAME: "{}", Kind.GONE: "[-{}-]", Kind.NEW: "[+{}+]"}
    return "".join(marks[piece.kind].format(piece.text) for piece in texts(before, after))


@given(WORDS, WORDS)
@settings(max_examples=200)
def test_both_texts_can_be_read_from_the_pieces(before: str, after: str) -> None:
    pieces = texts(before, after)
    assert "".join(piece.text for piece in pieces if piece.kind != Kind.NEW) == before
    assert "".join(piece.text for piece in pieces if piece.kind != Kind.GONE) == after
    assert all(piece.text for piece in pieces)


@given(st.lists(WORDS, max_size=12), st.lists(WORDS, max_size=12))
@settings(max_examples=200)
def test_every_paragraph_is_shown_once_in_order(before: list[str], after: list[str]) -> None:
    paired = pairs(before, after)
    assert [p.before for p in paired if p.before is not None] == list(range(len(before)))
    assert [p.after for p in paired if p.after is not None] == list(range(len(after)))


def test_changes_are_marked_by_character() -> None:
    assert shown("栈桥的早晨从清扫车开始。", "栈桥的清晨从清扫车开始。") == (
        "栈桥的[-早-][+清+]晨从清扫车开始。"
    )
    assert shown("", "新写的") == "[+新写的+]"
    assert shown("同样", "同样") == "同样"


def test_what_has_little_in_common_is_not_made_a_riddle() -> None:
    assert shown("今天下午在市政府开会", "明早去海边看了日出") == (
        "[-今天下午在市政府开会-][+明早去海边看了日出+]"
    )


def test_an_edited_paragraph_is_paired_a_new_one_is_not() -> None:
    before = ["第一段没有改动。", "海风从前海吹过来，灯还亮着。", "结尾。"]
    after = ["第一段没有改动。", "插进来的一段说别的事情", "海风从前海吹来，灯都亮着。", "结尾。"]
    assert pairs(before, after) == [Pair(0, 0), Pair(None, 1), Pair(1, 2), Pair(2, 3)]


def test_work_grows_no_faster_than_the_text(monkeypatch) -> None:
    """The steps spent on the worst texts, counted: no clock is asked."""
    spent: list[int] = []
    pays = differences._Budget.pays

    def counted(self: differences._Budget, steps: int) -> bool:
        granted = pays(self, steps)
        spent.append(steps if granted else 0)
        return granted

    monkeypatch.setattr(differences._Budget, "pays", counted)
    for size in (25_000, 100_000):
        spent.clear()
        before = "".join("哈啊，"[n * n % 7 % 3] for n in range(size))
        after = "".join("哈啊，"[n * n % 11 % 3] for n in range(size))
        pieces = texts(before, after)
        assert "".join(piece.text for piece in pieces if piece.kind != Kind.NEW) == before
        assert sum(spent) <= differences.WORK + differences.WORK_AN_ITEM * 2 * size


def test_a_body_is_read_as_what_a_reader_tells_apart() -> None:
    body = (
        "<h2>小标题</h2><p>一<strong>二</strong>三<br>四</p><blockquote><p>引</p></blockquote>"
        '<ul><li>项&amp;目</li></ul><figure data-photo="ab12"></figure><hr>'
        '<table><tbody><tr><td>格</td></tr></tbody></table><p><a href="https://a.cn/">链</a></p>'
    )
    found = passages(body)
    assert [(one.name, one.plain) for one in found] == [
        ("小标题", "小标题"),
        ("", "一二三↵四"),
        ("引文", "引"),
        ("列表项", "项&目"),
        ("图片", ""),
        ("分隔线", "———"),
        ("表格", "格"),
        ("", "链"),
    ]
    assert found[1].marked == "一〔加粗〕二〔/加粗〕三↵四"
    assert found[4].photo == "ab12"
    assert found[7].marked == "〔链接 https://a.cn/〕链〔/链接〕"
