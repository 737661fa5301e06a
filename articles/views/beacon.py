"""The read beacon: the only public address that takes a POST.

A page sends it after five seconds in view (static/js/reads.js). Whatever is no reader's honest
read is refused without a word and without a query where possible.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from articles.reads import count_read, keeper
from articles.text import count
from articles.visitor import is_program

# Seconds since the page was opened: before, nobody has read; after, a forgotten tab says so.
SOONEST, LATEST = 5, 24 * 3600
IGNORED = 204


@csrf_exempt  # nothing of a visitor's is changed; another site's pages are refused below
@require_POST
@never_cache
def beacon(request: HttpRequest, number: int) -> HttpResponse:
    """Count a read; answer with the article's reads as of now.

    403 for another site's page, 413 for a body, 400 for a senseless age, 404 for an article that
    readers can't see, 204 for what is no person's read. One statement for what is.
    """
    if _has_body(request):
        return HttpResponse(status=413)
    if not _from_our_page(request):
        return HttpResponse(status=403)
    age = request.GET.get("age", "")
    if not (age.isascii() and age.isdigit()):
        return HttpResponse(status=400)
    if _is_no_reader(request) or not SOONEST <= int(age[:9]) <= LATEST:
        return HttpResponse(status=IGNORED)
    outcome = count_read(number, timezone.localdate(), _address(request), *_browser(request))
    if outcome is None:
        return HttpResponse(status=404)
    if outcome.counted:
        keeper.notice()
    return JsonResponse({"reads": count(outcome.reads)}, json_dumps_params={"ensure_ascii": False})


def _has_body(request: HttpRequest) -> bool:
    length = request.META.get("CONTENT_LENGTH") or "0"
    return length != "0" or "Transfer-Encoding" in request.headers


def _from_our_page(request: HttpRequest) -> bool:
    """Browsers say where a POST comes from; one that doesn't is not a page of ours."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"


def _is_no_reader(request: HttpRequest) -> bool:
    """Programs, pages fetched in advance, and editors who look at their own work."""
    headers = request.headers
    fetched_ahead = "prefetch" in headers.get("Sec-Purpose", "") + headers.get("Purpose", "")
    at_the_desk = settings.SESSION_COOKIE_NAME in request.COOKIES
    return fetched_ahead or at_the_desk or is_program(headers.get("User-Agent", ""))


def _address(request: HttpRequest) -> str:
    """The reader's address; behind our proxy, the last that it has added."""
    if settings.BEHIND_PROXY:
        return request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def _browser(request: HttpRequest) -> tuple[str, str]:
    return request.headers.get("User-Agent", ""), request.headers.get("Accept-Language", "")
