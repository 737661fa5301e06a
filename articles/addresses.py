"""Addresses of the site by their names in urls.py."""

from functools import lru_cache

from django.urls import get_script_prefix, reverse
from django.utils.translation import get_language

# A page names some fifty, the same ones again and again; so many take a megabyte.
_REMEMBERED = 2_000


def address(name: str, *args: object) -> str:
    """Django's `reverse`, remembered: it would be a tenth of what making a page costs.

    In the script of the page that is being made (`articles.middleware.traditional`).
    """
    return _found(get_language(), get_script_prefix(), name, args)


@lru_cache(_REMEMBERED)
def _found(_language: str | None, _prefix: str, name: str, args: tuple[object, ...]) -> str:
    return reverse(name, args=args)
