"""One line of an import, checked field by field."""

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

from articles.canonical import Picture, Said
from articles.models import Article, Correction, PublicVersion
from articles.transfer.fields import BadLine, Fields

_SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class PhotoRecord:
    """A photo of an article: its file's name and what is said of it."""

    file: str
    alt: str = ""
    caption: str = ""
    credit: str = ""


@dataclass(frozen=True)
class CorrectionRecord:
    """A public note on an article."""

    kind: str
    published_at: datetime
    text: str


@dataclass(frozen=True)
class VersionRecord:
    """A public version. Its pictures' `sha256`, too, may be the file of one of the line's photos.

    `said` is None for a withdrawal; `sha256`, that of its text, may be unsaid (empty).
    """

    kind: str
    published_at: datetime
    reason: str
    said: Said | None
    sha256: str


@dataclass(frozen=True)
class Record:
    """An article as a line says it."""

    id: str
    number: int | None
    title: str
    original_title: str
    source: str
    editor: str
    byline: str
    published_at: datetime | None
    topics: list[str]
    body: str
    url: str
    reads: int
    photos: list[PhotoRecord]
    lead_photo: str | None  # None: expressly none; empty: the first
    state: str
    revised_at: datetime | None
    age_notice: bool
    corrections: list[CorrectionRecord] = field(default_factory=list)
    anchors: list[list[int]] = field(default_factory=list)
    versions: list[VersionRecord] = field(default_factory=list)

    @property
    def names(self) -> set[tuple[str, object]]:
        """What the article is known by: its id, its number or both."""
        names: dict[str, object] = {"id": self.id, "number": self.number}
        return {(kind, name) for kind, name in names.items() if name}


def parse(content: bytes | None) -> Record:
    """Read a line; raise BadLine for whatever can't become an article."""
    if content is None:
        raise BadLine("这一行太长")
    try:
        data = json.loads(content.decode())
    except UnicodeDecodeError as error:
        raise BadLine("不是 UTF-8 编码") from error
    except (ValueError, RecursionError) as error:
        raise BadLine(f"不是合法的 JSON：{error}") from error
    if not isinstance(data, dict):
        raise BadLine("不是 JSON 对象")
    return _record(Fields(data))


def _record(fields: Fields) -> Record:
    state = fields.one_of("state", Article.State.values, Article.State.PUBLISHED)
    record = Record(
        id=fields.text("id", 200),
        number=fields.optional_number("number"),
        title=fields.text("title", 200, required=state != Article.State.DRAFT),
        original_title=fields.text("original_title", 200),
        source=fields.text("source", 60),
        editor=fields.text("editor", 60),
        byline=fields.text("byline", 200),
        published_at=(fields.optional_moment if state == Article.State.DRAFT else fields.moment)(
            "published_at"
        ),
        topics=fields.names("topics", 60),
        body=fields.body("body"),
        url=fields.text("url", 500),
        reads=fields.optional_number("reads", low=0) or 0,
        photos=[_photo(entry) for entry in fields.entries("photos")],
        lead_photo=None if fields.is_null("lead_photo") else fields.text("lead_photo", 200),
        state=state,
        revised_at=fields.optional_moment("revised_at"),
        age_notice=fields.flag("age_notice", default=True),
        corrections=[_correction(entry) for entry in fields.entries("corrections")],
        anchors=fields.anchors("anchors"),
        versions=[_version(entry) for entry in fields.entries("versions")],
    )
    if not record.id and record.number is None:
        raise BadLine("缺少 id")
    files = [photo.file for photo in record.photos]
    if len(set(files)) < len(files):
        raise BadLine("photos 里有重复的 file")
    if record.lead_photo and record.lead_photo not in files:
        raise BadLine("lead_photo 不在 photos 里")
    for version in record.versions:
        for picture in version.said.pictures if version.said else ():
            if picture.sha256 not in files and not _SHA256.fullmatch(picture.sha256):
                raise BadLine(f"versions 里的图片 {picture.sha256} 不在 photos 里")
    return record


def _photo(fields: Fields) -> PhotoRecord:
    return PhotoRecord(
        file=fields.text("file", 200, required=True),
        alt=fields.text("alt", 200),
        caption=fields.text("caption", 300),
        credit=fields.text("credit", 100),
    )


def _correction(fields: Fields) -> CorrectionRecord:
    return CorrectionRecord(
        kind=fields.one_of("kind", Correction.Kind.values, Correction.Kind.CORRECTION),
        published_at=fields.moment("published_at"),
        text=fields.text("text", 1000, required=True, lines=True),
    )


def _version(fields: Fields) -> VersionRecord:
    kind = fields.one_of("kind", PublicVersion.Kind.values, "")
    version = VersionRecord(
        kind=kind,
        published_at=fields.moment("published_at"),
        reason=fields.text("reason", 200),
        said=_said(fields.entry("said")) if fields.data.get("said") else None,
        sha256=fields.text("sha256", 64),
    )
    if (version.said is None) != (kind == PublicVersion.Kind.RETRACTION):
        raise BadLine("versions 里除了撤稿（retraction）都要有 said，撤稿没有")
    return version


def _said(fields: Fields) -> Said:
    at = fields.optional_moment("published_at")
    return Said(
        title=fields.text("title", 200, required=True),
        original_title=fields.text("original_title", 200),
        source=fields.text("source", 60),
        byline=fields.text("byline", 200),
        editor=fields.text("editor", 60),
        published_at=at and at.astimezone(UTC),
        body=fields.body("body"),
        pictures=tuple(
            Picture(
                one.text("sha256", 64) or one.text("file", 200, required=True),
                one.text("caption", 300),
            )
            for one in fields.entries("pictures")
        ),
    )
