"""The sanitizer: what it keeps, what it mends, and that it is done after one pass."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.sanitizer import Clean, sanitize


@pytest.mark.parametrize(
    ("source", "clean"),
    [
        ("", ""),
        ("<p>　　开头的空格去掉</p>", "<p>开头的空格去掉</p>"),
        ("<p>&nbsp;</p><p><br></p><p>一</p>", "<p>一</p>"),
        ("<p>一<br>　　二</p>", "<p>一</p><p>二</p>"),
        ("<p>一<br><br>二</p>", "<p>一</p><p>二</p>"),
        ("<p>一<br>二</p>", "<p>一<br>二</p>"),
        ("<p><strong>小标题<br></strong><br></p>", "<p><strong>小标题</strong></p>"),
        ("<h1>题</h1><h4>次题</h4>", "<h2>题</h2><h3>次题</h3>"),
        ("<div>甲<div>乙</div>丙</div>", "<p>甲</p><p>乙</p><p>丙</p>"),
        ("一行\n\n二行 & 三", "<p>一行</p><p>二行 &amp; 三</p>"),
        ("<p>中\n文</p>", "<p>中文</p>"),
        ("<p>two\nwords</p>", "<p>two words</p>"),
        ("<b>粗</b><i>斜</i>", "<p><strong>粗</strong><em>斜</em></p>"),
        ("<blockquote>话</blockquote>", "<blockquote><p>话</p></blockquote>"),
        ('<p style="color:red" class="x" onclick="y()">字</p>', "<p>字</p>"),
        ("<p>一<script>alert(1)</script>二</p>", "<p>一二</p>"),
        ('<p><a href="javascript:alert(1)">链</a></p>', "<p>链</p>"),
        ('<a href="https://e.com/"><p>块</p></a>', "<p>块</p>"),
        (
            '<p><a href="https://e.com/" target="_blank">链</a></p>',
            '<p><a href="https://e.com/" rel="noopener">链</a></p>',
        ),
        (
            '<figure data-photo="abc"><img src="x"><figcaption>旧</figcaption></figure>',
            '<figure data-photo="abc"></figure>',
        ),
        ("<figure><img src='x'></figure>", ""),
        ("<p>零\x00宽\x08</p>", "<p>零宽</p>"),
        ("<p>半\ud800个\udfff</p>", "<p>半个</p>"),
    ],
)
def test_sanitize(source: str, clean: str) -> None:
    assert sanitize(source) == clean


HOSTILE = st.text(alphabet="<>/\"'= \n\t　&;abhpsx1中文。!-[]", max_size=60)
MARKUP = st.lists(
    st.sampled_from(
        [
            "<p>",
            "</p>",
            "<div>",
            "</div>",
            "<br>",
            "<h1>",
            "</h1>",
            "<b>",
            "</b>",
            "<ul>",
            "<li>",
            "</ul>",
            "<table>",
            "<tr>",
            "<td>",
            "</table>",
            "<blockquote>",
            "</blockquote>",
            "<figure>",
            "</figure>",
            "<svg>",
            "<math>",
            "<style>",
            "</style>",
            "<a>",
            "</a>",
            "<figure·data-photo=x>",
            "<img·src=x·onerror=y>",
            "<!--",
            "-->",
            "中文",
            "\u3000",
            "&nbsp;",
            "&lt;",
            "word",
            "\n",
        ]
    ),
    max_size=14,
).map(lambda parts: "".join(parts).replace("·", " "))


@given(HOSTILE | MARKUP)
def test_sanitizing_twice_changes_nothing(source: str) -> None:
    once = sanitize(source)
    assert sanitize(str(once)) == once


def test_what_is_clean_is_known_until_it_is_touched() -> None:
    clean = sanitize("<p>甲</p><script>")
    assert sanitize(clean) is clean
    assert sanitize(pickle.loads(pickle.dumps(clean))) == clean
    for touched in (clean + "<script>", clean.replace("甲", "<script>"), clean[3:], f"{clean}"):
        assert not isinstance(touched, Clean)


@given(HOSTILE | MARKUP)
def test_only_our_tags_come_through(source: str) -> None:
    clean = sanitize(source)
    assert "<script" not in clean
    assert " on" not in "".join(part.split(">")[0] for part in clean.split("<")[1:])


@pytest.mark.parametrize("tag", ["div", "b", "font", "blockquote", "section", "span", "em"])
def test_words_survive_any_depth(tag: str) -> None:
    body = "".join(f"<{tag}>第{number}层 &amp; <br>" for number in range(5000))
    clean = sanitize(body)
    assert clean.startswith("<p>第0层 &amp;</p>")
    assert clean.count("<p>") == 5000
    assert sanitize(str(clean)) == clean


@pytest.mark.parametrize(
    "hidden", ["</x>", "<!-- </blockquote> -->", "<script></blockquote></script>", "<!--></b>-->"]
)
def test_depth_that_is_hidden_is_seen(hidden: str) -> None:
    body = "".join(f"<blockquote>{hidden}第{number}层" for number in range(400))
    clean = sanitize(body)
    assert [f"第{number}层" in clean for number in range(400)] == [True] * 400
    assert sanitize(str(clean)) == clean


def test_what_is_long_in_a_cell_or_an_item_is_its_lines() -> None:
    assert sanitize("<ul><li>甲<p>乙</p><div>丙<b>丁<p>戊</p></b></div>己</ul>") == (
        "<ul><li>甲<br>乙<br>丙<strong>丁</strong><br>戊己</li></ul>"
    )


def test_many_elements_side_by_side_are_not_deep() -> None:
    body = "<div><p>甲</p><p>乙<b>丙</b></p></div>" * 1000
    assert sanitize(body).count("<strong>丙</strong>") == 1000


@pytest.mark.parametrize(
    "written", ["&#2;", "&#x1", "&#1", "&#31;", "&#xFFFF;", "&#127;", "&#xfffe"]
)
def test_control_characters_that_are_written_as_numbers_are_left_out(written: str) -> None:
    for around in ("", "p", "h2"):
        assert sanitize(f"<{around}>{written}</{around}>" if around else written) == ""
    link = sanitize(f'<p>海{written}<a href="/x" title="{written}">风</a></p>')
    assert link == '<p>海<a href="/x" title="" rel="noopener">风</a></p>'
    assert sanitize(str(link)) == link
