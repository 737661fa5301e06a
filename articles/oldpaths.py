"""Addresses of an old system, as they come back: passed on, retyped, percent-encoded or not."""

import re

from django.utils.encoding import escape_uri_path

# What Article.legacy_url can hold.
_LONGEST = 500
# What links grow when they are passed on in WeChat and the like.
_PASSED_ON = re.compile(
    r"(?:utm_[a-z]+|from|isappinstalled|scene|clicktime|enterid|share_[a-z]+|spm|nsukey)=[^&]*"
)


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
