"""Versions on the editors' desk: every change is kept, and each can be looked at."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from reversion.models import Version

from articles import history

PER_PAGE = 20


class HistoryAdmin(admin.ModelAdmin):
    """Keeps every change that goes through the desk; shows the versions to whoever may look.

    Saving costs about 30 queries more for an article, most of them to know what was there before.
    """

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        """Save; what was there before is kept first, if no version has it."""
        if change:
            history.keep_before(obj)
        super().save_model(request, obj, form, change)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """All of a new object is saved: keep it."""
        entry = super().log_addition(request, obj, message)
        history.record(obj, request.user)  # type: ignore[arg-type]
        return entry

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """All of a change is saved: keep what became of it."""
        entry = super().log_change(request, obj, message)
        history.record(obj, request.user)  # type: ignore[arg-type]
        return entry

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Keep what is deleted."""
        history.record_deletion(obj, request.user)  # type: ignore[arg-type]
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Keep all that is deleted."""
        for obj in queryset:
            history.record_deletion(obj, request.user)  # type: ignore[arg-type]
        super().delete_queryset(request, queryset)

    def get_urls(self) -> list[URLPattern]:
        """A version's page, below the object's history."""
        return [
            self.desk_path("<path:object_id>/history/<int:number>/", self.version_view, "version"),
            *super().get_urls(),
        ]

    def desk_path(self, route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
        """An address of this model's, for whoever is logged in."""
        full = f"{self.opts.app_label}_{self.opts.model_name}_{name}"
        return path(route, self.admin_site.admin_view(view), name=full)

    def address(self, name: str, *args: Any) -> str:
        """One of this model's addresses."""
        full = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_{name}"
        return reverse(full, args=args)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The versions, newest first, PER_PAGE a page. Five queries."""
        obj = self.seen(request, object_id)
        pages = Paginator(history.versions(self.model, obj.pk), PER_PAGE)
        context = {
            "title": f"历史：{obj}",
            "page": pages.get_page(request.GET.get("p")),
            "may_restore": self.has_change_permission(request, obj),
            **(extra_context or {}),
        }
        return self.page(request, "history", obj, context)

    def version_view(self, request: HttpRequest, object_id: str, number: int) -> HttpResponse:
        """What a version changed; with `?with=now`, what has changed since. Twelve queries."""
        obj = self.seen(request, object_id)
        version = self.version(obj, number)
        snapshot = history.of_version(version)
        since = request.GET.get("with") == "now"
        last = None if since else history.previous(version)
        before = snapshot if since else history.of_version(last) if last else None
        after = history.stored(self.model, obj.pk) if since else snapshot
        context = {
            "title": f"{'此后的改动' if since else '这一版的改动'}：{obj}",
            "version": version,
            "since": since,
            "changes": history.compare(before, after) if after else [],
            "may_restore": self.has_change_permission(request, obj),
        }
        return self.page(request, "version", obj, context)

    def seen(self, request: HttpRequest, object_id: str) -> Model:
        """The object, for whoever may look at it."""
        obj: Model | None = self.get_object(request, unquote(object_id))
        if obj is None:
            raise Http404
        if not self.has_view_or_change_permission(request, obj):
            raise PermissionDenied
        return obj

    def version(self, obj: Model, number: int) -> Version:
        """One of the object's versions."""
        found = history.version_of(self.model, obj.pk, number)
        if found is None:
            raise Http404
        return found

    def page(
        self, request: HttpRequest, name: str, obj: Model | None, context: dict[str, Any]
    ) -> TemplateResponse:
        """One of the pages about versions."""
        request.current_app = self.admin_site.name
        whole = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "module_name": self.opts.verbose_name_plural,
            "object": obj,
            "list_url": self.address("changelist"),
            "change_url": self.address("change", obj.pk) if obj else "",
            "history_url": self.address("history", obj.pk) if obj else "",
            **context,
        }
        return TemplateResponse(request, f"admin/keeping/{name}.html", whole)
