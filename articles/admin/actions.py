"""What can be done with many articles at once: asked first, then all in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import transaction
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from articles import history
from articles.admin.choosing import Choice
from articles.models import Article, ArticleTopic, PublicVersion, Topic
from articles.newsroom import permissions
from articles.newsroom.permissions import Somebody
from articles.sanitizer import sanitize

# What one transaction and one page to confirm can hold.
MOST_AT_ONCE = 200
# How many skipped articles the message afterwards names.
MOST_NAMED = 5

State = Article.State


@dataclass(frozen=True)
class Task:
    """Something to do with each of some articles.

    `why_not` says why one is skipped, empty if it isn't; before the form is filled in, it gets no
    data. `carry_out` does it.
    """

    name: str
    verb: str
    warning: str
    form: Callable[[admin.ModelAdmin, Any], forms.Form]
    why_not: Callable[[Somebody, Article, dict[str, Any]], str]
    carry_out: Callable[[Article, dict[str, Any]], None]


def run(
    desk: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet[Article], task: Task
) -> HttpResponse | None:
    """Ask what will happen, on a page of its own; once confirmed, do it and say what was done."""
    chosen = list(queryset.order_by().values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
    if len(chosen) > MOST_AT_ONCE:
        desk.message_user(request, f"一次最多处理 {MOST_AT_ONCE} 篇，请少选一些。", messages.ERROR)
        return None
    confirmed = "confirmed" in request.POST
    form = task.form(desk, request.POST if confirmed else None)
    if confirmed and form.is_valid():
        _carry_out(desk, request, chosen, task, form.cleaned_data)
        return None
    return _ask(desk, request, chosen, task, form)


def _parted(
    request: HttpRequest, articles: QuerySet[Article], task: Task, data: dict[str, Any]
) -> tuple[list[Article], list[tuple[Article, str]]]:
    """The articles that the task is for, and the others with the reasons."""
    fit, skipped = [], []
    for article in articles.order_by("-id").prefetch_related("memberships"):
        reason = task.why_not(request.user, article, data)
        if reason:
            skipped.append((article, reason))
        else:
            fit.append(article)
    return fit, skipped


def _ask(
    desk: admin.ModelAdmin, request: HttpRequest, chosen: list[int], task: Task, form: forms.Form
) -> HttpResponse:
    fit, skipped = _parted(request, Article.objects.filter(pk__in=chosen), task, {})
    context = {
        **desk.admin_site.each_context(request),
        "title": f"{task.verb}：请确认",
        "task": task,
        "fit": fit,
        "skipped": skipped,
        "form": form,
        "chosen": chosen,
        "checkbox": ACTION_CHECKBOX_NAME,
        "media": desk.media + form.media,
        "opts": Article._meta,
    }
    return TemplateResponse(request, "admin/articles/article/confirm.html", context)


def _carry_out(
    desk: admin.ModelAdmin,
    request: HttpRequest,
    chosen: list[int],
    task: Task,
    data: dict[str, Any],
) -> None:
    """All or nothing, on rows that nobody else changes meanwhile."""
    with transaction.atomic():
        rows = Article.objects.filter(pk__in=chosen).select_for_update()
        fit, skipped = _parted(request, rows, task, data)
        with history.recording(fit, request.user, f"批量{task.verb}"):  # type: ignore[arg-type]
            for article in fit:
                task.carry_out(article, data)
    if fit:
        desk.message_user(request, f"{task.verb}：已处理 {len(fit)} 篇。", messages.SUCCESS)
    if skipped:
        named = "；".join(f"《{article}》{reason}" for article, reason in skipped[:MOST_NAMED])
        more = "……" if len(skipped) > MOST_NAMED else "。"
        desk.message_user(request, f"跳过 {len(skipped)} 篇：{named}{more}", messages.WARNING)


class _ReasonForm(forms.Form):
    reason = forms.CharField(
        label="撤稿说明",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text="写在每一篇上，公开显示在原网址上。",
    )


class _TopicForm(forms.Form):
    topic = forms.ModelChoiceField(Topic.objects.all(), label="话题")

    def __init__(self, desk: admin.ModelAdmin, data: Any) -> None:
        super().__init__(data)
        relation: Any = Article._meta.get_field("topics")
        field = self.fields["topic"]
        widget = Choice(relation, desk.admin_site)
        field.widget, widget.choices = widget, field.choices  # type: ignore[attr-defined]


def _not_mine(user: Somebody, article: Article) -> str:
    return "" if permissions.may_edit(user, article) else "不是本部门的稿件"


def _why_not_publish(user: Somebody, article: Article, data: dict[str, Any]) -> str:
    if article.state == State.WITHDRAWN:
        return "已经撤稿，请在稿件里写明原因后恢复发布"
    if article.is_public:
        return "已经发布"
    if not permissions.may_publish_at(user, article.desk_id):
        return "不是本部门的稿件"
    if not article.title.strip():
        return "没有标题"
    return "" if sanitize(article.body) else "没有正文"


def _why_not_withdraw(user: Somebody, article: Article, data: dict[str, Any]) -> str:
    if article.state == State.WITHDRAWN:
        return "已经撤稿"
    if not article.is_public:
        return "没有发布过"
    return "" if permissions.may_withdraw(user, article) else "没有撤稿的权限"


def _why_not_add(user: Somebody, article: Article, data: dict[str, Any]) -> str:
    topic = data.get("topic")
    belongs = topic and topic.pk in {one.topic_id for one in article.memberships.all()}
    return "已经属于这个话题" if belongs else _not_mine(user, article)


def _why_not_remove(user: Somebody, article: Article, data: dict[str, Any]) -> str:
    topic = data.get("topic")
    belongs = not topic or topic.pk in {one.topic_id for one in article.memberships.all()}
    return _not_mine(user, article) if belongs else "不属于这个话题"


def _withdraw(article: Article, data: dict[str, Any]) -> None:
    article.withdraw(data["reason"])
    history.announce(article, PublicVersion.Kind.RETRACTION, data["reason"])


def _add_topic(article: Article, data: dict[str, Any]) -> None:
    last = article.memberships.aggregate(last=Max("position"))["last"]
    position = 0 if last is None else last + 1
    ArticleTopic.objects.create(article=article, topic=data["topic"], position=position)
    article.save(update_fields=["updated_at"])


def _remove_topic(article: Article, data: dict[str, Any]) -> None:
    article.memberships.filter(topic=data["topic"]).delete()
    article.save(update_fields=["updated_at"])


PUBLISH = Task(
    "publish", "立即发布", "下面的稿件马上对读者可见。定时的也提前到现在。",
    lambda desk, data: forms.Form(data), _why_not_publish, lambda article, data: article.publish(),
)  # fmt: skip
WITHDRAW = Task(
    "withdraw", "撤稿", "读者在原网址上只会看到标题和撤稿说明。",
    lambda desk, data: _ReasonForm(data), _why_not_withdraw,
    _withdraw,
)  # fmt: skip
ADD_TOPIC = Task(
    "add_topic", "加入话题", "下面的稿件会排在各自的话题之后加入所选话题。", _TopicForm,
    _why_not_add, _add_topic,
)  # fmt: skip
REMOVE_TOPIC = Task(
    "remove_topic", "移出话题", "下面的稿件会移出所选话题。", _TopicForm, _why_not_remove,
    _remove_topic,
)  # fmt: skip


@admin.action(description="立即发布…", permissions=["publish"])
def publish(
    desk: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet[Article]
) -> HttpResponse | None:
    """Publish now."""
    return run(desk, request, queryset, PUBLISH)


@admin.action(description="撤稿…", permissions=["withdraw"])
def withdraw(
    desk: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet[Article]
) -> HttpResponse | None:
    """Withdraw, all for one reason."""
    return run(desk, request, queryset, WITHDRAW)


@admin.action(description="加入话题…", permissions=["change"])
def add_topic(
    desk: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet[Article]
) -> HttpResponse | None:
    """Put into a topic."""
    return run(desk, request, queryset, ADD_TOPIC)


@admin.action(description="移出话题…", permissions=["change"])
def remove_topic(
    desk: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet[Article]
) -> HttpResponse | None:
    """Take out of a topic."""
    return run(desk, request, queryset, REMOVE_TOPIC)


ALL = (publish, withdraw, add_topic, remove_topic)
