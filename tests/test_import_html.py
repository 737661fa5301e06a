"""The command import_html: encodings, selectors, pictures, addresses, what is refused."""

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from articles.elsewhere.encodings import BadEncoding, decode
from articles.elsewhere.folder import Folder
from articles.elsewhere.mapping import BadMapping, load
from articles.models import Article, Photo, Topic
from tests.factories import moment, picture
from tests.lines import archive_rows

MAPPING = Path(__file__).parent / "elsewhere" / "mapping.toml"
PAGE = """<html><head><meta http-equiv="Content-Type" content="text/html; charset={charset}">
<title>海边晚报</title></head><body><div class="crumb"><a href="/">首页</a>
<a href="/city/">城事</a></div><h1 class="title">栈桥夜灯亮起</h1>
<div class="yuanti">桥亮了</div>
<div class="info">2003-05-06 08:12　来源：青岛晚报　点击：12</div>
<div id="content"><script>var a = "广告";</script>
<p>　　灯亮了，<b>人</b>也来了。见<a href="../2003/7.htm">昨天</a>、<a href="#top">上文</a>和<a href="http://example.org/">别处</a>。</p>
<p align="center"><img src="..\\images\\NIGHT.jpg" alt="夜灯"></p><p>镕镕：“好！”</p>
<div class="share">转发</div><p>分享到微信</p></div>
<span class="editor">戴慧慧</span></body></html>"""


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of old pages, beside where the command is started."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "old"
    put(folder, "images/night.jpg", picture(300, 200, "navy").getvalue())
    return folder


def put(folder: Path, path: str, content: bytes | str, encoding: str = "gbk") -> Path:
    """A file in the folder."""
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return file


def html(mapping: Path = MAPPING, **options: Any) -> str:
    """The last line that the command prints."""
    out = io.StringIO()
    call_command("import_html", "old", mapping=mapping, stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue().splitlines()[-1]


def refused(mapping: Path = MAPPING) -> dict[str, str]:
    """The reasons of refused files, by path."""
    with pytest.raises(CommandError) as error:
        html(mapping)
    assert error.value.returncode == 3
    lines = Path("import.rejects.jsonl").read_text(encoding="utf-8").splitlines()
    return {entry["file"]: entry["reason"] for entry in map(json.loads, lines)}


@pytest.mark.django_db
def test_a_page_with_all_that_a_mapping_finds(old: Path) -> None:
    put(old, "sports/a.htm", PAGE.format(charset="gb2312"))
    assert html() == "新增 1 篇，更新 0 篇，未变 0 篇，退回 0 篇"
    article, photo = Article.objects.get(), Photo.objects.get()
    assert (article.title, article.original_title) == ("栈桥夜灯亮起", "桥亮了")
    assert (str(article.source), article.editor) == ("青岛晚报", "戴慧慧")
    assert article.published_at == moment("2003-05-06 08:12")
    assert article.body == (
        '<p>灯亮了，<strong>人</strong>也来了。见<a href="/news/2003/7.htm" rel="noopener">昨天</a>'
        '、<a href="#top" rel="noopener">上文</a>和<a href="http://example.org/" rel="noopener">'
        f'别处</a>。</p><figure data-photo="{photo.token}"></figure><p>镕镕：“好！”</p>'
    )
    assert photo.alt == "夜灯"
    assert list(Topic.objects.values_list("name", flat=True)) == ["体育", "城事", "旧报"]
    names = [each.topic.name for each in article.memberships.all()]
    assert names == ["城事", "旧报", "体育"]
    assert article.legacy_id == "old.haibian.example.com/news/sports/a.htm"
    assert article.legacy_url == "http://old.haibian.example.com/news/sports/a.htm"


@pytest.mark.django_db
def test_an_old_address_leads_to_the_article(old: Path, client: Client) -> None:
    put(old, "2003/新 闻.htm", PAGE.format(charset="gbk"))
    html()
    article = Article.objects.get()
    for path in ("/news/2003/新 闻.htm", "/news/2003/%E6%96%B0%20%E9%97%BB.htm?from=timeline"):
        response = client.get(path)
        assert (response.status_code, response["Location"]) == (301, article.get_absolute_url())


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["gb2312", "utf-8", "iso-8859-1", ""])
@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-8", "utf-8-sig", "utf-16"])
def test_whatever_a_page_claims_its_encoding_is_told(
    old: Path, encoding: str, charset: str
) -> None:
    put(old, "a.htm", PAGE.format(charset=charset), encoding)
    html()
    assert "镕镕：“好！”" in Article.objects.get().body


