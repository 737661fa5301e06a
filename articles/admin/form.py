"""The form in which an article is written."""

from typing import Any

from django import forms
from django.utils import timezone

from articles.admin.body import BodyForm, BodyFormField, BodyWidget
from articles.models import Article
from articles.sanitizer import sanitize

# Years that an address can hold, a day away from where time zones could carry them.
EARLIEST, LATEST = 1001, 2998


class ArticleForm(BodyForm):
    """An article; says what is missing before it may go out."""

    closing_fields = ("source", "editor", "byline")
    withdrawal_reason = forms.CharField(
        label="撤稿说明",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="状态改为“已撤稿”时必填，会公开显示在原网址上。",
    )

    class Meta:
        """The wide fields; ArticleAdmin names and orders them all."""

        model = Article
        exclude: tuple[str, ...] = ()
        widgets = {
            "title": forms.TextInput(attrs={"class": "vLargeTextField"}),
            "original_title": forms.TextInput(attrs={"class": "vLargeTextField"}),
            "body": BodyWidget,
        }
        field_classes = {"body": BodyFormField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.was_public = self.instance.is_public  # before what was entered is put into it

    def clean(self) -> dict[str, Any]:
        """A draft may lack anything but a title; what goes out may not."""
        data = super().clean()
        state = data.get("state")
        published_at = data.get("published_at")
        if published_at and not EARLIEST <= published_at.year <= LATEST:
            self.add_error("published_at", f"年份应在 {EARLIEST} 到 {LATEST} 之间。")
        if state == Article.State.PUBLISHED:
            if not published_at and self.was_public and "published_at" not in self.errors:
                self.add_error("published_at", "已经发布的稿件要保留发布时间：网址由它而来。")
            data["published_at"] = published_at or timezone.now()
            if not sanitize(data.get("body") or ""):
                self.add_error("body", "发布前请填写正文。")
        withdrawn_now = (
            state == Article.State.WITHDRAWN
            and self.initial.get("state") != Article.State.WITHDRAWN
        )
        if withdrawn_now and self.initial.get("state") != Article.State.PUBLISHED:
            self.add_error("state", "没有发布过的稿件不能撤稿，存为草稿即可。")
        if state == Article.State.WITHDRAWN and not published_at:
            self.add_error("published_at", "撤稿后仍要保留发布时间，读者按它找到原网址。")
        if withdrawn_now and not data.get("withdrawal_reason"):
            self.add_error("withdrawal_reason", "请写明撤稿的原因，读者会在原网址上看到。")
        return data
