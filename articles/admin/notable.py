"""Whether a change to what readers have is told to them: the editor's choice at saving."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone

from articles import history
from articles.admin.form import ArticleForm
from articles.models import Article, Correction, PublicVersion

MINOR, NOTABLE = "minor", "notable"
FIELDS = ["change_weight", "public_reason"]
Kind = PublicVersion.Kind
State = Article.State
_OF_NOTE = {Correction.Kind.ADDITION: Kind.ADDITION}


class NotableForm(ArticleForm):
    """An article: once it is public, minor edits are the desk's, notable ones everybody's."""

    change_weight = forms.ChoiceField(
        label="这次修改",
        required=False,
        initial=MINOR,
        choices=[
            (MINOR, "小改：错别字、标点、格式，只记在编辑部的历史里"),
            (NOTABLE, "重要修改：公开为一个新版本，读者能看到改了什么、为什么"),
        ],
        widget=forms.RadioSelect,
        help_text="新写一条更正或补充、撤稿、恢复发布，不用选，总是公开的版本。",
    )
    public_reason = forms.CharField(
        label="修改说明",
        required=False,
        max_length=history.LONGEST_REASON,
        widget=forms.TextInput(attrs={"class": "vLargeTextField"}),
        help_text="重要修改必填，一句话，读者在“历史版本”里看到。例：核实后改正了伤者人数。",
    )

    def clean(self) -> dict[str, Any]:
        """A notable change says why."""
        data = super().clean()
        notable = self.was_public and data.get("change_weight") == NOTABLE
        if notable and not data.get("public_reason", "").strip():
            self.add_error("public_reason", "请写一句修改说明，读者会在“历史版本”里看到。")
        return data


def tell(request: HttpRequest, form: NotableForm, notes: Iterable[Any]) -> None:
    """Make a public version of what was saved, if it is one; `notes`: what was added below."""
    article: Article = form.instance
    if not form.was_public:
        return
    said = _said(form, article, notes)
    if said is None:
        return
    version = history.announce(article, *said)
    if version:
        done = f"读者能在“历史版本”里看到：{version}，{version.get_kind_display()}。"
        messages.success(request, done)
    elif said[0] == Kind.REVISION and article.state == State.PUBLISHED:
        messages.warning(request, "读者看到的内容没有改动，没有公开新的版本。")


def _said(form: NotableForm, article: Article, notes: Iterable[Any]) -> tuple[str, str] | None:
    """The kind of the version and its reason; None for a minor edit."""
    data, before = form.cleaned_data, form.initial.get("state")
    if article.state != before:
        if article.state == State.WITHDRAWN:
            return Kind.RETRACTION, data["withdrawal_reason"]
        return Kind.RESTORATION, data["restoration_note"]
    reason = data.get("public_reason", "")
    now = timezone.now()
    for note in notes:  # one that is to come must not be told before its time
        if isinstance(note, Correction) and note.published_at <= now:
            return _OF_NOTE.get(Correction.Kind(note.kind), Kind.CORRECTION), reason or note.text
    return (Kind.REVISION, reason) if data.get("change_weight") == NOTABLE else None
