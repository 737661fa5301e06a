"""Two editors' work on one object, put together in the form of the one who saves later."""

from collections.abc import Mapping
from typing import Any

from django.forms import BaseInlineFormSet
from django.http import QueryDict

from articles import history, text
from articles.admin.entered import Entered, Values, values_of

# A row's fields by their names within the row.
Cells = dict[str, list[str]]
TOTAL = "-TOTAL_FORMS"


def merge(
    sent: QueryDict,
    mine: history.Snapshot,
    theirs: Entered | None,
    now: history.Snapshot | None,
    base: history.Snapshot | None,
) -> QueryDict:
    """What was sent, on top of what is stored now.

    A field or row that only the other one changed since `base` is the other one's; all that both
    changed stays as it was sent, to be looked at. Without `base` nothing counts as untouched.
    Rows that the other one added are added, those that are gone become new if they were edited.
    Without `theirs` the object is gone, and all rows are new.
    """
    merged = sent.copy()
    if theirs is not None and now is not None and base is not None:
        for name in _theirs_alone(mine, now, base) & set(theirs.form.fields):
            for key, values in _field(theirs, name).items():
                merged.setlist(key, values)
    known = {one.name: one for one in history.relations(mine.model)}
    for prefix in [key.removesuffix(TOTAL) for key in sent if key.endswith(TOTAL)]:
        rows = _merged_rows(
            _sent_rows(sent, prefix),
            theirs.formsets.get(prefix) if theirs else None,
            _untouched(prefix, mine, base),
            known.get(prefix),
        )
        _write_rows(merged, prefix, *rows)
    return merged


def _theirs_alone(
    mine: history.Snapshot, now: history.Snapshot, base: history.Snapshot
) -> set[str]:
    """Fields that the other one changed and we did not."""
    return {
        name
        for name, value in base.fields.items()
        if mine.fields.get(name) == value != now.fields.get(name)
    }


def _write_rows(merged: QueryDict, prefix: str, initial: list[Cells], new: list[Cells]) -> None:
    for key in [key for key in merged if key.startswith(f"{prefix}-")]:
        if _counts(key.split("-")[1]):
            del merged[key]
    for number, cells in enumerate([*initial, *new]):
        for name, values in cells.items():
            merged.setlist(f"{prefix}-{number}-{name}", values)
    merged[f"{prefix}{TOTAL}"] = str(len(initial) + len(new))
    merged[f"{prefix}-INITIAL_FORMS"] = str(len(initial))


def _field(theirs: Entered, name: str) -> Values:
    return {
        key: value
        for key, value in values_of(theirs.form).items()
        if key == name or (key.startswith(f"{name}_") and _counts(key[len(name) + 1 :]))
    }


def _sent_rows(sent: QueryDict, prefix: str) -> list[Cells]:
    rows: dict[int, Cells] = {}
    for key, values in sent.lists():
        head, _, rest = key.partition("-")
        number, _, name = rest.partition("-")
        if head == prefix and _counts(number) and name:
            rows.setdefault(int(number), {})[name] = [str(value) for value in values]
    return [rows[number] for number in sorted(rows)]


def _untouched(prefix: str, mine: history.Snapshot, base: history.Snapshot | None) -> set[str]:
    """The numbers of rows that were sent as they had been when the form was opened."""
    before: Mapping[Any, Any] = {
        row.pk: row.fields for row in (base.rows.get(prefix, ()) if base else ())
    }
    return {
        str(row.pk)
        for row in mine.rows.get(prefix, ())
        if row.pk in before and row.fields == before[row.pk]
    }


def _merged_rows(
    sent: list[Cells],
    theirs: BaseInlineFormSet | None,
    untouched: set[str],
    relation: history.Relation | None,
) -> tuple[list[Cells], list[Cells]]:
    """Rows that are stored, in the other's order; rows to be added, none about the same subject."""
    stored: dict[str, Cells] = {}
    for form in theirs.initial_forms if theirs else ():
        head = f"{form.prefix}-"
        cells = {key.removeprefix(head): values for key, values in values_of(form).items()}
        stored[str(form.instance.pk)] = cells
    subject = relation.subject if relation else ""
    # Whose a new row is, the form knows itself; the one it was sent for may be gone.
    fresh: Cells = {"id": [""], relation.owner: [""]} if relation else {"id": [""]}
    ours = {_number(cells): cells for cells in sent if _number(cells)}
    initial = [
        ours[number] if number in ours and number not in untouched else cells
        for number, cells in stored.items()
    ]
    taken = {_one(cells, subject) for cells in initial} - {""}
    new = [
        {**cells, **fresh}
        for cells in sent
        if _number(cells) not in stored
        and not (_number(cells) and (_number(cells) in untouched or "DELETE" in cells))
        and _one(cells, subject) not in taken
    ]
    return initial, new


def _number(cells: Cells) -> str:
    return _one(cells, "id")


def _one(cells: Cells, name: str) -> str:
    return (cells.get(name) or [""])[-1]


def _counts(part: str) -> bool:
    """Whether a part of a field's name counts rows, as Django writes it."""
    return text.number(part) is not None
