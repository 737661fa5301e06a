"""Lines that can't become articles: each is refused with its number and a reason, alone."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from articles.models import Article, Photo, Topic
from articles.transfer import BadLine, stream
from articles.transfer.record import parse
from tests.factories import make_article, picture
from tests.lines import make_line, run_import
from tests.test_renditions import HOSTILE

pytestmark = pytest.mark.django_db

CHINESE = re.compile("[\u4e00-\u9fff]")


def refused(line: dict[str, Any] | bytes, photos: Path | None = None) -> str:
    """The reason why a line is refused while its neighbours go in."""
    before = Article.objects.count()
    topics, library = Topic.objects.count(), Photo.objects.count()
    outcome = run_import(make_line(), line, make_line(), photos=photos)
    assert outcome.counts == (2, 0, 0, 1)
    assert set(outcome.reasons) == {2}
    assert Article.objects.count() == before + 2
    assert (Topic.objects.count(), Photo.objects.count()) == (topics, library)
    reason = outcome.reasons[2]
    assert CHINESE.search(reason)
    assert "\n" not in reason
    return reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"nonsense", "不是合法的 JSON"),
        (b'{"id": "1"', "不是合法的 JSON"),
        (b'{"id": "1"} {"id": "2"}', "不是合法的 JSON"),
        (b"{'id': '1'}", "不是合法的 JSON"),
        (b'{"id": "1", "title": "\x01"}', "不是合法的 JSON"),
        (b"[" * 100_000, "不是合法的 JSON"),
        (b'{"id":' * 100_000 + b"1" + b"}" * 100_000, "不是合法的 JSON"),
        (b'{"id": 1' + b"0" * 5000 + b"}", "不是合法的 JSON"),
        (b"[]", "不是 JSON 对象"),
        (b'"text"', "不是 JSON 对象"),
        (b"null", "不是 JSON 对象"),
        (b"NaN", "不是 JSON 对象"),
        (b"17", "不是 JSON 对象"),
        (b'{"id": "\xff\xfe"}', "不是 UTF-8 编码"),
        (b'{"id": "\xed\xa0\x80"}', "不是 UTF-8 编码"),
        ('{"id": "1", "title": "海"}'.encode("gb18030"), "不是 UTF-8 编码"),
        ('{"id": "1", "title": "海", "published_at": "2022-09-29"}'.encode("utf-16"), "UTF-8"),
    ],
    ids=lambda value: value[:16] if isinstance(value, bytes) else "",
)
def test_what_is_no_json_object_is_refused(content: bytes, reason: str) -> None:
    assert reason in refused(content)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"id": None}, "缺少 id"),
        ({"id": ""}, "缺少 id"),
        ({"id": "　 "}, "缺少 id"),
        ({"id": 1.5}, "id 应是文字"),
        ({"id": True}, "id 应是文字"),
        ({"id": ["1"]}, "id 应是文字"),
        ({"id": "x" * 201}, "id 超过 200 字"),
        ({"title": None}, "缺少 title"),
        ({"title": "\n \t"}, "缺少 title"),
        ({"title": "\x00\ud800"}, "缺少 title"),
        ({"title": {}}, "title 应是文字"),
        ({"title": "题" * 201}, "title 超过 200 字"),
        ({"original_title": "题" * 201}, "original_title 超过 200 字"),
        ({"source": "源" * 61}, "source 超过 60 字"),
        ({"source": []}, "source 应是文字"),
        ({"editor": "名" * 61}, "editor 超过 60 字"),
        ({"byline": "名" * 201}, "byline 超过 200 字"),
        ({"url": "/" + "x" * 500}, "url 超过 500 字"),
        ({"body": ["<p>"]}, "body 应是文字"),
        ({"body": 5}, "body 应是文字"),
        ({"published_at": None}, "缺少 published_at"),
        ({"published_at": None, "state": "withdrawn"}, "缺少 published_at"),
        ({"published_at": "昨天"}, "published_at 不是时间：昨天"),
        ({"published_at": "2022-02-30"}, "published_at 不是时间"),
        ({"published_at": "2022-09-29T25:00"}, "published_at 不是时间"),
        ({"published_at": "2022-09-29T09:18+99:00"}, "published_at 不是时间"),
        ({"published_at": 1664414280}, "published_at 不是时间"),
        ({"published_at": 1664414280.5}, "published_at 应是文字"),
        ({"published_at": True}, "published_at 应是文字"),
        ({"published_at": "0999-12-31"}, "published_at 的年份不对"),
        ({"published_at": "3000-01-01"}, "published_at 的年份不对"),
        ({"published_at": "0001-01-01T00:00:00+14:00"}, "published_at"),
        ({"published_at": "9999-12-31T23:59:59-14:00"}, "published_at"),
        ({"published_at": "2" * 41}, "published_at 超过 40 字"),
        ({"revised_at": "bald"}, "revised_at 不是时间"),
        ({"state": "draft", "published_at": "x"}, "published_at 不是时间"),
        ({"state": "deleted"}, "state 只能是 draft、published、withdrawn 之一"),
        ({"state": ["draft"]}, "state 只能是"),
        ({"topics": "海洋"}, "topics 应是列表"),
        ({"topics": {"a": 1}}, "topics 应是列表"),
        ({"topics": [["海洋"]]}, "topics 应是文字"),
        ({"topics": ["题" * 61]}, "topics 超过 60 字"),
        ({"reads": -1}, "reads 应是"),
        ({"reads": "5"}, "reads 应是"),
        ({"reads": 1.5}, "reads 应是"),
        ({"reads": True}, "reads 应是"),
        ({"reads": 10**17}, "reads 应是"),
        ({"reads": 10**4000}, "reads 应是"),
        ({"number": 0}, "number 应是"),
        ({"number": -5}, "number 应是"),
        ({"number": "7"}, "number 应是"),
        ({"number": 2**63}, "number 应是"),
        ({"number": 10**17}, "number 应是"),
        ({"age_notice": "yes"}, "age_notice 应是 true 或 false"),
        ({"age_notice": 1}, "age_notice 应是 true 或 false"),
        ({"photos": "a.jpg"}, "photos 应是对象的列表"),
        ({"photos": ["a.jpg"]}, "photos 应是对象的列表"),
        ({"photos": [{}]}, "缺少 file"),
        ({"photos": [{"file": 1.5}]}, "file 应是文字"),
        ({"photos": [{"file": "a.jpg", "alt": "字" * 201}]}, "alt 超过 200 字"),
        ({"photos": [{"file": "a.jpg", "caption": "字" * 301}]}, "caption 超过 300 字"),
        ({"photos": [{"file": "a.jpg", "credit": "字" * 101}]}, "credit 超过 100 字"),
        ({"photos": [{"file": "a.jpg"}] * 2}, "photos 里有重复的 file"),
        ({"lead_photo": "a.jpg"}, "lead_photo 不在 photos 里"),
        ({"corrections": "错了"}, "corrections 应是对象的列表"),
        ({"corrections": [{"published_at": "2022-10-01"}]}, "缺少 text"),
        ({"corrections": [{"text": "字"}]}, "缺少 published_at"),
        ({"corrections": [{"text": "字", "published_at": "x"}]}, "published_at 不是时间"),
        (
            {"corrections": [{"text": "字", "published_at": "2022-10-01", "kind": "joke"}]},
            "kind 只能是",
        ),
        (
            {"corrections": [{"text": "字" * 1001, "published_at": "2022-10-01"}]},
            "text 超过 1000 字",
        ),
        ({"photos": [{"file": "a.jpg"}]}, "有图片，但没有给出图片目录（--photos）"),
        ({"body": '<figure data-photo="x.jpg"></figure>'}, "正文里的图片 x.jpg 不在 photos 里"),
    ],
    ids=lambda value: json.dumps(value)[:40] if isinstance(value, dict) else "",
)
def test_senseless_fields_are_refused(fields: dict[str, Any], reason: str) -> None:
    line = make_line(**{"topics": ["不该有的话题"], **fields})
    assert reason in refused(json.dumps(line).encode())


def test_too_long_a_line_is_refused_without_being_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "long.jsonl"
    whole = json.dumps(make_line(title="刚好")).encode()
    with file.open("wb") as out:
        for padding in (stream.LONGEST_LINE - len(whole), stream.LONGEST_LINE + 1 - len(whole)):
            out.write(whole + b" " * padding + b"\n")
        out.write(b"x" * (3 * stream.LONGEST_LINE) + b"\n")
        out.write(whole + b"\n")
        out.write(b"y" * (stream.LONGEST_LINE + 1))
    lines = list(stream.read_lines(str(file)))
    assert [(line.number, line.content is None) for line in lines] == [
        (1, False),
        (2, True),
        (3, True),
        (4, False),
        (5, True),
    ]


def test_the_reason_for_too_long_a_line() -> None:
    with pytest.raises(BadLine, match="这一行太长"):
        parse(None)


def test_control_characters_and_lone_surrogates_do_no_harm() -> None:
    line = b"""{"id": "\\u0000a\\ud800b", "title": "\\ud83d\\u0000\\u001f\xe9\xa2\x98\\udc00",
        "published_at": "2022-09-29", "body": "<p>\\u0000\xe7\x94\xb2\\ud800</p>",
        "topics": ["\\ud800\xe6\xb5\xb7"], "source": "\\u0000",
        "corrections": [{"text": "\\u0000\xe5\xad\x97\\ud800", "published_at": "2022-10-01"}]}"""
    assert run_import(line.replace(b"\n", b"")).counts == (1, 0, 0, 0)
    article = Article.objects.get(title="题", legacy_id="a b")
    assert article.body == "<p>甲</p>"
    assert [topic.name for topic in article.topics.all()] == ["海"]
    assert article.source is None
    assert article.corrections.get().text == "字"


def test_a_number_that_is_another_articles_is_refused() -> None:
    mine = make_article(legacy_id="mine")
    drawn = make_article()
    reason = f"编号 {mine.pk} 已是另一篇稿件的"
    assert refused(make_line(id="other", number=mine.pk)) == reason
    assert refused(make_line(id="", number=mine.pk)) == reason
    assert refused(make_line(id="x", number=drawn.pk)) == f"编号 {drawn.pk} 已是另一篇稿件的"


def test_an_id_whose_article_has_another_number_is_refused() -> None:
    mine = make_article(legacy_id="mine")
    reason = refused(make_line(id="mine", number=mine.pk + 1000))
    assert reason == f"id mine 的稿件编号是 {mine.pk}，不是 {mine.pk + 1000}"


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder of pictures with traps in it; secrets lie beside it."""
    folder = tmp_path / "photos"
    (folder / "sub").mkdir(parents=True)
    outside = tmp_path / "secret.jpg"
    outside.write_bytes(picture(40, 30).getvalue())
    (tmp_path / "photos-too").mkdir()
    (tmp_path / "photos-too" / "secret.jpg").write_bytes(outside.read_bytes())
    (folder / "ok.jpg").write_bytes(picture(40, 30, "red").getvalue())
    (folder / "same.jpg").write_bytes((folder / "ok.jpg").read_bytes())
    (folder / "link.jpg").symlink_to(outside)
    (folder / "linked").symlink_to(tmp_path)
    (folder / "inside.jpg").symlink_to(folder / "ok.jpg")
    (folder / "loop.jpg").symlink_to(folder / "loop.jpg")
    (folder / "dangling.jpg").symlink_to(folder / "nowhere.jpg")
    (folder / "page.jpg").write_bytes(b"<html><script>alert(1)</script>")
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "half.jpg").write_bytes((folder / "ok.jpg").read_bytes()[:300])
    return folder


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("gone.jpg", "图片目录里没有 gone.jpg"),
        ("sub", "图片目录里没有 sub"),
        (".", "图片目录里没有 ."),
        ("dangling.jpg", "图片目录里没有"),
        ("loop.jpg", "图片目录里没有"),
        ("长" * 200, "图片目录里没有"),
        ("ok.jpg/more", "图片目录里没有"),
        ("..", "在图片目录之外"),
        ("../secret.jpg", "在图片目录之外"),
        ("../photos-too/secret.jpg", "在图片目录之外"),
        ("sub/../../secret.jpg", "在图片目录之外"),
        ("/etc/hostname", "在图片目录之外"),
        ("link.jpg", "在图片目录之外"),
        ("linked/secret.jpg", "在图片目录之外"),
        ("page.jpg", "图片 page.jpg：不是 JPEG"),
        ("empty.jpg", "图片 empty.jpg：文件是空的"),
        ("half.jpg", "图片 half.jpg：图片已损坏"),
    ],
)
def test_photos_that_are_missing_or_outside_or_none_are_refused(
    photos: Path, file: str, reason: str
) -> None:
    line = make_line(topics=["不该有的话题"], photos=[{"file": "ok.jpg"}, {"file": file}])
    assert reason in refused(line, photos)


