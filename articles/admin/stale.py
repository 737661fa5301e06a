"""No silent overwrite: a form is saved only on top of what it was opened on."""

import re
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.forms import ModelForm, Script
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from reversion.models import Version

from articles import history
from articles.admin.entered import Entered
from articles.admin.merging import merge
from articles.admin.recovery import RecoveryAdmin

# The hidden fields of templates/admin/keeping/form.html.
TOKEN, DRAFT = "_version", "_writing"
# The last saved drafts' names, which let static/desk/autosave.js forget them.
SAVED_COOKIE, REMEMBERED = "desk_saved", 12
_DRAFT_NAME = re.compile(r"[0-9a-f]{32}")
# How far back the version is looked for that a refused form was opened on.
LOOKED_BACK = 20
REFUSED = "没有保存：您打开之后，内容已被改动。您写的都在下面，请看过对照再存。"
DELETED = "没有保存：原来的{name}已被删除。您写的都在下面，再按保存就存为新的一份。"


@dataclass
class Conflict:
    """What stood against saving."""

    newest: Version | None
    deleted: bool = False
    # What the other one did; empty if the version that the form was opened on isn't known.
    theirs: list[history.Change] = field(default_factory=list)
    # What saving the form as it now stands would do to the other's version.
    mine: list[history.Change] = field(default_factory=list)


class RefusedForm(ModelForm):
    """Mixed into a form that must not be saved, whatever is in it."""

    refusal = REFUSED

    def clean(self) -> dict[str, Any]:
        """Say why."""
        data = super().clean() or {}
        self.add_error(None, self.refusal)
        return data


class RowForm(ModelForm):
    """A row of a list that is edited in place: what was not touched in it stays as it is stored."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for each in self.fields.values():
            each.show_hidden_initial = True  # the list says what it was opened on

    def clean(self) -> dict[str, Any]:
        """Refuse a field that somebody else has changed since to another value."""
        data = super().clean() or {}
        for name in set(data) - {self._meta.model._meta.pk.name}:
            stored = getattr(self.instance, name)
            if name not in self.changed_data:
                data[name] = stored
            elif stored not in (data[name], self._opened_on(name, stored)):
                self.add_error(name, "别人刚改过，没有保存。请刷新列表再改。")
        return data

    def _opened_on(self, name: str, stored: Any) -> Any:
        """The value that the list showed; a form that doesn't say claims none."""
        bound = self[name]
        sent = bound.field.hidden_widget().value_from_datadict(
            self.data, self.files, bound.html_initial_name
        )
        return stored if sent is None else bound.field.to_python(sent)


