"""What is entered below an article: its topics, its gallery, its public notes."""

from collections.abc import Sequence
from typing import Any

from adminsortable2.admin import SortableTabularInline
from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db import models
from django.forms import Field, ModelForm, Script
from django.http import HttpRequest
from django.utils.safestring import SafeString

from articles.admin.choosing import Choice
from articles.admin.library import ACCEPT, FILE_HELP, thumbnail
from articles.models import ArticlePhoto, ArticleTopic, Correction

# Django's tabular inline with handles to drag and buttons to move by, in Chinese; the package has
# neither a Chinese catalogue nor anything for the keyboard.
SORTABLE = "admin/articles/sortable.html"


class KnownSelect(Choice):
    """Names what a row refers to without asking for it again, where it has come with the row."""

    known: models.Model | None = None

    def optgroups(self, name: str, value: Sequence[str], attr: dict[str, Any] | None = None) -> Any:
        """Django's: nothing, and what is chosen. No query for what is known."""
        if self.known is None or list(value) != [str(self.known.pk)]:
            return super().optgroups(name, value, attr)
        options = [] if self.is_required else [self.create_option(name, "", "", False, 0)]
        chosen = self.create_option(name, self.known.pk, str(self.known), True, len(options))
        return [(None, [*options, chosen], 0)]


class KnownRowForm(ModelForm):
    """A row whose `subject` has come with it."""

    subject = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        widget = self.fields[self.subject].widget if self.subject in self.fields else None
        widget = getattr(widget, "widget", widget)  # within Django's buttons beside it
        if isinstance(widget, KnownSelect) and self.instance.pk:
            widget.known = getattr(self.instance, self.subject)


class RowsOf(SortableTabularInline):
    """Rows that each refer to one thing, which comes with them: one query, however many rows."""

    subject = ""
    extra = 0

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """With what each refers to."""
        rows: models.QuerySet[Any] = super().get_queryset(request)
        return rows.select_related(self.subject)

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Of forms that know it."""
        kwargs["form"] = type("RowForm", (KnownRowForm,), {"subject": self.subject})
        return super().get_formset(request, obj, **kwargs)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The autocomplete that names what is known."""
        if db_field.name == self.subject:
            kwargs["widget"] = KnownSelect(db_field, self.admin_site, using=kwargs.get("using"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class TopicInline(RowsOf):
    """An article's topics, ordered by dragging."""

    model = ArticleTopic
    subject = "topic"
    template = SORTABLE
    autocomplete_fields = ["topic"]
    fields = ["topic", "position"]
    extra = 1


class PhotoInline(RowsOf):
    """An article's photos, ordered by dragging; files dropped above them become photos and rows."""

    model = ArticlePhoto
    subject = "photo"
    template = SORTABLE
    upload_place = "admin/articles/photo/gallery_upload.html"
    file_help = FILE_HELP
    accept = ACCEPT
    verbose_name_plural = "图集"
    autocomplete_fields = ["photo"]
    fields = ["preview", "photo", "caption", "position"]
    readonly_fields = ["preview"]

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
