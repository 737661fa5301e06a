"""What is kept of which model: what an editor may write, and nothing that follows from it."""

from typing import Any, NamedTuple

import reversion
from django.db.models import Field, Model

from articles.models import (
    Article,
    ArticlePhoto,
    ArticleTopic,
    Correction,
    Licence,
    Page,
    Photo,
    Promo,
    Source,
    Topic,
)


class Relation(NamedTuple):
    """Rows that belong to an object and are entered with it."""

    name: str
    label: str
    model: type[Model]
    # The field that points back at the object.
    owner: str
    # The field that says what a row is about; empty: the row itself.
    subject: str = ""


_RELATIONS: dict[type[Model], tuple[Relation, ...]] = {
    Article: (
        Relation("memberships", "话题", ArticleTopic, "article", "topic"),
        Relation("gallery", "图片", ArticlePhoto, "article", "photo"),
        Relation("corrections", "更正", Correction, "article"),
    )
}
_MODELS: tuple[type[Model], ...] = (
    Article, ArticleTopic, ArticlePhoto, Correction, Page, Topic, Source, Promo, Photo, Licence,
)  # fmt: skip
# No editor writes it, but an article that comes back must be known to the import again.
_ALSO = {"legacy_id"}


def keeps(model: type[Model]) -> "list[Field[Any, Any]]":
    """The fields that are kept: those that an editor may write."""
    return [
        field
        for field in model._meta.concrete_fields
        if not field.primary_key and (field.editable or field.name in _ALSO)
    ]


def relations(model: type[Model]) -> tuple[Relation, ...]:
    """The rows that are kept with an object."""
    return _RELATIONS.get(model, ())


def register() -> None:
    """Tell django-reversion; once, when Django starts."""
    for model in _MODELS:
        reversion.register(
            model,
            fields=[field.name for field in keeps(model)],
            follow=[relation.name for relation in relations(model)],
        )
