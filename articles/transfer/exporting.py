"""Articles out, in the format that the import reads."""

import json
from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from django.utils import timezone

from articles import anchors
from articles.canonical import Said
from articles.memento import TEXT
from articles.models import Article, Photo, PublicVersion, said_by
from articles.models.membership import in_reading_order

BATCH = 500
_SAID = [one.name for one in fields(Said)]


class Exported(NamedTuple):
    """An article as it goes out: its line, its own files, and where readers find its text."""

    line: str
    sha256: str
    files: list[str]
    # Below the site's address; empty where readers don't have it.
    text: str


def export(photos: Path | None = None) -> Iterator[str]:
    """Every article as a line; see `exported`."""
    return (article.line for article in exported(photos))


def exported(photos: Path | None = None) -> Iterator[Exported]:
    """Every article in the order of ids; originals of photos go to `photos`.

    Whole: drafts, scheduled and withdrawn ones too. Constant memory; five queries a batch of 500.
    """
    articles = Article.objects.order_by("pk").select_related("source")
    related = articles.prefetch_related(
        "memberships__topic", "gallery__photo", "corrections", "public_versions"
    )
    last = 0
    while batch := list(related.filter(pk__gt=last)[:BATCH]):
        for article in batch:
            if photos:
                for use in article.gallery.all():
                    _copy(use.photo, photos)
            said = _fields(article)
            readable = article.is_public and article.state == Article.State.PUBLISHED
            yield Exported(
                json.dumps(said, ensure_ascii=False) + "\n",
                said["sha256"],
                [one["file"] for one in said["photos"]],
                f"{article.get_absolute_url()}{TEXT}"[1:] if readable else "",
            )
        last = batch[-1].pk


def file_name(photo: Photo) -> str:
    """What a photo's original is called in an export: its content, so names never clash."""
    return photo.sha256 + PurePath(photo.original.name or "").suffix


def _fields(article: Article) -> dict[str, Any]:
    gallery = article.gallery.all()
    lead = next((use.photo for use in gallery if use.photo_id == article.lead_photo_id), None)
    notes = sorted(article.corrections.all(), key=lambda note: (note.published_at, note.pk))
    return {
        "id": article.legacy_id or "",
        "number": article.pk,
        "title": article.title,
        "original_title": article.original_title,
        "source": article.source.name if article.source else "",
        "editor": article.editor,
        "byline": article.byline,
        "published_at": _moment(article.published_at),
        "topics": [membership.topic.name for membership in article.memberships.all()],
        "body": article.body,
        "anchors": article.anchors
        and (article.block_anchors or [each for each in anchors.sound(article.anchors) if each]),
        "url": article.legacy_url,
        "reads": article.reads,
        "photos": [
            {
                "file": file_name(use.photo),
                "alt": use.photo.alt,
                "caption": use.shown_caption,
                "credit": use.photo.credit,
            }
            for use in gallery
        ],
        "lead_photo": file_name(lead) if lead else None,
        "state": article.state,
        "revised_at": _moment(article.revised_at),
        "age_notice": article.age_notice,
        "corrections": [
            {"kind": note.kind, "published_at": _moment(note.published_at), "text": note.text}
            for note in notes
        ],
        "versions": [
            _version(version)
            for version in sorted(article.public_versions.all(), key=lambda one: one.number)
        ],
        "sha256": said_by(article, in_reading_order(list(gallery), article.body)).sha256,
    }


def _version(version: PublicVersion) -> dict[str, Any]:
    """A public version as it is kept: were it damaged, its line would say so by its `sha256`."""
    kept = version.content if isinstance(version.content, dict) else {}
    return {
        "kind": version.kind,
        "published_at": _moment(version.published_at),
        "reason": version.reason,
        "said": {name: kept.get(name) for name in _SAID} if version.has_text else None,
        "sha256": version.sha256,
    }


def _moment(moment: datetime | None) -> str | None:
    return timezone.localtime(moment).isoformat() if moment else None


def _copy(photo: Photo, folder: Path) -> None:
    target = folder / file_name(photo)
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_name(target.name + ".part")
        with photo.original.open() as original:
            unfinished.write_bytes(original.read())
        unfinished.replace(target)
