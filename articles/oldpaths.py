"""Addresses of an old system, as they come back: passed on, retyped, percent-encoded or not."""

import re

from django.utils.encoding import escape_uri_path

# What Article.legacy_url can hold.
_LONGEST = 500
# What links grow when they are passed on in WeChat and the like.
_PASSED_ON = re.compile(
    r"(?:utm_[a-z]+|from|isappinstalled|scene|clicktime|enterid|share_[a-z]+|spm|nsukey)=[^&]*"
)

_DIGITS = re.compile("[0-9]{1,18}")
# Where WordPress has its pages, and where ours may have been looked for: /about/.
_PAGE = re.compile("/([-a-zA-Z0-9_]{1,60})/?")
# WordPress's short addresses: /?p=17.
NUMBER = "p"
# Where they stand for most: at the home page's path, in 简体 (no WordPress had ours in 繁體).
HOME = "/"


def numbered(path: str, said: str | None) -> str | None:
    """What the article is called that WordPress had at `path?p=said`: its id in the archive.

    None: this is no such address. articles/elsewhere/wordpress.py makes the ids.
    """
    number = int(said) if said and _DIGITS.fullmatch(said) else 0
    return f"{path}?{NUMBER}={number}" if number else None


def numbered_at_home(path: str, said: str | None) -> str | None:
    """The same of an address at the home page's path; None for any other path."""
    return numbered(path, said) if path == HOME else None


def page(path: str) -> str | None:
    """The slug of the Page (单页) that may have stood at a path; None: no Page did."""
    found = _PAGE.fullmatch(path)
    return found[1] if found else None


def spellings(path: str, query: str) -> list[str]:
    """How an old system may have written an address (its path without percent signs).

    The likeliest first: as it is; without what was added when the link was passed on; with and
    without a slash at its end, percent signs, capitals, and last without a query.
    """
    own = "&".join(part for part in query.split("&") if not _PASSED_ON.fullmatch(part))
    queries = dict.fromkeys(f"?{each}" if each else "" for each in (query, own, ""))
    escaped = escape_uri_path(path)
    slashed = [
        each if suffix is None else each.rstrip("/") + suffix
        for suffix in (None, "", "/")
        for each in (escaped, path)
    ]
    paths = dict.fromkeys([*slashed, *(each.lower() for each in slashed)])
    spelled = [each + end for end in queries for each in paths]
    return [each for each in spelled if len(each) <= _LONGEST]
