"""Articles in and out: JSON Lines, one article a line (docs/import.md has the format)."""

from articles.transfer.exporting import Exported, export, exported
from articles.transfer.fields import BadLine
from articles.transfer.importing import ImportBusy, Importer, Tally, alone
from articles.transfer.manifest import BadKey, Manifest
from articles.transfer.stream import BadFile, Line, read_lines

__all__ = [
    "BadFile",
    "BadKey",
    "BadLine",
    "Exported",
    "ImportBusy",
    "Importer",
    "Line",
    "Manifest",
    "Tally",
    "alone",
    "export",
    "exported",
    "read_lines",
]
