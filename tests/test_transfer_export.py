"""Exporting: what an import of it gives back, and what a broken export leaves."""

import gzip
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from articles import history, reads, renditions
from articles.models import Article, Correction, Photo, PublicVersion, Source, Topic
from articles.transfer import export, exporting
from tests.factories import make_article, make_source, make_topic, moment, picture, revise
from tests.lines import run_import

pytestmark = pytest.mark.django_db

ODD = "“引号” \"直引号\" 'x' \\n \u2028\u2029\u0085\u200d 🌊👩‍👩‍👧 𠮷 é <b>&amp;</b> %s {0}"


def add_photo(colour: str, extension: str = "PNG", **said: str) -> Photo:
    """A photo of one colour."""
    file = picture(48, 32, colour, extension)
    return renditions.add_photo(file, f"{colour}.png", renditions.Description(**said))


def export_to(target: Path) -> bytes:
    """The lines of an export."""
    out = io.StringIO()
    call_command("export_articles", str(target), stdout=out)
    content = target.read_bytes()
    content = gzip.decompress(content) if target.suffix == ".gz" else content
    lines = content.count(b"\n")
    assert out.getvalue() == f"导出 {lines} 篇到 {target}\n"
    return content


def empty(archive: Path) -> None:
    """Empty the database and throw all files away."""
    for model in (Article, Photo, Topic, Source):
        model._default_manager.all().delete()
    for file in archive.rglob("*"):
        if file.is_file():
            file.unlink()


def public_versions() -> list[dict[str, Any]]:
    """All public versions as the database has them, but for their own keys."""
    fields = ("article", "number", "kind", "published_at", "reason", "content", "sha256")
    return list(PublicVersion.objects.order_by("article", "number").values(*fields))


def import_from(file: Path) -> str:
    """What the import says at the end."""
    out = io.StringIO()
    rejects = file.with_name("rejects.jsonl")
    call_command("import_articles", str(file), rejects=rejects, stdout=out, stderr=out)
    assert not rejects.exists(), rejects.read_text()
    return out.getvalue().splitlines()[-1]


