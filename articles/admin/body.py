"""The body on the desk: the rich text editor, and forms and admins of what has a body."""

from typing import Any

from csp.constants import SELF
from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django_prose_editor.widgets import AdminProseEditorWidget, prose_editor_base_media
from js_asset import ImportMap, Media, Script

from articles import text
from articles.admin.intake import take_in
from articles.sanitizer import sanitize

# Modules of the editor, by the names under which they import each other.
_MODULES = ("schema", "tables", "photo", "picker", "paste", "menu", "serialize", "counters", "ask")


class BodyWidget(AdminProseEditorWidget):
    """A body in the editor of static/desk/editor.js; without scripts a plain text area.

    It shows what the archive would keep: what was sent, sanitized.
    """

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs={"rows": 24, "class": "vLargeTextField", **(attrs or {})})
        self.preset = "desk"

    @property
    def media(self) -> Media:
        """The editor, its import map and its looks."""
        modules = {f"desk/{name}": f"desk/{name}.js" for name in _MODULES}
        return prose_editor_base_media + Media(
            importmap=ImportMap(modules),
            css={"all": ["desk/writing.css", "desk/picker.css"]},
            js=[
                Script("desk/editor.js", type="module"),
                Script("desk/checks.js", type="module"),
            ],
        )

    def get_config(self) -> dict[str, str]:
        """Where the editor asks: for photos, and what a pasted text becomes."""
        return {
            "photos": reverse("admin:articles_article_photos"),
            "intake": reverse("admin:articles_article_intake"),
            "upload": reverse("admin:articles_photo_add"),
        }

    def format_value(self, value: Any) -> str | None:
        """What would be kept."""
        return sanitize(value) if value else None

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """The text area, and under it how long its text is."""
        area = super().render(name, value, attrs, renderer)
        length = text.length(self.format_value(value) or "")
        context = {"area": area, "length": length, "pace": text.READING_PACE}
        return mark_safe(render_to_string("admin/articles/body.html", context))  # made by Django


class BodyFormField(forms.CharField):
    """A body as a form's field: two spellings of one body are no change."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether something else would be kept."""
        return initial != data and sanitize(initial or "") != sanitize(data or "")


class BodyForm(forms.ModelForm):
    """A form with a body. `lost` says what cleaning left out, `notices` what it moved."""

    # The fields that a closing line may fill.
    closing_fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lost: list[str] = []
        self.notices: list[str] = []
        if "body" in self.fields and self.instance.pk and self.closing_fields:
            self.fields["body"].widget.attrs["data-article"] = self.instance.pk

    def clean(self) -> dict[str, Any]:
        """Take a changed body in as a pasted text is."""
        data = super().clean() or {}
        raw = data.get("body") or ""
        if "body" not in self.changed_data or not raw:
            return data
        fillable = self.closing_fields and set(self.closing_fields) <= set(data)
        held = {name: str(data[name] or "") for name in self.closing_fields} if fillable else None
        taken = take_in(raw, held)
        self.lost, self.notices = taken.lost, taken.notices
        data["body"] = taken.body
        for name in self.closing_fields if fillable else ():
            data[name] = data[name] or getattr(taken, name) or data[name]
        return data


class BodyAdmin(admin.ModelAdmin):
    """An admin of something with a body: lets the editor's import map in, hands notices on."""

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """Say what the form's cleaning left out or moved."""
        _say(request, [*getattr(form, "lost", []), *getattr(form, "notices", [])])
        return super().save_form(request, form, change)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Sign the page's scripts for the content security policy.

        The nonce is asked for here alone, so no other page's policy names one. A refused form
        shows its body without what cannot be kept, and says so.
        """
        nonce = str(getattr(request, "csp_nonce", ""))
        context["media"] = Media.from_media(context["media"], nonce=nonce)
        if context["errors"]:
            _say(request, getattr(context["adminform"].form, "lost", []))
        response = super().render_change_form(request, context, *args, **kwargs)
        response._csp_update = {"font-src": [SELF]}  # type: ignore[attr-defined]  # its icons
        return response


def _say(request: HttpRequest, sentences: list[str]) -> None:
    for sentence in sentences:
        messages.warning(request, sentence)
