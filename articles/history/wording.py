"""What a version says of itself in the list of versions."""

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from articles.history.kept import keeps, relations
from articles.history.snapshots import Snapshot
from articles.models import Article

_NOTHING = "没有改动"


def summary(before: Snapshot | None, after: Snapshot) -> str:
    """新建 · 发布；修改了标题、正文 …"""
    said = [] if before else ["新建"]
    step = _step(before, after) if after.model is Article else ""
    if step:
        said.append(step)
    changed = _changed(before, after) if before else []
    if changed:
        said.append(f"修改了{'、'.join(changed)}")
    return "；".join(said) or _NOTHING


def _changed(before: Snapshot, after: Snapshot) -> list[str]:
    aside = {"state"} if after.model is Article else set()
    fields = [
        str(field.verbose_name)
        for field in keeps(after.model)
        if field.name not in aside and before.fields.get(field.name) != after.fields.get(field.name)
    ]
    rows = [
        relation.label
        for relation in relations(after.model)
        if before.rows.get(relation.name) != after.rows.get(relation.name)
    ]
    return fields + rows


def _step(before: Snapshot | None, after: Snapshot) -> str:
    """What became of an article's state."""
    state = after.fields["state"]
    was = before.fields.get("state") if before else Article.State.DRAFT
    to_come = _is_to_come(after)
    if state == was:
        early = state == Article.State.PUBLISHED and before and _is_to_come(before) and not to_come
        return "提前发布" if early else ""
    if state == Article.State.WITHDRAWN:
        return "撤稿"
    if state == Article.State.DRAFT:
        return "退回草稿"
    if to_come:
        return "定时发布"
    return "恢复发布" if was == Article.State.WITHDRAWN else "发布"


def _is_to_come(version: Snapshot) -> bool:
    moment = parse_datetime(version.fields.get("published_at") or "")
    return moment is not None and moment > timezone.now()
