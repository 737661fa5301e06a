"""The editors' desk as a browser without JavaScript would use it."""

from typing import Any

from django.contrib.auth.models import Permission, User
from django.db.models import Model
from django.test import Client
from django.urls import reverse


def editor_named(name: str, full_name: str = "", permissions: tuple[str, ...] = ("*",)) -> User:
    """Somebody at the desk: with every permission, or with those named."""
    user = User.objects.create_user(
        name, password="secret", is_staff=True, is_superuser="*" in permissions,
        last_name=full_name[:1], first_name=full_name[1:],
    )  # fmt: skip
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def at_desk(user: User) -> Client:
    """A browser that is logged in."""
    client = Client()
    client.force_login(user)
    return client


def change_path(obj: Model) -> str:
    return reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", args=[obj.pk])


def opened(client: Client, obj: Model, **overrides: Any) -> dict[str, Any]:
    """What the object's form would send back, with some fields changed."""
    page = client.get(change_path(obj))
    assert page.status_code == 200
    data = sent_by(page.context)
    assert not set(overrides) - set(data) - {"withdrawal_reason"} or any(
        "-" in k for k in overrides
    )
    return {**data, **overrides}


def sent_by(context: Any) -> dict[str, Any]:
    """What a rendered change form would send back."""
    data: dict[str, Any] = {
        "_version": context["keeping"]["token"],
        "_writing": context["keeping"]["draft"],
    }
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for bound in form:
            data |= _values(bound)
    return data


def _values(bound: Any) -> dict[str, Any]:
    widget = getattr(bound.field.widget, "widget", bound.field.widget)
    if widget.__class__.__name__ == "CheckboxInput":
        return {bound.html_name: "on"} if bound.value() else {}
    drawn = widget.get_context(bound.html_name, bound.value(), {})["widget"]
    values = {}
    for part in drawn.get("subwidgets") or [drawn]:
        value = part.get("value")
        value = value[0] if isinstance(value, list | tuple) and value else value
        values[part["name"]] = "" if value in (None, []) else value
    return values
