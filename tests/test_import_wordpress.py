"""The command import_wordpress: posts, pictures, topics, states, addresses; hostile files."""

import gzip
import io
import json
import shutil
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from articles import history
from articles.elsewhere import wxr
from articles.models import Article, Page, Photo, Topic
from tests.factories import make_article, moment, picture
from tests.lines import archive_rows
from tests.people import somebody

pytestmark = [pytest.mark.django_db, pytest.mark.once]

EXPORT = Path(__file__).parent / "elsewhere" / "wordpress.xml"
ALL = "新增 5 篇，更新 0 篇，未变 0 篇，退回 0 篇；单页新增 1 页，未变 0 页"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an export and the uploads that are left of its site."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(EXPORT, tmp_path / "export.xml")
    for name, size in (
        ("2022/09/night.jpg", (640, 400)),
        ("2022/09/night-300x200.jpg", (300, 200)),
        ("2022/09/海-1024x683.png", (102, 68)),
        ("2010/05/pier.jpg", (400, 300)),
    ):
        path = tmp_path / "uploads" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        form = "PNG" if path.suffix == ".png" else "JPEG"
        path.write_bytes(picture(*size, colour="navy", extension=form).getvalue())
    return tmp_path


def wordpress(file: str | Path = "export.xml", **options: Any) -> str:
    """The last line that the command prints; what it says on the way is in `said.txt`."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("import_wordpress", str(file), stdout=out, stderr=err, **options)
    finally:
        Path("said.txt").write_text(err.getvalue(), encoding="utf-8")
    return out.getvalue().splitlines()[-1]


def changed(folder: Path, *pairs: tuple[str, str]) -> Path:
    """The export with something else in it."""
    said = EXPORT.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in said
        said = said.replace(old, new)
    path = folder / "changed.xml"
    path.write_text(said, encoding="utf-8")
    return path


def lines(path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]


def test_everything_is_in() -> None:
    assert wordpress() == ALL
    article = Article.objects.get(legacy_id="/?p=17")
    night, sea = Photo.objects.get(name="night.jpg"), Photo.objects.get(name="海-1024x683.png")
    assert (article.title, article.editor, article.state) == (
        "栈桥夜灯 “重新”亮起", "戴慧慧", "published",
    )  # fmt: skip
    assert article.published_at == moment("2022-09-29 09:18")
    assert article.body == (
        "<p>一年没亮的灯，昨晚亮了。</p>"
        "<p>晚上七点，<strong>栈桥</strong>的灯亮了。</p>"
        f'<figure data-photo="{night.token}"></figure>'
        "<h2>灯是谁修的</h2>"
        '<p>见<a href="/2022/09/01/lamp/?from=top" rel="noopener">上月的报道</a>，'
        '或<a href="https://example.org/a" rel="noopener">别处</a>。</p>'
        f'<figure data-photo="{sea.token}"></figure>'
        "<p>丢了的图</p><p>两张海</p><ul><li>灯三百盏</li></ul>"
    )
    assert [(use.photo, use.shown_caption) for use in article.gallery.all()] == [
        (night, "9月28日晚的栈桥"), (sea, ""),
    ]  # fmt: skip
    assert (night.width, night.alt, sea.alt) == (640, "夜里的栈桥", "海面")  # in full size
    assert article.lead_photo == sea
    assert [each.topic.name for each in article.memberships.all()] == [
        "衣食 & 住行",
        "新闻",
        "栈桥",
    ]
    assert dict(Topic.objects.values_list("name", "slug")) == {
        "衣食 & 住行": "民生", "新闻": "news", "栈桥": "zhanqiao",
    }  # fmt: skip


def test_a_post_of_the_classic_editor() -> None:
    wordpress()
    article = Article.objects.get(legacy_id="/?p=18")
    pier, sea = Photo.objects.get(name="pier.jpg"), Photo.objects.get(name="海-1024x683.png")
    assert article.body == (
        "<p>清早，码头上<strong>只有</strong>一个人。</p><p>他说：“等船。”</p>"
        f'<figure data-photo="{pier.token}"></figure>'
        "<ul><li>第一班七点</li><li>末班九点</li></ul><p>录像：</p>"
        '<p><a href="https://v.example.com/boat" rel="noopener">https://v.example.com/boat</a></p>'
        f'<figure data-photo="{sea.token}"></figure>'
        '<p><a href="https://www.haibian.example.com/wp-content/uploads/2010/05/times.pdf"'
        ' rel="noopener">船期表</a></p>'
        '<p>[contact-form-7 id="9" title="来信"]</p>'
    )
    assert [(use.photo, use.shown_caption) for use in article.gallery.all()] == [
        (pier, "2010年的老码头"), (sea, "海面一角"),
    ]  # fmt: skip
    assert article.editor == "编辑部"
    assert not article.memberships.exists()


def test_what_is_lacking_is_written_down() -> None:
    wordpress()
    said = [(entry["id"], entry["remark"]) for entry in lines("import.remarks.jsonl")]
    site = "https://www.haibian.example.com/wp-content/uploads"
    gone = f"{site}/2022/09/gone-1024x683.jpg"
    assert said == [
        ("/?p=17", "区块“latest-posts”由 WordPress 现做，没有带进来"),
        ("/?p=17", f"图片没有带进来（在“见上月的报道，或别处。”之后，地址 {gone}）"),
        ("/?p=18", "短代码 [contact-form-7] 不认识，原样留在正文里"),
        ("/?p=18", f"视频没有带进来（在“末班九点录像：”之后，地址 {site}/2010/05/boat.mp4）"),
        ("/?p=18", f"链接的文件还在旧网站：{site}/2010/05/times.pdf"),
        ("/?p=32", "原来是私密文章，作为草稿收进来"),
    ]
    assert "没有收：回收站 1 条，菜单项 1 条" in Path("said.txt").read_text(encoding="utf-8")
    assert not Path("import.rejects.jsonl").exists()


def test_states() -> None:
    wordpress()
    stored = {article.legacy_id: article for article in Article.objects.all()}
    assert {name: article.state for name, article in stored.items()} == {
        "/?p=17": "published", "/?p=18": "published", "/?p=33": "published",
        "/?p=31": "draft", "/?p=32": "draft",
    }  # fmt: skip
    assert stored["/?p=33"].published_at == moment("2999-01-01 08:00")
    assert not Article.objects.published().filter(legacy_id="/?p=33").exists()
    assert stored["/?p=31"].published_at is None
    assert stored["/?p=32"].editor == "gone-login"


@pytest.mark.parametrize(
    ("word", "state"),
    [("1234", "draft"), ("0", "draft"), (" ", "draft"), ("\n\t\t", "published")],
)
def test_what_needs_a_password_is_a_draft(folder: Path, word: str, state: str) -> None:
    first = "<wp:post_password><![CDATA[]]></wp:post_password>\n\t\t<wp:is_sticky>"
    secret = first.replace("[]]>", f"[{word}]]>")
    wordpress(changed(folder, (first, secret)))
    assert Article.objects.get(legacy_id="/?p=17").state == state


def test_a_time_without_a_zone_is_the_papers(folder: Path) -> None:
    gmt = "<wp:post_date_gmt><![CDATA[2022-09-29 01:18:00]]>"
    wordpress(changed(folder, (gmt, "<wp:post_date_gmt><![CDATA[0000-00-00 00:00:00]]>")))
    article = Article.objects.get(legacy_id="/?p=17")
    assert article.published_at == moment("2022-09-29 09:18")


@pytest.mark.parametrize("name", ["gone-scaled.jpg", "GONE.JPG", "gone.jpg", "gone-150x100.jpg"])
def test_pictures_are_found_however_they_are_left(folder: Path, name: str) -> None:
    (folder / "uploads/2022/09" / name).write_bytes(picture(60, 40).getvalue())
    wordpress(changed(folder, ("uploads/2022/09/gone", "uploads/sites/2/2022/09/gone")))
    assert Photo.objects.filter(name=name).exists()


def test_pages_are_pages_and_are_never_overwritten(folder: Path) -> None:
    wordpress()
    page = Page.objects.get(slug="about-us")
    pier = Photo.objects.get(name="pier.jpg")
    assert (page.title, page.in_footer) == ("关于海边晚报", False)
    assert page.body == f'<p>我们在海边。</p><figure data-photo="{pier.token}"></figure>'
    page.body = "<p>编辑改过。</p>"
    page.save()
    with pytest.raises(CommandError) as error:
        wordpress()
    assert error.value.returncode == 3
    (entry,) = lines("import.rejects.jsonl")
    assert entry["reason"] == "单页：已有地址名为 about-us 的单页，内容不同，没有覆盖它"
    assert Page.objects.get(slug="about-us").body == "<p>编辑改过。</p>"


def test_a_second_run_changes_nothing_and_keeps_an_editors_changes() -> None:
    wordpress()
    article = Article.objects.get(legacy_id="/?p=18")
    article.title = "编辑改过的题"
    article.save()
    before = archive_rows()
    again = "新增 0 篇，更新 0 篇，未变 5 篇，退回 0 篇；单页新增 0 页，未变 1 页"
    assert wordpress() == again
    assert archive_rows() == before


def test_a_changed_post_is_updated(folder: Path) -> None:
    wordpress()
    number = Article.objects.get(legacy_id="/?p=17").pk
    assert wordpress(changed(folder, ("晚上七点", "晚上八点"))).startswith("新增 0 篇，更新 1 篇")
    assert "晚上八点" in Article.objects.get(pk=number).body


def test_without_tags_with_a_source_and_other_types(folder: Path) -> None:
    kinds = {"types": "post,nav_menu_item", "no_tags": True, "source": "海边晚报"}
    assert wordpress(**kinds).startswith("新增 6 篇")
    article = Article.objects.get(legacy_id="/?p=17")
    assert article.source is not None
    assert article.source.name == "海边晚报"
    assert not Topic.objects.filter(name="栈桥").exists()


def test_without_uploads_the_texts_are_in_and_every_picture_is_named(folder: Path) -> None:
    shutil.rmtree(folder / "uploads")
    with pytest.raises(CommandError, match="文件里有 3 个附件，却没有图片目录"):
        wordpress()
    assert not Article.objects.exists()
    assert wordpress(no_uploads=True).startswith("新增 5 篇")
    assert not Photo.objects.exists()
    told = [entry["remark"] for entry in lines("import.remarks.jsonl")]
    assert sum("图片" in remark for remark in told) == 7


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/2022/09/29/%e6%a0%88%e6%a1%a5%e5%a4%9c%e7%81%af/", "/?p=17"),
        ("/2022/09/29/栈桥夜灯", "/?p=17"),
        ("/2010/05/06/pier/?utm_source=x", "/?p=18"),
        ("/?p=17", "/?p=17"),
        ("/?p=18&utm_source=x", "/?p=18"),
    ],
)
def test_old_addresses_lead_to_the_articles(client: Client, path: str, found: str) -> None:
    wordpress()
    response = client.get(path)
    article = Article.objects.get(legacy_id=found)
    assert (response.status_code, response["Location"]) == (301, article.get_absolute_url())
    assert client.get(response["Location"]).status_code == 200


def test_old_addresses_of_pages_lead_to_them_or_are_named(folder: Path, client: Client) -> None:
    wordpress()
    assert client.get("/about-us/")["Location"] == Page.objects.get().get_absolute_url()
    assert not [one for one in lines("import.remarks.jsonl") if "单页" in one["remark"]]
    for address, path in (("/us/about-us/", "/us/about-us/"), ("/?page_id=2", "/?page_id=2")):
        site = "https://www.haibian.example.com"
        wordpress(changed(folder, (f"<link>{site}/about-us/", f"<link>{site}{address}")))
        told = [one["remark"] for one in lines("import.remarks.jsonl") if "单页" in one["remark"]]
        assert told == [f"单页的旧网址 {path} 转不到它，/about-us/ 才转得到"]


def test_an_old_permalink_may_look_like_one_of_ours(folder: Path, client: Client) -> None:
    ours = make_article(pk=18)
    wordpress(changed(folder, ("/2010/05/06/pier/", "/2010/05/06/18/")))
    old = Article.objects.get(legacy_id="/?p=18")
    assert client.get("/2010/05/06/18/")["Location"] == old.get_absolute_url()
    assert client.get("/2010/05/07/18/")["Location"] == ours.get_absolute_url()
    assert client.get(ours.get_absolute_url()).status_code == 200
    assert client.get("/2010/05/06/1234567/").status_code == 404


def test_numbers_that_lead_nowhere(client: Client) -> None:
    wordpress()
    for number in ("31", "32", "33", "34", "999", "99999999999999999999"):
        expected = 404 if len(number) < 20 else 200
        assert client.get(f"/?p={number}").status_code == expected, number
    for said in ("x", "", "-1", "0", "１７"):
        assert client.get("/", {"p": said}).status_code == 200, said


def test_a_blog_below_a_folder(folder: Path, client: Client) -> None:
    base = "<wp:base_blog_url>https://www.haibian.example.com"
    wordpress(changed(folder, (base, f"{base}/blog")))
    article = Article.objects.get(legacy_id="/blog/?p=17")
    response = client.get("/blog/?p=17")
    assert (response.status_code, response["Location"]) == (301, article.get_absolute_url())


def test_another_site_is_not_taken_for_the_first(folder: Path) -> None:
    wordpress()
    other = changed(folder, ("haibian.example.com", "shanli.example.com"))
    before = archive_rows()
    with pytest.raises(CommandError, match=r"来自 www\.haibian\.example\.com，.*--site"):
        wordpress(other)
    assert archive_rows() == before
    assert wordpress(other, site="shanli", rejects=Path("x")).startswith("新增 5 篇")
    assert Article.objects.filter(legacy_id="shanli/?p=17").exists()
    assert wordpress(other, same_site=True).startswith("新增 0 篇，更新 ")


def test_categories_of_one_name_are_told_apart_by_those_above(folder: Path) -> None:
    more = """<wp:category><wp:category_nicename>sport</wp:category_nicename>
        <wp:category_parent></wp:category_parent><wp:cat_name>体育</wp:cat_name></wp:category>
        <wp:category><wp:category_nicename>sport-news</wp:category_nicename>
        <wp:category_parent>sport</wp:category_parent><wp:cat_name>新闻</wp:cat_name></wp:category>
        <wp:tag>"""
    old = '<category domain="category" nicename="uncategorized"><![CDATA[未分类]]></category>'
    new = '<category domain="category" nicename="sport-news"><![CDATA[新闻]]></category>'
    wordpress(changed(folder, ("<wp:tag>", more), (old, new)))
    article = Article.objects.get(legacy_id="/?p=18")
    assert [each.topic.slug for each in article.memberships.all()] == ["sport-news", "sport"]
    assert Topic.objects.get(slug="sport-news").name == "体育·新闻"


def test_a_slug_that_is_taken_is_not_taken_away() -> None:
    Topic.objects.create(name="别的", slug="zhanqiao")
    wordpress()
    assert Topic.objects.get(name="栈桥").slug == "zhanqiao-2"


def test_what_can_not_go_in_is_refused_with_the_line_to_repair(folder: Path) -> None:
    broken = changed(folder, ("老码头的一天", "长" * 201))
    with pytest.raises(CommandError, match=r"新增 4 篇.*退回 1 篇") as error:
        wordpress(broken)
    assert error.value.returncode == 3
    (entry,) = lines("import.rejects.jsonl")
    assert (entry["line"], entry["reason"]) == (18, "title 超过 200 字")
    repaired = {**json.loads(entry["content"]), "title": "短"}
    Path("again.jsonl").write_text(json.dumps(repaired), encoding="utf-8")
    call_command("import_articles", "again.jsonl", photos=Path("uploads"), stdout=io.StringIO())
    assert Article.objects.get(legacy_id="/?p=18").gallery.count() == 2


@pytest.mark.parametrize(
    "src",
    [
        "https://www.haibian.example.com/wp-content/uploads/../secret.jpg",
        "https://www.haibian.example.com/wp-content/uploads/2022/%2e%2e/%2e%2e/secret.jpg",
        "https://www.haibian.example.com/wp-content/uploads/..%5csecret.jpg",
        "https://www.haibian.example.com/wp-content/uploads//etc/passwd",
        "https://www.haibian.example.com/wp-content/uploads/link.jpg",
        f"https://www.haibian.example.com/wp-content/uploads/{'a' * 5000}.jpg",
        "https://www.haibian.example.com/wp-content/uploads/nul%00.jpg",
        "https://www.haibian.example.com/wp-content/uploads/2022/09/evil.svg",
        "file:///wp-content/uploads/../../secret.jpg",
        "http://[bad/wp-content/uploads/x.jpg",
    ],
)
def test_no_trick_with_paths_leads_out_of_the_uploads(folder: Path, src: str) -> None:
    (folder / "secret.jpg").write_bytes(picture(50, 50).getvalue())
    (folder / "uploads" / "link.jpg").symlink_to(folder / "secret.jpg")
    (folder / "uploads/2022/09/evil.svg").write_text("<svg/>", encoding="utf-8")
    old = "https://www.haibian.example.com/wp-content/uploads/2022/09/gone-1024x683.jpg"
    assert wordpress(changed(folder, (old, src))).startswith("新增 5 篇")
    assert not Photo.objects.filter(name__in=["secret.jpg", "link.jpg", "passwd"]).exists()
    assert any("图片" in entry["remark"] for entry in lines("import.remarks.jsonl"))


LAUGHS = """<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "哈哈"><!ENTITY b "&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;">]>"""
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY c SYSTEM "file:///etc/passwd">]>'
PARAMETER = '<?xml version="1.0"?><!DOCTYPE rss SYSTEM "http://127.0.0.1:9/evil.dtd">'


@pytest.mark.parametrize("doctype", [LAUGHS, OUTSIDE, PARAMETER])
@pytest.mark.parametrize("before", ["", "<!-- <rss> -->\n"])
def test_hostile_declarations_are_refused_unread(folder: Path, doctype: str, before: str) -> None:
    said = EXPORT.read_text(encoding="utf-8").partition("?>")[2]
    head, _, rest = doctype.partition("<!DOCTYPE")
    evil = f"{head}{before}<!DOCTYPE{rest}{said.replace('晚上七点', '&c;')}"
    (folder / "evil.xml").write_text(evil, encoding="utf-8")
    with pytest.raises(CommandError, match=r"有 DOCTYPE 声明.*整个文件都没有读"):
        wordpress("evil.xml")
    assert not Article.objects.exists()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "不是 WordPress 的导出文件"),
        (b"<rss version='2.0'><channel/></rss>", "不是 WordPress 的导出文件"),
        (b"<html><body>404</body></html>", "不是 WordPress 的导出文件"),
        (b"not xml", "不是合法的 XML"),
        ("<?xml version='1.0'?><rss>晚报</rss>".encode("gb18030"), "不是 UTF-8 编码的"),
        ("<?xml version='1.0' encoding='utf-16'?><rss/>".encode("utf-16"), "不是 UTF-8 编码的"),
        (b"<!--" + b"x" * 2_000_000 + b"--><rss/>", "不是 WordPress 的导出文件"),
    ],
)
def test_what_is_no_export_is_said_in_a_sentence(folder: Path, content: bytes, reason: str) -> None:
    (folder / "other.xml").write_bytes(content)
    with pytest.raises(CommandError, match=reason):
        wordpress("other.xml")


def test_a_file_that_breaks_off(folder: Path) -> None:
    said = EXPORT.read_bytes()
    (folder / "half.xml").write_bytes(said[: said.index(b"<title><![CDATA[\xe8\xbf\x98")])
    with pytest.raises(CommandError, match="起不是合法的 XML，文件不完整"):
        wordpress("half.xml")
    assert not Article.objects.exists()  # found in the first reading, before anything is written


def test_a_text_without_end_is_refused(folder: Path) -> None:
    with pytest.raises(CommandError, match="行起有一段文字超过 10 MB"):
        wordpress(changed(folder, ("晚上七点", "长" * 3_600_000)))


def test_memory_is_an_items_whatever_the_file(folder: Path) -> None:
    head, _, rest = EXPORT.read_text(encoding="utf-8").partition("<item>")
    item = f"<item>{rest.partition('</item>')[0]}</item>"
    tag = "<wp:tag><wp:tag_slug>a</wp:tag_slug><wp:tag_name>签</wp:tag_name></wp:tag>"
    word = f"<wp:comment><wp:comment_content>{'好' * 100}</wp:comment_content></wp:comment>"
    with (folder / "big.xml").open("w", encoding="utf-8") as file:
        file.write(head + tag * 50_000)
        file.writelines(item for _ in range(6000))
        file.write(f"<item>{word * 30_000}</item></channel></rss>")
    before = psutil.Process().memory_info().rss
    count = sum(1 for _ in wxr.read("big.xml", wxr.Site()))
    assert count == 6001
    size = (folder / "big.xml").stat().st_size
    assert size > 30_000_000
    assert psutil.Process().memory_info().rss - before < size // 3


def test_control_characters_blank_lines_and_packed_files(folder: Path) -> None:
    said = EXPORT.read_text(encoding="utf-8").replace("晚上七点", "晚上\x08\ufffe七点")
    (folder / "odd.xml.gz").write_bytes(gzip.compress(f"\ufeff\n\n{said}".encode()))
    assert wordpress("odd.xml.gz") == ALL
    assert "晚上七点" in Article.objects.get(legacy_id="/?p=17").body


def test_no_such_file_and_no_such_folder() -> None:
    with pytest.raises(CommandError, match=r"读不了 none\.xml：不存在"):
        wordpress("none.xml")
    with pytest.raises(CommandError, match="没有这个目录：none"):
        wordpress(uploads=Path("none"))


def test_a_dry_run_writes_nothing_but_one_page(folder: Path) -> None:
    before = archive_rows()
    said = wordpress(dry_run=True)
    assert said.startswith("新增 5 篇")
    assert said.endswith("（只是检查，没有写入）；单页新增 1 页，未变 0 页")
    assert archive_rows() == before
    assert not Page.objects.filter(slug="about-us").exists()
    page = Path("import.compare.html").read_text(encoding="utf-8")
    assert page.count('sandbox=""') == 5
    assert page.count("data:image/webp") >= 6
    assert "栈桥夜灯 “重新”亮起" in page
    assert "区块“…”由 WordPress 现做" in page


def test_numbers_of_the_archive_are_free_for_others(client: Client) -> None:
    make_article(pk=17)
    wordpress()
    assert client.get("/?p=17")["Location"].split("/")[-2] != "17"


def test_what_an_editor_has_changed_is_left_alone_and_that_is_no_error(folder: Path) -> None:
    wordpress()
    article = Article.objects.get(legacy_id="/?p=17")
    with history.recording([article], somebody("编辑")):
        article.title = "编辑改过"
        article.save()
    later = changed(folder, ("一年没亮的灯", "两年没亮的灯"))
    said = "新增 0 篇，更新 0 篇，未变 4 篇，退回 0 篇，编辑改过而没有动 1 篇"
    assert wordpress(later).startswith(f"{said}；单页")
    (entry,) = lines("import.rejects.jsonl")
    assert f"编号 {article.pk}" in entry["reason"]
    assert "两年没亮的灯" in entry["content"]
    article.refresh_from_db()
    assert article.title == "编辑改过"
    assert wordpress(later, overwrite=True).startswith("新增 0 篇，更新 1 篇，未变 4 篇")
    article.refresh_from_db()
    assert article.title != "编辑改过"
