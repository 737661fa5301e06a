"""Every version of what editors write: kept, compared, restored (docs/adr/0015).

django-reversion keeps the versions; nothing is kept unless it is asked to: an import costs nothing
more. Whoever changes something on an editor's behalf does it inside `recording`.
"""

from articles.history.announcing import LONGEST_REASON, announce
from articles.history.bodies import Line
from articles.history.comparing import Change, compare
from articles.history.edited import edited
from articles.history.kept import Relation, keeps, register, relations
from articles.history.public import differences, photos
from articles.history.reading import (
    before_deletion,
    deleted,
    newest,
    previous,
    version_of,
    versions,
    was_public,
)
from articles.history.recording import keep_before, lock, record, record_deletion, recording
from articles.history.restoring import Restored, recover, restore, would_be
from articles.history.snapshots import Snapshot, of_instance, of_version, stored

__all__ = [
    "LONGEST_REASON",
    "Change",
    "Line",
    "Relation",
    "Restored",
    "Snapshot",
    "announce",
    "before_deletion",
    "compare",
    "deleted",
    "differences",
    "edited",
    "keep_before",
    "keeps",
    "lock",
    "newest",
    "of_instance",
    "of_version",
    "photos",
    "previous",
    "record",
    "record_deletion",
    "recording",
    "recover",
    "register",
    "relations",
    "restore",
    "stored",
    "version_of",
    "versions",
    "was_public",
    "would_be",
]
