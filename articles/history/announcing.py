"""Public versions are made where readers' articles are changed notably (docs/adr/0030)."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.text import Truncator

from articles.canonical import Said
from articles.history.reading import versions
from articles.history.recording import lock
from articles.history.snapshots import Snapshot, of_version
from articles.models import Article, ArticlePhoto, Photo, PublicVersion, Source, said_by
from articles.models.membership import in_reading_order

Kind = PublicVersion.Kind
LONGEST_REASON = 200


def announce(article: Article, kind: str, reason: str) -> PublicVersion | None:
    """Keep what is stored of an article as a public version; the first one before it, if need be.

    The caller has saved all of it and has kept what was there before (`keep_before`). None where
    readers don't have the article (of a withdrawn one only its withdrawal is told, and only where
    it had versions), and for a revision that leaves all as the last version said. About ten
    queries; the first time one more a version that the article had before it came out.
    """
    with transaction.atomic():
        lock(Article, article.pk)
        stored = Article.objects.select_related("source").filter(pk=article.pk).first()
        gone = stored is not None and stored.state == Article.State.WITHDRAWN
        if stored is None or not stored.is_public or gone != (kind == Kind.RETRACTION):
            return None
        known = PublicVersion.objects.of(stored)
        last = known.with_text().newest().first()
        if not last and kind == Kind.RETRACTION:
            return None  # what is taken back must not become a version by that
        first = None if last or kind == Kind.RESTORATION else _first(stored)
        before = last.said if last else first
        now = said_by(stored, stored.gallery.as_read(stored.body))
        if kind == Kind.REVISION and before and _same(before, now):
            return None
        if first:
            _keep(stored, 1, Kind.FIRST, "", first, first.published_at)
        number = max(known.values_list("number", flat=True), default=0) + 1
        said = None if kind == Kind.RETRACTION else now
        return _keep(stored, number, kind, _one_line(reason), said, timezone.now())


def _keep(
    article: Article, number: int, kind: str, reason: str, said: Said | None, at: datetime | None
) -> PublicVersion:
    return PublicVersion.objects.create(
        article=article,
        number=number,
        kind=kind,
        published_at=at or timezone.now(),
        reason=reason,
        content=said.as_json() if said else {},
        sha256=said.sha256 if said else "",
    )


def _same(before: Said, now: Said) -> bool:
    """Whether readers see no difference. The desk's versions have times to the minute."""
    return before.sha256 == now.sha256 and before.body == now.body


def _first(article: Article) -> Said:
    """What readers were given first, as far as the desk's versions know.

    That is the version that held when the article came out, or the oldest known of one that came
    from elsewhere. Drafts before it and minor edits since stay the desk's.
    """
    held: Any = None
    for version in versions(Article, article.pk).defer(None).order_by("revision_id").iterator():
        if held and _came_out(of_version(held), version.revision.date_created):
            break
        held = version
    if held is None:  # nothing was kept before: all that is known is what there is
        return said_by(article, article.gallery.as_read(article.body))
    return _said(of_version(held))


def _came_out(version: Snapshot, until: datetime) -> bool:
    """Whether readers had what a version says, which held until then."""
    if version.fields["state"] == Article.State.WITHDRAWN:
        return True
    at = parse_datetime(version.fields.get("published_at") or "")
    return version.fields["state"] == Article.State.PUBLISHED and at is not None and at <= until


def _said(version: Snapshot) -> Said:
    """What an article said in one of the desk's versions; sources and photos by today's names."""
    fields = version.fields
    rows = version.rows.get("gallery", ())
    photos = Photo.objects.in_bulk([row.fields["photo"] for row in rows])
    article = Article(
        title=fields["title"],
        original_title=fields.get("original_title") or "",
        source=Source.objects.filter(pk=fields["source"]).first() if fields["source"] else None,
        byline=fields.get("byline") or "",
        editor=fields.get("editor") or "",
        published_at=parse_datetime(fields.get("published_at") or ""),
        body=fields.get("body") or "",
    )
    uses = [
        ArticlePhoto(photo=photos[row.fields["photo"]], caption=row.fields.get("caption") or "")
        for row in rows
        if row.fields["photo"] in photos
    ]
    return said_by(article, in_reading_order(uses, article.body))


def _one_line(reason: str) -> str:
    return Truncator(" ".join(reason.split())).chars(LONGEST_REASON)
