"""Two moments of an object, field by field, for people to read."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import BooleanField, DateTimeField, Field, ForeignKey
from django.utils.dateparse import parse_datetime

from articles.differences import Kind, Piece
from articles.history.bodies import Line, body, line, said_at, turned
from articles.history.kept import Relation, keeps, relations
from articles.history.naming import Names
from articles.history.snapshots import Row, Snapshot
from articles.models import Photo
from articles.models.fields import BodyField


@dataclass(frozen=True)
class Change:
    """A field that is not what it was."""

    label: str
    lines: Sequence[Line] = field(default_factory=list)


def compare(before: Snapshot | None, after: Snapshot) -> list[Change]:
    """Each field and relation that differs. At most two queries a model that is pointed at."""
    before = before or Snapshot(after.model, after.pk, "", {}, {})
    names = Names([before, after])
    changes = []
    for kept in keeps(after.model):
        old, new = before.fields.get(kept.name), after.fields.get(kept.name)
        if old != new and (old or new or isinstance(kept, BooleanField)):
            changes.append(Change(str(kept.verbose_name), list(_lines(kept, old, new, names))))
    for relation in relations(after.model):
        old_rows, new_rows = before.rows.get(relation.name, ()), after.rows.get(relation.name, ())
        lines = list(_rows(relation, old_rows, new_rows, names))
        if lines:
            changes.append(Change(relation.label, lines))
    return changes


def _lines(kept: "Field[Any, Any]", old: Any, new: Any, names: Names) -> Iterator[Line]:
    if isinstance(kept, BodyField):
        yield from body(old or "", new or "", names.photo_by_token)
    elif isinstance(kept, ForeignKey) and kept.related_model is Photo:
        for kind, value in ((Kind.GONE, old), (Kind.NEW, new)):
            if value is not None:
                said = names.of(Photo, value)
                yield Line(kind, [Piece(kind, said)], photo=names.photo(value))
    elif isinstance(kept, ForeignKey | BooleanField | DateTimeField) or kept.flatchoices:
        yield turned(readable(kept, old, names), readable(kept, new, names))
    else:
        yield line(readable(kept, old, names), readable(kept, new, names))


def readable(kept: "Field[Any, Any]", value: Any, names: Names) -> str:
    """A value as people write it."""
    if value is None or value == "":
        return ""
    if isinstance(kept, ForeignKey):
        return names.of(kept.related_model, value)
    if isinstance(kept, BooleanField):
        return "是" if value else "否"
    if isinstance(kept, DateTimeField):
        moment = parse_datetime(value)
        return said_at(moment) if moment else ""
    return str(dict(kept.flatchoices).get(value, value))


def _rows(
    relation: Relation, old: Sequence[Row], new: Sequence[Row], names: Names
) -> Iterator[Line]:
    """Rows that went, came or say something else; then the order, if only that changed."""
    before, after = _keyed(relation, old), _keyed(relation, new)
    for key in [*before, *(key for key in after if key not in before)]:
        was, now = before.get(key), after.get(key)
        said_before = _said(relation, was, names) if was else ""
        said_now = _said(relation, now, names) if now else ""
        if said_before == said_now:
            continue
        row = now or was
        photo = names.photo(row.fields["photo"]) if row and relation.subject == "photo" else None
        yield line(said_before, said_now, photo=photo)
    stayed = [key for key in before if key in after], [key for key in after if key in before]
    if stayed[0] != stayed[1]:
        yield Line(
            None,
            [
                Piece(kind, " → ".join(_subject(relation, rows[key], names) for key in keys))
                for kind, rows, keys in (
                    (Kind.GONE, before, stayed[0]),
                    (Kind.NEW, after, stayed[1]),
                )
            ],
            name="次序",
        )


def _keyed(relation: Relation, rows: Iterable[Row]) -> dict[Any, Row]:
    """Rows by what they are about, so that one entered anew is the same."""
    return {
        row.fields.get(relation.subject) if relation.subject else row.pk or f"new {number}": row
        for number, row in enumerate(rows)
    }


def _subject(relation: Relation, row: Row, names: Names) -> str:
    kept = relation.model._meta.get_field(relation.subject) if relation.subject else None
    if kept is None or row.fields.get(relation.subject) is None:
        return row.said
    return names.of(kept.related_model, row.fields[relation.subject], row.said)  # type: ignore[arg-type]


def _said(relation: Relation, row: Row, names: Names) -> str:
    """All that a row says, in one line."""
    said = [_subject(relation, row, names)] if relation.subject else []
    for kept in keeps(relation.model):
        if kept.name in {relation.owner, relation.subject, "position"}:
            continue
        value = readable(kept, row.fields.get(kept.name), names)
        if value:
            said.append(f"{kept.verbose_name}：{value}" if relation.subject else value)
    return " · ".join(said)
