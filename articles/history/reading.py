"""Finding versions."""

from typing import Any

from django.db.models import BigIntegerField, Exists, Model, OuterRef, QuerySet
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from reversion.models import Version

from articles.history.snapshots import read
from articles.models import Article

# What a deletion's revision says; an index holds these alone (migration 0015).
DELETED = "删除"


def versions(model: type[Model], pk: Any) -> "QuerySet[Version]":
    """An object's versions, newest first, with who made them; what they hold is not read.

    The unique index over object and revision answers.
    """
    kept: QuerySet[Version] = Version.objects.get_for_object_reference(model, pk)
    return kept.select_related("revision__user").defer("serialized_data").order_by("-revision_id")


def newest(model: type[Model], pk: Any) -> Version | None:
    """The last version. One query."""
    return versions(model, pk).first()


def version_of(model: type[Model], pk: Any, number: int) -> Version | None:
    """One version of an object. One query."""
    return versions(model, pk).filter(pk=number).first()


def previous(version: Version) -> Version | None:
    """The version before, if there is one. One query."""
    model = version.content_type.model_class()
    return versions(model, version.object_id).filter(revision_id__lt=version.revision_id).first()


def deleted(model: type[Model]) -> "QuerySet[Version]":
    """The last version of each object that was deleted on the desk, the last one first.

    The index of deletions answers; what came back is left out, and what came back and went again
    is there once.
    """
    kept: QuerySet[Version] = Version.objects.get_for_model(model)
    there = model._base_manager.filter(pk=Cast(OuterRef("object_id"), BigIntegerField()))
    later = kept.filter(object_id=OuterRef("object_id"), revision_id__gt=OuterRef("revision_id"))
    gone = kept.filter(~Exists(there), ~Exists(later), revision__comment=DELETED)
    return gone.select_related("revision__user").defer("serialized_data").order_by("-revision_id")


def before_deletion(model: type[Model], number: int) -> Version | None:
    """The last version of an object that is gone, by its number."""
    return deleted(model).filter(pk=number).first()


def was_public(article: Article) -> bool:
    """Whether the article is or ever was sent out; then its address is for good. One query.

    One that was scheduled and taken back in time never was.
    """
    if article.state != Article.State.DRAFT:
        return True
    until = timezone.now()  # how long what a version says held
    for version in versions(Article, article.pk).defer(None):
        said = read(version)
        if said["state"] == Article.State.WITHDRAWN:
            return True
        at = parse_datetime(said["published_at"] or "")
        if said["state"] == Article.State.PUBLISHED and at and at <= until:
            return True
        until = version.revision.date_created
    return False
