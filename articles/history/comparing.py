"""Two moments of an object, field by field, for people to read."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import BooleanField, DateTimeField, Field, ForeignKey
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from articles import differences
from articles.differences import Kind, Pair, Piece
from articles.history.kept import Relation, keeps, relations
from articles.history.naming import Names
from articles.history.snapshots import Row, Snapshot
from articles.models import Photo
from articles.models.fields import BodyField
from articles.passages import Passage, passages

EMPTY = "（空）"
# Passages without a change that are shown beside one; the others are counted.
AROUND = 1


@dataclass(frozen=True)
class Line:
    """A passage, a value or a row: what went and came in it."""

    kind: Kind | None  # None: something went and something came
    pieces: Sequence[Piece] = ()
    name: str = ""
    photo: Photo | None = None
    # So many passages without a change that are not shown.
    skipped: int = 0


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
        yield from _body(old or "", new or "", names)
    elif isinstance(kept, ForeignKey) and kept.related_model is Photo:
        for kind, value in ((Kind.GONE, old), (Kind.NEW, new)):
            if value is not None:
                said = names.of(Photo, value)
                yield Line(kind, [Piece(kind, said)], photo=names.photo(value))
    elif isinstance(kept, ForeignKey | BooleanField | DateTimeField) or kept.flatchoices:
        yield _turned(readable(kept, old, names), readable(kept, new, names))
    else:
        yield _line(readable(kept, old, names), readable(kept, new, names))


def readable(kept: "Field[Any, Any]", value: Any, names: Names) -> str:
    """A value as people write it."""
    if value is None or value == "":
        return ""
    if isinstance(kept, ForeignKey):
        return names.of(kept.related_model, value)
    if isinstance(kept, BooleanField):
        return "是" if value else "否"
    if isinstance(kept, DateTimeField):
        moment = timezone.localtime(parse_datetime(value))
        return f"{moment.year}年{moment.month}月{moment.day}日 {moment:%H:%M}"
    return str(dict(kept.flatchoices).get(value, value))


def _turned(old: str, new: str) -> Line:
    """One value, then another: not to be compared by character."""
    return Line(None, [Piece(Kind.GONE, old or EMPTY), Piece(Kind.NEW, new or EMPTY)])


def _line(old: str, new: str, name: str = "", photo: Photo | None = None) -> Line:
    if not old and not new:
        return Line(Kind.SAME, [], name, photo)
    pieces = differences.texts(old, new)
    kinds = {piece.kind for piece in pieces}
    return Line(kinds.pop() if len(kinds) == 1 else None, pieces, name, photo)


def _body(old: str, new: str, names: Names) -> Iterator[Line]:
    """Passages that changed, with what stands beside them."""
    before, after = passages(old), passages(new)
    paired = differences.pairs(
        [f"{one.name}\n{one.plain}{one.photo}" for one in before],
        [f"{one.name}\n{one.plain}{one.photo}" for one in after],
    )
    lines = [
        _passage(
            None if pair.before is None else before[pair.before],
            None if pair.after is None else after[pair.after],
            names,
        )
        for pair in _parted(paired, before, after)
    ]
    near = {
        place
        for number, line in enumerate(lines)
        if line.kind != Kind.SAME
        for place in range(number - AROUND, number + AROUND + 1)
    }
    skipped = 0
    for number, line in enumerate(lines):
        if number in near:
            if skipped:
                yield Line(Kind.SAME, skipped=skipped)
            skipped = 0
            yield line
        else:
            skipped += 1
    if skipped:
        yield Line(Kind.SAME, skipped=skipped)


def _parted(
    paired: Iterable[Pair], before: Sequence[Passage], after: Sequence[Passage]
) -> Iterator[Pair]:
    """One picture is no edit of another one."""
    for pair in paired:
        both = pair.before is not None and pair.after is not None
        if both and before[pair.before].photo != after[pair.after].photo:  # type: ignore[index]
            yield Pair(pair.before, None)
            yield Pair(None, pair.after)
        else:
            yield pair


def _passage(old: Passage | None, new: Passage | None, names: Names) -> Line:
    shown = new or old
    assert shown is not None  # noqa: S101  a pair has at least one side
    if old == new:
        return Line(Kind.SAME, [Piece(Kind.SAME, shown.plain)], shown.name, _photo(shown, names))
    if old is None or new is None:
        kind = Kind.GONE if new is None else Kind.NEW
        text = shown.marked or ("" if _photo(shown, names) else "（图库里没有的图片）")
        return Line(kind, [Piece(kind, text)], shown.name, _photo(shown, names))
    name = new.name if old.name == new.name else f"{old.name or '正文'}改为{new.name or '正文'}"
    # Marks are written out where they, and not the words alone, are what changed.
    marked = old.plain == new.plain
    pieces = differences.texts(
        old.marked if marked else old.plain, new.marked if marked else new.plain
    )
    return Line(None, pieces, name, _photo(new, names))


def _photo(passage: Passage, names: Names) -> Photo | None:
    return names.photo_by_token(passage.photo) if passage.photo else None


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
        yield _line(said_before, said_now, photo=photo)
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
