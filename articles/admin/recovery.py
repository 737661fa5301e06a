"""Bringing back versions, and what was deleted."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern
from django.utils import timezone
from reversion.models import Version

from articles import history
from articles.admin.history import PER_PAGE, HistoryAdmin
from articles.admin.listing import MOST_LISTED
from articles.models import Article

MOVED_ON = "您打开本页之后，内容又有改动。下面是最新的对照，请再看一遍。"


class RecoveryAdmin(HistoryAdmin):
    """Restores versions for whoever may change the object, deleted objects for whoever may add."""

    recovers = True  # whether what was deleted can come back

    def get_urls(self) -> list[URLPattern]:
        """The pages on which one restores and recovers."""
        return [
            self.desk_path(
                "<path:object_id>/history/<int:number>/restore/", self.restore_view, "restore"
            ),
            self.desk_path("deleted/", self.deleted_view, "deleted"),
            self.desk_path("deleted/<int:number>/", self.recover_view, "recover"),
            *super().get_urls(),
        ]

    def restoring(self, obj: Any, changed: set[str]) -> None:
        """Called before an object is saved with these fields as they once were."""

    def restore_view(self, request: HttpRequest, object_id: str, number: int) -> HttpResponse:
        """What would change, and a button; when that is pressed, the version comes back.

        Looking costs about twelve queries, restoring about forty.
        """
        obj = self.seen(request, object_id)
        if not self.has_change_permission(request, obj):
            raise PermissionDenied
        version = self.version(obj, number)
        snapshot = history.of_version(version)
        if request.method == "POST" and self._restored(request, obj, version, snapshot):
            return HttpResponseRedirect(self.address("change", obj.pk))
        now = history.stored(self.model, obj.pk)
        if now is None:
            raise Http404
        context = {
            "title": f"恢复：{obj}",
            "version": version,
            "changes": history.compare(now, history.would_be(snapshot, now)),
            "token": now.token,
            "article": self.model is Article,
        }
        return self.page(request, "restore", obj, context)

    def _restored(
        self, request: HttpRequest, obj: Model, version: Version, snapshot: history.Snapshot
    ) -> bool:
        """Restore unless something stands against it; say which, in a message."""
        try:
            with transaction.atomic():
                history.lock(self.model, obj.pk)
                now = history.stored(self.model, obj.pk)
                if now is None or request.POST.get("token") != now.token:
                    messages.warning(request, MOVED_ON)
                    return False
                history.keep_before(obj)
                fresh = self.model._base_manager.get(pk=obj.pk)
                restored = history.restore(
                    fresh, snapshot, lambda changed: self.restoring(fresh, changed)
                )
                when = timezone.localtime(version.revision.date_created)
                said = f"恢复 {when.year}年{when.month}月{when.day}日 {when:%H:%M} 的版本"
                history.record(fresh, request.user, said)  # type: ignore[arg-type]
                self.log_change(request, fresh, said)
        except ValidationError as error:
            messages.error(request, f"不能恢复：{' '.join(error.messages)}")
            return False
        self._say(request, "已恢复到所选的版本，此前的内容也留在历史里。", restored)
        return True

    def deleted_view(self, request: HttpRequest) -> HttpResponse:
        """What was deleted and may come back, last first."""
        self._may_recover(request)
        pages = Paginator(history.deleted(self.model)[:MOST_LISTED], PER_PAGE)
        context = {
            "title": f"已删除的{self.opts.verbose_name}",
            "page": pages.get_page(request.GET.get("p")),
        }
        return self.page(request, "deleted", None, context)

    def recover_view(self, request: HttpRequest, number: int) -> HttpResponse:
        """What was deleted, and a button that brings it back."""
        self._may_recover(request)
        version = history.before_deletion(self.model, number)
        if version is None:
            raise Http404
        snapshot = history.of_version(version)
        if request.method == "POST":
            obj = self._recovered(request, snapshot)
            if obj is not None:
                return HttpResponseRedirect(self.address("change", obj.pk))
        context = {
            "title": f"找回：{version.object_repr}",
            "version": version,
            "changes": history.compare(None, snapshot),
            "article": self.model is Article,
        }
        return self.page(request, "recover", None, context)

    def _recovered(self, request: HttpRequest, snapshot: history.Snapshot) -> Model | None:
        try:
            with transaction.atomic():
                restored = history.recover(snapshot)
                history.record(restored.instance, request.user, "找回")  # type: ignore[arg-type]
                self.log_addition(request, restored.instance, "找回")
        except ValidationError as error:
            messages.error(request, f"不能找回：{' '.join(error.messages)}")
            return None
        self._say(request, f"已找回{self.opts.verbose_name}“{restored.instance}”。", restored)
        return restored.instance

    def _may_recover(self, request: HttpRequest) -> None:
        if not self.recovers:
            raise Http404
        if not (self.has_add_permission(request) and self.has_change_permission(request)):
            raise PermissionDenied

    def _say(self, request: HttpRequest, done: str, restored: history.Restored) -> None:
        messages.success(request, done)
        if restored.lost:
            gone = "、".join(restored.lost)
            messages.warning(request, f"这些已不存在，没有恢复：{gone}。")


class PermanentAdmin(RecoveryAdmin):
    """Articles: what was ever sent out keeps its address. It may be withdrawn, not deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Drafts that never went out, for whoever may delete. One query for a draft."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and not (obj is not None and history.was_public(obj))
