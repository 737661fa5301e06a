"""Topics, sources and what surrounds the articles, on the editors' desk."""

from django.contrib import admin
from django.db import models

from articles.admin.body import BodyAdmin, BodyForm, BodyFormField, BodyWidget
from articles.admin.choosing import ChoosingAdmin
from articles.admin.deleting import CountedDeletion
from articles.admin.stale import StaleAdmin
from articles.models import Desk, Licence, Page, Promo, Source, Topic

# An address typed without a scheme is a secure one.
HTTPS: dict[type[models.Field], dict[str, str]] = {models.URLField: {"assume_scheme": "https"}}


@admin.register(Topic)
class TopicAdmin(StaleAdmin, CountedDeletion):
    """Topics, ordered by hand."""

    list_display = ["name", "position", "layout", "in_navigation", "featured"]
    list_editable = ["position", "in_navigation", "featured"]
    search_fields = ["name", "slug"]


@admin.register(Source)
class SourceAdmin(StaleAdmin, CountedDeletion):
    """Sources."""

    formfield_overrides = HTTPS
    list_display = ["name", "slug", "url"]
    search_fields = ["name", "slug"]


class PageForm(BodyForm):
    """A Page."""

    class Meta:
        """All of it, with room to write."""

        model = Page
        fields = ("title", "slug", "body", "position", "in_footer")
        widgets = {"body": BodyWidget}
        field_classes = {"body": BodyFormField}


@admin.register(Page)
class PageAdmin(BodyAdmin, StaleAdmin, CountedDeletion):
    """Pages, ordered by hand."""

    form = PageForm
    list_display = ["title", "slug", "position", "in_footer", "updated_at"]
    list_editable = ["position", "in_footer"]
    search_fields = ["title", "slug"]


@admin.register(Promo)
class PromoAdmin(ChoosingAdmin, StaleAdmin, CountedDeletion):
    """Promos, ordered by hand."""

    formfield_overrides = HTTPS
    list_display = ["title", "kind", "url", "position", "active"]
    list_editable = ["position", "active"]
    autocomplete_fields = ["photo"]


@admin.register(Licence)
class LicenceAdmin(StaleAdmin, CountedDeletion):
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
