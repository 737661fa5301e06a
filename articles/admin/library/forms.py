"""What an editor says of a photo, and how its file comes in."""

import logging
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.html import format_html
from django.utils.safestring import SafeString

from articles import renditions
from articles.models import Photo

ACCEPT = "image/jpeg,image/png,image/webp,image/gif"
FILE_HELP = (
    f"JPEG、PNG、WebP 或 GIF，每张不超过 {renditions.MAX_BYTES // 1024 // 1024} MB、"
    f"{renditions.MAX_PIXELS // 10_000} 万像素。"
)
logger = logging.getLogger(__name__)


class Refused(Exception):
    """A file was not taken; the text says why, for editors, as a sentence."""


def thumbnail(photo: Photo) -> SafeString:
    """The photo, small."""
    return format_html(
        '<img class="thumbnail" src="{}" alt="{}" loading="lazy">',
        renditions.url(photo, 320),
        photo.alt,
    )


def take(
    file: UploadedFile, description: renditions.Description | None = None
) -> tuple[Photo, bool]:
    """The photo with this file, and whether it is new. Raises Refused and leaves nothing behind."""
    try:
        with transaction.atomic():
            return renditions.get_or_add(file, file.name or "", description)
    except renditions.BadPicture as error:
        raise Refused(f"{error}。") from error
    except OSError as error:
        logger.exception("a photo can't be kept")
        raise Refused("服务器存不下这张图片，可能是磁盘满了。请告诉管理员。") from error


class DescriptionForm(forms.ModelForm):
    """What is said of a photo: it has an alternative text, or is marked as needing none."""

    class Meta:
        """All that readers see or hear."""

        model = Photo
        fields = ["alt", "decorative", "caption", "credit"]
        labels = {"decorative": "装饰性图片，不需要替代文字"}

    def clean(self) -> dict[str, Any]:
        """Either, never both, never neither."""
        data = super().clean() or {}
        if data.get("decorative") and data.get("alt"):
            self.add_error("alt", "装饰性图片的替代文字应留空；图上有信息，就不要标为装饰性。")
        elif not data.get("decorative") and not data.get("alt") and "alt" not in self.errors:
            self.add_error("alt", "请写替代文字；只作点缀的图，请勾选“装饰性图片”。")
        return data


class PhotoForm(DescriptionForm):
    """A photo that is in: its words, and what stays in view where it is cropped."""

    class Meta(DescriptionForm.Meta):
        """The focal point is two numbers; focal.js sets them by a click."""

        fields = ["focus_x", "focus_y", *DescriptionForm.Meta.fields]
        widgets = {
            name: forms.NumberInput(attrs={"min": 0, "max": 100}) for name in ("focus_x", "focus_y")
        }


class UploadForm(DescriptionForm):
    """One new photo with all that is said of it: where a form asks for a photo in a window."""

    file = forms.FileField(
        label="图片文件", help_text=FILE_HELP, widget=forms.FileInput(attrs={"accept": ACCEPT})
    )

    def clean(self) -> dict[str, Any]:
        """Take the picture in once all else is right; refuse it with the reason otherwise."""
        data = super().clean()
        file: UploadedFile | None = data.get("file")
        if self.errors or file is None:
            return data
        said = {name: data[name] for name in DescriptionForm.Meta.fields}
        try:
            self.instance, new = take(file, renditions.Description(**said))
        except Refused as error:
            raise ValidationError({"file": str(error)}) from error
        if not new:
            raise ValidationError({"file": f"图库里已经有这张图片：{self.instance}。"})
        return data


class CreditForm(forms.Form):
    """One credit for many photos."""

    shared_credit = forms.CharField(
        label="共同署名",
        required=False,
        max_length=100,
        help_text="下面没有填署名的图片都用它。",
    )


DescriptionFormSet = forms.modelformset_factory(Photo, form=DescriptionForm, extra=0)
