"""Many new rows of one model at once, by PostgreSQL's COPY."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

from django.db import connection, models


def copy(rows: Sequence[models.Model]) -> None:
    """Write new rows of one model, as `bulk_create` would, in one statement whatever their number.

    Every field is written as the field itself prepares it; what the database makes (generated
    columns, missing primary keys) is left to it and not read back. Raises IntegrityError and
    DataError as any write.
    """
    if not rows:
        return
    meta = rows[0]._meta
    fields = [
        field
        for field in meta.concrete_fields
        if not (field.generated or (field.primary_key and rows[0].pk is None))
    ]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    statement = f"COPY {quote(meta.db_table)} ({columns}) FROM STDIN"
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(statement) as target,
    ):
        for row in rows:
            target.write_row([_value(field, row) for field in fields])
    for row in rows:
        row._state.adding = False


def draw_numbers(model: type[models.Model], count: int) -> list[int]:
    """So many new primary keys, in order, which nobody else is given. One query."""
    meta = model._meta
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [connection.ops.quote_name(meta.db_table), meta.pk.column, count],
        )
        return list(chain.from_iterable(cursor.fetchall()))


def _value(field: "models.Field[Any, Any]", row: models.Model) -> Any:
    return field.get_db_prep_save(field.pre_save(row, add=True), connection)