class StaleAdmin(RecoveryAdmin):
    """Refuses what was written on top of an older version, keeps what was typed, shows both.

    A form without a token was not shown by us: it claims no version and is saved as ever.
    """

    class Media:
        """What keeps text in the browser (ADR 0015)."""

        css = {"all": ["desk/keeping.css"]}
        js = [Script("desk/autosave.js", type="module")]

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        """Rows that are edited in place overwrite nothing either."""
        return super().get_changelist_form(request, **{"form": RowForm, **kwargs})

    def get_urls(self) -> list[URLPattern]:
        """Where a page asks how what it holds differs from what is stored."""
        return [
            self.desk_path("add/differences/", self.differences_view, "new_differences"),
            self.desk_path("<path:object_id>/differences/", self.differences_view, "differences"),
            *super().get_urls(),
        ]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """The form; it carries the version that it shows. Six queries more, for an article."""
        if request.method != "POST":
            now = self._now(object_id)
            shown = self._keeping(request, object_id, now, uuid.uuid4().hex)
            context = {"keeping": shown, **(extra_context or {})}
            return super().changeform_view(request, object_id, form_url, context)
        if "_saveasnew" in request.POST:
            # Django obeys it whether there is such a button or not: what may be added would be
            # asked of the wrong object, and nothing would be compared.
            raise PermissionDenied
        with transaction.atomic():
            response = self._posted(request, object_id, form_url, extra_context)
        draft = request.POST.get(DRAFT, "")
        if response.status_code == 302 and _DRAFT_NAME.fullmatch(draft):
            _remember(request, response, draft)
        return response

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """The form, or one that refuses to be saved."""
        form = super().get_form(request, obj, change=change, **kwargs)
        refusal = getattr(request, "desk_refusal", "")
        if not refusal:
            return form
        return type("Refused", (RefusedForm, form), {"refusal": refusal})

    def differences_view(self, request: HttpRequest, object_id: str | None = None) -> HttpResponse:
        """How the form that is sent differs from what is stored. Saves nothing."""
        obj = self.seen(request, object_id) if object_id else None
        if not (
            self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        ):
            raise PermissionDenied
        if request.method != "POST":
            raise Http404
        now = history.stored(self.model, obj.pk) if obj else None
        mine = Entered.of(self, request, obj, request.POST).snapshot()
        context = {"changes": history.compare(now, mine)}
        return TemplateResponse(request, "admin/keeping/changes.html", context)

    def _posted(
        self,
        request: HttpRequest,
        object_id: str | None,
        form_url: str,
        extra_context: dict[str, Any] | None,
    ) -> Any:
        """Save, or refuse. The row is locked from here to the end of the transaction."""
        sent, draft = request.POST.get(TOKEN, ""), request.POST.get(DRAFT, "")
        pk = self._pk(object_id)
        locked = pk is not None and history.lock(self.model, pk)
        now = history.stored(self.model, pk) if locked else None
        conflict = None
        if object_id is not None and sent and (now is None or now.token != sent):
            conflict = self._refuse(request, object_id, now, sent)
        if conflict and conflict.deleted:
            object_id, form_url = None, self.address("add")
        shown = self._keeping(request, object_id, now, draft, conflict)
        context = {"keeping": shown, **(extra_context or {})}
        response = super().changeform_view(request, object_id, form_url, context)
        if conflict and isinstance(response, TemplateResponse):
            entered = response.context_data or {}
            merged = Entered(
                entered["adminform"].form,
                {one.formset.prefix: one.formset for one in entered["inline_admin_formsets"]},
            )
            conflict.mine = history.compare(now, merged.snapshot())
        return response

    def _refuse(
        self, request: HttpRequest, object_id: str, now: history.Snapshot | None, sent: str
    ) -> Conflict:
        """Put what was sent on top of what is stored, to be looked at."""
        pk = self._pk(object_id)
        newest = history.newest(self.model, pk)
        if now is None:
            mine = Entered.of(self, request, None, request.POST).snapshot()
            request.POST = merge(request.POST, mine, None, None, None)  # type: ignore[assignment]
            request.desk_refusal = DELETED.format(name=self.opts.verbose_name)  # type: ignore[attr-defined]
            return Conflict(newest, deleted=True)
        base = self._opened_on(pk, sent)
        mine = Entered.of(self, request, self._fresh(pk), request.POST).snapshot()
        theirs = Entered.of(self, request, self._fresh(pk), None)
        request.POST = merge(request.POST, mine, theirs, now, base)  # type: ignore[assignment]
        request.desk_refusal = REFUSED  # type: ignore[attr-defined]
        known = newest if newest and history.of_version(newest).same_as(now) else None
        return Conflict(known, theirs=history.compare(base, now) if base else [])

    def _opened_on(self, pk: Any, token: str) -> history.Snapshot | None:
        for version in history.versions(self.model, pk)[:LOOKED_BACK]:
            snapshot = history.of_version(version)
            if snapshot.token == token:
                return snapshot
        return None

    def _keeping(
        self,
        request: HttpRequest,
        object_id: str | None,
        now: history.Snapshot | None,
        draft: str,
        conflict: Conflict | None = None,
    ) -> dict[str, Any]:
        """What the form's page needs to lose nothing; see templates/admin/keeping/form.html."""
        new = object_id is None or now is None
        pk = None if new or now is None else now.pk
        newest = None if new else history.newest(self.model, pk)
        return {
            "token": "" if new or now is None else now.token,
            "draft": draft if _DRAFT_NAME.fullmatch(draft) else uuid.uuid4().hex,
            "key": f"{self.opts.label_lower}:{'new' if new else pk}",
            "user": request.user.pk,
            "newest": newest.pk if newest else 0,
            "unsaved": request.method == "POST",
            "conflict": conflict,
            "differences": self.address(
                "new_differences" if new else "differences", *([] if new else [pk])
            ),
            "desk": reverse(f"{self.admin_site.name}:index"),
            **self.more_keeping(request, pk),
        }

    def more_keeping(self, request: HttpRequest, pk: int | None) -> dict[str, Any]:
        """More for the page, by whoever has more to say."""
        return {}

    def _pk(self, object_id: str | None) -> Any:
        if object_id is None:
            return None
        try:
            return self.opts.pk.to_python(unquote(object_id))
        except ValidationError:
            return None

    def _now(self, object_id: str | None) -> history.Snapshot | None:
        pk = self._pk(object_id)
        return None if pk is None else history.stored(self.model, pk)

    def _fresh(self, pk: Any) -> Any:
        return self.model._base_manager.get(pk=pk)


def _remember(request: HttpRequest, response: HttpResponse, draft: str) -> None:
    """Tell the browser that this draft's text is stored here."""
    names = [
        name
        for name in request.COOKIES.get(SAVED_COOKIE, "").split(".")
        if _DRAFT_NAME.fullmatch(name)
    ]
    response.set_cookie(
        SAVED_COOKIE,
        ".".join([draft, *names][:REMEMBERED]),
        path=reverse("admin:index"),
        samesite="Lax",
        secure=request.is_secure(),
    )
