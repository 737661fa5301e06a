"""What things that a version points at are called, those that are gone included."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import ForeignKey, Model
from reversion.models import Version

from articles import text
from articles.history.kept import keeps, relations
from articles.history.snapshots import Fields, Snapshot
from articles.models import Photo
from articles.models.fields import BodyField


class Names:
    """Names and photos for some snapshots, read at once.

    One query a model, one more if any of its objects is gone.
    """

    def __init__(self, snapshots: Iterable[Snapshot]) -> None:
        self._asked: dict[type[Model], set[Any]] = defaultdict(set)
        tokens: set[str] = set()
        for snapshot in snapshots:
            self._collect(snapshot.model, snapshot.fields)
            for relation in relations(snapshot.model):
                for row in snapshot.rows.get(relation.name, ()):
                    self._collect(relation.model, row.fields, relation.owner)
            for kept in keeps(snapshot.model):
                if isinstance(kept, BodyField):
                    tokens.update(text.photo_tokens(snapshot.fields.get(kept.name) or ""))
        self._found = {
            model: model._base_manager.in_bulk(pks) for model, pks in self._asked.items() if pks
        }
        self._gone = {
            model: _last_names(model, pks - set(self._found[model]))
            for model, pks in self._asked.items()
            if pks
        }
        self._by_token = {photo.token: photo for photo in Photo.objects.with_tokens(tokens)}

    def of(self, model: type[Model], pk: Any, otherwise: str = "") -> str:
        """What an object is called, or was."""
        found = self._found.get(model, {}).get(pk)
        if found is not None:
            return str(found)
        last = self._gone.get(model, {}).get(pk) or otherwise
        return f"{last or f'编号 {pk}'}（已删除）"

    def photo(self, pk: Any) -> Photo | None:
        """A photo, unless it is gone."""
        found = self._found.get(Photo, {}).get(pk)
        return found if isinstance(found, Photo) else None

    def photo_by_token(self, token: str) -> Photo | None:
        """A photo that stands in a body, unless it is gone."""
        return self._by_token.get(token)

    def _collect(self, model: type[Model], fields: Fields, owner: str = "") -> None:
        for kept in keeps(model):
            value = fields.get(kept.name)
            if isinstance(kept, ForeignKey) and kept.name != owner and value is not None:
                self._asked[kept.related_model].add(value)


def _last_names(model: type[Model], pks: set[Any]) -> dict[Any, str]:
    """What objects that are gone were called in their last version."""
    if not pks:
        return {}
    kept = Version.objects.get_for_model(model).filter(object_id__in=[str(pk) for pk in pks])
    return {
        int(number): said
        for number, said in kept.order_by("pk").values_list("object_id", "object_repr")
    }
