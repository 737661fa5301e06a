"""What the desk's scripts ask while an article is written, and what follows its saving."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import is_naive, make_aware
from django.views.decorators.http import require_GET, require_POST

from articles import renditions, text
from articles.admin.intake import take_in
from articles.admin.library import holding
from articles.checking import Draft, Finding, check
from articles.models import Article, ArticlePhoto, Photo, Source

PHOTOS_AT_ONCE = 24
THUMBNAIL = 320


def urls(site: admin.AdminSite) -> list[URLPattern]:
    """Addresses for the scripts, beside an article's own."""
    return [
        path("photos/", site.admin_view(photos), name="articles_article_photos"),
        path("intake/", site.admin_view(intake), name="articles_article_intake"),
        path("check/", site.admin_view(check_form), name="articles_article_check"),
    ]


@require_GET
def photos(request: HttpRequest) -> JsonResponse:
    """Photos of the library as JSON: newest first, or those that `token`s name.

    `q` narrows by caption, alt text, credit and file name; `before` goes on after an earlier
    answer. One query, two if `article` asks for its own captions.
    """
    if not request.user.has_perm("articles.view_photo"):
        raise PermissionDenied
    rows = Photo.objects.order_by("-pk")
    if "token" in request.GET:
        found, more = list(Photo.objects.with_tokens(request.GET.getlist("token"))), None
    else:
        rows = holding(rows, request.GET.get("q", ""))
        before = text.number(request.GET.get("before"))
        page = list((rows.filter(pk__lt=before) if before else rows)[: PHOTOS_AT_ONCE + 1])
        found = page[:PHOTOS_AT_ONCE]
        more = found[-1].pk if len(page) > PHOTOS_AT_ONCE else None
    captions = _captions(text.number(request.GET.get("article")), found)
    return JsonResponse({"photos": [_described(p, captions) for p in found], "more": more})


def _captions(article: int | None, found: Iterable[Photo]) -> dict[int, str]:
    if not article:
        return {}
    uses = ArticlePhoto.objects.filter(article=article, photo__in=list(found)).exclude(caption="")
    return dict(uses.values_list("photo_id", "caption"))


def _described(photo: Photo, captions: dict[int, str]) -> dict[str, Any]:
    return {
        "token": photo.token,
        "thumbnail": renditions.url(photo, THUMBNAIL),
        "width": photo.width,
        "height": photo.height,
        "name": str(photo),
        "caption": captions.get(photo.pk, photo.caption),
        "alt": photo.alt,
        "credit": photo.credit,
    }


@require_POST
def intake(request: HttpRequest) -> JsonResponse:
    """What a pasted text becomes: a clean body, fields that its closing line fills, notices."""
    _require(request, "article", "page")
    held = None
    if "editor" in request.POST:  # a form that has where to put a closing line
        source = text.number(request.POST.get("source"))
        name = Source.objects.filter(pk=source).values_list("name", flat=True) if source else []
        held = {"source": "".join(name)}
        held |= {field: request.POST.get(field, "").strip() for field in ("editor", "byline")}
    plain = request.POST.get("plain", "")
    taken = take_in(plain or request.POST.get("pasted", ""), held, plain=bool(plain))
    source_found = taken.source and {"id": taken.source.pk, "text": str(taken.source)}
    fields = {"source": source_found, "editor": taken.editor, "byline": taken.byline}
    notices = taken.lost + taken.notices
    return JsonResponse({"body": taken.body, "fields": fields, "notices": notices})


@require_POST
def check_form(request: HttpRequest) -> HttpResponse:
    """What there is to look at again in a form as it stands, not yet saved: the panel's inside."""
    _require(request, "article")
    return HttpResponse(_findings(check(_draft(request))))


def _require(request: HttpRequest, *models: str) -> None:
    """Refuse whoever may neither add nor change one of these."""
    held = (f"articles.{act}_{model}" for act in ("add", "change") for model in models)
    if not any(request.user.has_perm(permission) for permission in held):
        raise PermissionDenied


def _draft(request: HttpRequest) -> Draft:
    """The article that a form's fields describe."""
    sent = request.POST
    time = None
    with suppress(ValueError):  # the form itself will say so
        time = parse_datetime(f"{sent.get('published_at_0')} {sent.get('published_at_1')}")
    gallery = {*_chosen(request, "gallery", "photo"), text.number(sent.get("lead_photo"))}
    return Draft(
        title=sent.get("title", "").strip(),
        original_title=sent.get("original_title", "").strip(),
        body=sent.get("body", "").replace("\x00", ""),
        source=bool(sent.get("source")),
        topics=len(_chosen(request, "memberships", "topic")),
        photos=frozenset(number for number in gallery if number),
        number=text.number(sent.get("number")),
        published_at=make_aware(time) if time and is_naive(time) else time,
    )


def _chosen(request: HttpRequest, formset: str, field: str) -> list[int]:
    """The rows that an inline formset names and does not delete."""
    total = min(text.number(request.POST.get(f"{formset}-TOTAL_FORMS")) or 0, 1000)
    chosen = [
        text.number(request.POST.get(f"{formset}-{row}-{field}"))
        for row in range(total)
        if not request.POST.get(f"{formset}-{row}-DELETE")
    ]
    return [number for number in chosen if number]


def panel(article: Article | None) -> SafeString:
    """发布前检查 of a saved article, for its form, which asks anew while it is edited."""
    inside = _findings(check(Draft.of(article))) if article and article.pk else ""
    context = {"inside": inside, "number": article.pk if article else None}
    return mark_safe(render_to_string("admin/articles/checks.html", context))  # our own template


def _findings(findings: list[Finding]) -> SafeString:
    return mark_safe(render_to_string("admin/articles/findings.html", {"findings": findings}))


def complete_gallery(article: Article) -> None:
    """Let the photos that the body places be the article's. One to three queries if it has any."""
    tokens = text.photo_tokens(article.body)
    if not tokens:
        return
    absent = Photo.objects.with_tokens(tokens).exclude(uses__article=article)
    by_token = {photo.token: photo for photo in absent}
    ordered = [by_token[token] for token in dict.fromkeys(tokens) if token in by_token]
    if ordered:
        last = article.gallery.aggregate(last=Max("position"))["last"]
        first = 0 if last is None else last + 1
        ArticlePhoto.objects.bulk_create(
            ArticlePhoto(article=article, photo=photo, position=first + number)
            for number, photo in enumerate(ordered)
        )


def warn(request: HttpRequest, article: Article) -> None:
    """Say after saving what goes out with open questions; nothing was held back for them."""
    if article.state != Article.State.PUBLISHED:
        return
    found = check(Draft.of(article))
    if found:
        back = reverse("admin:articles_article_change", args=[article.pk])
        first = "".join(finding.text for finding in found[:2])
        messages.warning(
            request,
            format_html(
                '稿件已保存，还有 {} 处请核对：{}<a href="{}#checks">查看</a>',
                len(found),
                first,
                back,
            ),
        )
