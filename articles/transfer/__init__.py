"""Articles in and out: JSON Lines, one article a line (docs/import.md has the format)."""

from articles.transfer.exporting import export
from articles.transfer.importing import ImportBusy, Importer, Tally, alone
from articles.transfer.record import BadLine
from articles.transfer.stream import BadFile, Line, read_lines

__all__ = [
    "BadFile",
    "BadLine",
    "ImportBusy",
    "Importer",
    "Line",
    "Tally",
    "alone",
    "export",
    "read_lines",
]
