"""Backups: what comes back, what is refused, and what becomes of one that is broken off."""

import io
import json
import os
import resource
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from articles import backup, reads, renditions
from articles.backup import making, programs
from articles.backup.trouble import Stage
from articles.models import Article, Correction, Photo, ReadKey, Visit
from articles.reads.counting import forget_keys
from tests.commands import wait_for
from tests.factories import make_article, make_photo, make_topic, revise
from tests.places import SHAPE, Place, empty_place
from tests.readers import role

pytestmark = pytest.mark.django_db(transaction=True)


def quiet(stage: Stage, position: int, total: int | None, count: int) -> None:
    """Nobody watches."""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with empty_place(tmp_path / "restored") as empty:
        yield empty


@pytest.fixture
def here(tmp_path: Path, media: Path) -> Place:
    """The test's own archive, for processes."""
    name = connection.settings_dict["NAME"]
    url = os.environ["DATABASE_URL"]
    head, _, query = url.partition("?")
    return Place(f"{head.rpartition('/')[0]}/{name}?{query}".rstrip("?"), media.parent)


def run(command: str, *arguments: object) -> str:
    """What a command says, with what it complains."""
    out = io.StringIO()
    call_command(command, *map(str, arguments), stdout=out, stderr=out)
    return out.getvalue()


def refusal(command: str, *arguments: object) -> str:
    with pytest.raises(CommandError) as error:
        run(command, *arguments)
    return str(error.value)


def furnish() -> list[Photo]:
    """Some of everything, and the photos in it."""
    photos = [make_photo(700, 400), make_photo()]
    topics = [make_topic(), make_topic()]
    article = make_article(
        topics, photos, body=f'<p>海。</p><figure data-photo="{photos[0].token}"></figure>'
    )
    make_article(title="栈桥夜灯\\N\t重新亮起", body="<p>\\.</p><p>“海”</p>", original_title="灯")
    make_article(state="draft", published_at=None)
    Correction.objects.create(article=article, text="改了", published_at=timezone.now())
    revise(article, title="新题", body=article.body.replace("海", "海湾"))
    User.objects.create_superuser("戴慧慧", password="a long password")
    return photos


def in_thread(work: Callable[[], object]) -> None:
    """Do something on another connection, to its end."""

    def done() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=done)
    thread.start()
    thread.join()


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A backup of an archive with a bit of everything."""
    furnish()
    run("backup", tmp_path / "backup")
    return tmp_path / "backup"


def resign(folder: Path) -> None:
    """Make SHA256SUMS anew, as somebody would who changed a backup on purpose."""
    said = subprocess.run(
        "find . -type f ! -name SHA256SUMS -printf '%P\\0' | sort -z | xargs -0 sha256sum",
        shell=True, cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    (folder / "SHA256SUMS").write_bytes(said.stdout)


def rewrite(folder: Path, **changes: Any) -> None:
    about = json.loads((folder / "backup.json").read_text())
    (folder / "backup.json").write_text(json.dumps(about | changes))
    resign(folder)


# -- there and back ------------------------------------------------------------------------------

CHECKS = """
from django.test import Client
from django.contrib.auth.models import Group
from articles.models import Article, Visit, ReadKey, Generation
from django.contrib.sessions.models import Session
client = Client(SERVER_NAME="127.0.0.1")
sent = {"username": "戴慧慧", "password": "a long password"}
answer = client.post("/admin/login/?next=/admin/", sent)
last = Article.objects.order_by("-pk").first().pk
fresh = Article.objects.create(title="新", body="<p>新</p>", state="draft")
print(answer.status_code, fresh.pk > last, Visit.objects.count(), ReadKey.objects.count(),
      Session.objects.filter(expire_date__year=2099).count(), Generation.objects.exists())
