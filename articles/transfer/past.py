"""Public versions in: what an article said, in the archive that it comes from."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from articles import text
from articles.canonical import Picture, Said
from articles.models import Article, Photo, PublicVersion
from articles.sanitizer import Clean
from articles.transfer.copying import copy
from articles.transfer.fields import BadLine
from articles.transfer.record import VersionRecord


class Past(NamedTuple):
    """An article with the versions that its line says, and its photos by their files."""

    article: Article
    versions: Sequence[VersionRecord]
    photos: dict[str, Photo]


def add(pasts: Iterable[Past]) -> None:
    """Write the versions that the articles lack; what is there already is never rewritten.

    One query, and one more if there is anything to write. Raises BadLine for a line that says
    another past than the archive knows.
    """
    pasts = [past for past in pasts if past.versions]
    if not pasts:
        return
    there: dict[int, list[PublicVersion]] = defaultdict(list)
    known = PublicVersion.objects.filter(article__in=[past.article for past in pasts])
    for version in known.defer("content").order_by("number"):
        there[version.article_id].append(version)
    copy([version for past in pasts for version in _lacking(past, there[past.article.pk])])


def _lacking(past: Past, known: list[PublicVersion]) -> list[PublicVersion]:
    said = [_made(past, number, one) for number, one in enumerate(past.versions, start=1)]
    for old, new in zip(known, said, strict=False):
        if _told(old) != _told(new):
            raise BadLine(f"versions 里第 {old.number} 版与库里的不同，公开版本不能改写")
    return said[len(known) :]


def _told(version: PublicVersion) -> tuple[object, ...]:
    return version.number, version.kind, version.published_at, version.reason, version.sha256


def _made(past: Past, number: int, version: VersionRecord) -> PublicVersion:
    said = _with_photos(version.said, past.photos) if version.said else None
    return PublicVersion(
        article=past.article,
        number=number,
        kind=version.kind,
        published_at=version.published_at,
        reason=version.reason,
        content=said.as_json() if said else {},
        sha256=said.sha256 if said else "",
    )


def _with_photos(said: Said, photos: dict[str, Photo]) -> Said:
    """With photos by what they are, where the line names files."""

    def token(name: str) -> str:
        return photos[name].token if name in photos else name

    def sha256(name: str) -> str:
        return photos[name].sha256 if name in photos else name

    return replace(
        said,
        body=text.replace_photos(Clean(said.body), token),
        pictures=tuple(Picture(sha256(one.sha256), one.caption) for one in said.pictures),
    )
