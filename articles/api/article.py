"""One article."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone

from articles import metadata, models, opengraph, syndicated, text
from articles.api import shapes, shaping
from articles.api.asking import Id
from articles.api.routing import operation
from articles.chronicle import Neighbours, neighbours
from articles.related import SHOWN, related


class Gone(Exception):
    """An article was withdrawn."""

    def __init__(self, article: models.Article, notes: list[models.Correction]) -> None:
        super().__init__(article.pk)
        self.article, self.notes = article, notes


@operation("api-article", shapes.Article, "一篇稿件", "An article", _410=shapes.Withdrawn)
def article(request: HttpRequest, number: Id) -> shapes.Article:
    """The article with all that its page shows. Eight queries; two for what was withdrawn (410)."""
    shown = get_object_or_404(
        models.Article.objects.public().select_related("source", "lead_photo"), pk=number
    )
    notes = list(shown.corrections.published())
    if shown.state == models.Article.State.WITHDRAWN:
        raise Gone(shown, notes)
    topics = list(shown.topics.order_by("memberships__position"))
    gallery = shown.gallery.as_read(shown.body)
    for use in gallery:
        use.article = shown  # its address is the article's, which needs no query
    preview = opengraph.preview(shown)
    return shapes.Article(
        **shaping.line(shown, topics),
        authors=text.authors(shown.byline),
        body=syndicated.body(shown, gallery, numbered=True),
        photos=[shaping.in_gallery(use) for use in gallery],
        corrections=[shaping.note(note) for note in notes],
        is_old=shown.is_old,
        citation=metadata.citation(shown, timezone.localdate()),
        share_image=shapes.ShareImage(
            url=metadata.absolute(preview.path),
            width=preview.width,
            height=preview.height,
            alt=preview.alt,
        ),
        related=shaping.lines(related(shown, topics, SHOWN)),
        neighbours=_around(neighbours(shown, topics[0] if topics else None)),
    )


def tombstone(gone: Gone) -> shapes.Withdrawn:
    """When and why an article was withdrawn, as its page says it."""
    notes = [shaping.note(note) for note in gone.notes]
    retraction = next((note for note in notes if note.kind == "retraction"), None)
    return shapes.Withdrawn(
        title="这篇稿件已经撤下",
        status=410,
        detail=retraction.text if retraction else None,
        article=shapes.Beside(**shaping.beside(gone.article)),
        withdrawn_at=retraction.published_at if retraction else None,
        reason=retraction.text if retraction else "",
        corrections=notes,
    )


def _around(found: Neighbours) -> shapes.Neighbours:
    def one(beside: models.Article | None) -> shapes.Beside | None:
        return shapes.Beside(**shaping.beside(beside)) if beside else None

    return shapes.Neighbours(
        newer=one(found.newer),
        older=one(found.older),
        newer_in_topic=one(found.newer_in_topic),
        older_in_topic=one(found.older_in_topic),
    )
