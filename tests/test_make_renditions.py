"""The command that makes missing renditions: what it makes, what it leaves, what it reports."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from articles import renditions
from articles.models import Photo
from tests.factories import make_photo
from tests.test_renditions import files

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def made(capsys: pytest.CaptureFixture[str], **options: bool) -> str:
    """What the command says."""
    call_command("make_renditions", **options)
    return capsys.readouterr().out.strip()


def stamps(media: Path) -> dict[str, tuple[tuple[int, int], int]]:
    """Each rendition's inode and time of change, which tell one written anew, and its size."""
    stats = {path.name: path.stat() for path in media.iterdir()}
    return {name: ((of.st_ino, of.st_ctime_ns), of.st_size) for name, of in stats.items()}


def test_what_is_missing_is_made_and_a_second_run_finds_nothing(
    media: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, lacking, lost = make_photo(700, 500), make_photo(700, 500), make_photo()
    before = stamps(media)
    (media / lacking.rendition_name(320, "webp")).unlink()
    for path in media.glob(f"{lost.token}-*"):
        path.unlink()
    assert made(capsys) == "重做了 2 张图片的缩略图"
    after = stamps(media)
    assert after.keys() == before.keys()
    for name, stamp in before.items():
        assert (after[name] == stamp) == name.startswith(whole.token)
        assert after[name][1] == stamp[1]
    assert made(capsys) == "没有要补的缩略图"
    assert stamps(media) == after


def test_all_are_made_anew_on_demand(media: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_photo(700, 500)
    before = stamps(media)
    assert made(capsys, all=True) == "重做了 1 张图片的缩略图"
    after = stamps(media)
    assert after.keys() == before.keys()
    assert all(after[name][0] != before[name][0] for name in before)
    assert not list(media.glob("*.part"))


def test_a_photo_from_before_another_ladder_gets_its_rungs(
    media: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = make_photo(700, 500)
    Photo.objects.filter(pk=photo.pk).update(widths=[320])
    assert made(capsys) == "重做了 1 张图片的缩略图"
    photo.refresh_from_db()
    assert photo.widths == [320, 640]
    assert (media / photo.rendition_name(640, "jpg")).exists()


def test_what_cannot_be_made_is_reported_and_stops_nothing(
    media: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone, broken, fine = make_photo(), make_photo(), make_photo()
    for path in media.iterdir():
        path.unlink()
    Path(gone.original.path).unlink()
    Path(broken.original.path).write_bytes(b"\xff\xd8\xff no picture any more")
    with pytest.raises(CommandError) as failure:
        call_command("make_renditions")
    lines = str(failure.value).splitlines()
    assert lines[0] == "2 张图片做不出缩略图："
    assert f"图片 {gone.pk}（sea.jpg）：原图不见了" in lines
    assert any(line.startswith(f"图片 {broken.pk}（sea.jpg）：") for line in lines)
    assert capsys.readouterr().out.strip() == "重做了 1 张图片的缩略图"
    assert renditions.is_complete(fine)


def test_a_photo_deleted_meanwhile_leaves_no_files(
    media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = make_photo(700, 500)
    remake = renditions.remake

    def slowly(each: Photo) -> None:
        remake(each)
        assert files(media)

    monkeypatch.setattr(renditions, "remake", slowly)
    settle = renditions.settle

    def after_a_deletion(each: Photo) -> None:
        Photo.objects.filter(pk=photo.pk).delete()
        settle(each)

    monkeypatch.setattr(renditions, "settle", after_a_deletion)
    call_command("make_renditions", all=True)
    assert files(media) == set()
