"""What an object was at one moment, wherever that is read from: a row, a version, a form."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from functools import cached_property
from typing import Any, NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.core import serializers
from django.db.models import DateTimeField, Model
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from reversion.models import Version

from articles.history.kept import keeps, relations
from articles.models.fields import BodyField
from articles.sanitizer import sanitize

Fields = Mapping[str, Any]


class Row(NamedTuple):
    """A row that belongs to the object, and what it was called."""

    pk: int | None
    said: str
    fields: Fields


@dataclass(frozen=True)
class Snapshot:
    """An object's kept fields and rows, as JSON would hold them."""

    model: type[Model]
    pk: int | None
    said: str
    fields: Fields
    rows: Mapping[str, tuple[Row, ...]]

    @cached_property
    def token(self) -> str:
        """A digest of all that is kept. Reads, indexes and other consequences don't change it."""
        rows = {
            name: sorted((row.pk or 0, sorted(row.fields.items())) for row in rows)
            for name, rows in self.rows.items()
        }
        said = json.dumps([self.pk, self.fields, rows], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()[:32]

    def same_as(self, other: "Snapshot | None") -> bool:
        """Whether nothing that is kept differs."""
        return other is not None and self.token == other.token


def load(model: type[Model], pk: Any) -> Model | None:
    """The object as it is stored, with its rows. A query, and one or two a relation."""
    ahead = []
    for relation in relations(model):
        ahead.append(relation.name)
        if relation.subject:
            ahead.append(f"{relation.name}__{relation.subject}")
    return model._base_manager.prefetch_related(*ahead).filter(pk=pk).first()


def stored(model: type[Model], pk: Any) -> Snapshot | None:
    """What is stored now; costs what `load` costs."""
    found = load(model, pk)
    return of_stored(found) if found else None


def of_stored(instance: Model) -> Snapshot:
    """What a loaded object is."""
    rows = {
        relation.name: getattr(instance, relation.name).all()
        for relation in relations(type(instance))
    }
    return of_instance(instance, rows)


def of_instance(instance: Model, rows: Mapping[str, Iterable[Model]]) -> Snapshot:
    """What an object with these rows is, or would be once it is saved."""
    model = type(instance)
    return Snapshot(
        model,
        instance.pk,
        str(instance),
        _written(instance),
        {
            relation.name: _ordered(
                Row(row.pk, str(row), _written(row)) for row in rows.get(relation.name, ())
            )
            for relation in relations(model)
        },
    )


def of_version(version: Version) -> Snapshot:
    """What an object was in a version. One query if it has rows."""
    model = _model(version)
    rows: dict[str, list[Row]] = {relation.name: [] for relation in relations(model)}
    names = {relation.model: relation for relation in relations(model)}
    if names:
        for part in version.revision.version_set.all():
            relation = names.get(_model(part))
            if relation is None:
                continue
            fields = read(part)
            if str(fields.get(relation.owner)) == version.object_id:
                rows[relation.name].append(Row(int(part.object_id), part.object_repr, fields))
    return Snapshot(
        model,
        int(version.object_id),
        version.object_repr,
        read(version),
        {name: _ordered(found) for name, found in rows.items()},
    )


def _model(version: Version) -> type[Model]:
    kind = ContentType.objects.get_for_id(version.content_type_id).model_class()
    if kind is None:
        raise LookupError(f"version {version.pk} is of a model that is gone")
    return kind


def _ordered(rows: Iterable[Row]) -> tuple[Row, ...]:
    """As they are shown: by position, then as they came; those not saved yet last."""
    return tuple(
        sorted(rows, key=lambda row: (row.fields.get("position") or 0, row.pk is None, row.pk or 0))
    )


def _written(instance: Model) -> Fields:
    names = [field.name for field in keeps(type(instance))]
    record = json.loads(serializers.serialize("json", [instance], fields=names))[0]
    return _normal(type(instance), record["fields"])


def read(version: Version) -> Fields:
    """The kept fields of the object itself in a version. No query."""
    return _normal(_model(version), json.loads(version.serialized_data)[0]["fields"])


def _normal(model: type[Model], values: Mapping[str, Any]) -> Fields:
    """One way to write what is the same: clean bodies, times to the minute as in forms."""
    normal: dict[str, Any] = {}
    for field in keeps(model):
        if field.name not in values:
            continue
        value = values[field.name]
        if isinstance(field, DateTimeField) and value:
            moment = parse_datetime(value)
            if moment is not None:
                moment = moment if timezone.is_aware(moment) else timezone.make_aware(moment)
                value = moment.astimezone(UTC).replace(second=0, microsecond=0).isoformat()
        elif isinstance(field, BodyField):
            value = sanitize(value or "")
        normal[field.name] = value
    return normal
