"""What the editors' desk says of people."""

import re
from typing import Any

from django import template

register = template.Library()

_CJK = re.compile(r"[\u3400-\u9fff]")


@register.filter
def person(user: Any) -> str:
    """A user's name as Chinese write it, family name first; the login if there is none."""
    if user is None:
        return ""
    if _CJK.search(user.last_name + user.first_name):
        return f"{user.last_name}{user.first_name}"
    return str(user.get_full_name() or user.get_username())
