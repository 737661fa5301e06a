"""Logins, groups, and who was locked out after guessing at a password."""

import ipaddress
from typing import Any

from axes.models import AccessAttempt
from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.widgets import FilteredSelectMultiple
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString

from articles.admin.deleting import CountedDeletion
from articles.visitor import address

VERBS = {"view": "查看", "add": "添加", "change": "修改", "delete": "删除"}
# Whose permissions mean something on the desk.
APPS = ("articles", "auth")

admin.site.unregister([User, Group])


def client_address(request: HttpRequest) -> str | None:
    """Where a login comes from; behind our proxy, as the proxy says. None: nothing sensible."""
    try:
        return str(ipaddress.ip_address(address(request.META, settings.BEHIND_PROXY)))
    except ValueError:
        return None  # a unix socket, or a proxy that isn't ours


class PermissionsField(forms.ModelMultipleChoiceField):
    """Permissions by their names in Chinese; Django keeps its own in English."""

    def label_from_instance(self, obj: Any) -> str:
        """稿件：修改."""
        verb, _, _ = obj.codename.partition("_")
        named = VERBS.get(verb) if obj.codename == f"{verb}_{obj.content_type.model}" else None
        return f"{obj.content_type.name}：{named or obj.name}"


def permissions_field() -> forms.ModelMultipleChoiceField:
    """The field of a form that gives permissions."""
    return PermissionsField(
        Permission.objects.filter(content_type__app_label__in=APPS)
        .exclude(content_type__model="permission")
        .select_related("content_type")
        .order_by("content_type__app_label", "content_type__model", "pk"),
        required=False,
        label="权限",
        widget=FilteredSelectMultiple("权限", is_stacked=False),
    )


@admin.register(Group)
class DeskGroupAdmin(CountedDeletion, GroupAdmin):
    """Groups of editors and what they may do."""

    def formfield_for_manytomany(
        self, db_field: Any, request: HttpRequest | None = None, **kwargs: Any
    ) -> Any:
        """Permissions in Chinese."""
        if db_field.name == "permissions":
            return permissions_field()
        return super().formfield_for_manytomany(db_field, request, **kwargs)


@admin.register(User)
class DeskUserAdmin(CountedDeletion, UserAdmin):
    """Logins. What somebody may do is said by groups, and to which articles by desks."""

    list_display = ["username", "last_name", "first_name", "groups_named", "standing", "last_login"]
    list_filter = ["groups", "desks", "is_active", "is_superuser"]
    filter_horizontal = ["groups"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("个人信息", {"fields": ["last_name", "first_name", "email"]}),
        ("权限", {"fields": ["is_active", "is_superuser", "groups"]}),
        ("重要日期", {"fields": ["last_login", "date_joined"]}),
    ]
    readonly_fields = ["last_login", "date_joined"]

    @admin.display(description="所属的组")
    def groups_named(self, user: User) -> str:
        """Their groups."""
        return "、".join(group.name for group in user.groups.all())

    @admin.display(description="状态")
    def standing(self, user: User) -> str:
        """Whether they may log in, in words."""
        return "有效" if user.is_active else "停用"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With their groups."""
        return super().get_queryset(request).prefetch_related("groups")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Only who stands above the rules puts others there."""
        found = super().get_fieldsets(request, obj)
        if request.user.is_superuser:
            return found
        return [
            (name, {**part, "fields": [one for one in part["fields"] if one != "is_superuser"]})
            for name, part in found
        ]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Their passwords are not for others to set, either."""
        above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return super().has_change_permission(request, obj) and not above

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As with changes."""
        above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return super().has_delete_permission(request, obj) and not above

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Whoever gets a login works at the desk: readers have none."""
        obj.is_staff = True
        super().save_model(request, obj, form, change)


@admin.register(AccessAttempt)
class AttemptAdmin(admin.ModelAdmin):
    """Failed logins: a list, in which a login is let in again before its time is over."""

    list_display = ["username", "ip_address", "failures_since_start", "attempt_time"]
    list_display_links = None
    search_fields = ["username", "ip_address"]
    search_help_text = "按用户名或地址查找"
    show_full_result_count = False
    actions = ["unlock"]

    def get_urls(self) -> list[URLPattern]:
        """The list alone: there is nothing to write."""
        view = self.admin_site.admin_view(self.changelist_view)
        return [path("", view, name="axes_accessattempt_changelist")]

    @admin.display(description="")
    def action_checkbox(self, obj: Any) -> SafeString:
        """As Django's, but named in Chinese."""
        return format_html(
            '<input type="checkbox" name="{}" value="{}" class="action-select"'
            ' aria-label="选择 {}">',
            ACTION_CHECKBOX_NAME, obj.pk, obj.username,
        )  # fmt: skip

    @admin.action(description="解除锁定")
    def unlock(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Forget the failures."""
        queryset.delete()
        self.message_user(request, "已解除锁定，可以重新登录。")

    def get_actions(self, request: HttpRequest) -> Any:
        """To unlock is to delete."""
        return {name: found for name, found in super().get_actions(request).items()
                if name == "unlock"}  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Without what was typed."""
        return super().get_queryset(request).defer("get_data", "post_data")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """They come by themselves."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """For those who look after logins."""
        return request.user.has_perm("auth.change_user")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """For the same."""
        return self.has_change_permission(request)

    has_view_permission = has_delete_permission = has_change_permission
