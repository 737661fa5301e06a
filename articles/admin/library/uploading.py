"""Many files into the library, and their descriptions, each on one page."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html

from articles import renditions, text
from articles.admin.library.forms import CreditForm, DescriptionFormSet, Refused, take
from articles.models import Photo

if TYPE_CHECKING:
    from articles.admin.library.photos import PhotoAdmin

LIST = "admin:articles_photo_changelist"
# Photos that are described on one page: a form's number of fields is bounded, and so is patience.
# upload.js knows the number, too.
MOST_DESCRIBED = 100


def upload(desk: "PhotoAdmin", request: HttpRequest) -> HttpResponse:
    """Take in the files of a form, one after another; a bad one does not stop the others.

    upload.js sends each file on its own and is answered in JSON. A form without JavaScript sends
    all at once and is led on to the page where the new ones are described.
    """
    if not desk.has_add_permission(request):
        raise PermissionDenied
    if request.method != "POST":
        return HttpResponseRedirect(reverse(LIST))
    results = [_take(desk, request, file) for file in request.FILES.getlist("files")]
    if request.accepts("text/html"):
        return _lead_on(request, results)
    return JsonResponse({"results": results})


def describe(desk: "PhotoAdmin", request: HttpRequest) -> HttpResponse:
    """Alternative text, caption and credit of several photos (`?id=1&id=2`) on one page."""
    if not desk.has_change_permission(request):
        raise PermissionDenied
    photos = _asked(request)
    sent = request.POST if request.method == "POST" else None
    credit = CreditForm(sent)
    formset = DescriptionFormSet(sent, queryset=photos)
    if sent is not None and credit.is_valid() and formset.is_valid():
        saved = _save(desk, request, formset, credit.cleaned_data["shared_credit"])
        messages.success(request, f"保存了 {saved} 张图片的说明。")
        return HttpResponseRedirect(reverse(LIST))
    context = {
        **admin.site.each_context(request), "title": "填写图片说明", "opts": Photo._meta,
        "formset": formset, "credit": credit, "media": desk.media,
    }  # fmt: skip
    return render(request, "admin/articles/photo/describe.html", context)


def _take(desk: "PhotoAdmin", request: HttpRequest, file: UploadedFile) -> dict[str, Any]:
    """One file's result, as upload.js reads it."""
    try:
        with renditions.undo_files_on_error(), transaction.atomic():
            photo, new = take(file)
            if new:
                desk.log_addition(request, photo, [{"added": {}}])
    except Refused as error:
        return {"name": file.name, "error": str(error)}
    return {
        "name": file.name,
        "id": photo.pk,
        "title": str(photo),
        "known": not new,
        "thumbnail": renditions.url(photo, 320),
        "address": reverse("admin:articles_photo_change", args=[photo.pk]),
    }


def _lead_on(request: HttpRequest, results: list[dict[str, Any]]) -> HttpResponseRedirect:
    if not results:
        messages.error(request, "没有收到图片，请先选择文件。")
    for result in results:
        if "error" in result:
            messages.error(request, f"{result['name']}：{result['error']}")
        elif result["known"]:
            known = '{}：图库里已经有这张图片，<a href="{}">看看它</a>。'
            messages.warning(request, format_html(known, result["name"], result["address"]))
    new = [result["id"] for result in results if result.get("known") is False]
    if not new:
        return HttpResponseRedirect(reverse(LIST))
    messages.success(request, f"{len(new)} 张图片已入库，请填写说明。")
    query = QueryDict(mutable=True)
    query.setlist("id", [str(number) for number in new])
    return HttpResponseRedirect(f"{reverse('admin:articles_photo_describe')}?{query.urlencode()}")


def _asked(request: HttpRequest) -> QuerySet[Photo]:
    """The photos that the address names, those that came first first."""
    said = [text.number(one) for one in request.GET.getlist("id")[:MOST_DESCRIBED]]
    return Photo.objects.filter(pk__in=[one for one in said if one]).order_by("pk")


def _save(desk: "PhotoAdmin", request: HttpRequest, formset: Any, credit: str) -> int:
    """Save what was changed; whoever has no credit gets the shared one."""
    saved = 0
    with transaction.atomic():
        for form in formset.forms:
            if form.instance.pk is None:  # deleted since, or none that the address names
                continue
            if credit and not form.cleaned_data["credit"]:
                form.instance.credit = credit
            elif not form.has_changed():
                continue
            form.save()
            said = desk.construct_change_message(request, form, [])
            desk.log_change(request, form.instance, said)
            saved += 1
    return saved
