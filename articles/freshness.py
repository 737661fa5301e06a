"""Answers that need not be sent twice: validators and 304 (RFC 9110, section 13)."""

from collections.abc import Callable, Hashable
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, set_response_etag
from django.utils.http import http_date

# Of pages, and of what programs read of the same. Browsers ask each time; what stands between may
# answer for a second, and for long where we don't. no-transform keeps search engines from rewriting
# pages for phones.
CACHE_CONTROL = (
    "public, max-age=0, s-maxage=1, stale-while-revalidate=1, stale-if-error=604800, no-transform"
)
# Of what isn't there.
MISSING = "private, max-age=1, no-transform"
# In a request's environ: its answer stays the same until content changes, or the day.
LASTING = "xinwang.lasting"
# And where content stood when it came (models.Generation), where a page cache asks for that.
STANDING = "xinwang.standing"
# And that its answer is to be a file (articles/freezing).
FROZEN = "xinwang.frozen"

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def lasting(request: HttpRequest) -> None:
    """Say that the answer to this request is everybody's and stays until content changes.

    The page cache (articles/pagecache) keeps it, where there is one.
    """
    request.META[LASTING] = True


def standing(request: HttpRequest) -> Hashable:
    """Where content stood when the request came: what was made since holds while it is equal.

    None where nobody asks for it.
    """
    return request.META.get(STANDING)


def conditional(
    seconds: int, *, by_the_clock: bool = False
) -> Callable[[View[P]], Callable[Concatenate[HttpRequest, P], HttpResponseBase]]:
    """Answer 304 to whoever has this very content; let caches keep it for some seconds.

    The answer is made all the same: it saves the sending, and can never be wrong, for its ETag
    alone decides. (A list may change without anything newer in it: by a withdrawal.) Unlike
    Django's own decorator, HEAD gets what GET gets.

    `by_the_clock`: time alone changes it, so that the page cache must not keep it.
    """

    def decorate(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @wraps(view)
        def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            response = view(request, *args, **kwargs)
            if response.status_code != 200:
                return response
            if not by_the_clock:
                lasting(request)
            response.headers.setdefault("Cache-Control", f"public, max-age={seconds}")
            set_response_etag(response)
            return get_conditional_response(request, response["ETag"], None, response) or response

        return answer

    return decorate


def stamp(response: HttpResponse, changed: datetime | None) -> HttpResponse:
    """The response with the time of its content's last change, where that is known."""
    if changed:
        response.headers["Last-Modified"] = http_date(changed.timestamp())
    return response