"""


def test_what_is_restored_is_the_archive_byte_for_byte(
    here: Place, place: Place, tmp_path: Path
) -> None:
    furnish()
    article = Article.objects.published().first()
    assert article
    forget_keys(date.max)  # another test's
    reads.count_read(article.pk, date.today(), "192.0.2.7", "a browser")  # noqa: DTZ011
    Session.objects.create(session_key="k", session_data="", expire_date="2099-01-01T00:00Z")
    assert Visit.objects.exists()
    assert ReadKey.objects.exists()
    said = run("backup", tmp_path / "backup")
    assert "备份好了：3 篇稿件，2 张图片，" in said
    check = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    subprocess.run(check, cwd=tmp_path / "backup", check=True)
    assert "恢复好了" in place.managed("restore", tmp_path / "backup")

    assert here.files == place.files
    for name in here.files:
        assert (here.var_dir / name).read_bytes() == (place.var_dir / name).read_bytes()
    run("export_articles", tmp_path / "one" / "articles.jsonl")
    place.managed("export_articles", tmp_path / "two" / "articles.jsonl")
    exported = [sorted(p for p in (tmp_path / n).rglob("*") if p.is_file()) for n in ("one", "two")]
    assert len(exported[0]) == 3
    for one, two in zip(*exported, strict=True):
        assert one.read_bytes() == two.read_bytes()
    assert here.rows(SHAPE) == place.rows(SHAPE)
    assert place.managed("check_search") == "索引与稿件一致"
    assert place.python(CHECKS).split() == ["302", "True", "0", "0", "0", "True"]
    assert ".restoring" not in "".join(place.files)


@pytest.mark.process
def test_an_archive_with_a_readers_role_goes_where_there_is_none(
    place: Place, tmp_path: Path
) -> None:
    make_article()
    with role():
        assert policies()
        run("backup", tmp_path / "backup")
    place.managed("restore", tmp_path / "backup")
    assert place.rows("SELECT count(*) FROM pg_policies") == [(0,)]
    assert place.rows("SELECT count(*) FROM pg_class WHERE relrowsecurity") == [(0,)]
    assert place.managed("check_search") == "索引与稿件一致"


def policies() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_policies")
        return int(cursor.fetchone()[0])


def test_a_backup_is_its_owners_alone(made: Path) -> None:
    assert made.stat().st_mode & 0o077 == 0
    assert not made.with_name("backup.part").exists()


@pytest.mark.process
def test_a_backup_of_an_older_version_is_brought_up_to_date(place: Place, tmp_path: Path) -> None:
    with empty_place(tmp_path / "old") as old:
        old.managed("migrate", "articles", "0014", "--verbosity", "0")
        old.managed("backup", tmp_path / "backup")
    assert "并已升级到这个版本" in place.managed("restore", tmp_path / "backup")
    assert place.rows("SELECT 1 FROM django_migrations WHERE name = '0015_lists'")


def test_a_backup_of_a_newer_version_is_refused(made: Path) -> None:
    about = json.loads((made / "backup.json").read_text())
    about["migrations"]["articles"].append("9999_later")
    rewrite(made, migrations=about["migrations"])
    assert "没有迁移 articles.9999_later。请先升级程序" in refusal("restore", made)


# -- at the same time ----------------------------------------------------------------------------


def test_what_comes_and_goes_meanwhile(tmp_path: Path, here: Place, place: Place) -> None:
    """A photo deleted before the snapshot isn't in, one added is; one deleted after it is in."""
    first, second, third = furnish()[0], make_photo(), make_photo()
    added: list[Photo] = []
    done: set[Stage] = set()

    def meddle(stage: Stage, position: int, total: int | None, count: int) -> None:
        if stage not in done and position == (total or position):
            done.add(stage)
            if stage == Stage.PHOTOS:
                in_thread(lambda: renditions.remove(second))
                in_thread(lambda: added.append(make_photo()))
            elif stage == Stage.DATABASE:
                in_thread(lambda: renditions.remove(third))

    made = backup.make(tmp_path / "backup", None, meddle)
    assert done == {Stage.PHOTOS, Stage.DATABASE}
    assert not Path(third.original.path).exists()
    assert (made.about.photos, made.about.missing) == (4, [])
    place.managed("restore", tmp_path / "backup")
    names = {f"originals/{photo.original.name}" for photo in (first, third, *added)}
    assert names < set(place.files)
    assert f"originals/{second.original.name}" not in place.files
    assert {
        name for (name,) in place.rows("SELECT 'originals/' || original FROM articles_photo")
    } == {name for name in place.files if name.startswith("originals/")}


