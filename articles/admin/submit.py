"""The row of buttons below an article, and what each does to its state."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import QueryDict
from django.utils import timezone

from articles.admin.notable import NotableForm
from articles.models import Article
from articles.newsroom import permissions
from articles.newsroom.permissions import Somebody

State = Article.State


@dataclass(frozen=True)
class Button:
    """A button: its name in the form, its label, the state that it leads to."""

    name: str
    label: str
    state: str
    stay: bool = False  # on the article, to go on writing
    grave: bool = False  # looks like 删除


DRAFT = Button("_draft", "存为草稿", State.DRAFT, stay=True)
PUBLISH = Button("_publish", "立即发布", State.PUBLISHED)
SCHEDULE = Button("_schedule", "定时发布", State.PUBLISHED)
UNSCHEDULE = Button("_unschedule", "取消定时，退回草稿", State.DRAFT, stay=True)
WITHDRAW = Button("_withdraw", "撤稿", State.WITHDRAWN, grave=True)
RESTORE = Button("_restore", "恢复发布", State.PUBLISHED)


def buttons(user: Somebody, article: Article | None) -> list[Button]:
    """The buttons that somebody has for an article (None: a new one), beside the stock ones."""
    if article is None or article.state == State.DRAFT:
        # The first is what Enter in a field presses: it may not be the one that publishes.
        return [DRAFT, *([PUBLISH, SCHEDULE] if permissions.may_publish(user, article) else [])]
    if article.is_scheduled:
        return [PUBLISH, UNSCHEDULE] if permissions.may_publish(user, article) else []
    if permissions.may_withdraw(user, article):
        return [RESTORE if article.state == State.WITHDRAWN else WITHDRAW]
    return []


def settle(posted: QueryDict, user: Somebody, article: Article | None) -> QueryDict:
    """What was posted, with the state that the pressed button means.

    Without a button the state stays unless another is posted. Raises PermissionDenied for a button
    that isn't theirs, and for a state that they may not bring the article to.
    """
    settled = posted.copy()
    pressed = next((name for name in posted if name in _ALL), None)
    if pressed:
        button = next((one for one in buttons(user, article) if one.name == pressed), None)
        if button is None:
            raise PermissionDenied
        settled["state"] = button.state
        if button.stay:
            settled["_continue"] = "1"
    state = str(settled.setdefault("state", article.state if article else State.DRAFT))
    if not permissions.may_move(user, article, state):
        raise PermissionDenied
    return settled


_ALL = {one.name for one in (DRAFT, PUBLISH, SCHEDULE, UNSCHEDULE, WITHDRAW, RESTORE)}


class DeskForm(NotableForm):
    """The article's form as somebody uses it, who has pressed a button."""

    user: Somebody  # set by ArticleAdmin

    restoration_note = forms.CharField(
        label="恢复说明",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="恢复发布时必填，作为“补充”公开显示；原来的撤稿说明保留。",
    )

    def clean(self) -> dict[str, Any]:
        """Refuse what the state, the time or the desk don't allow."""
        if self._pressed(PUBLISH):
            # “Now” is said by the button, whatever time to come stands in the form.
            given = self.cleaned_data.get("published_at")
            if given and given > timezone.now():
                self.cleaned_data["published_at"] = timezone.now()
        data = super().clean()
        self._check_time(data)
        self._check_way(data)
        desk = data.get("desk")
        leads_out = data.get("state") == State.PUBLISHED and not self.was_public
        if leads_out and not permissions.may_publish_at(self.user, desk.pk if desk else None):
            self.add_error("desk", "只能发布本部门的稿件，请选择自己的部门。")
        return data

    def _pressed(self, button: Button) -> bool:
        return button.name in self.data

    def _check_time(self, data: dict[str, Any]) -> None:
        at = data.get("published_at")
        to_come = at is not None and at > timezone.now()
        if self._pressed(SCHEDULE) and not to_come and "published_at" not in self.errors:
            self.add_error("published_at", "定时发布要填一个将来的时间。")
        if self.was_public and to_come:
            self.add_error("published_at", "读者已经看到这篇稿件，发布时间不能改到将来。")

    def _check_way(self, data: dict[str, Any]) -> None:
        """Refuse ways that lead nowhere."""
        state = data.get("state")
        if self.was_public and state == State.DRAFT:
            self.add_error("state", "发布过的稿件不能退回草稿，请撤稿。")
        if self.instance.is_scheduled and state == State.WITHDRAWN:
            self.add_error("state", "稿件还没有发布，退回草稿即可。")
        restored = self.instance.state == State.WITHDRAWN and state == State.PUBLISHED
        if restored and not data.get("restoration_note"):
            self.add_error("restoration_note", "请写明为什么恢复发布，读者会在稿件上看到。")
