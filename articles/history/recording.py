"""Keeping versions."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import reversion
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from articles.history.reading import DELETED, newest
from articles.history.snapshots import load, of_stored, of_version
from articles.history.wording import summary

BEFORE = "此前的内容（导入或程序写入）"


@contextmanager
def recording(
    objects: Iterable[Model], user: AbstractBaseUser | None, said: str = ""
) -> Iterator[None]:
    """One transaction in which `user` changes these objects, each kept before and after.

    For bulk actions and whatever else changes objects past their form. The rows are locked in the
    order of their keys. About 30 queries an article.
    """
    kept = sorted(objects, key=lambda one: one.pk)
    with transaction.atomic():
        for one in kept:
            lock(type(one), one.pk)
            keep_before(one)
        yield
        for one in kept:
            record(one, user, said)


def lock(model: type[Model], pk: Any) -> bool:
    """Let nobody else change the row before this transaction ends; say whether it is there.

    Reads and memberships that only point at the row are not held up.
    """
    found = model._base_manager.select_for_update(no_key=True).filter(pk=pk)
    return found.values_list("pk").first() is not None


def keep_before(instance: Model) -> None:
    """Keep what is stored before an edit, if no version says it (it was imported, say).

    Eight queries for an article that its last version describes, about fourteen for another.
    """
    model = type(instance)
    last = newest(model, instance.pk)
    now = load(model, instance.pk)
    if now is None or of_stored(now).same_as(of_version(last) if last else None):
        return
    _write(now, None, BEFORE, getattr(now, "updated_at", None) or timezone.now())


def record(instance: Model, user: AbstractBaseUser | None, said: str = "") -> bool:
    """Keep what is stored now as a version of this user's; say whether anything is new.

    The comment says what changed since the last version, after `said`. About twelve queries for an
    article.
    """
    model = type(instance)
    now = load(model, instance.pk)
    if now is None:
        return False
    last = newest(model, instance.pk)
    before, after = of_version(last) if last else None, of_stored(now)
    if after.same_as(before):
        return False
    changed = summary(before, after)
    _write(now, user, f"{said}：{changed}" if said else changed, timezone.now())
    return True


def record_deletion(instance: Model, user: AbstractBaseUser | None) -> None:
    """Keep an object that is about to be deleted, with who does it."""
    now = load(type(instance), instance.pk)
    if now is not None:
        _write(now, user, DELETED, timezone.now())


def _write(instance: Model, user: AbstractBaseUser | None, comment: str, at: datetime) -> None:
    with reversion.create_revision(manage_manually=True):
        reversion.set_user(user)
        reversion.set_comment(comment)
        reversion.set_date_created(at)
        reversion.add_to_revision(instance)
