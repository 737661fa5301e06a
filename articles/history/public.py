"""Public versions, compared for readers. Nothing here asks for the desk's own versions."""

from collections.abc import Iterable, Iterator

from articles import text
from articles.canonical import Picture, Said
from articles.history.bodies import Line, PhotoOf, body, line, said_at, turned
from articles.history.comparing import Change
from articles.models import Photo
from articles.models.photo import TOKEN_LENGTH
from articles.sanitizer import sanitize

_TEXTS = (
    ("标题", "title"), ("原标题", "original_title"), ("记者", "byline"), ("责编", "editor"),
)  # fmt: skip


def photos(texts: Iterable[Said]) -> dict[str, Photo]:
    """The photos of some versions by their tokens, as far as something public still shows them.

    A picture that was taken out everywhere (for its rights, say) comes back nowhere. One query.
    """
    tokens = {
        token
        for said in texts
        for token in (*text.photo_tokens(said.body), *(_token(one) for one in said.pictures))
    }
    return {photo.token: photo for photo in Photo.objects.with_tokens(tokens).filter(used=True)}


def differences(before: Said, after: Said, photo_of: PhotoOf) -> list[Change]:
    """What of an article is not what it was, in the order of the page. No query."""
    changes = [
        Change(label, [line(getattr(before, name), getattr(after, name))])
        for label, name in _TEXTS
        if getattr(before, name) != getattr(after, name)
    ]
    if before.source != after.source:
        changes.append(Change("来源", [turned(before.source, after.source)]))
    if _day(before) != _day(after):
        changes.append(Change("发布时间", [turned(_day(before), _day(after))]))
    if before.body != after.body:
        lines = list(body(sanitize(before.body), sanitize(after.body), photo_of))
        changes.append(Change("正文", lines))
    pictures = list(_pictures(before, after, photo_of))
    if pictures:
        changes.append(Change("图片", pictures))
    return changes


def _day(said: Said) -> str:
    return said_at(said.published_at) if said.published_at else ""


def _pictures(before: Said, after: Said, photo_of: PhotoOf) -> Iterator[Line]:
    """Pictures that came and went, and captions that say something else."""
    was, now = ({one.sha256: one for one in said.pictures} for said in (before, after))
    for sha256 in [*was, *(other for other in now if other not in was)]:
        old, new = was.get(sha256), now.get(sha256)
        if old != new:
            photo = photo_of(sha256[:TOKEN_LENGTH])
            yield line(_named(old), _named(new), photo=photo)


def _named(picture: Picture | None) -> str:
    if picture is None:
        return ""
    return picture.caption or f"图片 {_token(picture)}"


def _token(picture: Picture) -> str:
    return picture.sha256[:TOKEN_LENGTH]
