"""What stands in a change form: read from a request, written as a request would have it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db.models import Model
from django.forms import BaseForm, BaseInlineFormSet, BoundField, CheckboxInput, ModelForm
from django.http import HttpRequest, QueryDict

from articles import history, text

Values = dict[str, list[str]]


@dataclass
class Entered:
    """A form with the formsets below it, by their prefixes."""

    form: ModelForm
    formsets: dict[str, BaseInlineFormSet]

    @classmethod
    def of(
        cls, desk: ModelAdmin, request: HttpRequest, obj: Model | None, data: QueryDict | None
    ) -> "Entered":
        """The model's form over `obj`, filled in with `data` if there is any."""
        change = obj is not None
        fields = flatten_fieldsets(desk.get_fieldsets(request, obj))
        form_class = desk.get_form(request, obj, change=change, fields=fields)
        form = form_class(data, instance=obj)
        formsets: dict[str, BaseInlineFormSet] = {}
        for formset_class, inline in desk.get_formsets_with_inlines(request, obj):
            prefix = formset_class.get_default_prefix()
            formsets[prefix] = (
                formset_class(  # by name: sortable formsets have an order of their own
                    data=data,
                    instance=form.instance,
                    prefix=prefix,
                    queryset=inline.get_queryset(request),
                )
            )
        return cls(form, formsets)

    def snapshot(self) -> history.Snapshot:
        """What would be stored. A field that says nonsense is as it was."""
        self.form.is_valid()
        rows = {prefix: list(_rows(formset)) for prefix, formset in self.formsets.items()}
        return history.of_instance(self.form.instance, rows)


def values_of(form: BaseForm) -> Values:
    """An unbound form as a browser would send it back."""
    values: Values = {}
    for bound in form:
        values |= _sent(bound)
    return values


def _rows(formset: BaseInlineFormSet) -> Iterator[Model]:
    """The rows that saving would leave, as they are entered; also one that is gone meanwhile."""
    formset.is_valid()
    for form in formset.forms:
        deleted = getattr(form, "cleaned_data", {}).get("DELETE")
        row = form.instance
        if row.pk is None:
            row.pk = text.number(str(form["id"].value() or ""))
        if not deleted and (row.pk or form.has_changed()):
            yield row


def _sent(bound: BoundField) -> Values:
    widget: Any = bound.field.widget
    if isinstance(widget, RelatedFieldWidgetWrapper):
        widget = widget.widget
    if isinstance(widget, CheckboxInput):
        return {bound.html_name: ["on"] if bound.value() else []}
    drawn = widget.get_context(bound.html_name, bound.value(), {})["widget"]
    return {
        part["name"]: _strings(part.get("value")) for part in drawn.get("subwidgets") or [drawn]
    }


def _strings(value: Any) -> list[str]:
    if isinstance(value, list | tuple):
        return [str(one) for one in value]
    return ["" if value is None else str(value)]
