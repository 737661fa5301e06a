"""Bringing back what was, through the models' own `save`: bodies stay clean, links land."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Field, ForeignKey, Model

from articles.history.kept import Relation, keeps, relations
from articles.history.naming import Names
from articles.history.snapshots import Row, Snapshot
from articles.models import Article, Correction

# A version brings back what was written. Whether readers see it, and when it came out, is decided
# anew: an old text must not put an article back among the drafts.
_STAYS: dict[type[Model], set[str]] = {Article: {"state", "published_at", "legacy_id"}}
# A public note is never taken back by restoring.
_FOR_GOOD: set[type[Model]] = {Correction}


@dataclass
class Restored:
    """What came of it: the object; what is gone for good and so could not come back."""

    instance: Model
    lost: list[str] = field(default_factory=list)


def would_be(snapshot: Snapshot, now: Snapshot) -> Snapshot:
    """What restoring a version would make of what is stored now."""
    stays = _STAYS.get(now.model, set())
    fields = {**now.fields, **snapshot.fields, **{name: now.fields[name] for name in stays}}
    rows = dict(snapshot.rows)
    for relation in relations(now.model):
        if relation.model in _FOR_GOOD:
            back = rows.get(relation.name, ())
            numbers = {row.pk for row in back}
            stay = (row for row in now.rows.get(relation.name, ()) if row.pk not in numbers)
            rows[relation.name] = (*back, *stay)
    return replace(snapshot, fields=fields, rows=rows)


def restore(
    instance: Model, snapshot: Snapshot, before_save: Callable[[set[str]], None]
) -> Restored:
    """Let the object be what it was, but for its state and its notes of later.

    `before_save` gets the names of the fields that change. The caller holds the row's lock and
    records the version. Raises ValidationError if it cannot be so now. About six queries and one
    a row.
    """
    names = Names([snapshot])
    restored = Restored(instance)
    was = {kept.name: getattr(instance, kept.attname) for kept in keeps(snapshot.model)}
    _fill(restored, snapshot, names, _STAYS.get(snapshot.model, set()))
    with transaction.atomic():
        if isinstance(instance, Article) and instance.state != Article.State.DRAFT:
            _fit_to_publish(instance)
        instance.full_clean()
        before_save(
            {
                kept.name
                for kept in keeps(snapshot.model)
                if getattr(instance, kept.attname) != was[kept.name]
            }
        )
        instance.save()
        _bring_rows_back(restored, snapshot, names)
    return restored


def recover(snapshot: Snapshot) -> Restored:
    """Make an object again that was deleted, under its old number; an article as a draft.

    Raises ValidationError if something else has taken its place.
    """
    names = Names([snapshot])
    restored = Restored(snapshot.model(pk=snapshot.pk))
    _fill(restored, snapshot, names, set())
    instance = restored.instance
    if isinstance(instance, Article):
        instance.state = Article.State.DRAFT
        taken = Article.objects.filter(legacy_id=instance.legacy_id).exists()
        if instance.legacy_id and taken:
            restored.lost.append(f"旧系统编号“{instance.legacy_id}”（已属于另一篇稿件）")
            instance.legacy_id = None
    with transaction.atomic():
        instance.full_clean()
        instance.save(force_insert=True)
        _bring_rows_back(restored, snapshot, names)
    return restored


def _fit_to_publish(article: Article) -> None:
    article.derive()
    if not article.body:
        raise ValidationError({"body": "这个版本没有正文，不能作为已发布的稿件。"})


def _fill(restored: Restored, snapshot: Snapshot, names: Names, aside: set[str]) -> None:
    for kept in keeps(snapshot.model):
        if kept.name in aside or kept.name not in snapshot.fields:
            continue
        value = snapshot.fields[kept.name]
        if _is_gone(kept, value):
            said = names.of(kept.related_model, value)  # type: ignore[arg-type]
            restored.lost.append(f"{kept.verbose_name}“{said}”")
        else:
            setattr(restored.instance, kept.attname, kept.to_python(value))


def _is_gone(kept: "Field[Any, Any]", value: Any) -> bool:
    if not isinstance(kept, ForeignKey) or value is None:
        return False
    return not kept.related_model._base_manager.filter(pk=value).exists()


def _bring_rows_back(restored: Restored, snapshot: Snapshot, names: Names) -> None:
    for relation in relations(snapshot.model):
        manager = getattr(restored.instance, relation.name)
        present = {_key(relation, row.pk, row): row for row in manager.all()}
        wanted = {}
        for row in snapshot.rows.get(relation.name, ()):
            subject = row.fields.get(relation.subject) if relation.subject else None
            kept = relation.model._meta.get_field(relation.subject) if relation.subject else None
            if kept is not None and _is_gone(kept, subject):  # type: ignore[arg-type]
                said = names.of(kept.related_model, subject, row.said)  # type: ignore[arg-type]
                restored.lost.append(f"{relation.label}“{said}”")
            else:
                wanted[subject if relation.subject else row.pk] = row
        if relation.model not in _FOR_GOOD:
            for key in present.keys() - wanted.keys():
                present[key].delete()
        for key, row in wanted.items():
            _bring_row_back(relation, present.get(key), row, restored.instance)


def _key(relation: Relation, pk: Any, row: Model) -> Any:
    return getattr(row, f"{relation.subject}_id") if relation.subject else pk


def _bring_row_back(relation: Relation, present: Model | None, row: Row, owner: Model) -> None:
    instance = present
    if instance is None:
        # A note comes back under its own number: restoring twice must not make two of it.
        number = None if relation.subject else row.pk
        instance = relation.model(pk=number, **{relation.owner: owner})
    changed = present is None
    for kept in keeps(relation.model):
        if kept.name == relation.owner or kept.name not in row.fields:
            continue
        value = kept.to_python(row.fields[kept.name])
        if getattr(instance, kept.attname) != value:
            setattr(instance, kept.attname, value)
            changed = True
    if changed:
        instance.save()
