"""Other engines over the same folded texts: tantivy in process, and SQLite's FTS5 with trigrams.

Both answer without a server; tantivy gets the pairs of characters as words, so that a phrase of
pairs that follow one another is a part of the text.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import tantivy

PAGE = 21


@dataclass(frozen=True)
class Entry:
    """A text to be found: ids grow with time."""

    number: int
    text: str


class Engine(Protocol):
    """What is measured of each; words are folded, and all of them have to occur."""

    name: str
    shortest: int

    def build(self, entries: Sequence[Entry]) -> None:
        """Index all of them and commit."""

    def size(self) -> int:
        """Bytes of the index alone."""

    def newest(self, words: Sequence[str], limit: int = PAGE) -> list[int]:
        """The newest ids."""

    def relevance(self, words: Sequence[str]) -> list[int]:
        """The ids of the best by the engine's own measure (BM25)."""


class Tantivy:
    """Pairs as words between spaces, with their positions; no document is stored."""

    name = f"tantivy {tantivy.__version__}"
    shortest = 2

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("pairs", tokenizer_name="whitespace", index_option="position")
        builder.add_unsigned_field("number", stored=True, indexed=True, fast=True)
        self._schema = builder.build()
        self._index = tantivy.Index(self._schema, path=str(folder))

    def build(self, entries: Sequence[Entry]) -> None:
        """Two threads write."""
        writer = self._index.writer(heap_size=512_000_000, num_threads=2)
        for entry in entries:
            document = tantivy.Document()
            document.add_text("pairs", " ".join(_pairs(entry.text)))
            document.add_unsigned("number", entry.number)
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()

    def size(self) -> int:
        """All files."""
        return sum(path.stat().st_size for path in self._folder.iterdir())

    def newest(self, words: Sequence[str], limit: int = PAGE) -> list[int]:
        """By the fast field; tantivy has no index in an order of ours."""
        searcher = self._index.searcher()
        found = searcher.search(
            self._query(words), limit, count=False, order_by_field="number",
            order=tantivy.Order.Desc,
        )  # fmt: skip
        return [searcher.doc(address)["number"][0] for _, address in found.hits]

    def relevance(self, words: Sequence[str]) -> list[int]:
        """By BM25 over pairs."""
        searcher = self._index.searcher()
        found = searcher.search(self._query(words), PAGE, count=False)
        return [searcher.doc(address)["number"][0] for _, address in found.hits]

    def _query(self, words: Sequence[str]) -> tantivy.Query:
        queries = []
        for word in words:
            pairs = list(_pairs(word))
            queries.append(
                tantivy.Query.phrase_query(self._schema, "pairs", pairs)
                if len(pairs) > 1
                else tantivy.Query.term_query(self._schema, "pairs", pairs[0])
            )
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, query) for query in queries])


class Trigrams:
    """FTS5 that keeps no text. Less than three characters find nothing."""

    name = f"SQLite {sqlite3.sqlite_version} FTS5 trigram"
    shortest = 3

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._file = folder / "fts.sqlite"
        self._connection = sqlite3.connect(self._file)
        self._connection.execute("PRAGMA journal_mode = wal")
        self._connection.execute(
            "CREATE VIRTUAL TABLE texts USING fts5(text, content='', tokenize='trigram')"
        )

    def build(self, entries: Sequence[Entry]) -> None:
        """One transaction, then one merge into a single tree."""
        with self._connection:
            self._connection.executemany(
                "INSERT INTO texts (rowid, text) VALUES (?, ?)",
                ((entry.number, entry.text) for entry in entries),
            )
        with self._connection:
            self._connection.execute("INSERT INTO texts (texts) VALUES ('optimize')")
        self._connection.execute("PRAGMA wal_checkpoint(truncate)")

    def size(self) -> int:
        """The whole file: the index is all that is in it."""
        return self._file.stat().st_size

    def newest(self, words: Sequence[str], limit: int = PAGE) -> list[int]:
        """By rowid, which is FTS5's own order."""
        return self._search(words, "rowid DESC", limit)

    def relevance(self, words: Sequence[str]) -> list[int]:
        """By BM25 over trigrams."""
        return self._search(words, "rank", PAGE)

    def _search(self, words: Sequence[str], order: str, limit: int) -> list[int]:
        match = " AND ".join(f'"{word}"' for word in words)
        rows = self._connection.execute(
            f"SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY {order} LIMIT ?", [match, limit]
        )
        return [row[0] for row in rows]


def _pairs(text: str) -> Sequence[str]:
    """Neighbours; a line's end stands apart as a word that nobody types."""
    return [text[n : n + 2] if "\n" not in text[n : n + 2] else "¶" for n in range(len(text) - 1)]
