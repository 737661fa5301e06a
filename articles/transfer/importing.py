"""Articles in: batches of checked lines, written so that running twice changes nothing."""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from django.db import DataError, IntegrityError, connection

from articles import connections, history
from articles.models import Article
from articles.search import maintenance
from articles.transfer import pictures
from articles.transfer.ahead import Ahead, Batch
from articles.transfer.fields import BadLine
from articles.transfer.preparing import Prepared
from articles.transfer.record import Record
from articles.transfer.stream import Line
from articles.transfer.writing import Item, Writer

# Any number that no other advisory lock of this database uses.
LOCK = 0x78696E77616E67
OVERWRITE = "要以来稿为准，请加 --overwrite"


class ImportBusy(Exception):
    """Another import is writing to this database."""


@dataclass
class Tally:
    """How many lines did what."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    # Changed by an editor since they came in, and so left alone.
    edited: int = 0


class _Known(NamedTuple):
    """An article that is in, as far as a line has to know."""

    pk: int
    legacy_id: str | None
    digest: str


def alone() -> AbstractContextManager[None]:
    """Hold the database's import lock; two imports would trip over each other's topics.

    Whoever holds it may take it again. Raises ImportBusy if somebody else does.
    """
    return connections.alone(LOCK, ImportBusy)


def _nowhere(_file: str) -> None:
    """No folder of photos."""


class Importer:
    """Takes lines, writes articles. A line that can't go in is handed to `reject` with why."""

    def __init__(
        self,
        reject: Callable[[Line, str], None],
        photos: Callable[[str], Path | None] = _nowhere,
        dry_run: bool = False,
        processes: int = 1,
        slugs: Mapping[str, str] | None = None,
        overwrite: bool = False,
    ) -> None:
        """`photos` tells the folder that a file's lines name photos in; a dry run writes nothing.

        What an editor has changed is left alone unless `overwrite`: its lines go to `reject`.

        Many lines are prepared by so many processes; 1: by this one. `slugs` are those that new
        topics shall have, by name; whoever makes the lines may add to them on the way.
        """
        self.reject = reject
        self.photos = photos
        self.dry_run = dry_run
        self.processes = processes
        self.overwrite = overwrite
        self.tally = Tally()
        self._writer = Writer(photos, slugs)
        self._index_new = True

    def run(self, lines: Iterable[Line]) -> Generator[Line, None, None]:
        """Import the lines, yielding each once its batch is committed (for a progress bar).

        Constant memory; a batch costs about twenty statements whatever its size. Stopped halfway
        it may be run again: what is in is recognised by its digest and left alone. Many lines that
        come into an archive without an index wait for it to be built (`maintenance.is_postponed`
        says so), however this ends; not within a transaction of the caller's. Raises ImportBusy,
        BadFile, and BrokenProcessPool if one of the processes is killed.
        """
        with alone():
            batches = Ahead(lines, self.processes)
            for number, batch in enumerate(batches):
                if number == 0 and batches.many and not connection.in_atomic_block:
                    self._index_new = not maintenance.is_to_be_built()
                for part in self._parts(batch):
                    self._write(part)
                yield from (line for line, _ in batch)

    def _parts(self, batch: Batch) -> Iterator[list[tuple[Line, Prepared]]]:
        """A batch in parts that hold no article twice: the same one again comes after."""
        part: list[tuple[Line, Prepared]] = []
        known: set[tuple[str, object]] = set()
        for line, prepared in batch:
            if isinstance(prepared, str):
                self._refuse(line, prepared)
                continue
            if prepared.record.names & known:
                yield part
                part, known = [], set()
            part.append((line, prepared))
            known |= prepared.record.names
        yield part

    def _refuse(self, line: Line, reason: str) -> None:
        self.tally.rejected += 1
        self.reject(line, reason)

    def _write(self, part: Sequence[tuple[Line, Prepared]]) -> None:
        """Sort lines into new, changed and unchanged, and write the first two."""
        new: list[Item] = []
        changed: list[tuple[Line, Prepared, int]] = []
        find = _finder([prepared.record for _, prepared in part])
        for line, prepared in part:
            record = prepared.record
            try:
                known = find(record)
                pictures.check(record, self.photos(line.file), decode=self.dry_run)
            except BadLine as error:
                self._refuse(line, str(error))
                continue
            if known is None:
                new.append(Item(line, prepared, Article(pk=record.number)))
            elif known.digest != prepared.digest:
                changed.append((line, prepared, known.pk))
            else:
                self.tally.unchanged += 1
        changed = self._not_edited(changed)
        articles = Article.objects.in_bulk([number for _, _, number in changed])
        self._save_or_refuse(
            new, [Item(line, prepared, articles[number]) for line, prepared, number in changed]
        )

    def _not_edited(
        self, changed: list[tuple[Line, Prepared, int]]
    ) -> list[tuple[Line, Prepared, int]]:
        """Those whose articles no editor has changed; the others are named and left alone."""
        if self.overwrite or not changed:
            return changed
        edited = history.edited(number for _, _, number in changed)
        for line, _, number in changed:
            if number in edited:
                self.tally.edited += 1
                self.reject(line, f"编辑改过这篇稿件（编号 {number}），没有动它；{OVERWRITE}")
        return [each for each in changed if each[2] not in edited]

    def _save_or_refuse(self, new: Sequence[Item], changed: Sequence[Item]) -> None:
        """Save a batch at once; if the database refuses it, article by article."""

        def count() -> None:
            self.tally.added += len(new)
            self.tally.updated += len(changed)

        if self.dry_run or not (new or changed):
            count()
            return
        try:
            self._writer.save(new, changed, index_new=self._index_new, written=count)
        except (DataError, IntegrityError, BadLine) as error:
            self._save_one_by_one(new, changed, error)

    def _save_one_by_one(
        self, new: Sequence[Item], changed: Sequence[Item], error: Exception
    ) -> None:
        """Find those that the error is about, refuse them and save the others."""
        if len(new) + len(changed) == 1:
            (item,) = [*new, *changed]
            reason = str(error) if isinstance(error, BadLine) else f"数据库不收：{error}"
            self._refuse(item.line, reason.strip().splitlines()[0])
            return
        for item in new:
            fresh = Article(pk=item.record.number)  # the failed attempt left its marks
            self._save_or_refuse([item._replace(article=fresh)], [])
        for item in changed:
            fresh = Article.objects.get(pk=item.article.pk)
            self._save_or_refuse([], [item._replace(article=fresh)])


def _finder(records: Sequence[Record]) -> Callable[[Record], _Known | None]:
    """A function from a record to the article it is about, for one batch. Two queries."""
    rows = Article.objects.values_list("pk", "legacy_id", "import_digest")
    ids = {record.id for record in records if record.id}
    numbers = {record.number for record in records if record.number}
    by_id = {row[1]: _Known(*row) for row in rows.filter(legacy_id__in=ids)}
    by_number = {row[0]: _Known(*row) for row in rows.filter(pk__in=numbers)}

    def find(record: Record) -> _Known | None:
        here = by_number.get(record.number) if record.number else None
        there = by_id.get(record.id) if record.id else None
        if here and (here.legacy_id or "") != record.id:
            raise BadLine(f"编号 {record.number} 已是另一篇稿件的")
        if there and record.number and there.pk != record.number:
            raise BadLine(f"id {record.id} 的稿件编号是 {there.pk}，不是 {record.number}")
        return here or there

    return find
