"""People at the desk: somebody of each group, and the addresses that they may try."""

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from articles.models import Desk

GROUPS = ("编辑", "主编", "管理员")


def somebody(group: str, *desks: Desk, **fields: Any) -> User:
    """A user of the group, who works at these desks."""
    number = User.objects.count()
    user = User.objects.create_user(f"{group}{number}", is_staff=True, **fields)  # no password
    user.groups.add(Group.objects.get(name=group))
    for desk in desks:
        desk.members.add(user)
    return user


def at_the_desk(user: User) -> Client:
    """A browser in which they are logged in."""
    client = Client()
    client.force_login(user)
    return client


def admin_routes() -> Iterator[str]:
    """The route of every address below /admin/."""
    for pattern in get_resolver().url_patterns:
        if isinstance(pattern, URLResolver) and str(pattern.pattern) == "admin/":
            yield from _routes(pattern, "")


def _routes(resolver: URLResolver, before: str) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route
        else:
            yield from _routes(pattern, route)
