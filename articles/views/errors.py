"""Pages for what went wrong. They say what a reader can do and nothing of the inside.

Programs are told the same as problem details (articles/programs.py).
"""

import logging
import sys
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as render_template
from django.views.decorators.csrf import requires_csrf_token

from articles import device as devices
from articles import programs, reading
from articles.freshness import MISSING
from articles.outages import RETRY_AFTER_SECONDS, Outage, outage
from articles.seeing import queries, requests
from articles.views import render

log = logging.getLogger(__name__)

# A field of the desk's forms that hold text (templates/admin/keeping/form.html).
WRITING = "_writing"


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: nothing stands at this address (the reason, where a view gave one in our words)."""
    reason = programs.reason(exception)
    if programs.asks(request.path):
        response = programs.refusal(404, reason)
        response["Cache-Control"] = MISSING
        return response
    return render.plain_page(request, "404", {"reason": reason}, status=404)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: the request makes no sense."""
    return _static_page(
        request, 400, "这个请求我们读不懂", "请检查网址是否完整，或从首页重新开始。"
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: not for this visitor."""
    return _static_page(request, 403, "这里不对外开放", "如果您是编辑，请先登录后台。")


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault; 503 while the database is away, full, slow, closed or in migrations.

    Asks it nothing.
    """
    error = sys.exc_info()[1]
    found = outage(error)
    if found is None:
        return _static_page(
            request, 500, "网站出了点问题", "我们已经记下这个错误，请过一会儿再试。"
        )
    if isinstance(error, Error):
        queries.failed(error)
        request.META[reading.FAILED] = True
    response = _not_stored(request, found) if request.method == "POST" else _away(request)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    # A line is enough: all that is refused meanwhile would fill the log with the same traceback.
    level = logging.INFO if request.META.get(reading.MORE) else logging.ERROR
    log.log(level, "%s %s: %r", request.method, request.path, sys.exc_info()[1])
    response._has_been_logged = True  # type: ignore[attr-defined]  # by Django, else
    return response


def _away(request: HttpRequest) -> HttpResponse:
    """For whoever wanted to see something."""
    return _static_page(
        request, 503, "网站正在恢复", "页面暂时打不开，请过一会儿再刷新。您没有做错什么。"
    )


def _not_stored(request: HttpRequest, found: Outage) -> HttpResponse:
    """For whoever wanted to store something: nothing is stored, and a form's text comes along.

    The connection may have broken just when all was stored. Then storing it again says so: the
    form was opened on an older version (articles/admin/stale.py).
    """
    if WRITING not in request.POST:
        advice = f"{found.value}请过一会儿后退再试；您填写的内容还在上一页里。"
        return _static_page(request, 503, "刚才的操作没有完成", advice)
    if request.FILES or not getattr(request, "csrf_processing_done", False):
        # Files don't come back, and what another site has sent is not handed on.
        advice = f"{found.value}您写的内容没有丢：请后退，过一会儿再存，选过的文件要再选一次。"
        return _static_page(request, 503, "没有保存", advice)
    advice = (
        f"{found.value}您写的内容没有丢，就在这一页里：请过一会儿按“再存一次”，不要关掉它。"
        "也可以后退到表单；这个浏览器里还留着一份。"
    )
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken" and "password" not in name
    ]
    return _static_page(request, 503, "没有保存", advice, fields)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose token is missing or old; the editor's typing is one step back."""
    return _static_page(
        request, 403, "这个表单已经过期", "请返回上一页，刷新后重新提交；您填写的内容还在上一页里。"
    )


def _static_page(
    request: HttpRequest,
    status: int,
    title: str,
    advice: str,
    again: Sequence[tuple[str, str]] = (),
) -> HttpResponse:
    """A page that asks the database nothing; `again`: a form's fields, to be sent once more."""
    if programs.asks(request.path):
        return programs.refusal(status, advice, number=requests.shown(request.META))
    device = getattr(request, "device", devices.DEVICES[0])
    context: dict[str, Any] = {
        "device": device,
        "site": {"name": settings.SITE_NAME},
        "title": title,
        "advice": advice,
        "status": status,
        "number": requests.shown(request.META),
        "again": again,
    }
    response = render_template(request, "error.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response
