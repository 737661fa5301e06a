"""Backups: all of the archive in one folder, while it serves, and back from there (docs/backup.md).

`making` makes one, of what `photos` copies and `dumping` writes; `manifest` says what is in it and
`verifying` whether it is whole; `restoring` brings it back, by `loading` the database. `programs`
finds PostgreSQL's own, `files` copies and hashes, `trouble` is what is said when it fails.
"""

from articles.backup.making import Made, make
from articles.backup.restoring import Restored, places, restore, unfinished
from articles.backup.trouble import Stage, Trouble

__all__ = [
    "Made",
    "Restored",
    "Stage",
    "Trouble",
    "make",
    "places",
    "restore",
    "unfinished",
]
