"""Topics, sources and what surrounds the articles, on the editors' desk."""

from django import forms
from django.contrib import admin
from django.db import models

from articles.admin.stale import StaleAdmin
from articles.models import Licence, Page, Promo, Source, Topic

# An address typed without a scheme is a secure one.
HTTPS: dict[type[models.Field], dict[str, str]] = {models.URLField: {"assume_scheme": "https"}}


@admin.register(Topic)
class TopicAdmin(StaleAdmin):
    """Topics, ordered by hand."""

    list_display = ["name", "position", "layout", "in_navigation", "featured"]
    list_editable = ["position", "in_navigation", "featured"]
    search_fields = ["name", "slug"]


@admin.register(Source)
class SourceAdmin(StaleAdmin):
    """Sources."""

    formfield_overrides = HTTPS
    list_display = ["name", "slug", "url"]
    search_fields = ["name", "slug"]


@admin.register(Page)
class PageAdmin(StaleAdmin):
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
class PromoAdmin(StaleAdmin):
    """Promos, ordered by hand."""

    formfield_overrides = HTTPS
    list_display = ["title", "kind", "url", "position", "active"]
    list_editable = ["position", "active"]
    autocomplete_fields = ["photo"]


@admin.register(Licence)
class LicenceAdmin(StaleAdmin):
    """Licences and records in the footer."""

    formfield_overrides = HTTPS
    list_display = ["text", "kind", "url", "position"]
    list_editable = ["position"]
