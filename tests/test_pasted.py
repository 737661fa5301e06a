"""What comes from Word, WeChat, web pages, spreadsheets: clean, and what is lost is named."""

from pathlib import Path

import pytest

from articles import pasted

SAMPLES = Path(__file__).parent / "pasted"
WORD = (SAMPLES / "word.html").read_text()
WECHAT = (SAMPLES / "wechat.html").read_text()


def test_word_leaves_nothing_but_the_text_and_its_lists() -> None:
    assert pasted.clean(WORD) == (
        "<h2>海风来了</h2><p>第一段，<strong>很重要</strong>。</p>"
        "<ol><li>甲<ol><li>甲一</li></ol></li><li>乙</li></ol><p>中间</p><ul><li>丙</li></ul>"
    )
    (image,) = pasted.lost(WORD)
    assert (image.kind, image.address) == ("图片", "file:///C:/Temp/clip_image001.png")


def test_wechats_soup_comes_out_clear() -> None:
    assert pasted.clean(WECHAT) == (
        "<p>第一段😀，<strong>重要</strong>。</p><p>第二段。</p><p>第三段。</p>"
    )


def test_every_picture_and_film_is_named_with_its_place() -> None:
    images, films, sounds = pasted.report(pasted.lost(WECHAT))
    assert images.startswith("有 2 处图片没有带进来，图片要先放进图库，再从图库插入：")
    assert "在“第一段”之前，地址 https://mmbiz.qpic.cn/bg.png" in images
    assert "在“第一段，重要。”之后，地址 https://mmbiz.qpic.cn/a/640?wx_fmt=jpeg" in images
    assert "https://v.qq.com/x" in films
    assert "/cgi-bin/readtemplate" in sounds


def test_a_web_page_loses_its_furniture() -> None:
    page = (
        '<div class="art"><h1 class="t">题</h1><script>x()</script><style>p{}</style>'
        '<p onclick="x()" style="color:red">段<a href="https://a.example/" target="_blank">链</a>'
        '<a href="javascript:void(0)">收藏</a></p><p>&nbsp;</p><p>　　</p>'
        '<img alt="海" src="/upload/a.jpg"><svg><path d=""/></svg></div>'
    )
    assert pasted.clean(page) == (
        '<h2>题</h2><p>段<a href="https://a.example/" rel="noopener">链</a>收藏</p>'
    )
    said = "".join(pasted.report(pasted.lost(page)))
    assert "有 2 处图片" in said
    assert "地址 /upload/a.jpg" in said
    assert "链接“收藏”（在“段链”之后，地址 javascript:void(0)）" in said


def test_a_spreadsheet_becomes_a_table() -> None:
    sheet = (
        "<html><body><table border=0 cellpadding=0 width=128 style='border-collapse:collapse'>"
        "<!--StartFragment--><col width=64 span=2><tr height=19><td class=xl65 x:str>日期</td>"
        "<td style='mso-number-format:General'>潮高</td></tr><tr><td>29日</td>"
        "<td align=right x:num>4.2</td></tr><!--EndFragment--></table></body></html>"
    )
    assert pasted.clean(sheet) == (
        "<table><tbody><tr><td>日期</td><td>潮高</td></tr>"
        "<tr><td>29日</td><td>4.2</td></tr></tbody></table>"
    )


def test_plain_text_becomes_paragraphs_without_indents() -> None:
    text = "　　甲 < 乙。\r\n\r\n　　<b>丙</b> & 丁。"
    assert pasted.clean_text(text) == ("<p>甲 &lt; 乙。</p><p>&lt;b&gt;丙&lt;/b&gt; &amp; 丁。</p>")
    assert pasted.clean("　　甲\n　　乙") == "<p>甲</p><p>乙</p>"
    assert pasted.lost("1 < 2") == pasted.lost("纯文字") == []


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("data:image/png;base64," + "A" * 4096, "内嵌数据约 3 KB"),
        ("data:image/png;bytes=2097152", "内嵌数据约 2048 KB"),
        ("https://a.example/" + "x" * 200, "……"),
        ("", "没有地址"),
    ],
)
def test_an_address_is_told_briefly(address: str, said: str) -> None:
    (sentence,) = pasted.report(pasted.lost(f'<img src="{address}">'))
    assert said in sentence
    assert len(sentence) < 180


def test_many_lost_pictures_are_counted_and_some_are_named() -> None:
    (sentence,) = pasted.report(pasted.lost('<p>段<img src="https://a.example/"></p>' * 30))
    assert sentence.startswith("有 30 处图片")
    assert sentence.count("https://a.example/") == 8


def test_our_own_photos_are_not_lost() -> None:
    body = '<p>甲</p><figure data-photo="0123456789abcdef"></figure>'
    assert pasted.lost(body) == []
    assert pasted.clean(body) == body