def test_a_hostile_picture_is_refused_and_leaves_nothing(photos: Path, media: Path) -> None:
    lines = []
    for name, (content, _) in HOSTILE.items():
        (photos / f"{name}.jpg").write_bytes(content)
        lines.append(make_line(photos=[{"file": f"{name}.jpg"}]))
    outcome = run_import(*lines, photos=photos)
    assert len(outcome.reasons) == len(HOSTILE)
    assert not Photo.objects.exists()
    assert not list(media.rglob("*.*"))


def test_the_same_picture_twice_in_an_article_is_refused(photos: Path) -> None:
    line = make_line(photos=[{"file": "ok.jpg"}, {"file": "same.jpg"}])
    assert refused(line, photos) == "photos 里有内容相同的图片"


def test_a_link_inside_the_folder_and_a_folder_that_is_a_link_are_fine(
    photos: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "elsewhere"
    folder.symlink_to(photos)
    line = make_line(photos=[{"file": "sub/../inside.jpg"}])
    assert run_import(line, photos=folder).counts == (1, 0, 0, 0)


def test_a_figure_may_name_a_photo_of_the_line_or_a_token(photos: Path) -> None:
    body = '<figure data-photo="ok.jpg"></figure><figure data-photo="0123456789abcdef"></figure>'
    assert run_import(make_line(body=body, photos=[{"file": "ok.jpg"}]), photos=photos).counts == (
        1, 0, 0, 0,
    )  # fmt: skip
    token = Photo.objects.get().token
    assert Article.objects.get().body == body.replace("ok.jpg", token)
    for other in ("0123456789ABCDEF", "0123456789abcde", "../ok.jpg"):
        assert "不在 photos 里" in refused(
            make_line(body=f'<figure data-photo="{other}"></figure>')
        )