@pytest.fixture
def archive() -> list[Article]:
    """One of everything that an article can be."""
    sea, town, odd = make_topic("海洋"), make_topic("城市"), make_topic(ODD[:60].strip())
    paper = make_source("青岛晚报")
    red, blue = add_photo("red", alt="红", caption="红图", credit="本报"), add_photo("blue")
    green = add_photo("green", caption="绿图")
    jpeg, gif = add_photo("navy", "JPEG"), add_photo("white", "GIF")
    articles = [
        make_article(
            title="全的",
            original_title="原题",
            source=paper,
            editor="戴慧慧",
            byline="记者 林疏影",
            legacy_id="old-1",
            legacy_url="/old/1.html",
            reads=99,
            imported_reads=40,
            revised_at=moment("2023-01-02 03:04:05.678901"),
            published_at=moment("2022-09-29 09:18"),
            age_notice=False,
            body=(
                f'<p>甲</p><figure data-photo="{red.token}"></figure><h2>题</h2>'
                "<ul><li>一</li></ul>"
                f'<figure data-photo="{blue.token}"></figure>'
                '<table><tbody><tr><td colspan="2">格</td></tr></tbody></table>'
            ),
            topics=[town, sea, odd],
            photos=[blue, red, green],
            lead_photo=green,
        ),
        make_article(title="同一张图", photos=[red, jpeg], topics=[sea, town], lead_photo=None),
        make_article(title="首图", photos=[gif, red]),
        make_article(title="草稿", state="draft", published_at=None, topics=[sea]),
        make_article(title="", body="", state="draft", published_at=None),
        make_article(title="待发", published_at=timezone.now() + timedelta(days=30)),
        make_article(title=ODD.strip(), body=f"<p>{ODD}</p>", byline=ODD, legacy_id=ODD.strip()),
        make_article(title="撤下", legacy_id="old-2"),
        make_article(title="夏令时", published_at=moment("1988-07-01 12:00")),
    ]
    shared = articles[1].gallery.get(photo=red)
    shared.caption = "另一种说法"
    shared.save()
    used = articles[8].gallery.create(photo=red, caption="旧图注")
    revise(articles[8], "核实后改正。", body=f'<p>甲</p><figure data-photo="{red.token}"></figure>')
    used.delete()  # only an earlier version shows it
    revise(articles[8], "图不对。", source=paper, body="<p>乙</p>")
    revise(articles[7], "撤下前改过。", body="<p>改</p>")
    articles[7].withdraw("数据未经核实。\n\n详见说明。", at=moment("2022-10-01 00:00"))
    for kind in ("correction", "addition"):
        Correction.objects.create(
            article=articles[7], kind=kind, text=kind, published_at=moment("2022-09-30 00:00")
        )
    history.announce(articles[7], "retraction", "数据未经核实。")
    return articles


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz"])
def test_an_export_imported_into_an_empty_database_exports_the_same_bytes(
    archive: list[Article], tmp_path: Path, media: Path, name: str
) -> None:
    first = export_to(tmp_path / "first" / name)
    originals = {path.name for path in (tmp_path / "first" / "photos").iterdir()}
    assert originals == {exporting.file_name(photo) for photo in Photo.objects.all()}
    numbers = set(Article.objects.values_list("pk", flat=True))
    versions = public_versions()
    assert [one["number"] for one in versions] == [1, 2, 3, 1, 2, 3]
    empty(media.parent)
    assert not public_versions()
    said = import_from(tmp_path / "first" / name)
    assert said == f"新增 {len(archive)} 篇，更新 0 篇，未变 0 篇，退回 0 行"
    second = export_to(tmp_path / "second" / name)
    assert second == first
    assert set(Article.objects.values_list("pk", flat=True)) == numbers
    assert public_versions() == versions
    for original in originals:
        copies = [
            (tmp_path / run / "photos" / original).read_bytes() for run in ("first", "second")
        ]
        assert copies[0] == copies[1]
    assert import_from(tmp_path / "second" / name).startswith("新增 0 篇，更新 0 篇，未变 9 篇")


def test_what_a_line_of_an_export_says(archive: list[Article], tmp_path: Path) -> None:
    lines = [json.loads(line) for line in export()]
    assert [line["number"] for line in lines] == sorted(article.pk for article in archive)
    whole = lines[0]
    photos = {photo.name.removesuffix(".png"): photo for photo in Photo.objects.all()}
    names = {colour: exporting.file_name(photo) for colour, photo in photos.items()}
    assert whole["published_at"] == "2022-09-29T09:18:00+08:00"
    assert whole["revised_at"] == "2023-01-02T03:04:05.678901+08:00"
    assert whole["topics"][:2] == ["城市", "海洋"]
    assert (whole["id"], whole["url"], whole["reads"]) == ("old-1", "/old/1.html", 99)
    assert [photo["file"] for photo in whole["photos"]] == [
        names["blue"], names["red"], names["green"],
    ]  # fmt: skip
    assert whole["photos"][1] == {
        "file": names["red"], "alt": "红", "caption": "红图", "credit": "本报",
    }  # fmt: skip
    assert whole["lead_photo"] == names["green"]
    assert names["red"].endswith(".png")
    assert names["navy"].endswith(".jpg")
    assert names["white"].endswith(".gif")
    assert lines[1]["lead_photo"] is None
    assert lines[1]["photos"][0]["caption"] == "另一种说法"
    assert lines[2]["lead_photo"] == names["white"]
    assert (lines[3]["id"], lines[3]["state"], lines[3]["published_at"]) == ("", "draft", None)
    withdrawn = lines[7]
    assert withdrawn["state"] == "withdrawn"
    assert [note["kind"] for note in withdrawn["corrections"]] == [
        "correction", "addition", "retraction",
    ]  # fmt: skip


