"""Topics, sources and what surrounds the articles, on the editors' desk."""

from django import forms
from django.contrib import admin
from django.db import models

from articles.admin.deleting import CountedDeletion
from articles.models import Desk, Licence, Page, Promo, Source, Topic

# An address typed without a scheme is a secure one.
HTTPS: dict[type[models.Field], dict[str, str]] = {models.URLField: {"assume_scheme": "https"}}


@admin.register(Topic)
class TopicAdmin(CountedDeletion):
    """Topics, ordered by hand."""

    list_display = ["name", "position", "layout", "in_navigation", "featured"]
    list_editable = ["position", "in_navigation", "featured"]
    search_fields = ["name", "slug"]


@admin.register(Source)
class SourceAdmin(CountedDeletion):
    """Sources."""

    formfield_overrides = HTTPS
    list_display = ["name", "slug", "url"]
    search_fields = ["name", "slug"]


@admin.register(Page)
class PageAdmin(CountedDeletion):
    """Pages, ordered by hand."""

    list_display = ["title", "slug", "position", "in_footer", "updated_at"]
    list_editable = ["position", "in_footer"]
    search_fields = ["title", "slug"]

    def formfield_for_dbfield(self, *args: object, **kwargs: object) -> forms.Field | None:
        """Room to write."""
        field = super().formfield_for_dbfield(*args, **kwargs)  # type: ignore[arg-type]
        if field and isinstance(field.widget, forms.Textarea):
            field.widget.attrs["rows"] = 24
        return field


@admin.register(Promo)
class PromoAdmin(CountedDeletion):
    """Promos, ordered by hand."""

    formfield_overrides = HTTPS
    list_display = ["title", "kind", "url", "position", "active"]
    list_editable = ["position", "active"]
    autocomplete_fields = ["photo"]


@admin.register(Licence)
class LicenceAdmin(CountedDeletion):
    """Licences and records in the footer."""

    formfield_overrides = HTTPS
    list_display = ["text", "kind", "url", "position"]
    list_editable = ["position"]


@admin.register(Desk)
class DeskAdmin(CountedDeletion):
    """Desks and who works at them."""

    list_display = ["name"]
    search_fields = ["name"]
    filter_horizontal = ["members"]
