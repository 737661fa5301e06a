"""Pages for what went wrong. They say what a reader can do and nothing of the inside."""

import sys
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render as render_template
from django.views.decorators.csrf import requires_csrf_token

from articles import device as devices
from articles.views import render

# How long browsers and search engines are asked to wait for a database that is away.
RETRY_AFTER_SECONDS = 5


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: nothing stands at this address (the reason, where a view gave one in our words)."""
    reason = exception.args[0] if isinstance(exception, Http404) and exception.args else ""
    context = {"reason": reason if isinstance(reason, str) and reason.endswith("。") else ""}
    return render.plain_page(request, "404", context, status=404)


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
    """500: our fault; 503 while the database is away, full or slow. Asks it nothing."""
    if isinstance(sys.exc_info()[1], (OperationalError, InterfaceError)):
        response = _static_page(
            request, 503, "网站正在恢复", "页面暂时打不开，请过一会儿再刷新。您没有做错什么。"
        )
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response
    return _static_page(request, 500, "网站出了点问题", "我们已经记下这个错误，请过一会儿再试。")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose token is missing or old; the editor's typing is one step back."""
    return _static_page(
        request, 403, "这个表单已经过期", "请返回上一页，刷新后重新提交；您填写的内容还在上一页里。"
    )


def _static_page(request: HttpRequest, status: int, title: str, advice: str) -> HttpResponse:
    device = getattr(request, "device", devices.DEVICES[0])
    context: dict[str, Any] = {
        "device": device,
        "site": {"name": settings.SITE_NAME},
        "title": title,
        "advice": advice,
        "status": status,
    }
    response = render_template(request, "error.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response
