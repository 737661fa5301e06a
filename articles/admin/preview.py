"""How an article will look: both devices' templates side by side, in any state.

Only within the desk, framed by the desk alone, kept nowhere, told to no search engine. The
permalink knows nothing of it: readers' pages ask `ArticleQuerySet.public()`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_replace
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from articles.device import DEVICES, Device
from articles.models import Article, ArticlePhoto, Photo, Source, Topic, Whole
from articles.models.membership import in_reading_order
from articles.views.article import page_of

# Stands for the number of an article that has none yet; no sequence gets there.
NO_NUMBER = 999_999_999_999_999_999
NAME = "articles_article_preview"
WRITTEN = ("title", "original_title", "body", "editor", "byline")
_MEMBER = re.compile(r"(memberships|gallery)-([0-9]{1,4})-(topic|photo)")


def urls(desk: admin.ModelAdmin) -> list[URLPattern]:
    """The addresses, each for who may see the article; ArticleAdmin takes them in."""

    def seen(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        def checked(request: HttpRequest, number: int, **kwargs: Any) -> HttpResponseBase:
            article = get_object_or_404(Article.objects.select_related("source"), pk=number)
            if not desk.has_view_permission(request, article):
                raise PermissionDenied
            return view(request, article, **kwargs)

        return desk.admin_site.admin_view(checked)

    def new(request: HttpRequest) -> HttpResponseBase:
        if not desk.has_add_permission(request):
            raise PermissionDenied
        return unsaved(request, Article())

    return [
        path("preview/", desk.admin_site.admin_view(new), name=f"{NAME}_new"),
        path("<int:number>/preview/", seen(both), name=NAME),
        path("<int:number>/preview/unsaved/", seen(unsaved), name=f"{NAME}_unsaved"),
        *(
            path(f"<int:number>/preview/{device}/", seen(framed), {"device": device},
                 name=f"{NAME}_{device}")
            for device in DEVICES
        ),
    ]  # fmt: skip


@require_safe
def both(request: HttpRequest, article: Article) -> HttpResponse:
    """The page with a frame for each device."""
    context = {
        **admin.site.each_context(request),
        "title": f"预览：{article}",
        "article": article,
        "opts": Article._meta,
    }
    return _framing(_private(render(request, "admin/preview.html", context)))


@require_safe
@xframe_options_sameorigin
@csp_replace({"frame-ancestors": [SELF]})  # type: ignore[arg-type]
def framed(request: HttpRequest, article: Article, device: Device) -> HttpResponse:
    """The article in a device's template, as it is stored."""
    article.published_at = article.published_at or timezone.now()
    topics = list(article.topics.order_by("memberships__position"))
    gallery = article.gallery.as_read(article.body)
    corrections = list(article.corrections.published())
    return _private(_page(request, Whole(article, topics, gallery, corrections), device))


@require_POST
def unsaved(request: HttpRequest, article: Article) -> HttpResponse:
    """The page with both devices' pages in it, made of what stands in the form and is not saved."""
    for name in WRITTEN:
        setattr(article, name, request.POST.get(name, ""))
    article.source = _first(Source, request.POST.get("source", ""))
    article.published_at = article.published_at or timezone.now()
    article.pk = article.pk or NO_NUMBER
    article.derive()
    topics = _chosen(request.POST, "memberships", Topic)
    photos = _chosen(request.POST, "gallery", Photo)
    uses = [ArticlePhoto(article=article, photo=photo) for photo in photos]
    corrections = list(article.corrections.published())
    whole = Whole(article, topics, in_reading_order(uses, article.body), corrections)
    frames = {device: _page(request, whole, device).content.decode() for device in DEVICES}
    context = {
        **admin.site.each_context(request),
        "title": f"预览（未保存）：{article}",
        "article": article,
        "frames": frames,
        "opts": Article._meta,
    }
    return _framing(_private(render(request, "admin/preview.html", context)))


def _page(request: HttpRequest, found: Whole, device: Device) -> HttpResponse:
    request.device = device  # type: ignore[attr-defined]
    return page_of(request, found, rehearsed=True)


def _framing(response: HttpResponse) -> HttpResponse:
    """Let the page show pages of ours in frames, as django-csp's decorator would."""
    response._csp_update = {"frame-src": [SELF]}  # type: ignore[attr-defined]
    return response


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _chosen(posted: Mapping[str, Any], prefix: str, model: type[Any]) -> list[Any]:
    """What an inline's rows refer to, in the form's order, without those to be deleted."""
    numbers = [
        posted[name]
        for name in posted
        if (match := _MEMBER.fullmatch(name))
        and match[1] == prefix
        and not posted.get(f"{prefix}-{match[2]}-DELETE")
    ]
    found = model.objects.in_bulk(_numbers(numbers))
    return [found[number] for number in _numbers(numbers) if number in found]


def _first(model: type[Any], number: str) -> Any:
    return model.objects.filter(pk__in=_numbers([number])).first()


def _numbers(written: Iterable[str]) -> list[int]:
    return [int(number) for number in written if re.fullmatch(r"[0-9]{1,18}", number)]