@pytest.mark.process
def test_while_editors_save_upload_and_delete(here: Place, place: Place, tmp_path: Path) -> None:
    furnish()
    with here.editors() as rounds:
        here.managed("backup", tmp_path / "backup")
    assert rounds[0] > 1
    about = json.loads((tmp_path / "backup" / "backup.json").read_text())
    assert about["missing"] == about["damaged"] == []
    place.managed("restore", tmp_path / "backup")
    assert place.faults == []


def test_whoever_deletes_a_photo_waits_for_the_last_files_alone() -> None:
    photo = make_photo()
    thread = threading.Thread(target=lambda: (renditions.remove(photo), connection.close()))
    with renditions.files_stay():
        thread.start()
        while Photo.objects.exists() or not _waits_for_a_lock():
            assert thread.is_alive()
        assert Path(photo.original.path).exists()
        make_photo()  # who adds one doesn't wait
    thread.join()
    assert not Path(photo.original.path).exists()


def _waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])


def test_one_backup_at_a_time(tmp_path: Path) -> None:
    said: list[str] = []

    def again(stage: Stage, position: int, total: int | None, count: int) -> None:
        if stage == Stage.DATABASE and not said:
            in_thread(lambda: said.append(refusal("backup", tmp_path / "second")))

    backup.make(tmp_path / "first", None, again)
    assert said == ["另一个备份正在进行，请等它结束"]
    assert [path.name for path in tmp_path.iterdir()] == ["first"]


def test_equal_files_of_the_previous_backup_are_shared(made: Path, tmp_path: Path) -> None:
    originals = sorted((made / "originals").rglob("*.jpg"))
    originals[0].write_bytes(originals[0].read_bytes()[:-1] + b"\0")
    make_photo()
    said = run("backup", tmp_path / "next", "--previous", made)
    kept = sum(path.is_file() for path in (made / "media").iterdir()) + 1
    assert f"其中 {kept} 个文件与上一份共用" in said
    assert originals[1].samefile(tmp_path / "next" / originals[1].relative_to(made))
    # The damaged one was copied from the site.
    assert originals[0].name in refusal("restore", made)
    assert "目标数据库不是空的" in refusal("restore", tmp_path / "next")
    assert "没有 SHA256SUMS" in refusal("backup", tmp_path / "third", "--previous", tmp_path)


# -- what is damaged -----------------------------------------------------------------------------


def a_photo(folder: Path) -> Path:
    return min((folder / "originals").rglob("*.jpg"))


def flip(path: Path, place: float = 0.5) -> None:
    content = bytearray(path.read_bytes())
    content[int(len(content) * place)] ^= 1
    path.write_bytes(content)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def drop_from_both(folder: Path) -> None:
    path = a_photo(folder)
    path.unlink()
    lines = (folder / "SHA256SUMS").read_text().splitlines(keepends=True)
    (folder / "SHA256SUMS").write_text("".join(line for line in lines if path.name not in line))


def swap(folder: Path) -> None:
    one, two = sorted((folder / "originals").rglob("*.jpg"))[:2]
    one_content = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(one_content)


