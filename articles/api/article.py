"""One article."""

from collections.abc import Sequence

from django.http import Http404, HttpRequest
from django.utils import timezone

from articles import metadata, models, opengraph, syndicated, text
from articles.api import shapes, shaping
from articles.api.asking import Id
from articles.api.routing import operation
from articles.chronicle import Neighbours, neighbours
from articles.related import SHOWN, related


class Gone(Exception):
    """An article was withdrawn."""

    def __init__(self, found: models.Whole) -> None:
        super().__init__(found.article.pk)
        self.found = found


@operation("api-article", shapes.Article, "一篇稿件", "An article", _410=shapes.Withdrawn)
def article(request: HttpRequest, number: Id) -> shapes.Article:
    """The article with all that its page shows. Five queries; one for what was withdrawn (410)."""
    found = models.public_article(number)
    if found is None:
        raise Http404("没有这篇稿件。")
    shown, topics, gallery = found.article, found.topics, found.gallery
    if shown.state == models.Article.State.WITHDRAWN:
        raise Gone(found)
    preview = opengraph.preview(shown)
    return shapes.Article(
        **shaping.line(shown, topics),
        authors=text.authors(shown.byline),
        body=syndicated.body(shown, gallery, numbered=True),
        photos=[shaping.in_gallery(use) for use in gallery],
        corrections=[shaping.note(note) for note in found.corrections],
        is_old=shown.is_old,
        citation=metadata.citation(shown, timezone.localdate()),
        share_image=shapes.ShareImage(
            url=metadata.absolute(preview.path),
            width=preview.width,
            height=preview.height,
            alt=preview.alt,
        ),
        related=shaping.lines(_in_full(related(shown, topics, SHOWN))),
        neighbours=_around(neighbours(shown, topics[0] if topics else None)),
    )


def tombstone(gone: Gone) -> shapes.Withdrawn:
    """When and why an article was withdrawn, as its page says it."""
    notes = [shaping.note(note) for note in gone.found.corrections]
    retraction = next((note for note in notes if note.kind == "retraction"), None)
    return shapes.Withdrawn(
        title="这篇稿件已经撤下",
        status=410,
        detail=retraction.text if retraction else None,
        article=shapes.Beside(**shaping.beside(gone.found.article)),
        withdrawn_at=retraction.published_at if retraction else None,
        reason=retraction.text if retraction else "",
        corrections=notes,
    )


def _in_full(found: Sequence[models.Article]) -> list[models.Article]:
    """With all that a line tells, in the same order. One query."""
    published = models.Article.objects.published().for_list()
    articles = published.in_bulk([article.pk for article in found])
    return [articles[article.pk] for article in found if article.pk in articles]


def _around(found: Neighbours) -> shapes.Neighbours:
    def one(beside: models.Article | None) -> shapes.Beside | None:
        return shapes.Beside(**shaping.beside(beside)) if beside else None

    return shapes.Neighbours(
        newer=one(found.newer),
        older=one(found.older),
        newer_in_topic=one(found.newer_in_topic),
        older_in_topic=one(found.older_in_topic),
    )
