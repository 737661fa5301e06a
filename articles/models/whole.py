"""An article with all that belongs to it, by one statement.

Written by hand: Django's ORM would take four, and longer to write each than PostgreSQL takes to
answer it (docs/performance.md).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import models
from django.utils import timezone

from articles import prepared, reading
from articles.models.article import Article
from articles.models.correction import Correction
from articles.models.membership import ArticlePhoto, in_reading_order
from articles.models.photo import Photo
from articles.models.source import Source
from articles.models.topic import Topic

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True)
class Whole:
    """An article, its topics and photos in their order, its corrections, the newest first."""

    article: Article
    topics: Sequence[Topic]
    gallery: Sequence[ArticlePhoto]
    corrections: Sequence[Correction]
    has_versions: bool = False  # public ones


# All comes as JSON, for a statement has one kind of row.
_PUBLIC = """
SELECT jsonb_build_object(
    'article', to_jsonb(article),
    'source', to_jsonb(source),
    'lead_photo', to_jsonb(lead_photo),
    'topics', (
        SELECT jsonb_agg(to_jsonb(topic) ORDER BY member.position, member.id)
        FROM articles_articletopic AS member JOIN articles_topic AS topic ON topic.id = topic_id
        WHERE member.article_id = article.id
    ),
    'gallery', (
        SELECT jsonb_agg(
            jsonb_build_object('use', to_jsonb(use), 'photo', to_jsonb(photo))
            ORDER BY use.position, use.id
        )
        FROM articles_articlephoto AS use JOIN articles_photo AS photo ON photo.id = photo_id
        WHERE use.article_id = article.id
    ),
    'corrections', (
        SELECT jsonb_agg(to_jsonb(note) ORDER BY note.published_at DESC, note.id DESC)
        FROM articles_correction AS note
        WHERE note.article_id = article.id AND note.published_at <= %(now)s
    ),
    'has_versions', EXISTS (
        SELECT FROM articles_publicversion AS version WHERE version.article_id = article.id
    )
)::text
FROM articles_article AS article
LEFT JOIN articles_source AS source ON source.id = article.source_id
LEFT JOIN articles_photo AS lead_photo ON lead_photo.id = article.lead_photo_id
WHERE article.id = %(number)s
    AND article.state = ANY (%(states)s) AND article.published_at <= %(now)s
"""


def public_article(number: int) -> Whole | None:
    """The article of this number, if it has a page now (`ArticleQuerySet.public`). One query."""
    asked = {"number": number, "now": timezone.now(), "states": list(Article.PUBLIC_STATES)}
    found = prepared.rows(_PUBLIC, asked)
    return _whole(json.loads(found[0][0])) if found else None


def _whole(found: Mapping[str, Any]) -> Whole:
    article = _made(Article, found["article"])
    article.source = _made(Source, found["source"]) if found["source"] else None
    article.lead_photo = _made(Photo, found["lead_photo"]) if found["lead_photo"] else None
    uses = []
    for row in found["gallery"] or []:
        use = _made(ArticlePhoto, row["use"])
        use.article, use.photo = article, _made(Photo, row["photo"])
        uses.append(use)
    return Whole(
        article,
        [_made(Topic, row) for row in found["topics"] or []],
        in_reading_order(uses, article.body),
        [_made(Correction, row) for row in found["corrections"] or []],
        found["has_versions"],
    )


def _made(model: type[M], row: dict[str, Any]) -> M:
    """What a row is that came as JSON, which knows no times."""
    fields = model._meta.concrete_fields
    values = [field.to_python(row[str(field.column)]) for field in fields]
    return model.from_db(reading.alias(), [field.attname for field in fields], values)