Damage = Callable[[Path], object]
DAMAGES: dict[str, tuple[Damage, str]] = {
    "a flipped byte in the dump": (
        lambda folder: flip(folder / "database.dump"), "database.dump：内容与指纹不符"),
    "a flipped byte in a photo": (lambda folder: flip(a_photo(folder)), ".jpg：内容与指纹不符"),
    "a truncated dump": (
        lambda folder: os.truncate(folder / "database.dump", 100), "database.dump：内容与指纹不符"),
    "an empty photo": (lambda folder: os.truncate(a_photo(folder), 0), ".jpg：内容与指纹不符"),
    "no dump": (lambda folder: (folder / "database.dump").unlink(), "database.dump：不见了"),
    "no photo": (lambda folder: a_photo(folder).unlink(), ".jpg：不见了"),
    "no media at all": (lambda folder: shutil.rmtree(folder / "media"), ".webp：不见了"),
    "an extra file": (lambda folder: (folder / "extra").touch(), "extra：多出来的文件"),
    "an extra link": (
        lambda folder: (folder / "media/x").symlink_to("/etc"), "media/x：多出来的文件"),
    "a link for a file": (
        lambda folder: (folder / "database.dump").rename(folder.parent / "d")
        and (folder / "database.dump").symlink_to(folder.parent / "d"),
        "database.dump：不是普通文件"),
    "two photos that changed places": (swap, "内容与指纹不符"),
    "an edited description": (
        lambda folder: edit(folder / "backup.json", '"photos": 2', '"photos": 1'),
        "backup.json：内容与指纹不符"),
    "an edited hash": (
        lambda folder: edit(folder / "SHA256SUMS", "  backup.json", "0  backup.json"),
        "SHA256SUMS 第 1 行"),
    "a hash in capitals": (
        lambda folder: (folder / "SHA256SUMS").write_text(
            (folder / "SHA256SUMS").read_text().upper()),
        "SHA256SUMS 第 1 行"),
    "a line twice": (
        lambda folder: (folder / "SHA256SUMS").write_text(
            (folder / "SHA256SUMS").read_text().splitlines(keepends=True)[0] * 2),
        "SHA256SUMS 第 2 行"),
    "a line that leads out": (
        lambda folder: edit(folder / "SHA256SUMS", "  backup.json", "  ../backup.json"),
        "SHA256SUMS 第 1 行"),
    "a manifest cut off in a line": (
        lambda folder: os.truncate(folder / "SHA256SUMS", 500), "SHA256SUMS 最后一行不完整"),
    "a manifest cut off between lines": (
        lambda folder: (folder / "SHA256SUMS").write_text(
            (folder / "SHA256SUMS").read_text().splitlines(keepends=True)[0]),
        "database.dump：多出来的文件"),
    "an empty manifest": (lambda folder: os.truncate(folder / "SHA256SUMS", 0), "多出来的文件"),
    "a manifest of other bytes": (
        lambda folder: (folder / "SHA256SUMS").write_bytes(b"\xff\n"), "SHA256SUMS 第 1 行"),
    "a photo gone from the manifest as well": (drop_from_both, "个文件，SHA256SUMS 里有"),
    "no manifest": (lambda folder: (folder / "SHA256SUMS").unlink(), "没有 SHA256SUMS"),
    "nothing at all": (shutil.rmtree, "不是文件夹"),
    "another format": (lambda folder: rewrite(folder, format=2), "备份的格式是 2"),
    "a description that says nothing": (
        lambda folder: (folder / "backup.json").write_text("[]") and resign(folder),
        "backup.json 读不懂"),
    "a description that lacks something": (
        lambda folder: (folder / "backup.json").write_text('{"format": 1}') and resign(folder),
        "backup.json 里没有 taken_at"),
    "an expected dump that is none": (
        lambda folder: (folder / "database.dump").write_text("x") and resign(folder),
        "pg_restore 说"),
}  # fmt: skip


def test_a_damaged_backup_is_refused_and_says_where(made: Path, tmp_path: Path) -> None:
    for what, (damage, said) in DAMAGES.items():
        copy = tmp_path / "damaged"
        shutil.copytree(made, copy)
        damage(copy)
        assert said in refusal("restore", copy), what
        shutil.rmtree(copy, ignore_errors=True)
        (tmp_path / "d").unlink(missing_ok=True)
    assert "目标数据库不是空的" in refusal("restore", made)  # and nothing else is wrong


