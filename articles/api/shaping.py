"""From rows to what is answered. Rows come with all that is needed, but for topics in a list."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Literal

from django.utils import timezone

from articles import models, renditions
from articles.api import shapes
from articles.metadata import absolute
from articles.paging import Page

_KINDS: dict[str, Literal["correction", "addition", "retraction"]] = {
    models.Correction.Kind.CORRECTION: "correction",
    models.Correction.Kind.ADDITION: "addition",
    models.Correction.Kind.RETRACTION: "retraction",
}


def moment(at: datetime | None) -> str:
    """A time as the paper's city has it, with its offset."""
    return timezone.localtime(at).isoformat(timespec="seconds")


def day(of: date | None) -> str | None:
    """A day, where there is one."""
    return of.isoformat() if of else None


def named(topic_or_source: models.Topic | models.Source) -> shapes.Named:
    """As an article names it."""
    return shapes.Named(slug=topic_or_source.slug, name=topic_or_source.name)


def topic(shown: models.Topic) -> shapes.Topic:
    """A topic."""
    return shapes.Topic(
        slug=shown.slug,
        name=shown.name,
        description=shown.description,
        layout="pictures" if shown.layout == models.Topic.Layout.PICTURES else "list",
        url=absolute(shown.get_absolute_url()),
    )


def source(shown: models.Source) -> dict[str, Any]:
    """A source's fields."""
    return {
        "slug": shown.slug,
        "name": shown.name,
        "homepage": shown.url,
        "url": absolute(shown.get_absolute_url()),
    }


def beside(shown: models.Article) -> dict[str, Any]:
    """The fields of an article that another one leads to."""
    return {
        "id": shown.pk,
        "url": absolute(shown.get_absolute_url()),
        "title": shown.title,
        "published_at": moment(shown.published_at),
    }


def line(shown: models.Article, topics: Iterable[models.Topic]) -> dict[str, Any]:
    """The fields of an article that lists show, with its source and lead photo. No query."""
    return {
        **beside(shown),
        "original_title": shown.original_title,
        "source": named(shown.source) if shown.source else None,
        "editor": shown.editor,
        "byline": shown.byline,
        "modified_at": moment(shown.modified_at),
        "excerpt": shown.excerpt,
        "reads": shown.reads,
        "photo": shapes.Photo(**photo(shown.lead_photo)) if shown.lead_photo else None,
        "topics": [named(topic) for topic in topics],
    }


def photo(shown: models.Photo) -> dict[str, Any]:
    """A photo's fields."""
    webp, jpeg = (renditions.every(shown, kind) for kind in ("webp", "jpg"))
    return {
        "alt": shown.alt,
        "caption": shown.caption,
        "credit": shown.credit,
        "focus_x": shown.focus_x,
        "focus_y": shown.focus_y,
        "renditions": [
            shapes.Rendition(
                width=width,
                height=shown.rendition_height(width),
                webp=absolute(webp[width]),
                jpeg=absolute(jpeg[width]),
            )
            for width in sorted(shown.widths)
        ],
    }


def in_gallery(use: models.ArticlePhoto) -> shapes.GalleryPhoto:
    """A photo of an article as its page shows it."""
    said = {**photo(use.photo), "alt": use.shown_alt, "caption": use.shown_caption}
    return shapes.GalleryPhoto(**said, number=use.number, url=absolute(use.get_absolute_url()))


def note(shown: models.Correction) -> shapes.Note:
    """A public note."""
    return shapes.Note(
        kind=_KINDS[shown.kind],
        name=shown.get_kind_display(),
        text=shown.text,
        published_at=moment(shown.published_at),
    )


def page(found: Page[models.Article]) -> dict[str, Any]:
    """The fields of a page of a list. One query."""
    return {"items": lines(found.rows), **ends(found)}


def lines(articles: Sequence[models.Article]) -> list[shapes.Line]:
    """Articles as lists show them. One query, for all their topics."""
    topics = models.ArticleTopic.objects.topics_of(articles)
    return [shapes.Line(**line(article, topics[article.pk])) for article in articles]


def ends(found: Any) -> dict[str, str | None]:
    """Where the pages beside one begin, as parameters say it."""
    return {
        "older": str(found.older) if found.older else None,
        "newer": str(found.newer) if found.newer else None,
    }
