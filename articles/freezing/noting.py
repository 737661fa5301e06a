"""What a frozen folder knows of itself: which unit is in it by which key, and who links where."""

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from articles.freezing.rendering import Known, Made

_TABLES = """
CREATE TABLE IF NOT EXISTS unit (
    name TEXT PRIMARY KEY, key BLOB, rank BLOB, related TEXT, files TEXT, run INTEGER
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS link (target TEXT PRIMARY KEY, page TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TEMP TABLE noted (name TEXT PRIMARY KEY, unit TEXT) WITHOUT ROWID;
"""
_NOTED = """
INSERT OR IGNORE INTO noted
SELECT each.value, unit.name FROM unit, json_each(unit.files) AS each
"""
# Files whose time is so near to the last notes may be younger than they are.
_NEAR_SECONDS = 60


class Notes:
    """A file of SQLite's; what is noted holds once `keep` was called, killed or not.

    `broken_off`: the run before this one, or one before that, did not come to its end.
    """

    def __init__(self, path: Path) -> None:
        """Begins a run."""
        self._lines = sqlite3.connect(path)
        self._lines.execute("PRAGMA journal_mode = WAL")
        self._lines.executescript(_TABLES)
        self.broken_off = self.said("whole") != self.said("run")
        self.run = int(self.said("run") or "0") + 1
        self.say("run", str(self.run))
        self._lines.commit()

    def close(self) -> None:
        """Let go of the file; what was not kept is lost."""
        self._lines.close()

    def keep(self) -> None:
        """Let it hold."""
        self.say("kept", str(time.time()))
        self._lines.commit()

    def end(self) -> None:
        """The run has come to its end."""
        self.say("whole", str(self.run))
        self.keep()

    def unnoted(self, files: Iterable[tuple[str, float]]) -> list[str]:
        """Of files, each with its time, those that no unit has: left by a run that was broken off.

        Units with files that are younger than the notes are to be made again, for what they hold
        may be newer, or of something that was taken back.
        """
        self._lines.execute(_NOTED)
        kept = float(self.said("kept") or "0") - _NEAR_SECONDS
        left: list[str] = []
        for name, at in files:
            row = self._lines.execute("SELECT unit FROM noted WHERE name = ?", [name]).fetchone()
            if row is None:
                left.append(name)
            elif at > kept:
                self._lines.execute("UPDATE unit SET key = NULL WHERE name = ?", row)
        return left

    def said(self, name: str) -> str:
        """Something that a run has said; "" if none has."""
        row = self._lines.execute("SELECT value FROM about WHERE name = ?", [name]).fetchone()
        return str(row[0]) if row else ""

    def say(self, name: str, value: str) -> None:
        """Say something to the next run."""
        self._lines.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", [name, value])

    def known(self, name: str, rank: bytes) -> Known:
        """What is known of a unit; its related articles if what they hang on is as it was."""
        row = self._lines.execute(
            "SELECT key, rank, related FROM unit WHERE name = ?", [name]
        ).fetchone()
        if row is None:
            return Known(None, None)
        key, noted, related = row
        return Known(key, json.loads(related) if noted == rank else None)

    def wanted(self, names: Iterable[str]) -> None:
        """These units are there in this run."""
        self._lines.executemany(
            "UPDATE unit SET run = ? WHERE name = ?", ((self.run, name) for name in names)
        )

    def note(self, made: Sequence[Made], rank: bytes) -> list[str]:
        """Note what became of units; returns files that they no longer have."""
        left: list[str] = []
        for each in made:
            row = self._lines.execute(
                "SELECT files FROM unit WHERE name = ?", [each.name]
            ).fetchone()
            before = json.loads(row[0]) if row else []
            if each.files is not None:
                left += set(before) - set(each.files)
            self._lines.execute(
                "INSERT OR REPLACE INTO unit VALUES (?, ?, ?, ?, ?, ?)",
                [each.name, each.key, rank, json.dumps(list(each.related)),
                 json.dumps(before if each.files is None else each.files), self.run],
            )  # fmt: skip
            self._lines.executemany("INSERT OR REPLACE INTO link VALUES (?, ?)", each.links)
        return left

    def forgotten(self) -> Iterator[tuple[str, list[str]]]:
        """Units that this run does not want, with their files."""
        rows = self._lines.execute("SELECT name, files FROM unit WHERE run <> ?", [self.run])
        for name, files in rows.fetchall():
            yield name, json.loads(files)

    def forget(self, names: Iterable[str]) -> None:
        """Those are no more."""
        self._lines.executemany("DELETE FROM unit WHERE name = ?", ((name,) for name in names))

    def links(self) -> Iterator[tuple[str, str]]:
        """Every address that is linked to, and a page that does."""
        yield from self._lines.execute("SELECT target, page FROM link ORDER BY target").fetchall()

    def unlink(self, targets: Iterable[str]) -> None:
        """Nobody links there any more."""
        self._lines.executemany("DELETE FROM link WHERE target = ?", ((each,) for each in targets))
