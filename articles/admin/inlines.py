"""What is entered below an article: its topics, its gallery, its public notes."""

from typing import Any

from adminsortable2.admin import SortableTabularInline
from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db import models
from django.forms import Field, Script
from django.http import HttpRequest
from django.utils.safestring import SafeString

from articles.admin.library import ACCEPT, FILE_HELP, thumbnail
from articles.models import ArticlePhoto, ArticleTopic, Correction

# Django's tabular inline with handles to drag and buttons to move by, in Chinese; the package has
# neither a Chinese catalogue nor anything for the keyboard.
SORTABLE = "admin/articles/sortable.html"


class TopicInline(SortableTabularInline):
    """An article's topics, ordered by dragging."""

    model = ArticleTopic
    template = SORTABLE
    autocomplete_fields = ["topic"]
    fields = ["topic", "position"]
    extra = 1


class PhotoInline(SortableTabularInline):
    """An article's photos, ordered by dragging; files dropped above them become photos and rows."""

    model = ArticlePhoto
    template = SORTABLE
    upload_place = "admin/articles/photo/gallery_upload.html"
    file_help = FILE_HELP
    accept = ACCEPT
    verbose_name_plural = "图集"
    autocomplete_fields = ["photo"]
    fields = ["preview", "photo", "caption", "position"]
    readonly_fields = ["preview"]
    extra = 0

    class Media:
        """Dropping and ordering; without scripts a row is chosen and is last."""

        css = {"all": ["desk/upload.css", "desk/order.css"]}
        js = [
            Script("desk/upload.js", type="module"),
            *(Script(f"desk/{name}.js", defer=True) for name in ("order", "gallery")),
        ]

    def formfield_for_dbfield(
        self, db_field: models.Field, request: HttpRequest, **kwargs: Any
    ) -> Field | None:
        """A photo is described from here; it comes in above, and goes in the library."""
        field: Field | None = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget.can_add_related = field.widget.can_delete_related = False
            field.widget.can_view_related = False
        return field

    @admin.display(description="缩略图")
    def preview(self, use: ArticlePhoto) -> SafeString | str:
        """The photo, small."""
        return thumbnail(use.photo) if use.photo_id else ""


class CorrectionInline(admin.StackedInline):
    """An article's public notes."""

    model = Correction
    fields = ["kind", "published_at", "text"]
    extra = 0
