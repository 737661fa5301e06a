"""What narrows the list of articles. What may be many is not listed: it is typed or searched."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG, PAGE_VAR, ChangeList
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from articles.admin.choosing import Choice
from articles.models import Article, Desk, Source, Topic
from articles.models.article import ArticleQuerySet

_DAY = re.compile(r"([0-9]{4})(?:[-/.]([0-9]{1,2})(?:[-/.]([0-9]{1,2}))?)?")


class StateFilter(admin.SimpleListFilter):
    """草稿, 待发, 已发布, 已撤稿."""

    title = "状态"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """待发 is no state of its own, but one to editors."""
        return [
            ("draft", "草稿"), ("scheduled", "待发"), ("published", "已发布"),
            ("withdrawn", "已撤稿"),
        ]  # fmt: skip

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        """Those in the state."""
        now = timezone.now()
        conditions: dict[str, dict[str, Any]] = {
            "draft": {"state": Article.State.DRAFT},
            "scheduled": {"state": Article.State.PUBLISHED, "published_at__gt": now},
            "published": {"state": Article.State.PUBLISHED, "published_at__lte": now},
            "withdrawn": {"state": Article.State.WITHDRAWN},
        }
        asked = self.value()
        return queryset.filter(**conditions[asked]) if asked in conditions else None


class DeskFilter(admin.SimpleListFilter):
    """The desks; they are few. One query."""

    title = "部门"
    parameter_name = "desk"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """All desks."""
        return [(str(desk.pk), desk.name) for desk in Desk.objects.all()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        """Those of the desk."""
        asked = self.value()
        known = {value for value, _ in self.lookup_choices}
        return queryset.filter(desk=asked) if asked in known else None


class TypedFilter(admin.ListFilter):
    """A filter with a small form of its own instead of a list of links."""

    template = "admin/typed_filter.html"
    parameter_name = ""

    def __init__(
        self,
        request: HttpRequest,
        params: dict[str, Any],
        model: type[Model],
        model_admin: admin.ModelAdmin,
    ) -> None:
        super().__init__(request, params, model, model_admin)
        self.model_admin = model_admin
        self.asked = ""
        if self.parameter_name in params:
            self.asked = params.pop(self.parameter_name)[-1].strip()
            self.used_parameters[self.parameter_name] = self.asked

    def has_output(self) -> bool:
        """Always: it asks nothing of the database."""
        return True

    def expected_parameters(self) -> list[str | None]:
        """The one."""
        return [self.parameter_name]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """What the template needs: the field, what else is asked for, the way back."""
        own = {self.parameter_name, PAGE_VAR, ERROR_FLAG}
        yield {
            "field": self.form()[self.parameter_name],
            "kept": [
                (name, value)
                for name, values in self.request.GET.lists()
                for value in values
                if name not in own
            ],
            "query_string": changelist.get_query_string(remove=[self.parameter_name]),
            "presets": [
                (label, changelist.get_query_string({self.parameter_name: value}))
                for label, value in self.presets()
            ],
            "asked": self.asked,
        }

    def form(self) -> forms.Form:
        """The form, as it was filled in."""
        form = forms.Form({self.parameter_name: self.asked}, auto_id="filter_%s")
        form.fields[self.parameter_name] = self.field()
        return form

    def field(self) -> forms.Field:
        """What to fill in."""
        raise NotImplementedError

    def presets(self) -> list[tuple[str, str]]:
        """Links to usual values: label and value."""
        return []


class DayFilter(TypedFilter):
    """The publish time: a day, a month or a year."""

    title = "发布日期"
    parameter_name = "day"

    def field(self) -> forms.Field:
        """Typed, for a calendar leads too slowly to 2009."""
        widget = forms.TextInput(attrs={"placeholder": "2022-09-29，或 2022-09", "size": 16})
        return forms.CharField(label=self.title, required=False, widget=widget)

    def presets(self) -> list[tuple[str, str]]:
        """The days that are asked for most."""
        today = timezone.localdate()
        return [
            ("明天", str(today + timedelta(days=1))), ("今天", str(today)),
            ("昨天", str(today - timedelta(days=1))),
        ]  # fmt: skip

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        """Those of the time."""
        if not self.asked:
            return None
        asked = _span(self.asked)
        if asked is None or not isinstance(queryset, ArticleQuerySet):
            messages.error(
                request,
                f"看不懂日期“{self.asked}”，没有列出稿件。请写成 2022-09-29、2022-09 或 2022。",
            )
            return queryset.none()
        return queryset.between(*asked)


def _span(asked: str) -> tuple[date, date] | None:
    """The first and the last day of a day, a month or a year; None if it is none of these."""
    match = _DAY.fullmatch(asked)
    if match is None:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        first = date(year or 0, month or 1, day or 1)
        first + timedelta(days=366)  # the end of time is no day, for there is none after it
        if day:
            return first, first
        if month:
            return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        return first, date(first.year, 12, 31)
    except (ValueError, OverflowError):
        return None


class EditorFilter(TypedFilter):
    """The responsible editor, by the whole name."""

    title = "责编"
    parameter_name = "editor"

    def field(self) -> forms.Field:
        """A name."""
        widget = forms.TextInput(attrs={"placeholder": "姓名", "size": 16})
        return forms.CharField(label=self.title, required=False, widget=widget)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        """Those that the editor answers for."""
        if "\x00" in self.asked:
            raise IncorrectLookupParameters
        return queryset.filter(editor=self.asked) if self.asked else None


class SearchedFilter(TypedFilter):
    """A filter by what an article refers to, of which there may be thousands: searched for."""

    remote: type[Model]
    lookup = ""

    def field(self) -> forms.Field:
        """The autocomplete of Django admin."""
        relation: Any = Article._meta.get_field(self.lookup)
        widget = Choice(relation, self.model_admin.admin_site)
        return forms.ModelChoiceField(
            self.remote._default_manager.all(), label=self.title, required=False, widget=widget
        )

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        """Those that refer to it."""
        if not self.asked:
            return None
        if not re.fullmatch(r"[0-9]{1,18}", self.asked):
            raise IncorrectLookupParameters
        return self.narrow(queryset, int(self.asked))

    def narrow(self, queryset: QuerySet[Any], number: int) -> QuerySet[Any]:
        """Those that refer to this one."""
        return queryset.filter(**{self.lookup: number})


class TopicFilter(SearchedFilter):
    """A topic."""

    title = "话题"
    parameter_name = "topic"
    remote = Topic
    lookup = "topics"

    def narrow(self, queryset: QuerySet[Any], number: int) -> QuerySet[Any]:
        """Through the rows that the list is ordered by (ArticleList)."""
        return queryset.filter(memberships__topic=number)


class SourceFilter(SearchedFilter):
    """A source."""

    title = "来源"
    parameter_name = "source"
    remote = Source
    lookup = "source"
