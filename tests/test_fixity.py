"""What can be checked later: an article's hash, a signed export, the archive as a whole."""

import hashlib
import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import InternalError, connection
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from articles import canonical
from articles.canonical import Picture, Said
from articles.management.commands import verify_archive
from articles.models import Article, Page, Photo, Promo, PublicVersion, said_by
from articles.sanitizer import sanitize
from articles.transfer import export
from tests.factories import make_article, make_photo, make_source, moment, picture, revise
from tests.lines import run_import

DOCS = Path(settings.BASE_DIR) / "docs" / "fixity.md"
ODD = (
    "<p>海风\u3000吹\u00a0来<br>灯&amp;塔，"
    '<a href="https://a.example/?x=1&amp;y=2" title="a>b">这里</a>。</p>'
    "<h2>小标题</h2><ul><li><p>一</p></li><li>二<sub>2</sub></li></ul><hr>"
    "<table><tbody><tr><td>甲</td><td>乙</td></tr></tbody></table><p>é 𠮷 &lt;b&gt;</p>"
)


def script() -> str:
    """The program of docs/fixity.md."""
    found = re.search(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return found[1]


def full_article() -> tuple[Article, Photo]:
    photo, loose = make_photo(700, 500, caption="栈桥\u3000清晨"), make_photo(650, 400)
    figure = f'<figure data-photo="{photo.token}"></figure>'
    article = make_article(
        title="一辆厢货", original_title="九个人", source=make_source("青岛晚报"), editor="戴慧慧",
        byline="记者 庄若川", published_at=moment("2022-09-29 09:18"), body=figure + ODD,
        photos=[photo, loose],
    )  # fmt: skip
    return article, photo


# -- the canonical text ---------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_form_is_as_documented() -> None:
    article, photo = full_article()
    uses = article.gallery.as_read(article.body)
    loose = uses[0].photo
    expected = (
        "规范文本 1\n标题：一辆厢货\n原标题：九个人\n来源：青岛晚报\n"
        "记者：记者 庄若川\n责编：戴慧慧\n"
        "发布：2022-09-29T01:18Z\n\n"
        f"［图片 {photo.token}］\n海风 吹 来\n灯&塔，这里［https://a.example/?x=1&y=2］。\n小标题\n一\n"
        f"二2\n甲\n乙\né 𠮷 <b>\n\n图片：{loose.sha256} 海\n图片：{photo.sha256} 栈桥 清晨\n"
    )
    said = said_by(article, uses)
    assert said.text() == expected
    assert said.sha256 == hashlib.sha256(expected.encode()).hexdigest()


def test_the_form_never_changes() -> None:
    """Hashes that are out in the world. If this fails, the form has to get another name."""
    said = Said(
        title="题", published_at=moment("2022-09-29 09:18"), body=sanitize(ODD),
        pictures=(Picture("ab" * 32, "图"),),
    )  # fmt: skip
    assert canonical.FORM == "规范文本 1"
    assert said.sha256 == (
        "613df55d1835d004873022276e719c92"  # pragma: allowlist secret
        "97f9066a6cef83357d42213149320845"  # pragma: allowlist secret
    )
    bare = Said(title="")
    assert bare.sha256 == (
        "9833feb4b80b32f01005e5931158a9fe"  # pragma: allowlist secret
        "ace5c1c4179e808af08888fca003b917"  # pragma: allowlist secret
    )


@pytest.mark.parametrize("change", [
    {"title": "别的"}, {"original_title": "别的"}, {"source": "别的"}, {"byline": "别的"},
    {"editor": "别的"}, {"published_at": moment("2022-09-29 09:19")}, {"body": "<p>别的</p>"},
    {"body": '<p><a href="/b/">字</a></p>'}, {"body": "<p>字</p><p>字</p>"},
    {"pictures": (Picture("b" * 64, "图"),)}, {"pictures": (Picture("a" * 64, "别的"),)},
    {"pictures": ()},
])  # fmt: skip
def test_whatever_it_says_changes_the_hash(change: dict[str, Any]) -> None:
    said: dict[str, Any] = {
        "title": "题", "published_at": moment("2022-09-29 09:18"),
        "body": '<p><a href="/a/">字</a></p>', "pictures": (Picture("a" * 64, "图"),),
    }  # fmt: skip
    assert Said(**said).sha256 != Said(**{**said, **change}).sha256


def test_how_it_is_marked_up_does_not() -> None:
    one, other = "<p>海<strong>风</strong>　大</p>", "<h2>海风\u00a0\u200b大</h2>"
    assert Said("题", body=one).sha256 == Said("题", body=other).sha256
    assert Said("e\u0301").sha256 == Said("é").sha256


@given(st.text(alphabet='<>/apbrh2"=& \u3000海風é&;#x', max_size=80))
def test_it_is_kept_and_read_again_as_it_was(words: str) -> None:
    said = Said(words, body=sanitize(words), pictures=(Picture("a" * 64, words),))
    assert Said.of_json(json.loads(json.dumps(said.as_json()))) == said
    lines = said.text().split("\n\n")
    assert len(lines) == 3  # no words end a part


@pytest.mark.django_db
def test_readers_can_check_it_with_standard_tools(client: Client) -> None:
    article, _ = full_article()
    for view in ("desktop", "mobile"):
        client.cookies["view"] = view
        html = client.get(article.get_absolute_url()).content.decode()
        shown = re.search(r'id="sum" translate="no">([0-9a-f]{64})<', html)
        assert shown
        assert 'data-copy="sum"' in html
        address = re.search(r'href="http://testserver([^"]*text\.txt)">指纹', html)
        assert address
        hant = client.get(f"/zh-hant{article.get_absolute_url()}").content.decode()
        assert shown[1] in hant
        assert f'href="http://testserver{address[1]}"' in hant
        text = client.get(address[1])
        assert text["Content-Type"] == "text/plain; charset=utf-8"
        summed = subprocess.run(["sha256sum"], input=text.content, capture_output=True, check=True)
        assert summed.stdout.decode().split()[0] == shown[1]


# -- exports --------------------------------------------------------------------------------------


def exported(folder: Path, *options: str) -> Path:
    target = folder / "articles.jsonl"
    call_command("export_articles", str(target), *options, stdout=io.StringIO())
    return target


@pytest.mark.django_db
def test_an_export_proves_itself_without_this_program(tmp_path: Path) -> None:
    full_article()
    make_article(state="draft", published_at=None, title="稿", body="")
    folder = Path(settings.BASE_DIR) / "fixtures" / "articles"
    for file in sorted(folder.glob("*.jsonl"))[:1]:
        lines = [json.loads(line) for line in file.read_text().splitlines()]
        run_import(*({**line, "photos": [], "lead_photo": None} for line in lines))
    target = exported(tmp_path)
    program = tmp_path / "check.py"
    program.write_text(script(), encoding="utf-8")
    check = [sys.executable, "-I", str(program), str(target)]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert target.read_text().count("\n") > 10
    target.write_text(target.read_text().replace("海风", "海疯", 1))
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout.count("与它的指纹不符") == 1


def openssl(*arguments: str | Path) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(["openssl", *map(str, arguments)], capture_output=True, check=False)


def checked(target: Path) -> tuple[bool, bool]:
    """What openssl says of the signature, and sha256sum of the files: the lines of the docs."""
    sums = target.with_name(f"{target.name}.SHA256SUMS")
    signed = openssl(
        "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", f"{sums}.pub", "-in", sums,
        "-sigfile", f"{sums}.sig",
    )  # fmt: skip
    whole = subprocess.run(
        ["sha256sum", "--check", "--strict", "--quiet", sums.name], cwd=target.parent,
        capture_output=True, check=False,
    )  # fmt: skip
    return signed.returncode == 0, whole.returncode == 0


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "signing.pem"
    assert openssl("genpkey", "-algorithm", "ed25519", "-out", path).returncode == 0
    return path


@pytest.mark.django_db
def test_a_signed_export_is_checked_with_standard_tools(tmp_path: Path, key: Path) -> None:
    _, photo = full_article()
    folder = tmp_path / "archive"
    target = exported(folder, "--sign", str(key))
    assert checked(target) == (True, True)
    sums = target.with_name("articles.jsonl.SHA256SUMS")
    listed = [line.split("  ")[1] for line in sums.read_text().splitlines()]
    assert listed[:2] == ["articles.jsonl", "articles.jsonl.texts"]
    assert f"photos/{photo.sha256}.jpg" in listed
    for name in listed:
        file = folder / name
        before = file.read_bytes()
        for place in (0, len(before) // 2, len(before) - 1):
            changed = bytearray(before)
            changed[place] ^= 1
            file.write_bytes(changed)
            assert checked(target) == (True, False), (name, place)
        file.write_bytes(before)
    (folder / listed[-1]).unlink()
    assert checked(target) == (True, False)
    # Whoever puts another hash into the list has no key for it.
    sums.write_bytes(sums.read_bytes().replace(b"a", b"b", 1))
    assert checked(target)[0] is False


@pytest.mark.django_db
def test_another_key_did_not_sign_it(tmp_path: Path, key: Path) -> None:
    make_article()
    target = exported(tmp_path / "archive", "--sign", str(key))
    other = tmp_path / "other.pem"
    openssl("genpkey", "-algorithm", "ed25519", "-out", other)
    openssl("pkey", "-in", other, "-pubout", "-out", f"{target}.SHA256SUMS.pub")
    assert checked(target) == (False, True)


@pytest.mark.django_db
def test_a_saved_text_is_found_in_the_list(client: Client, tmp_path: Path) -> None:
    article, _ = full_article()
    make_article(state="withdrawn")
    target = exported(tmp_path, "--manifest")
    path = f"{article.get_absolute_url()}text.txt"[1:]
    saved = tmp_path / path
    saved.parent.mkdir(parents=True)
    saved.write_bytes(client.get(f"/{path}").content)
    check = ["sha256sum", "--check", "--strict", f"{target.name}.texts"]
    assert subprocess.run(check, cwd=tmp_path, check=False, capture_output=True).returncode == 0
    saved.write_bytes(saved.read_bytes().replace("灯".encode(), "塔".encode()))
    assert subprocess.run(check, cwd=tmp_path, check=False, capture_output=True).returncode == 1


@pytest.mark.django_db
def test_a_manifest_without_a_signature_leaves_no_old_one(tmp_path: Path, key: Path) -> None:
    make_article()
    target = exported(tmp_path, "--sign", str(key))
    exported(tmp_path, "--manifest")
    assert not target.with_name("articles.jsonl.SHA256SUMS.sig").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("end", ["", ".SHA256SUMS", ".SHA256SUMS.pub", ".SHA256SUMS.sig", ".texts"])
def test_no_export_is_written_over_its_key(tmp_path: Path, key: Path, end: str) -> None:
    make_article()
    named = key.rename(tmp_path / f"articles.jsonl{end}")
    before = named.read_bytes()
    with pytest.raises(CommandError, match="会被这次导出的文件盖掉"):
        exported(tmp_path, "--sign", str(named))
    assert named.read_bytes() == before


@pytest.mark.django_db
def test_an_export_that_ends_halfway_has_no_old_signature(
    tmp_path: Path, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_article()
    target = exported(tmp_path, "--sign", str(key))

    def full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(hashlib, "file_digest", full)
    with pytest.raises(OSError, match="disk full"):
        exported(tmp_path, "--sign", str(key))
    assert not list(tmp_path.glob(f"{target.name}.SHA256SUMS*.sig"))
    assert not target.with_name(f"{target.name}.SHA256SUMS").exists()


@pytest.mark.django_db
def test_what_cannot_sign_is_said_before_anything_is_written(tmp_path: Path, key: Path) -> None:
    make_article()
    rsa, none = tmp_path / "rsa.pem", tmp_path / "none.pem"
    openssl("genpkey", "-algorithm", "rsa", "-pkeyopt", "rsa_keygen_bits:2048", "-out", rsa)
    (tmp_path / "text.pem").write_text("no key")
    bad_ones = {rsa: "不是 Ed25519", none: "没有密钥文件", tmp_path / "text.pem": "openssl"}
    for bad, said in bad_ones.items():
        with pytest.raises(CommandError, match=said):
            exported(tmp_path / "archive", "--sign", str(bad))
    assert [*(tmp_path / "archive").iterdir()] == []
    with pytest.raises(CommandError, match="不能用标准输出"):
        call_command("export_articles", "-", "--manifest", stdout=io.StringIO())


# -- the whole archive ----------------------------------------------------------------------------


def verified(*options: str) -> tuple[str, str]:
    """What `verify_archive` prints, and how it ends where there are faults."""
    out, ended = io.StringIO(), ""
    try:
        call_command("verify_archive", *options, stdout=out, stderr=io.StringIO())
    except CommandError as error:
        ended = str(error)
    return out.getvalue(), ended


@pytest.fixture
def whole(transactional_db: None) -> Article:
    """An archive that is as it should be, with a link of every kind."""
    article, photo = full_article()
    revise(article, title="改过的题")
    path = article.get_absolute_url()
    links = (
        path, f"https://testserver{path}#p2", f"/zh-hant{path}", f"/2001/01/01/{article.pk}/", "/",
        f"{path}photo/2/", f"{path}history/", f"{path}history/2/", f"/media/{photo.token}-320.jpg",
        "/old/1.htm", "https://elsewhere.example/", "/page/about/", "/source/青岛晚报/",
    )  # fmt: skip
    assert article.source
    links = tuple(
        article.source.get_absolute_url() if link.startswith("/source/") else link for link in links
    )
    Page.objects.create(slug="about", title="关于", body=f'<p><a href="{path}">稿</a></p>')
    Promo.objects.create(title="推", url=f"http://testserver{path}")
    make_article(
        legacy_url="http://old.example/old/1.htm",
        body="".join(f'<p><a href="{link}">字</a></p>' for link in links),
    )
    return article


def test_a_sound_archive_has_no_faults(whole: Article, tmp_path: Path) -> None:
    target = exported(tmp_path, "--manifest")
    said, ended = verified("--against", f"{target}.texts")
    assert ended == ""
    assert "核对完毕，没有问题：2 篇稿件、2 张图片" in said
    said, ended = verified("--json")
    assert json.loads(said)["ok"] is True


@pytest.mark.parametrize(("harm", "kind", "said"), [
    ("UPDATE articles_article SET body = body || '<script>x</script>'", "article", "净化"),
    ("UPDATE articles_publicversion SET sha256 = repeat('0', 64)", "version", "与它的指纹不符"),
    ("UPDATE articles_publicversion SET content = content - 'title'", "version", "与它的指纹不符"),
    ("UPDATE articles_publicversion SET content = jsonb_set(content, '{title}', '\"假\"')",
     "version", "与它的指纹不符"),
    ("DELETE FROM articles_publicversion WHERE number = 1", "version", "不连续"),
    ("UPDATE articles_photo SET sha256 = repeat('0', 64) WHERE caption = '海'", "photo", "上传时"),
    ("UPDATE articles_photo SET widths = '{320}'", "rendition", "宽度不全"),
    ("UPDATE articles_photo SET height = height + 9", "rendition", "的大小是"),
    ("UPDATE articles_article SET state = 'withdrawn' WHERE legacy_url = ''", "link", "已撤的稿件"),
    ("DELETE FROM articles_page", "link", "本站没有的页面"),
    ("UPDATE articles_article SET legacy_url = ''", "link", "本站没有的页面"),
    ("UPDATE articles_article SET legacy_url = 'http://old.example/2020/'", "redirect", "被本站"),
    ("UPDATE articles_article SET legacy_url = 'http://a.example/b.htm'", "redirect", "另一篇"),
])  # fmt: skip
def test_harm_is_found(whole: Article, harm: str, kind: str, said: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # past every trigger
        cursor.execute(harm)
        cursor.execute("SET session_replication_role = DEFAULT")
    out, ended = verified("--json")
    faults = [json.loads(line) for line in out.splitlines()[:-1]]
    assert [one for one in faults if one["kind"] == kind and said in one["what"]], faults
    assert json.loads(out.splitlines()[-1])["ok"] is False
    assert "个问题" in ended
    in_words, _ = verified()
    assert said in in_words


def test_lost_and_broken_files_are_found(whole: Article) -> None:
    first, second = Photo.objects.order_by("pk")
    name = first.rendition_name(first.widths[0], "jpg")
    with default_storage.open(name) as file:
        content = file.read()
    for damaged, said in (
        (None, "缩略图不见了"), (b"", "已损坏"), (content[: len(content) // 2], "已损坏"),
        (picture(9, 9).read(), "缩略图的大小是 9×9"),
        (picture(9, 9, extension="PNG").read(), "已损坏"),
    ):  # fmt: skip
        default_storage.delete(name)
        if damaged is not None:
            default_storage.save(name, ContentFile(damaged))
        out, ended = verified()
        assert f"{first.pk}/{name}：" in out
        assert said in out
        assert "缩略图 1" in ended
    storage = second.original.storage
    storage.delete(second.original.name)
    assert f"原图 {second.pk}：原图不见了" in verified()[0]
    storage.save(second.original.name, ContentFile(b"other"))
    assert f"原图 {second.pk}：原图的内容与上传时的指纹不符" in verified()[0]


def test_a_changed_text_is_found_against_an_earlier_list(whole: Article, tmp_path: Path) -> None:
    listed = f"{exported(tmp_path, '--manifest')}.texts"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE articles_article SET title = '悄悄改过' WHERE id = %s", [whole.pk])
    out, ended = verified("--against", listed)
    assert f"稿件 {whole.pk}：文字与清单不符" in out
    assert "稿件 1" in ended
    Article.objects.filter(pk=whole.pk).update(state="withdrawn")
    assert "现在是“已撤稿”" in verified("--against", listed)[0]
    Article.objects.all().delete()
    assert verified("--against", listed)[0].count("库里没有") == 2


def test_a_list_that_is_none_is_refused(whole: Article, tmp_path: Path) -> None:
    bad = tmp_path / "bad.texts"
    bad.write_bytes(b"\xff\n")
    assert "第 1 行读不懂" in verified("--against", str(bad))[1]
    missing = tmp_path / "none"
    assert f"读不了 {missing}：不存在" in verified("--against", str(missing))[1]


def test_it_can_write_nothing(whole: Article) -> None:
    """The database refuses it; afterwards it may write again."""
    with verify_archive._read_only(), pytest.raises(InternalError, match="read-only"):
        Article.objects.update(title="写")
    Article.objects.update(title="写")
    assert PublicVersion.objects.count() == 2


@pytest.mark.django_db
def test_it_asks_as_much_for_many_as_for_few(django_assert_max_num_queries: Any) -> None:
    from articles import fixity

    for number in range(30):
        make_article(body=f'<p><a href="/topic/none-{number}/">字</a></p>')
    for check, most in ((fixity.check_texts, 5), (fixity.check_links, 6),
                        (fixity.check_redirects, 2), (fixity.check_photos, 1)):  # fmt: skip
        with django_assert_max_num_queries(most):
            found = [fault for step in check() for fault in step.faults]
    assert found == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "content",
    [[], "x", {"published_at": 5}, {"title": "甲", "published_at": "0001-01-01T00:00:00+14:00"}],
)
def test_what_is_no_version_any_more_is_named_and_exported(content: Any) -> None:
    article = make_article(title="甲")
    revise(article, body="<p>改</p>")
    if isinstance(content, dict):
        content = {"pictures": [], **content}
    first = PublicVersion.objects.get(number=1)
    first.delete()  # no trigger lets it be rewritten
    first.content = content
    first.save(force_insert=True)
    assert f"公开版本 {article.pk}/1：公开版本的内容与它的指纹不符" in verified()[0]
    (line,) = export()
    assert len(json.loads(line)["versions"]) == 2


@pytest.mark.django_db
def test_an_original_whose_name_leads_out_of_the_archive_is_named() -> None:
    photo = make_photo()
    Photo.objects.filter(pk=photo.pk).update(original="../../etc/passwd")
    assert f"原图 {photo.pk}：原图不见了或读不出来" in verified()[0]
