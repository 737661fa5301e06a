"""Backups made while editors work, and backups damaged: what comes back, what is refused."""

import os
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.chaos.tried import Tried
from tests.places import Place, empty_place
from tests.scratch import scratch

# Backups made while this many editors save, upload and delete.
BACKUPS, EDITORS = 4, 2
# Places in one backup that are damaged, one after the other.
DAMAGES = 250
_FURNISH = """
from tests.factories import make_article, make_photo, make_topic
for number in range(6):
    make_article([make_topic()], [make_photo(700, 500), make_photo()])
"""


def backups() -> Iterator[Tried]:
    """Both, on an archive of a dozen photos in an embedded PostgreSQL of its own."""
    from xinwang.embedded import Cluster

    with scratch() as folder:
        cluster = Cluster(folder / "postgres", ["fsync=off"])
        place = Place(cluster.start(), folder / "var")
        try:
            place.managed("migrate", "--verbosity", "0")
            place.python(_FURNISH)
            yield _while_editing(place, folder)
            yield _damaged(folder / "backup0", folder)
        finally:
            cluster.stop()


def _while_editing(place: Place, folder: Path) -> Tried:
    made = [folder / f"backup{number}" for number in range(BACKUPS)]
    with place.editors(EDITORS) as rounds:
        for backup in made:
            place.managed("backup", backup)
    lost = photos = 0
    for backup in made:
        with empty_place(folder / "restored", place.url) as restored:
            restored.managed("restore", backup)
            lost += len(restored.faults) + (restored.manage("check_search").returncode != 0)
            photos += int(str(restored.rows("SELECT count(*) FROM articles_photo")[0][0]))
        shutil.rmtree(folder / "restored")
    return Tried(
        f"backup while {EDITORS} editors save, upload and delete photos without a pause, restored"
        " into an empty place",
        BACKUPS,
        f"{sum(rounds)} saves, uploads and deletions meanwhile; each backup of one moment:"
        f" {photos} photos whole, no article without its photo, no transaction torn,"
        " search in step",
        lost,
    )


def _damaged(backup: Path, folder: Path) -> Tried:
    """The same `verify` as `restore` runs before it touches anything."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinwang.settings")
    import django

    django.setup()
    from articles.backup import Trouble
    from articles.backup.verifying import verify

    chance = random.Random(backup.name)
    names = sorted(path for path in backup.rglob("*") if path.is_file())
    unnoticed = 0
    verify(backup, _quiet)
    for number in range(DAMAGES):
        path = names[number % len(names)]
        whole = path.read_bytes()
        path.write_bytes(chance.choice(_WAYS)(whole, chance))
        try:
            verify(backup, _quiet)
        except Trouble as trouble:
            named = path.relative_to(backup).as_posix()
            unnoticed += named not in str(trouble) and path.name != "SHA256SUMS"
        else:
            unnoticed += 1
        path.write_bytes(whole)
    verify(backup, _quiet)
    return Tried(
        "one byte of a backup changed, or a file of it cut short, at random over all its files",
        DAMAGES,
        "each refused before anything was touched, and the file named",
        unnoticed,
    )


def _flipped(whole: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(whole))
    other = (whole[place] + chance.randint(1, 255)) % 256
    return whole[:place] + bytes([other]) + whole[place + 1 :]


def _cut(whole: bytes, chance: random.Random) -> bytes:
    return whole[: chance.randrange(len(whole))]


_WAYS: list[Callable[[bytes, random.Random], bytes]] = [_flipped, _flipped, _cut]


def _quiet(*_: object) -> None:
    """Nobody watches."""
