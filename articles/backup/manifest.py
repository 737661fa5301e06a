"""What is in a backup: `SHA256SUMS`, which `sha256sum --check` reads as well, and `backup.json`."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path, PurePosixPath
from typing import Any, Self

from articles.backup.trouble import Trouble

# Written last: a folder without it is no backup.
SUMS = "SHA256SUMS"
ABOUT = "backup.json"
DUMP = "database.dump"
# Below these lie files of photos, under the names that they have in the storage.
ORIGINALS, MEDIA = "originals", "media"
FORMAT = 1
# As coreutils writes a line of text mode or of binary mode on systems that know no difference.
_LINE = re.compile(r"([0-9a-f]{64})  ([^\\\n]+)")

Migrations = dict[str, list[str]]


@dataclass(frozen=True)
class About:
    """What a backup is of, and when it was so."""

    format: int
    # The moment that all of it is of, ISO 8601.
    taken_at: str
    server: str
    # The main version of the pg_dump that wrote the dump; an older pg_restore can't read it.
    pg_dump: int
    schema: str
    # Which migrations had been applied: the version of the database.
    migrations: Migrations
    articles: int
    photos: int
    # Files beside this one and SHA256SUMS, and their bytes.
    files: int
    size: int
    # Files of photos that the site itself had lost before, and originals that were no longer what
    # was uploaded (kept as they were).
    missing: list[str]
    damaged: list[str]

    def encode(self) -> bytes:
        """As it stands in the backup."""
        return (json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n").encode()

    @classmethod
    def decode(cls, content: bytes) -> Self:
        """Read it; raises Trouble for another format."""
        try:
            said: dict[str, Any] = json.loads(content)
            found = said["format"]
        except (ValueError, KeyError, TypeError) as error:
            raise Trouble(f"备份已损坏：{ABOUT} 读不懂") from error
        if found != FORMAT:
            raise Trouble(f"备份的格式是 {found}，这里的程序只认识 {FORMAT}：请换新的程序来恢复")
        try:
            return cls(**{field.name: said[field.name] for field in fields(cls)})
        except KeyError as error:
            raise Trouble(f"备份已损坏：{ABOUT} 里没有 {error.args[0]}") from error


def encode_sums(sums: Mapping[str, str]) -> bytes:
    """SHA256SUMS of these files and hashes."""
    return "".join(f"{sums[name]}  {name}\n" for name in sorted(sums)).encode()


def read_sums(folder: Path) -> dict[str, str]:
    """Every file of a backup with its hash; raises Trouble, OSError."""
    path = folder / SUMS
    if not path.is_file():
        raise Trouble(f"{folder} 不是完整的备份：没有 {SUMS}（备份时中断了，或者不是备份）")
    try:
        content = path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise Trouble(
            f"备份已损坏：{SUMS} 第 {error.object.count(10, 0, error.start) + 1} 行"
        ) from error
    *lines, rest = content.split("\n")
    if rest:
        raise Trouble(f"备份已损坏：{SUMS} 最后一行不完整")
    sums: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        match = _LINE.fullmatch(line)
        if not match or not _is_plain(match[2]) or match[2] in sums:
            raise Trouble(f"备份已损坏：{SUMS} 第 {number} 行")
        sums[match[2]] = match[1]
    return sums


def _is_plain(name: str) -> bool:
    """Whether a name stays inside the folder, and is spelled as we do."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and str(path) == name
