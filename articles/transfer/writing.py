"""A batch of checked lines written: new articles by COPY, changed ones overwritten."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from articles import anchors, interrupts, renditions, text
from articles.models import Article, ArticlePhoto, ArticleTopic, Correction, Photo, Source, Topic
from articles.models.slugs import free_slug
from articles.sanitizer import Clean, sanitize
from articles.search import maintenance
from articles.transfer import past, pictures
from articles.transfer.copying import copy, draw_numbers
from articles.transfer.preparing import Prepared
from articles.transfer.record import PhotoRecord, Record
from articles.transfer.stream import Line

# What a changed line overwrites; reads are settled apart.
UPDATED = (
    "title", "original_title", "source", "editor", "byline", "body", "anchors", "excerpt",
    "state", "published_at", "revised_at", "age_notice", "lead_photo", "legacy_url",
    "imported_reads", "reads", "import_digest", "updated_at",
)  # fmt: skip

Shown = list[tuple[PhotoRecord, Photo]]


class Item(NamedTuple):
    """A line on its way: what it says and the article it is about (unsaved: a new one)."""

    line: Line
    prepared: Prepared
    article: Article

    @property
    def record(self) -> Record:
        """What the line says."""
        return self.prepared.record


class Writer:
    """Writes batches, each in a transaction; it knows the sources and topics that it has met."""

    def __init__(
        self, photos: Callable[[str], Path | None], slugs: Mapping[str, str] | None = None
    ) -> None:
        """`photos` tells the folder of the photos of a file's lines, `slugs` those of new topics.

        A topic that `slugs` doesn't name, or whose slug is taken, gets one made for it.
        """
        self.photos = photos
        self._slugs = {} if slugs is None else slugs
        self._sources: dict[str, Source] = {}
        self._topics: dict[str, Topic] = {}

    def save(
        self,
        new: Sequence[Item],
        changed: Sequence[Item],
        *,
        index_new: bool,
        written: Callable[[], None],
    ) -> None:
        """Write a batch whole or not at all; about twenty statements whatever its size.

        Raises BadLine, DataError or IntegrityError for what can't go in. The search index is kept
        in step; that of new articles may be left to be built in bulk. `written` is called if the
        batch is in, and only then: Ctrl-C comes before the commit or after the call.
        """
        try:
            with ExitStack() as commit:
                with renditions.undo_files_on_error(), transaction.atomic(), maintenance.by_hand():
                    self._save(new, changed)
                    if not index_new:
                        maintenance.postpone()
                    items = [*new, *changed] if index_new else changed
                    maintenance.repair([item.article.pk for item in items])
                    commit.enter_context(interrupts.held())
                written()
        except BaseException:
            self._sources, self._topics = {}, {}  # those just made may be gone again
            raise

    def _save(self, new: Sequence[Item], changed: Sequence[Item]) -> None:
        items = [*new, *changed]
        self._find_names([item.record for item in items])
        shown = [pictures.add(item.record, self.photos(item.line.file)) for item in items]
        for item, photos in zip(items, shown, strict=True):
            self._fill(item, photos)
        _add([item.article for item in new])
        articles = [item.article for item in changed]
        Article.objects.bulk_update(articles, UPDATED, batch_size=100)
        old = [article.pk for article in articles]
        for model in (ArticleTopic, ArticlePhoto, Correction) if old else ():
            model._default_manager.filter(article_id__in=old).delete()
        copy(
            [
                ArticleTopic(article=item.article, topic=self._topics[name], position=position)
                for item in items
                for position, name in enumerate(item.record.topics)
            ]
        )
        copy(
            [
                ArticlePhoto(
                    article=item.article,
                    photo=photo,
                    position=position,
                    caption="" if said.caption == photo.caption else said.caption,
                )
                for item, photos in zip(items, shown, strict=True)
                for position, (said, photo) in enumerate(photos)
            ]
        )
        copy(
            [
                Correction(
                    article=item.article,
                    kind=said.kind,
                    published_at=said.published_at,
                    text=said.text,
                )
                for item in items
                for said in item.record.corrections
            ]
        )
        past.add(
            past.Past(
                item.article, item.record.versions, {said.file: photo for said, photo in photos}
            )
            for item, photos in zip(items, shown, strict=True)
        )

    def _fill(self, item: Item, photos: Shown) -> None:
        """Make the article say what the line says."""
        article, record = item.article, item.record
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
        article.import_digest = item.prepared.digest
        article.updated_at = timezone.now()
        tokens = {said.file: photo.token for said, photo in photos}
        body = text.replace_photos(sanitize(record.body), lambda name: tokens.get(name, name))
        _rewrite(article, body, item.prepared)
        wanted = record.lead_photo
        if wanted == "" and photos:
            wanted = photos[0][0].file
        article.lead_photo = next((photo for said, photo in photos if said.file == wanted), None)

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
            slug = self._slugs.get(name, "")
            slug = slug and free_slug(Topic.objects.all(), slug)
            self._topics[name] = Topic.objects.create(name=name, slug=slug)


def _add(articles: Sequence[Article]) -> None:
    """New articles, those with a number first: the others' begin after the highest."""
    numbered = [article for article in articles if article.pk]
    copy(numbered)
    if numbered:
        _move_sequence()
    others = [article for article in articles if not article.pk]
    for article, number in zip(others, draw_numbers(Article, len(others)), strict=True):
        article.pk = number
    copy(others)


def _move_sequence() -> None:
    """Let new articles' ids begin after the highest there ever was: none is given out twice."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval('articles_article_id_seq', greatest(max(id), ("
            "  SELECT last_value FROM articles_article_id_seq"
            "))) FROM articles_article"
        )


def _rewrite(article: Article, body: Clean, prepared: Prepared) -> None:
    """Give the article a body; links into the one that it has stay good, as do the line's own."""
    before, held = article.body, article.anchors
    article.body, article.excerpt = body, prepared.excerpt  # what `derive` would make
    said = prepared.record.anchors
    if article._state.adding:
        article.anchors = said
        return
    article.carry_anchors(before, held)
    if said:
        out_there = anchors.numbers(held, text.count_blocks(before))
        article.anchors = anchors.merge(said, article.block_anchors, out_there)
