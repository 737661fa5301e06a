"""An article's public versions: their list with what changed, and each by itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from articles import history, memento, metadata
from articles.canonical import Said
from articles.memento import Memento
from articles.models import Photo, PublicVersion
from articles.models.photo import TOKEN_LENGTH
from articles.models.version import PublicVersionQuerySet
from articles.views import parameters, render
from articles.views.article import sought

PAGE_SIZE = 10


@dataclass(frozen=True)
class Step:
    """A version in the list, and what became of the text before it."""

    version: PublicVersion
    changes: list[history.Change]
    # Whether there is a text before it, to be compared with.
    compared: bool


@dataclass(frozen=True)
class OldPicture:
    """A picture of an old version; no photo: no page shows it any more."""

    photo: Photo | None
    caption: str
    token: str


@require_safe
def versions(request: HttpRequest, year: int, month: int, day: int, number: int) -> HttpResponse:
    """The versions, newest first, with their differences; 404 where an article has none.

    Three queries beside the frame's.
    """
    found = sought(request, number, memento.HISTORY)
    if isinstance(found, HttpResponse):
        return found
    shown = found.article
    kept = PublicVersion.objects.of(shown)
    page = kept.page(parameters.position(request), PAGE_SIZE)
    if not page.rows:
        raise Http404("这篇稿件没有历史版本。")
    context = {"article": shown, "steps": _steps(kept, page.rows), "page": page}
    return render.plain_page(request, "versions", context)


@require_safe
def version(
    request: HttpRequest, year: int, month: int, day: int, number: int, place: int
) -> HttpResponse:
    """One version, as a Memento of the article (RFC 7089). Three queries beside the frame's."""
    found = sought(request, number, f"{memento.HISTORY}{place}/")
    if isinstance(found, HttpResponse):
        return found
    shown = found.article
    known = PublicVersion.objects.texts_of(shown)
    at = next((n for n, one in enumerate(known) if one.number == place), None)
    if at is None:
        raise Http404("这篇稿件没有这个版本。")
    old = get_object_or_404(PublicVersion.objects.of(shown), number=place)
    said = old.said
    photos = history.photos([said])
    context = {
        "article": shown,
        "version": old,
        "said": said,
        "pictures": [
            OldPicture(photos.get(token), picture.caption, token)
            for picture in said.pictures
            for token in [picture.sha256[:TOKEN_LENGTH]]
        ],
        "previous": known[at - 1] if at else None,
        "next": known[at + 1] if at + 1 < len(known) else None,
    }
    response = render.plain_page(request, "version", context)
    permalink = metadata.absolute(shown.get_absolute_url())
    response["Memento-Datetime"] = memento.said(old.published_at)
    response["Link"] = memento.of_memento(permalink, mementos(permalink, known), at)
    return response


def mementos(permalink: str, known: list[PublicVersion]) -> list[Memento]:
    """Versions with their full addresses, oldest first."""
    return [
        Memento(f"{permalink}{memento.HISTORY}{one.number}/", one.published_at) for one in known
    ]


def _steps(kept: PublicVersionQuerySet, rows: Sequence[PublicVersion]) -> list[Step]:
    """Each with what changed since the text before it, which may be on the next page."""
    earlier = kept.with_text().filter(number__lt=rows[-1].number).newest().first()
    before: Said | None = earlier.said if earlier else None
    texts = {one.number: one.said for one in rows if one.has_text}
    photos = history.photos([*texts.values(), *([before] if before else [])])
    steps = []
    for one in reversed(rows):
        said = texts.get(one.number)
        changes = history.differences(before, said, photos.get) if before and said else []
        steps.append(Step(one, changes, compared=bool(before and said)))
        before = said or before
    return steps[::-1]
