"""The library's list, and the page of a photo."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db.models import ProtectedError, QuerySet
from django.forms import Script
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from articles import renditions
from articles.admin.library import uploading
from articles.admin.library.filters import AltFilter, DayFilter, UsedFilter
from articles.admin.library.finding import holding
from articles.admin.library.forms import ACCEPT, FILE_HELP, PhotoForm, UploadForm, thumbnail
from articles.admin.library.paging import NewestPaginator
from articles.admin.library.uses import uses_of
from articles.admin.stale import StaleAdmin
from articles.models import Photo

STILL_USED = "这张图片还在用，不能删除。先把它从下面列出的地方撤下来。"
NEWS = {"fields": ["file", "alt", "decorative", "caption", "credit"]}
WORDS = {"fields": ["alt", "decorative", "caption", "credit"]}
FOCUS = {
    "fields": ["picture", ("focus_x", "focus_y")],
    "description": "列表和首页把图裁成 3:2。点一下图上最要紧的地方，就围着它裁；也可以直接填数。",
}
FACTS = {"fields": ["where_used", "facts"]}


@admin.register(Photo)
class PhotoAdmin(StaleAdmin):
    """Photos. A page of the list costs the same however many there are."""

    recovers = False  # its files go with it

    list_display = ["preview", "named", "remarks", "credit", "created_at"]
    list_display_links = ["preview", "named"]
    list_filter = [AltFilter, UsedFilter, DayFilter]
    list_per_page = 48
    paginator = NewestPaginator
    search_fields = ["caption"]  # a search box; what it finds: get_search_results
    search_help_text = "按图注、替代文字、署名、文件名查找"
    empty_value_display = ""
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    class Media:
        """Pages work without the scripts."""

        css = {"all": ["desk/upload.css", "desk/library.css", "desk/focal.css"]}
        js = [
            Script("desk/upload.js", type="module"),
            *(Script(f"desk/{name}.js", defer=True) for name in ("library", "focal")),
        ]

    # -- the list ----------------------------------------------------------------------------------

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Photo], search_term: str
    ) -> tuple[QuerySet[Photo], bool]:
        """Photos with all of the words."""
        return holding(queryset, search_term), False

    @admin.display(description="缩略图")
    def preview(self, photo: Photo) -> SafeString:
        """The photo, small."""
        return thumbnail(photo)

    @admin.display(description="图片")
    def named(self, photo: Photo) -> str:
        """What the photo is called."""
        return str(photo)

    @admin.display(description="备注")
    def remarks(self, photo: Photo) -> SafeString:
        """What an editor should know at a glance."""
        said = [
            ("photo-lacks", "缺替代文字", photo.lacks_alt),
            ("photo-remark", "装饰性", photo.decorative),
            ("photo-remark", "没用过", not photo.used),
        ]
        shown = [(kind, words) for kind, words, holds in said if holds]
        return format_html_join(" ", '<span class="{}">{}</span>', shown)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list below a place to drop files."""
        context = {
            "title": "图库",
            "file_help": FILE_HELP,
            "accept": ACCEPT,
            **(extra_context or {}),
        }
        try:
            return super().changelist_view(request, context)
        except ProtectedError:  # used since the question was asked
            messages.error(request, STILL_USED)
            return HttpResponseRedirect(request.get_full_path())

    def get_urls(self) -> list[URLPattern]:
        """The ways in beside the list."""
        view = self.admin_site.admin_view
        return [
            path("upload/", view(partial(uploading.upload, self)), name="articles_photo_upload"),
            path(
                "describe/", view(partial(uploading.describe, self)), name="articles_photo_describe"
            ),
            *super().get_urls(),
        ]

    # -- a photo -----------------------------------------------------------------------------------

    def get_form(self, request: HttpRequest, obj: Photo | None = None, **kwargs: Any) -> Any:  # type: ignore[override]
        """A new photo comes as a file; later its words and its focal point change."""
        kwargs["form"] = UploadForm if obj is None else PhotoForm
        return super().get_form(request, obj, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Photo | None = None) -> Any:
        """The file first; or the picture, what is said of it, where it is."""
        if obj is None:
            return [(None, NEWS)]
        return [("画面", FOCUS), ("说明", WORDS), ("档案", FACTS)]

    def get_readonly_fields(self, request: HttpRequest, obj: Photo | None = None) -> Any:
        """What is looked at."""
        return ["picture", "where_used", "facts"] if obj else []

    @admin.display(description="图片")
    def picture(self, photo: Photo) -> SafeString:
        """The picture for choosing its focal point, and how it is cropped by it."""
        address = renditions.url(photo, 960)
        context = {"photo": photo, "address": address}
        return mark_safe(render_to_string("admin/articles/photo/focal.html", context))

    @admin.display(description="用在哪里")
    def where_used(self, photo: Photo) -> SafeString:
        """What shows the photo."""
        context = {"uses": uses_of(photo)}
        return mark_safe(render_to_string("admin/articles/photo/uses.html", context))

    @admin.display(description="文件")
    def facts(self, photo: Photo) -> str:
        """What it was when it came."""
        return f"{photo.name}，{photo.width}×{photo.height} 像素"

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A photo's files go if its row can't stay."""
        with renditions.undo_files_on_error():
            return super().add_view(request, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Photo, form: Any, change: bool) -> None:
        """A new photo was saved when it was checked."""
        if change:
            super().save_model(request, obj, form, change)

    # -- deletion ----------------------------------------------------------------------------------

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask, unless it is used: then say where."""
        try:
            return super().delete_view(request, *args, **kwargs)
        except ProtectedError:  # used since the question was asked
            messages.error(request, STILL_USED)
            return HttpResponseRedirect(request.get_full_path())

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What hinders a deletion, with links; a photo takes nothing else along."""
        used = [use.link() for photo in objs for use in uses_of(photo)]
        named = [format_html("{}", photo) for photo in objs]
        return named, {self.opts.verbose_name_plural: len(named)}, set(), used

    def delete_model(self, request: HttpRequest, obj: Photo) -> None:
        """With its files."""
        renditions.remove(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Photo]) -> None:
        """With their files."""
        for photo in queryset:
            renditions.remove(photo)
