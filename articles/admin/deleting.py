"""What is said before something is deleted: in the editors' words, without reading all of it."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.html import format_html

# How far what goes along is counted.
MOST_COUNTED = 1000


class CountedDeletion(admin.ModelAdmin):
    """Counts what is deleted along instead of listing it: a topic may have 300,000 articles.

    Tables that the archive keeps for itself (no permissions: entries of search …) are not named.
    """

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Links, counts, missing permissions, what forbids it. A query a relation and object."""
        links: list[Any] = []
        protected: list[Any] = []
        counts = {str(self.opts.verbose_name_plural): len(objs)}
        missing: set[str] = set()
        for each in objs:
            along = []
            for relation in _relations(self.model):
                number = _count(relation, each)
                name = str(relation.related_model._meta.verbose_name_plural)
                if not number:
                    continue
                told = f"{name}：{number}{' 以上' if number == MOST_COUNTED else ''}"
                if relation.on_delete is models.PROTECT:
                    protected.append(f"{each}，{told}")
                elif relation.on_delete is models.CASCADE:
                    along.append(told)
                    counts[name] = counts.get(name, 0) + number
            links.append(format_html("{}：{}", self.opts.verbose_name, each))
            if along:
                links.append(along)
            if not self.has_delete_permission(request, each):
                missing.add(str(self.opts.verbose_name))
        return links, counts, missing, protected


def _relations(model: type[models.Model]) -> Iterable[Any]:
    return [
        relation
        for relation in model._meta.related_objects
        if relation.related_model._meta.default_permissions
        and not isinstance(relation, models.ManyToManyRel)
    ]


def _count(relation: Any, each: models.Model) -> int:
    rows = relation.related_model._base_manager.filter(**{relation.field.name: each})
    number: int = rows.order_by()[:MOST_COUNTED].count()
    return number
