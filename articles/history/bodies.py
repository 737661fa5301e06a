"""Texts and bodies at two moments, as lines for people to read."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from articles import differences
from articles.differences import Kind, Pair, Piece
from articles.models import Photo
from articles.passages import Passage, passages

EMPTY = "（空）"
# Passages without a change that are shown beside one; the others are counted.
AROUND = 1

# The photo that a token in a body names, unless it is gone.
PhotoOf = Callable[[str], Photo | None]


@dataclass(frozen=True)
class Line:
    """A passage, a value or a row: what went and came in it."""

    kind: Kind | None  # None: something went and something came
    pieces: Sequence[Piece] = ()
    name: str = ""
    photo: Photo | None = None
    # So many passages without a change that are not shown.
    skipped: int = 0


def said_at(moment: datetime) -> str:
    """A moment of the paper's city as people write it."""
    local = timezone.localtime(moment)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"


def turned(old: str, new: str) -> Line:
    """One value, then another: not to be compared by character."""
    return Line(None, [Piece(Kind.GONE, old or EMPTY), Piece(Kind.NEW, new or EMPTY)])


def line(old: str, new: str, name: str = "", photo: Photo | None = None) -> Line:
    """A text, what went and came in it marked."""
    if not old and not new:
        return Line(Kind.SAME, [], name, photo)
    pieces = differences.texts(old, new)
    kinds = {piece.kind for piece in pieces}
    return Line(kinds.pop() if len(kinds) == 1 else None, pieces, name, photo)


def body(old: str, new: str, photo_of: PhotoOf) -> Iterator[Line]:
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
            photo_of,
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


def _passage(old: Passage | None, new: Passage | None, photo_of: PhotoOf) -> Line:
    shown = new or old
    assert shown is not None  # noqa: S101  a pair has at least one side
    if old == new:
        return Line(Kind.SAME, [Piece(Kind.SAME, shown.plain)], shown.name, _photo(shown, photo_of))
    if old is None or new is None:
        kind = Kind.GONE if new is None else Kind.NEW
        text = shown.marked or ("" if _photo(shown, photo_of) else "（已经没有的图片）")
        return Line(kind, [Piece(kind, text)], shown.name, _photo(shown, photo_of))
    name = new.name if old.name == new.name else f"{old.name or '正文'}改为{new.name or '正文'}"
    # Marks are written out where they, and not the words alone, are what changed.
    marked = old.plain == new.plain
    pieces = differences.texts(
        old.marked if marked else old.plain, new.marked if marked else new.plain
    )
    return Line(None, pieces, name, _photo(new, photo_of))


def _photo(passage: Passage, photo_of: PhotoOf) -> Photo | None:
    return photo_of(passage.photo) if passage.photo else None
