"""A bare WSGI application that answers finished pages from a dictionary: what HTTP costs."""

import os
import pickle
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

# By path: headers and body, as the site sent them.
PAGES = pickle.loads(Path(os.environ["PLAIN_PAGES"]).read_bytes())


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Look a page up, answer."""
    headers, body = PAGES[environ["PATH_INFO"]]
    start_response("200 OK", headers)
    return [body]
