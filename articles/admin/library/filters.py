"""How the library is narrowed: what is used, what lacks its alternative text, when it came."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date

from articles.models import Photo
from articles.models.article import midnight


class UsedFilter(SimpleListFilter):
    """Whether anything shows the photo."""

    title = "使用情况"
    parameter_name = "used"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        """Both."""
        return [("yes", "用过"), ("no", "没用过")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Photo]) -> QuerySet[Photo]:
        """By their own index."""
        wanted = {"yes": True, "no": False}.get(self.value() or "")
        return queryset if wanted is None else queryset.filter(used=wanted)


class AltFilter(SimpleListFilter):
    """Whether the photo is described for those who can't see it."""

    title = "替代文字"
    parameter_name = "alt"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        """What is to be done, and what needs none."""
        return [("missing", "缺替代文字"), ("decorative", "装饰性图片")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Photo]) -> QuerySet[Photo]:
        """Each by an index of its own."""
        if self.value() == "missing":
            return queryset.filter(alt="", decorative=False)
        return queryset.filter(decorative=True) if self.value() == "decorative" else queryset


class DayFilter(SimpleListFilter):
    """The day on which the photo came in: today, yesterday, or any by a date field."""

    title = "入库日期"
    parameter_name = "day"
    template = "admin/articles/photo/day_filter.html"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        """The days most asked for."""
        today = timezone.localdate()
        return [
            (today.isoformat(), "今天"),
            ((today - timedelta(days=1)).isoformat(), "昨天"),
        ]

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:  # type: ignore[override]
        """The days, and for the date field what else the address says."""
        for choice in super().choices(changelist):
            yield {**choice}
        kept = changelist.get_filters_params()
        kept.pop(self.parameter_name, None)
        query = changelist.params.get("q") or changelist.query
        yield {
            "field": True,
            "day": self._day(),
            "kept": [(name, value) for name, values in kept.items() for value in values]
            + ([("q", query)] if query else []),
        }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Photo]) -> QuerySet[Photo]:
        """By the index of times; what is no date narrows nothing."""
        day = self._day()
        if day is None:
            return queryset
        return queryset.filter(
            created_at__gte=midnight(day), created_at__lt=midnight(day + timedelta(days=1))
        )

    def _day(self) -> date | None:
        try:
            day = parse_date(self.value() or "")
        except ValueError:
            return None
        return day if day and 1 < day.year < 9999 else None
