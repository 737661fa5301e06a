"""Whether a backup is whole: every file there, none more, each with the bytes that it had."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from articles.backup import files
from articles.backup.manifest import ABOUT, DUMP, SUMS, About, read_sums
from articles.backup.trouble import Stage, Trouble, explained
from articles.outages import reason
from articles.stages import Show

# Faults that are named, at most; of a backup with more only the number is of interest.
MOST_NAMED = 20


@dataclass(frozen=True)
class Backup:
    """A backup that is whole."""

    folder: Path
    about: About
    sums: dict[str, str]


def verify(folder: Path, show: Show) -> Backup:
    """Read all of a backup; raises Trouble that says where it is damaged. Asks no database."""
    with explained(f"读不了备份 {folder}"):
        if not folder.is_dir():
            raise Trouble(f"没有备份 {folder}：不是文件夹")
        sums = read_sums(folder)
        faults = [*_strangers(folder, sums), *_mismatches(folder, sums, show)]
        if faults:
            rest = f"\n……共 {len(faults)} 处" if len(faults) > MOST_NAMED else ""
            named = "\n".join(sorted(faults)[:MOST_NAMED])
            raise Trouble(f"备份已损坏，什么也没有动：\n{named}{rest}")
        for needed in (ABOUT, DUMP):
            if needed not in sums:
                raise Trouble(f"备份已损坏：{SUMS} 里没有 {needed}")
        about = About.decode((folder / ABOUT).read_bytes())
    if about.files != len(sums) - 1:
        raise Trouble(f"备份已损坏：应有 {about.files} 个文件，{SUMS} 里有 {len(sums) - 1} 个")
    return Backup(folder, about, sums)


def _strangers(folder: Path, sums: dict[str, str]) -> Iterator[str]:
    for name in files.names(folder):
        if name not in sums and name != SUMS:
            yield f"{name}：多出来的文件"


def _mismatches(folder: Path, sums: dict[str, str], show: Show) -> Iterator[str]:
    """What is wrong with each file, a line each, as it is read."""
    sizes = {name: _size(folder / name) for name in sums}
    total, position = sum(sizes.values()), 0
    checked = files.several(lambda name: (name, _fault(folder / name, sums[name])), sums)
    for count, (name, fault) in enumerate(checked, 1):
        position += sizes[name]
        show(Stage.VERIFYING, position, total, count)
        if fault:
            yield f"{name}：{fault}"


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _fault(path: Path, expected: str) -> str | None:
    if path.is_symlink() or (path.exists() and not path.is_file()):
        return "不是普通文件"
    try:
        return None if files.digest(path) == expected else "内容与指纹不符"
    except FileNotFoundError:
        return "不见了"
    except OSError as error:
        return reason(error)
