"""Articles in: batches of checked lines, written so that running twice changes nothing."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone

from articles import anchors, renditions, text
from articles.models import Article, ArticlePhoto, ArticleTopic, Correction, Photo, Source, Topic
from articles.sanitizer import sanitize
from articles.transfer import pictures
from articles.transfer.record import BadLine, PhotoRecord, Record, parse
from articles.transfer.stream import BadFile, Line

BATCH = 500
BATCH_BYTES = 32 * 1024 * 1024  # fewer of long ones, so that they fit into memory
# Any number that no other advisory lock of this database uses.
LOCK = 0x78696E77616E67
# What a changed line overwrites; reads are settled apart.
UPDATED = (
    "title", "original_title", "source", "editor", "byline", "body", "anchors", "excerpt",
    "state", "published_at", "revised_at", "age_notice", "lead_photo", "legacy_url",
    "imported_reads", "reads", "import_digest", "updated_at",
)  # fmt: skip


class ImportBusy(Exception):
    """Another import is writing to this database."""


@dataclass
class Tally:
    """How many lines did what."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0


class _Item(NamedTuple):
    """A line on its way: what it says and the article it is about (unsaved: a new one)."""

    line: Line
    record: Record
    article: Article


class Importer:
    """Takes lines, writes articles. A line that can't go in is handed to `reject` with why."""

    def __init__(
        self,
        reject: Callable[[Line, str], None],
        photos: Path | None = None,
        dry_run: bool = False,
    ) -> None:
        """`photos` is the folder that photo files are named in; a dry run writes nothing."""
        self.reject = reject
        self.photos = photos
        self.dry_run = dry_run
        self.tally = Tally()
        self._sources: dict[str, Source] = {}
        self._topics: dict[str, Topic] = {}

    def run(self, lines: Iterable[Line]) -> Iterator[Line]:
        """Import the lines, yielding each once its batch is committed (for a progress bar).

        Constant memory; a batch costs about ten statements whatever its size. Stopped halfway it
        may be run again: what is in is recognised by its digest and left alone.
        """
        with self._alone():
            for taken in _batches(lines):
                batch: list[tuple[Line, Record]] = []
                known: set[tuple[str, object]] = set()
                for line in taken:
                    try:
                        record = parse(line.content)
                    except BadLine as error:
                        self._refuse(line, str(error))
                        continue
                    if record.names & known:  # the same article again comes after
                        self._write(batch)
                        batch, known = [], set()
                    batch.append((line, record))
                    known |= record.names
                self._write(batch)
                yield from taken

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the database's import lock; two imports would trip over each other's topics."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
            if not cursor.fetchone()[0]:
                raise ImportBusy
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])

    def _refuse(self, line: Line, reason: str) -> None:
        self.tally.rejected += 1
        self.reject(line, reason)

    # -- a batch -------------------------------------------------------------------------------

    def _write(self, batch: Sequence[tuple[Line, Record]]) -> None:
        """Sort a batch into new, changed and unchanged, and write the first two."""
        new: list[_Item] = []
        changed: list[_Item] = []
        find = self._finder([record for _, record in batch])
        for line, record in batch:
            try:
                article = find(record)
                pictures.check(record, self.photos, decode=self.dry_run)
            except BadLine as error:
                self._refuse(line, str(error))
                continue
            if article is None:
                new.append(_Item(line, record, Article(pk=record.number)))
            elif article.import_digest != record.digest:
                changed.append(_Item(line, record, article))
            else:
                self.tally.unchanged += 1
        self._save_or_refuse(new, changed)

    def _finder(self, records: Sequence[Record]) -> Callable[[Record], Article | None]:
        """A function from a record to the article it is about, for one batch. Two queries."""
        ids = {record.id for record in records if record.id}
        numbers = {record.number for record in records if record.number}
        by_id = {
            article.legacy_id: article for article in Article.objects.filter(legacy_id__in=ids)
        }
        by_number = Article.objects.in_bulk(numbers)

        def find(record: Record) -> Article | None:
            here = by_number.get(record.number) if record.number else None
            there = by_id.get(record.id) if record.id else None
            if here and (here.legacy_id or "") != record.id:
                raise BadLine(f"编号 {record.number} 已是另一篇稿件的")
            if there and record.number and there.pk != record.number:
                raise BadLine(f"id {record.id} 的稿件编号是 {there.pk}，不是 {record.number}")
            return here or there

        return find

    def _save_or_refuse(self, new: list[_Item], changed: list[_Item]) -> None:
        """Save a batch at once; if the database refuses it, article by article."""
        if self.dry_run or not new + changed:
            self.tally.added += len(new)
            self.tally.updated += len(changed)
            return
        try:
            with renditions.undo_files_on_error(), transaction.atomic():
                self._save(new, changed)
        except (DataError, IntegrityError, BadLine) as error:
            self._sources, self._topics = {}, {}  # those just made are gone again
            if len(new) + len(changed) == 1:
                (item,) = new + changed
                reason = str(error) if isinstance(error, BadLine) else f"数据库不收：{error}"
                self._refuse(item.line, reason.strip().splitlines()[0])
                return
            for item in new:
                fresh = Article(pk=item.record.number)  # the failed attempt left its marks
                self._save_or_refuse([item._replace(article=fresh)], [])
            for item in changed:
                fresh = Article.objects.get(pk=item.article.pk)
                self._save_or_refuse([], [item._replace(article=fresh)])
            return
        self.tally.added += len(new)
        self.tally.updated += len(changed)

    def _save(self, new: list[_Item], changed: list[_Item]) -> None:
        items = new + changed
        self._find_names(item.record for item in items)
        photos = {item.line: pictures.add(item.record, self.photos) for item in items}
        for item in items:
            self._fill(item.article, item.record, photos[item.line])
        numbered = [item.article for item in new if item.article.pk]
        Article.objects.bulk_create(numbered)
        if numbered:
            _move_sequence()
        Article.objects.bulk_create([item.article for item in new if not item.article.pk])
        Article.objects.bulk_update([item.article for item in changed], UPDATED, batch_size=100)
        old = [item.article.pk for item in changed]
        for model in (ArticleTopic, ArticlePhoto, Correction):
            model._default_manager.filter(article_id__in=old).delete()
        ArticleTopic.objects.bulk_create(
            ArticleTopic(article=item.article, topic=self._topics[name], position=position)
            for item in items
            for position, name in enumerate(item.record.topics)
        )
        ArticlePhoto.objects.bulk_create(
            ArticlePhoto(
                article=item.article,
                photo=photo,
                position=position,
                caption="" if said.caption == photo.caption else said.caption,
            )
            for item in items
            for position, (said, photo) in enumerate(photos[item.line])
        )
        Correction.objects.bulk_create(
            Correction(
                article=item.article, kind=said.kind, published_at=said.published_at, text=said.text
            )
            for item in items
            for said in item.record.corrections
        )

    def _fill(
        self, article: Article, record: Record, photos: Sequence[tuple[PhotoRecord, Photo]]
    ) -> None:
        """Make the article say what the line says."""
        article.title = record.title
        article.original_title = record.original_title
        article.source = self._sources.get(record.source)
        article.editor = record.editor
        article.byline = record.byline
        article.state = record.state
        article.published_at = record.published_at
        article.revised_at = record.revised_at
        article.age_notice = record.age_notice
        article.legacy_id = record.id or None
        article.legacy_url = record.url
        change = record.reads - article.imported_reads
        if record.number and not article._state.adding:
            # Our own export holds the total, reads counted here included.
            change = max(0, record.reads - article.reads)
        # Added by the database: readers go on reading while a batch is made.
        article.reads = change if article._state.adding else F("reads") + change
        article.imported_reads += change
        article.import_digest = record.digest
        article.updated_at = timezone.now()
        tokens = {said.file: photo.token for said, photo in photos}
        _rewrite(
            article,
            text.replace_photos(sanitize(record.body), lambda name: tokens.get(name, name)),
            record.anchors,
        )
        wanted = record.lead_photo
        if wanted == "" and photos:
            wanted = photos[0][0].file
        article.lead_photo = next((photo for said, photo in photos if said.file == wanted), None)

    # -- what articles refer to ------------------------------------------------------------------

    def _find_names(self, records: Iterable[Record]) -> None:
        """Have every source and topic at hand, made if need be."""
        records = list(records)
        wanted = {record.source for record in records if record.source} - set(self._sources)
        self._sources |= {found.name: found for found in Source.objects.filter(name__in=wanted)}
        for name in sorted(wanted - set(self._sources)):
            self._sources[name] = Source.objects.create(name=name)
        wanted = set(chain.from_iterable(record.topics for record in records)) - set(self._topics)
        self._topics |= {found.name: found for found in Topic.objects.filter(name__in=wanted)}
        for name in sorted(wanted - set(self._topics)):
            self._topics[name] = Topic.objects.create(name=name)


def _rewrite(article: Article, body: str, said: anchors.Anchors) -> None:
    """Give the article a body; links into the one that it has stay good, as do the line's own."""
    before, held = article.body, article.anchors
    article.body = body
    article.derive()
    if article._state.adding:
        article.anchors = said
        return
    article.carry_anchors(before, held)
    if said:
        out_there = anchors.numbers(held, text.count_blocks(before))
        article.anchors = anchors.merge(said, article.block_anchors, out_there)


def _batches(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """The lines, some at a time; those before the place where a file breaks off are all in."""
    batch: list[Line] = []
    size = 0
    try:
        for line in lines:
            batch.append(line)
            size += len(line.content or b"")
            if len(batch) == BATCH or size > BATCH_BYTES:
                yield batch
                batch, size = [], 0
    except BadFile:
        yield batch
        raise
    yield batch


def _move_sequence() -> None:
    """Let new articles' ids begin after the highest there ever was: none is given out twice."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval('articles_article_id_seq', greatest(max(id), ("
            "  SELECT last_value FROM articles_article_id_seq"
            "))) FROM articles_article"
        )
