"""What is read from bodies."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles import text
from articles.sanitizer import sanitize
from tests.test_weight import sample


def test_plain_text_has_a_line_a_block() -> None:
    body = "<h2>题</h2><p>甲<br>乙 &amp; 丙</p><ul><li>一</li><li>二</li></ul>"
    assert text.plain(body) == "题\n甲\n乙 & 丙\n一\n二"


@pytest.mark.parametrize(
    ("said", "most", "number"),
    [
        ("0", 9, 0), ("007", 99999, 7), ("9", 9, 9), ("10", 9, None), ("12", 11, None),
        ("9223372036854775807", text.LARGEST_NUMBER, 2**63 - 1),
        ("9223372036854775808", text.LARGEST_NUMBER, None), ("9" * 5000, text.LARGEST_NUMBER, None),
        (None, 9, None), ("", 9, None), ("-1", 9, None), ("+1", 9, None), (" 1", 9, None),
        ("٣", 9, None), ("³", 9, None), ("1e3", 9999, None),
    ],
)  # fmt: skip
def test_a_number_is_ascii_digits_and_not_too_large(
    said: str | None, most: int, number: int | None
) -> None:
    assert text.number(said, most) == number


@pytest.mark.parametrize(
    ("body", "cut"),
    [
        ("<p>短。</p>", "短。"),
        ("<p>一二三四五六七八。九十一二三四五六七八</p>", "一二三四五六七八。"),
        ("<p>一二三四五六七八，九十一二三四五六七八</p>", "一二三四五六七八……"),
        ("<p>一二三四五六七八九十一二三四五六七八九</p>", "一二三四五六七八九十……"),
        ("<p>本报讯 海风起。</p>", "海风起。"),
        ("<p>央视网消息（新闻联播）：海风起。</p>", "海风起。"),
    ],
)
def test_excerpt(body: str, cut: str) -> None:
    assert text.excerpt(body, length=12) == cut


def test_blocks_are_numbered_in_order() -> None:
    body = "<h2>a</h2><p>b</p><ul><li>c</li></ul><pre>d</pre>"
    numbered = text.number_blocks(body, [[1], [2], [3]])
    assert numbered == '<h2 id="p1">a</h2><p id="p2">b</p><ul><li id="p3">c</li></ul><pre>d</pre>'
    assert text.count_blocks(body) == 3


@pytest.mark.parametrize(
    ("body", "numbered"),
    [
        ("<p>a</p>", '<p id="p5">@a</p>'),
        ("<ul><li>a</li></ul>", '<ul><li id="p5">@a</li></ul>'),
        ('<figure data-photo="a>b"></figure>', '<figure id="p5" data-photo="a>b">@</figure>'),
        (
            '<table><tbody><tr><td colspan="2">a</td><td>b</td></tr></tbody></table>',
            '<table id="p5"><tbody><tr><td colspan="2">@a</td><td>b</td></tr></tbody></table>',
        ),
        (
            "<table><caption>a</caption><tbody><tr><th>b</th></tr></tbody></table>",
            '<table id="p5"><caption>@a</caption><tbody><tr><th>b</th></tr></tbody></table>',
        ),
    ],
)
def test_aliases_stand_where_a_block_may_hold_them(body: str, numbered: str) -> None:
    spans = '<span id="p1"></span><span id="p3"></span>'
    assert text.number_blocks(body, [[5, 1, 3]]) == numbered.replace("@", spans)


def test_a_quote_and_its_paragraph_have_ids_of_their_own() -> None:
    numbered = text.number_blocks("<blockquote><p>a</p></blockquote>", [[2, 1], [3]])
    assert numbered == ('<blockquote id="p2"><span id="p1"></span><p id="p3">a</p></blockquote>')


def test_blocks_are_known_by_what_they_say() -> None:
    body = (
        '<h2>题</h2><p>甲<strong>乙</strong><a href="/x">丙</a></p><figure data-photo="t"></figure>'
        "<blockquote><blockquote><p>引</p></blockquote></blockquote>"
        "<ul><li>一<ul><li>二</li></ul></li></ul><table><tbody><tr><td>格</td></tr></tbody></table>"
    )
    assert text.blocks(body) == ["题", "甲乙丙", "<t>", ">>引", ">引", "引", "一", "二", "格"]
    assert text.blocks("") == text.blocks("<hr>") == []


def test_figures_are_filled_and_lost_photos_dropped() -> None:
    body = text.number_blocks(
        '<p>a</p><figure data-photo="x"></figure><figure data-photo="gone"></figure><p>b</p>',
        [[1], [2, 5], [3, 6], [4]],
    )
    loose = '<figure data-photo="x"></figure><figure data-photo="gone"></figure>'
    filled = text.fill_figures(loose + body, lambda token: "<img>" if token == "x" else "")
    assert filled == (
        "<figure><img></figure>"
        '<p id="p1">a</p><figure id="p2"><span id="p5"></span><img></figure>'
        '<span id="p3"></span><span id="p6"></span><p id="p4">b</p>'
    )


def test_photos_are_renamed() -> None:
    body = '<figure data-photo="a&amp;b.jpg"></figure><figure data-photo="c"></figure>'
    assert text.photo_tokens(body) == ["a&b.jpg", "c"]
    renamed = text.replace_photos(sanitize(body), {"a&b.jpg": "1", "c": "<"}.__getitem__)
    assert renamed == '<figure data-photo="1"></figure><figure data-photo="&lt;"></figure>'
    assert renamed == sanitize(str(renamed))


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("", []),
        ("记者 林疏影 通讯员 高以安", ["林疏影", "高以安"]),
        ("本报记者 林疏影、高以安", ["林疏影", "高以安"]),
        ("文/图 程小满", ["程小满"]),
        ("林疏影", ["林疏影"]),
        ("文图图", ["文图图"]),
    ],
)
def test_authors(byline: str, names: list[str]) -> None:
    assert text.authors(byline) == names


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0, "0"),
        (9999, "9999"),
        (10000, "1万"),
        (12345, "1.2万"),
        (99999, "9.9万"),
        (351234, "35.1万"),
        (1234567, "123万"),
        (99999999, "9999万"),
        (130000000, "1.3亿"),
    ],
)
def test_count(number: int, shown: str) -> None:
    assert text.count(number) == shown


@pytest.mark.parametrize(
    ("title", "parts"),
    [
        ("供暖头一周，测温员敲开398户的门", [["供暖头一周，", "测温员敲开398户的门"]]),
        ("小雪无雪 明午后起北风 周三破0℃", [["小雪无雪"], ["明午后起北风"], ["周三破0℃"]]),
        ("“这么大？”“是的！”他说", [["“这么大？”“是的！”他说"]]),
        ("问：“走吗？”答：“走。”", [["问：", "“走吗？”答：", "“走。”"]]),
        ("一棵白菜走了十七个小时", [["一棵白菜走了十七个小时"]]),
        ("小雪日：数到一万一千八百六十多只鸥", [["小雪日：数到一万一千八百六十多只鸥"]]),
        ("", [[""]]),
    ],
)  # fmt: skip
def test_a_title_is_parted_where_a_headline_breaks(title: str, parts: list[list[str]]) -> None:
    assert text.phrases(title) == parts


@settings(deadline=None)
@given(st.text(st.sampled_from("海风，。！？” ：《》a1"), max_size=40))
def test_phrases_lose_nothing(title: str) -> None:
    joined = " ".join("".join(part) for part in text.phrases(title))
    assert joined.split() == title.split()


def test_tables_get_a_box_each_and_nothing_else_changes() -> None:
    body = '<p id="p1">字</p><table id="p2"><tbody><tr><td>1</td></tr></tbody></table>'
    framed = text.frame_tables(body * 2)
    assert framed.count('role="region"') == 2
    assert "表1，" in framed
    assert "表2，" in framed
    assert framed.count('tabindex="0"><table id="p2">') == 2
    assert framed.count("</table></div>") == 2
    assert text.frame_tables("<p>table</p>") == "<p>table</p>"


def test_an_excerpt_reads_no_more_than_it_needs_and_says_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    paragraph = "<p>海&amp;风" + "<b>吹</b>" * 30 + "过来了，</p>"
    bodies = [
        paragraph * 9,
        "<blockquote><p>" + "引" * 220 + "</p></blockquote><p>文</p>",
        "<p>信网讯 </p>" + '<figure data-photo="x"></figure>' * 9 + paragraph * 3,
        "<ul><li>" + "项，" * 150 + "</li></ul><p>完。</p>",
        *(sanitize(told["body"]) for told in sample()),
    ]
    said = [text.excerpt(body) for body in bodies]
    monkeypatch.setattr(text, "_EXCERPTED", 10**9)
    assert said == [text.excerpt(body) for body in bodies]
