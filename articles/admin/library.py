"""The photo library on the editors' desk."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from articles import renditions
from articles.admin.stale import StaleAdmin
from articles.models import Photo


def thumbnail(photo: Photo) -> SafeString:
    """The photo at the height of a few lines."""
    return format_html(
        '<img src="{}" alt="{}" height="80" loading="lazy">', renditions.url(photo, 320), photo.alt
    )


class UploadForm(forms.ModelForm):
    """A new photo: a file and what is said of it."""

    file = forms.FileField(label="图片文件", help_text="JPEG、PNG、WebP 或 GIF，不超过 40 MB。")

    class Meta:
        """What an editor says of a photo."""

        model = Photo
        fields = ["alt", "caption", "credit"]

    def clean(self) -> dict[str, Any]:
        """Take the picture in once all else is right; refuse it with the reason otherwise."""
        data = super().clean() or {}
        file: UploadedFile | None = data.get("file")
        if self.errors or file is None:
            return data
        newest = Photo.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        description = renditions.Description(data["alt"], data["caption"], data["credit"])
        try:
            self.instance = renditions.add_photo(file, file.name or "", description)
        except renditions.BadPicture as error:
            raise ValidationError({"file": f"{error}。"}) from error
        if self.instance.pk <= newest:
            raise ValidationError({"file": f"图库里已经有这张图片：{self.instance}。"})
        return data


@admin.register(Photo)
class PhotoAdmin(StaleAdmin):
    """Photos."""

    list_display = ["preview", "__str__", "credit", "created_at"]
    list_display_links = ["preview", "__str__"]
    list_per_page = 40
    search_fields = ["caption", "alt", "credit", "name"]
    search_help_text = "按图注、替代文字、署名、文件名查找"
    show_full_result_count = False

    @admin.display(description="缩略图")
    def preview(self, photo: Photo) -> SafeString:
        """The photo, small."""
        return thumbnail(photo)

    def get_form(self, request: HttpRequest, obj: Photo | None = None, **kwargs: Any) -> Any:  # type: ignore[override]
        """A new photo comes as a file; later its words alone change."""
        if obj is None:
            kwargs["form"] = UploadForm
        return super().get_form(request, obj, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Photo | None = None) -> Any:
        """The file first, or the picture."""
        first = "preview" if obj else "file"
        return [first, "alt", "caption", "credit"]

    def get_readonly_fields(self, request: HttpRequest, obj: Photo | None = None) -> Any:
        """The picture is looked at."""
        return ["preview"] if obj else []

    def save_model(self, request: HttpRequest, obj: Photo, form: Any, change: bool) -> None:
        """A new photo was saved when it was checked."""
        if change:
            super().save_model(request, obj, form, change)