def test_a_damaged_backup_touches_nothing(made: Path, place: Place) -> None:
    flip(a_photo(made))
    assert "备份已损坏，什么也没有动" in place.refused("restore", made)
    assert place.is_untouched


# -- where it may not go -------------------------------------------------------------------------


def test_a_place_that_is_not_empty_is_refused(made: Path, place: Place) -> None:
    for kind in ("originals", "media"):
        (place.var_dir / kind / "lost+found").mkdir(parents=True)
    (place.var_dir / "media" / "mine").touch()
    assert "media 不是空的：里面有 mine" in place.refused("restore", made)
    (place.var_dir / "media" / "mine").unlink()
    place.rows("CREATE TABLE mine ()")
    assert "目标数据库不是空的：里面有 mine" in place.refused("restore", made)
    assert place.files == []


def test_a_public_process_restores_nothing(made: Path, settings: Any) -> None:
    settings.HAS_DESK = False
    assert "XINWANG_SERVE=public" in refusal("restore", made)


def test_a_backup_overwrites_nothing(tmp_path: Path, media: Path) -> None:
    full = tmp_path / "full"
    full.mkdir()
    (full / "mine").touch()
    assert "里已有东西" in refusal("backup", full)
    assert "不是文件夹" in refusal("backup", full / "mine")
    assert "那是网站自己的文件夹" in refusal("backup", media / "backup")
    assert "挂载点" in refusal("backup", "/proc")
    (tmp_path / "new.part").mkdir()
    (tmp_path / "new.part" / "mine").touch()
    assert "里有别的东西" in refusal("backup", tmp_path / "new")
    assert (tmp_path / "new.part" / "mine").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["full", "new.part"]
    run("backup", tmp_path / "made" / "on the way")
    empty = tmp_path / "empty"
    empty.mkdir()
    run("backup", empty)
    assert (empty / "SHA256SUMS").exists()


# -- what the site has lost ----------------------------------------------------------------------


def test_what_the_site_has_lost_is_said_and_the_rest_is_kept(
    tmp_path: Path, here: Place, place: Place
) -> None:
    lost, damaged = furnish()
    Path(lost.original.path).unlink()
    (here.var_dir / "media" / lost.rendition_name(320, "webp")).unlink()
    flip(Path(damaged.original.path))
    said = run("backup", tmp_path / "backup")
    assert f"早已丢失，备份里也没有：media/{lost.rendition_name(320, 'webp')}、originals/" in said
    assert f"已经损坏（内容不是上传时的），按现状备份：originals/{damaged.original.name}" in said
    done = place.manage("restore", tmp_path / "backup")
    assert "备份时网站已丢失 2 个图片文件" in done.stderr
    assert here.files == place.files


# -- what is broken off --------------------------------------------------------------------------


def test_a_full_disk_leaves_nothing_that_looks_like_a_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "DUMP", "/dev/full")  # the kernel's own ENOSPC
    assert refusal("backup", tmp_path / "backup") == "备份没有完成，什么也没有留下：磁盘满了"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.process
@pytest.mark.parametrize("limit", [5_000, 40_000], ids=["in a photo", "in the dump"])
def test_a_file_that_may_not_grow(here: Place, tmp_path: Path, limit: int) -> None:
    make_photo(2000, 1500) if limit == 5_000 else make_article(body=os.urandom(60_000).hex())
    process = here.start("backup", tmp_path / "backup", PYTHONDONTWRITEBYTECODE="1")
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (limit, limit))
    _, complaints = process.communicate()
    assert process.returncode == 1
    assert "什么也没有留下：文件超过了允许的大小" in complaints
    assert [path.name for path in tmp_path.iterdir()] == []


def begun(here: Place, target: Path) -> subprocess.Popen[str]:
    """A backup that has come to its dump, and waits there for a lock that the caller holds."""
    process = here.start("backup", target)
    unfinished = target.with_name(target.name + ".part") / "database.dump"
    wait_for(unfinished.exists, process)  # type: ignore[arg-type]
    return process