@pytest.mark.parametrize("words", ["一", "路", "联通", "一路", "海", "中国", "的", "栈桥夜灯亮起"])
@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_short_pages_are_told_apart(words: str, encoding: str) -> None:
    declared = f'<meta charset="{encoding}"><p>{words}</p>'
    assert decode(declared.encode(encoding)) == declared
    if len(words) > 1 or words.encode(encoding)[1] < 0x80 or encoding == "utf-8":
        bare = f"<p>{words}</p>"
        assert decode(bare.encode(encoding)) == bare


@pytest.mark.parametrize(
    "words", ["© 2003", "café", "a·b", "“quoted”", "plain", "Привет，世界", "€ 5 🌊"]
)
def test_other_letters_in_utf8_stay(words: str) -> None:
    assert decode(words.encode()) == words


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2))
def test_any_hanzi_survive_in_either_encoding(words: str) -> None:
    page = f"<p>{words}</p>"
    assert decode(page.encode("gb18030")) == page
    assert decode(page.encode()) == page


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<p>\xff\xff\x81</p>", "既不是 UTF-8，也不是 GB18030"),
        ("<p>半个汉字：海</p>".encode("gbk")[:-5] + b"</p>\xba", "既不是 UTF-8，也不是 GB18030"),
        ("<p>灯亮了，人也来了。</p>".encode()[:-6] + b"</p>", "像是 UTF-8，但第 28 个字节起坏了"),
        ("<meta charset=big5><p>燈亮了</p>".encode("big5"), "自称是 big5 编码"),
        ("\ufeff海".encode("utf-16-le")[:-1], "不是 utf-16"),
    ],
)
def test_what_is_no_encoding_of_ours_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(BadEncoding, match=reason):
        decode(content)


@pytest.mark.parametrize("named", ["gb18030", "gbk"])
def test_pages_of_gbk_that_call_themselves_big5_can_be_named(named: str) -> None:
    page = '<meta charset="big5"><p>栈桥夜灯亮起，人也来了。</p>'
    with pytest.raises(BadEncoding, match="自称是 big5"):
        decode(page.encode("gbk"))
    assert decode(page.encode("gbk"), named) == page


@pytest.mark.parametrize("named", ["gbk", "big5", "hz", "utf-8"])
def test_what_is_named_is_not_believed_of_what_is_utf8(named: str) -> None:
    page = "<p>灯亮了，人也来了。</p>"
    assert decode(page.encode(), named) == page
    assert decode(page.encode("utf-8-sig"), named) == page
    assert decode(page.encode("utf-16"), named) == page
    mine = "<p>燈亮了，人也來了。</p>" if named == "big5" else page
    assert decode(mine.encode(named), named) == mine
    with pytest.raises(BadEncoding):
        decode(page.encode()[:-6] + b"</p>", named)


@pytest.mark.django_db
def test_a_bad_file_is_named_and_the_others_go_in(old: Path) -> None:
    put(old, "1.htm", b"<h1>\xff\xff\x81")
    put(old, "2.htm", PAGE.format(charset="gbk"))
    put(old, "3.htm", PAGE.replace("h1", "h4").replace("title>", "big>"))
    put(old, "4.htm", PAGE.replace("2003-05-06", "前天"))
    put(old, "5.htm", PAGE.replace('id="content"', ""))
    put(old, "6.htm", b"")
    put(old, "7.htm", PAGE.replace("2003-05-06", "2003-02-31"))
    put(old, "index.htm", PAGE)
    put(old, "9.htm", "<div>" * 5000 + PAGE)
    (old / "8.htm").symlink_to("/etc/hostname")
    (old / "self.htm").symlink_to("self.htm")
    reasons = refused()
    assert Article.objects.get().title == "栈桥夜灯亮起"
    assert reasons.pop("1.htm").startswith("编码认不出")
    assert reasons == {
        "3.htm": "没有找到标题：title 的选择器在这一页里什么也没选中",
        "4.htm": "没有找到时间：选中的文字是“前天 08:12 来源：青岛晚报 点击：12”",
        "5.htm": "没有找到正文：body 的选择器在这一页里什么也没选中",
        "6.htm": "是空的网页",
        "7.htm": "published_at 不是时间：2003-02-31T08:12:00",
        "8.htm": "是指向目录之外的链接",
        "self.htm": "是指向自己的链接",
        "9.htm": "元素一层套一层，太深了",
    }


