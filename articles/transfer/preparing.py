"""A line made ready to be written: all that takes a processor and no database."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

from articles import text
from articles.sanitizer import sanitize
from articles.transfer.fields import BadLine
from articles.transfer.record import Record, VersionRecord, parse


@dataclass(frozen=True)
class Prepared:
    """What a line says, with all that follows from it alone."""

    record: Record  # its body is clean; figures name photos as the line does
    excerpt: str
    digest: str


def prepare(content: bytes | None) -> Prepared:
    """Read a line; raise BadLine for whatever can't become an article.

    About a millisecond for a page of text, nearly all of it the sanitizer's.
    """
    record = parse(content)
    body = sanitize(record.body)
    if record.anchors and len(record.anchors) != (text.count_blocks(body) or 1):
        raise BadLine("anchors 与正文的段落数不符")
    versions = [_version(place, said) for place, said in enumerate(record.versions, start=1)]
    clean = replace(record, body=body, versions=versions)
    return Prepared(clean, text.excerpt(body), _digest(record))


def prepare_all(contents: Iterable[bytes | None]) -> list[Prepared | str]:
    """Every line as `prepare` makes it, or the reason why it can't become an article."""
    return [_prepared_or_why_not(content) for content in contents]


def _prepared_or_why_not(content: bytes | None) -> Prepared | str:
    try:
        return prepare(content)
    except BadLine as error:
        return str(error)


def _version(place: int, version: VersionRecord) -> VersionRecord:
    """A public version with a clean body; what it is said to be it has to be."""
    if version.said is None:
        return version
    said = replace(version.said, body=sanitize(version.said.body))
    if version.sha256 and said.sha256 != version.sha256:
        raise BadLine(f"versions 里第 {place} 版与它的 sha256 不符")
    return replace(version, said=said)


def _digest(record: Record) -> str:
    """A fingerprint of all that the line says, the same for every spelling of its JSON."""
    said = asdict(record)
    for name in ("anchors", "versions"):  # as in lines taken in before there were any
        if not said[name]:
            del said[name]
    canonical = json.dumps(said, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()