@pytest.mark.process
def test_a_backup_broken_off_is_none(here: Place, tmp_path: Path) -> None:
    furnish()
    url = here.url.replace("postgres@", "postgres:geheim@")
    target, unfinished = tmp_path / "backup", tmp_path / "backup.part"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE articles_topic IN ACCESS EXCLUSIVE MODE")
        process = begun(Place(url, here.var_dir), target)
        (child,) = psutil.Process(process.pid).children()
        assert child.name() == "pg_dump"
        assert not any("geheim" in word for word in child.cmdline())
        if url != here.url:
            assert child.environ()["PGPASSWORD"] == "geheim"
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate()
        assert "已中断，备份没有完成，什么也没有留下" in complaints
        assert list(tmp_path.iterdir()) == []
        assert not child.is_running()

        process = begun(here, target)
        process.kill()
        process.communicate()
        assert (target.exists(), unfinished.exists()) == (False, True)
        assert "没有 SHA256SUMS" in refusal("restore", unfinished)
    run("backup", target)
    assert (target.exists(), unfinished.exists()) == (True, False)


@pytest.mark.process
def test_a_restore_broken_off_can_be_begun_again(made: Path, place: Place, tmp_path: Path) -> None:
    with psycopg.connect(place.url) as blocking:
        # The restore comes to its triggers, with all rows in, and waits.
        blocking.execute("LOCK TABLE pg_catalog.pg_trigger IN EXCLUSIVE MODE")
        process = place.start("restore", made)
        waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'pg_trigger'::regclass"
        wait_for(lambda: bool(place.rows(waiting)), process)  # type: ignore[arg-type]
        process.kill()
        process.communicate()
    assert place.rows("SELECT 1 FROM pg_tables WHERE schemaname = 'public'") == []
    assert place.files
    assert "上次恢复没有完成" in place.served().stderr
    run("backup", tmp_path / "other")
    assert "另一份备份恢复到一半" in place.refused("restore", tmp_path / "other")
    place.managed("restore", made)
    assert place.rows("SELECT count(*) FROM articles_article") == [(Article.objects.count(),)]
    assert not any("restoring" in name for name in place.files)


# -- PostgreSQL's programs -----------------------------------------------------------------------


@pytest.fixture
def only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Have the machine hold these versions of pg_dump and pg_restore, and no others."""

    def install(*versions: int) -> None:
        folders = []
        for version in versions:
            folder = tmp_path / f"pg{version}"
            folder.mkdir()
            for name in ("pg_dump", "pg_restore"):
                (folder / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}.1'\n")
                (folder / name).chmod(0o755)
            folders.append(folder)
        monkeypatch.setattr(programs, "_folders", lambda: iter(folders))

    return install


def test_a_pg_dump_of_the_servers_version_or_the_next_newer(only: Callable[..., None]) -> None:
    only(18, 15, 16, 14)
    assert [programs.pg_dump(server)[1] for server in (14, 15, 17, 18)] == [14, 15, 18, 18]
    assert programs.pg_restore(15).parent.name == "pg18"


def test_without_a_pg_dump_that_is_new_enough(only: Callable[..., None], tmp_path: Path) -> None:
    only(12)
    said = refusal("backup", tmp_path / "backup")
    assert (
        "或更新的 pg_dump，这里最新的是 12 版。Debian、Ubuntu：apt install postgresql-client-"
        in said
    )
    assert not (tmp_path / "backup.part").exists()
    only()
    assert "这里一个也没有" in refusal("backup", tmp_path / "backup")


def test_a_failing_pg_dump_is_quoted(only: Callable[..., None], tmp_path: Path) -> None:
    only(99)
    (tmp_path / "pg99" / "pg_dump").write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo "pg_dump (PostgreSQL) 99.1" && exit\n'
        "echo half; echo it broke >&2; exit 1\n"
    )
    assert "pg_dump 说：\nit broke" in refusal("backup", tmp_path / "backup")
    assert [path.name for path in tmp_path.iterdir()] == ["pg99"]