@pytest.mark.django_db
def test_names_of_files_in_gbk_are_told_apart_and_read(old: Path, client: Client) -> None:
    for name in ("新闻", "旧闻"):
        path = os.fsdecode(f"往年/{name}.htm".encode("gbk"))
        put(old, path, PAGE.format(charset="gbk").replace("..\\images\\NIGHT", "mine"))
        put(old, path.rpartition("/")[0] + "/mine.jpg", picture(30, 20).getvalue())
    put(old, os.fsdecode(b"\xff.htm"), b"")
    assert refused() == {"%FF.htm": "是空的网页"}
    ids = set(Article.objects.values_list("legacy_id", flat=True))
    site = "old.haibian.example.com/news/往年"
    assert ids == {f"{site}/新闻.htm", f"{site}/旧闻.htm"}
    remarks = Path("import.remarks.jsonl").read_text(encoding="utf-8")
    assert remarks.count("mine.jpg") == 2
    assert client.get("/news/往年/新闻.htm").status_code == 301


@pytest.mark.django_db
def test_the_closing_line_the_path_and_defaults_fill_what_selectors_do_not(old: Path) -> None:
    page = PAGE.replace("2003-05-06 08:12　来源：青岛晚报", "").replace("戴慧慧", "")
    closing = "<p>[来源:半岛都市报 编辑:高以安]</p></div>\n<span"
    put(old, "2004/0708/1.htm", page.replace("</div>\n<span", closing))
    put(old, "2004/0708/2.htm", page)
    html()
    first, second = Article.objects.order_by("legacy_id")
    assert first.published_at == moment("2004-07-08 00:00")
    assert (str(first.source), first.editor) == ("半岛都市报", "高以安")
    assert "半岛都市报" not in first.body
    assert (str(second.source), second.editor) == ("海边晚报", "")


@pytest.mark.django_db
def test_a_pipe_is_not_waited_for(old: Path) -> None:
    put(old, "1.htm", PAGE.format(charset="gbk"))
    os.mkfifo(old / "2.htm")
    assert refused() == {"2.htm": "不是普通文件"}


def test_what_is_left_of_a_picture_is_looked_for_in_its_own_folder(tmp_path: Path) -> None:
    put(tmp_path, "photo-150x150.jpg", b"another")
    put(tmp_path, "2019/06/photo-300x200.jpg", b"its own")
    folder = Folder(tmp_path)
    assert folder.smaller("2019/05/photo.jpg") is None
    assert folder.smaller("../photo.jpg") is None
    assert folder.smaller("2019/06/photo.jpg") == "2019/06/photo-300x200.jpg"
    assert folder.smaller("photo.jpg") == "photo-150x150.jpg"


@pytest.mark.django_db
def test_a_second_run_changes_nothing_and_a_changed_page_is_updated(old: Path) -> None:
    file = put(old, "1.htm", PAGE.format(charset="gbk"))
    html()
    article = Article.objects.get()
    article.title = "编辑改过的题"
    article.save()
    before = archive_rows()
    assert html() == "新增 0 篇，更新 0 篇，未变 1 篇，退回 0 篇"
    file.write_bytes(PAGE.format(charset="utf-8").encode())  # another spelling of the same
    assert html() == "新增 0 篇，更新 0 篇，未变 1 篇，退回 0 篇"
    assert archive_rows() == before
    file.write_bytes(PAGE.replace("灯亮了", "灯又亮了").encode())
    assert html() == "新增 0 篇，更新 1 篇，未变 0 篇，退回 0 篇"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("src", "found"),
    [
        ("/news/images/night.jpg", True),
        ("http://old.haibian.example.com/news/images/night.jpg?v=2", True),
        ("http://www.old.haibian.example.com/news/images/night.jpg", True),
        ("images/%6eight.jpg", True),
        ("http://elsewhere.example.com/news/images/night.jpg", False),
        ("../images/night.jpg", False),
        ("/../../secret.jpg", False),
        ("/etc/passwd", False),
        ("images/link.jpg", False),
        ("data:image/png;base64,AAAA", False),
        ("http://[", False),
    ],
)
def test_pictures_are_found_in_the_folder_and_nowhere_else(
    old: Path, src: str, found: bool
) -> None:
    put(old.parent, "secret.jpg", picture(50, 50).getvalue())
    (old / "images" / "link.jpg").symlink_to(old.parent / "secret.jpg")
    put(old, "1.htm", PAGE.replace("..\\images\\NIGHT.jpg", src))
    html()
    assert Photo.objects.filter(name="night.jpg").exists() is found
    assert Photo.objects.count() == found
    assert Path("import.remarks.jsonl").exists() is not found


