"""What is looked for at well-known addresses (RFC 8615)."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.addresses import address
from articles.freshness import conditional
from articles.metadata import absolute

# RFC 9116 wants a date less than a year ahead, after which the file is not to be believed.
BELIEVED = timedelta(days=180)
CACHE_SECONDS = 3600


@require_safe
@conditional(CACHE_SECONDS)
def security(request: HttpRequest) -> HttpResponse:
    """Whom to tell of a fault (RFC 9116); 404 where the operator named nobody."""
    if not settings.SECURITY_CONTACT:
        raise Http404("没有设置安全联系人。")
    today = timezone.now().astimezone(UTC).date()
    until = datetime(today.year, today.month, 1, tzinfo=UTC) + BELIEVED
    lines = [
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {until:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: zh, en",
        f"Canonical: {absolute(address('security'))}",
    ]
    body = "".join(f"{line}\n" for line in lines)
    return HttpResponse(body, content_type="text/plain; charset=utf-8")