def test_an_export_and_import_over_the_same_database_changes_no_article(
    archive: list[Article], tmp_path: Path
) -> None:
    Article.objects.update(imported_reads=0, reads=0)
    first = export_to(tmp_path / "out.jsonl")
    assert import_from(tmp_path / "out.jsonl").startswith("新增 0 篇，更新 9 篇")
    assert export_to(tmp_path / "again.jsonl") == first


def test_more_articles_than_a_batch_all_once_in_order(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(exporting, "BATCH", 3)
    for total in (1, 2, 3, 1):  # 1, 3, 6 and 7 articles
        for _ in range(total):
            make_article(topics=[make_topic()])
        numbers = [json.loads(line)["number"] for line in export()]
        assert numbers == list(Article.objects.order_by("pk").values_list("pk", flat=True))


def test_a_batch_costs_the_same_queries_whatever_its_size() -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            list(export())
        return len(captured)

    photo = add_photo("red")
    make_article(topics=[make_topic()], photos=[photo], source=make_source())
    one = queries()
    for _ in range(20):
        make_article(topics=[make_topic(), make_topic()], photos=[photo], source=make_source())
    assert queries() == one


def test_an_empty_archive_is_an_empty_file(tmp_path: Path) -> None:
    assert export_to(tmp_path / "new" / "folder" / "out.jsonl") == b""


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz"])
def test_a_broken_export_leaves_nothing_that_looks_whole(
    tmp_path: Path, media: Path, name: str
) -> None:
    target = tmp_path / name
    make_article()
    whole = export_to(target)
    lost = make_article(photos=[add_photo("red")])
    (media.parent / "originals" / str(lost.photos.get().original)).unlink()
    with pytest.raises(FileNotFoundError):
        call_command("export_articles", str(target), stdout=io.StringIO())
    content = target.read_bytes()
    assert (gzip.decompress(content) if name.endswith("gz") else content) == whole
    target.unlink()
    with pytest.raises(FileNotFoundError):
        call_command("export_articles", str(target), stdout=io.StringIO())
    assert [path.name for path in tmp_path.glob("*.jsonl*") if path.suffix != ".part"] == []
    assert [path for path in tmp_path.glob("photos/*") if path.suffix != ".part"] == []


def test_a_photo_that_was_half_copied_is_copied_again(
    tmp_path: Path, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = add_photo("red")
    make_article(photos=[photo])
    written = Path.write_bytes

    def disk_full(path: Path, content: Any) -> int:
        written(path, content[:20])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space"):
        patch.setattr(Path, "write_bytes", disk_full)
        call_command("export_articles", str(tmp_path / "out.jsonl"), stdout=io.StringIO())
    export_to(tmp_path / "out.jsonl")
    with photo.original.open() as original:
        copy = tmp_path / "photos" / exporting.file_name(photo)
        assert copy.read_bytes() == original.read()


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30).filter(
    lambda words: words == words.strip()
)


@given(title=WORDS, byline=WORDS, topics=st.lists(WORDS, unique=True, max_size=4), body=st.text())
@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_words_an_article_holds_come_back(
    title: str, byline: str, topics: list[str], body: str
) -> None:
    Article.objects.all().delete()
    known = [Topic.objects.get_or_create(name=name)[0] for name in topics]
    make_article(title=title, byline=byline, body=body, topics=known)
    (line,) = export()
    assert line.count("\n") == 1
    Article.objects.all().delete()
    Topic.objects.all().delete()
    assert run_import(line.encode()).reasons == {}
    assert list(export()) == [line]


def test_importing_the_own_export_counts_no_read_twice(tmp_path: Path) -> None:
    article = make_article(reads=100, imported_reads=100)
    reads.record(article, 7, timezone.localdate())
    first = export_to(tmp_path / "one.jsonl")
    reads.record(article, 3, timezone.localdate())
    import_from(tmp_path / "one.jsonl")
    article.refresh_from_db()
    assert article.reads == 110
    assert b'"reads": 107' in first
