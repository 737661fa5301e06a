"""Who else has the article open, and whether it was saved since: asked by the open page."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.forms import Script
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern
from django.utils import timezone
from reversion.models import Version

from articles import history, presence, text
from articles.admin.stale import StaleAdmin
from articles.models import OpenArticle
from articles.templatetags.desk import person

_LONGEST_IDLE = 10**9  # seconds; what is longer is no time since a page was opened


class PresenceAdmin(StaleAdmin):
    """Tells editors of each other."""

    class Media:
        """What says that a page is open."""

        js = [Script("desk/presence.js", type="module")]

    def get_urls(self) -> list[URLPattern]:
        """Where an open page says that it is open."""
        return [
            self.desk_path("<path:object_id>/presence/", self.presence_view, "presence"),
            *super().get_urls(),
        ]

    def more_keeping(self, request: HttpRequest, pk: int | None) -> dict[str, Any]:
        """Who is there when the form opens. One query."""
        if pk is None:
            return {}
        here = presence.others(pk, request.user)  # type: ignore[arg-type]
        return {"presence": self.address("presence", pk), "others": [_said(one) for one in here]}

    def presence_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Note that the page is open (`idle` seconds untouched) or `leaving`; tell of the others.

        `newest` is the last version when the page was made; a later one is told of. Six queries.
        """
        obj = self.seen(request, object_id)
        if request.method != "POST" or not self.has_change_permission(request, obj):
            raise PermissionDenied
        user: Any = request.user
        if "leaving" in request.POST:
            presence.leave(obj.pk, user)
            return HttpResponse(status=204)
        idle = text.number(request.POST.get("idle"), most=_LONGEST_IDLE) or 0
        presence.arrive(obj.pk, user, timedelta(seconds=idle))
        newest = history.newest(self.model, obj.pk)
        shown = text.number(request.POST.get("newest")) or 0
        saved = self._saved(newest, user) if newest and newest.pk > shown else None
        here = [_said(one) for one in presence.others(obj.pk, user)]
        response = JsonResponse({"others": here, "saved": saved})
        response["Cache-Control"] = "no-store"
        return response

    def _saved(self, version: Version, user: AbstractBaseUser) -> dict[str, str]:
        """Who saved, when, and where to see what."""
        when = timezone.localtime(version.revision.date_created)
        author = version.revision.user
        who = "您在另一个窗口" if author == user else person(author) if author else "程序"
        return {
            "said": f"{who} {when:%H:%M} 已保存，您看到的不是最新版本。",
            "url": self.address("version", version.object_id, version.pk),
        }


def _said(one: OpenArticle) -> str:
    minutes = int((timezone.now() - one.active_at).total_seconds() // 60)
    moved = f"{minutes} 分钟前有动作" if minutes else "刚刚还有动作"
    return f"{person(one.user)} 正在编辑这篇稿件（{moved}）。"