@pytest.mark.django_db
def test_one_picture_under_two_names_stands_once(old: Path) -> None:
    put(old, "images/copy.jpg", (old / "images/night.jpg").read_bytes())
    twice = '<img src="../images/night.jpg"><p>又</p><img src="../images/copy.jpg">'
    put(old, "a/1.htm", PAGE.replace("<p>　　灯", f"{twice}<p>　　灯"))
    assert html().startswith("新增 1 篇")
    assert Article.objects.get().gallery.count() == 1


@pytest.mark.django_db
def test_a_broken_picture_refuses_its_page(old: Path) -> None:
    put(old, "images/night.jpg", b"no picture")
    put(old, "a/1.htm", PAGE)
    assert list(refused()) == ["a/1.htm"]
    assert not Article.objects.exists()


@pytest.mark.django_db
def test_a_dry_run_shows_ten_beside_their_originals(old: Path) -> None:
    for number in range(30):
        put(old, f"a/{number:02}.htm", PAGE.replace("亮起", f"亮起{number:02}</h1><h1>"))
    put(old, "b.htm", PAGE.replace("<script>", '<script>alert("</iframe>")//'))
    put(old, "c.htm", b"\xff\xff\x81")
    with pytest.raises(CommandError, match=r"新增 31 篇.*退回 1 篇（只是检查，没有写入）"):
        html(dry_run=True, compare=Path("see.html"))
    assert not Article.objects.exists()
    assert not Photo.objects.exists()
    page = Path("see.html").read_text(encoding="utf-8")
    assert page.count('<iframe class="side__window"') == page.count('sandbox=""') == 10
    assert page.count("data:image/webp;base64") == 20
    assert "http://" not in page.replace("http://old.haibian", "").replace("http://example.org", "")
    assert "编码认不出" in page
    with pytest.raises(CommandError):
        html(dry_run=True, compare=Path("again.html"))
    again = Path("again.html").read_text(encoding="utf-8")
    assert again.split("<dl")[1:] == page.split("<dl")[1:]  # the same ten


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("[find", "不是合法的 TOML"),
        ("[other]\na=1", r"不认识 \[other\]"),
        ("[find]\nhead='h1'", r"\[find\] 里不认识 head"),
        ("[find]\ntitle='h1'", r"\[find\] 里缺少 body"),
        ("[find]\ntitle='h1['\nbody='p'", "不是合法的选择器：h1"),
        ("[find]\ntitle='//['\nbody='p'", "不是合法的选择器：//"),
        ("[find]\ntitle=1\nbody='p'", "应是选择器"),
        ("[find]\ntitle={select='a', match='('}\nbody='p'", "不是合法的正则表达式"),
        ("[find]\ntitle='a'\nbody='p'\n[time]\nformats=['%Q']", "%Q 不认识"),
        ("[find]\ntitle='a'\nbody='p'\n[time]\nformats=['%H:%M']", "要有年、月、日"),
        ("[find]\ntitle='a'\nbody='p'\n[time]\nformats=['%Y%Y%m%d']", "的写法不对"),
        ("[find]\ntitle='a'\nbody='p'\n[files]\naddress='http://a/'", "应是完整的网址"),
        ("[find]\ntitle='a'\nbody='p'\n[files]\nencoding='martian'", "encoding 不认识"),
        ("[find]\ntitle='a'\nbody='p'\n[[topics]]\npath='x'", "要有 path 和 names"),
        ("[find]\ntitle='a'\nbody='p'\n[body]\nclosing='yes'", "应是 true 或 false"),
        ("topics = 1", r"应写成表的列表（\[\[topics\]\]）"),
    ],
)
def test_a_mapping_that_makes_no_sense_is_refused(tmp_path: Path, said: str, reason: str) -> None:
    file = tmp_path / "m.toml"
    file.write_text(said, encoding="utf-8")
    with pytest.raises(BadMapping, match=reason):
        load(file)


@pytest.mark.django_db
def test_no_folder_no_mapping_no_pages(old: Path) -> None:
    with pytest.raises(CommandError, match=r"读不了 none\.toml：不存在"):
        html(Path("none.toml"))
    with pytest.raises(CommandError, match="里没有要读的网页"):
        html()
    with pytest.raises(CommandError, match="没有这个目录：none"):
        call_command("import_html", "none", mapping=MAPPING)


def test_the_example_of_the_documentation_is_the_tested_one() -> None:
    said = (Path(__file__).parent.parent / "docs" / "import.md").read_text(encoding="utf-8")
    assert f"```toml\n{MAPPING.read_text(encoding='utf-8')}```" in said
