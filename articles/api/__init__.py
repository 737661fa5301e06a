"""The JSON API for the mini program and others: read-only, `/api/v1/` (docs/api.md).

`addresses` has every address and nothing that costs: django-ninja and pydantic are loaded when
somebody first asks. Behind them `answering` gives every answer what all have; `articles`, `lists`,
`archive` and `search` are the operations, `asking` is what may stand in a query, `shapes` what is
answered, `shaping` makes it from rows, `documents` describes it all in `wording`'s two languages.
"""

from articles.api.addresses import paths

__all__ = ["paths"]
