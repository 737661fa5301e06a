"""The admin site: its first page, and the order of everything on it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

from articles import patience
from articles.newsroom import today

# What editors use most comes first.
ORDER = (
    "Article", "Photo", "Topic", "Source", "Desk", "Page", "Promo", "Licence", "User", "Group",
    "AccessAttempt",
)  # fmt: skip


class Newsroom(AdminSite):
    """The editors' desk."""

    site_header = "信网编辑后台"
    site_title = "信网"
    index_title = "今日工作"
    empty_value_display = "—"

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """A view of the desk; what stores something may take the database longer than a page."""
        answered: Callable[..., HttpResponseBase] = view

        @wraps(view)
        def patient(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method != "POST":
                return answered(request, *args, **kwargs)
            with patience.unhurried(patience.DESK_SECONDS, patience.DESK_LOCK_SECONDS):
                return answered(request, *args, **kwargs)

        return super().admin_view(patient, cacheable)

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """今日工作, then everything else."""
        may_see = request.user.has_perm("articles.view_article")
        context = {"sections": today.sections(request.user) if may_see else []}
        return super().index(request, {**context, **(extra_context or {})})

    def get_log_entries(self, request: HttpRequest) -> QuerySet[Any]:
        """What was done on the desk, last first: by its number, for its time has no index."""
        return super().get_log_entries(request).order_by("-pk")

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The archive first; within an app by ORDER, whatever it doesn't name last."""
        apps = super().get_app_list(request, app_label)
        for app in apps:
            app["models"].sort(key=lambda model: _place(model["object_name"]))
        return sorted(apps, key=lambda app: app["app_label"] != "articles")


def _place(name: str) -> int:
    return ORDER.index(name) if name in ORDER else len(ORDER)
