"""Articles on the editors' desk."""

from typing import Any

from adminsortable2.admin import SortableAdminBase
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString

from articles import search
from articles.admin.form import ArticleForm
from articles.admin.inlines import CorrectionInline, PhotoInline, TopicInline
from articles.admin.reads import chart, top_of_day
from articles.models import Article, ArticlePhoto

# How many published articles the search box finds at most.
MOST_FOUND = 1000
TOO_BROAD = "这样找的范围太大，请加一个更具体的词。"
# A change in one of these is a change of substance to a published article.
SUBSTANCE = {"title", "original_title", "body", "byline"}


@admin.register(Article)
class ArticleAdmin(SortableAdminBase, admin.ModelAdmin):
    """Articles. A list page costs the same however many there are."""

    form = ArticleForm
    list_display = ["title", "state", "published_at", "source", "editor", "reads"]
    list_filter = ["state"]
    list_select_related = ["source"]
    list_per_page = 50
    search_fields = ["=id", "=legacy_id"]  # and what the site's search finds, see below
    search_help_text = (
        "按标题和正文的字句、编号查找；标题:、来源:、编辑:、话题: 限定位置，-词 排除。"
    )
    date_hierarchy = "published_at"
    show_full_result_count = False  # counting a million rows for every page is of no use
    autocomplete_fields = ["source", "lead_photo"]
    readonly_fields = [
        "id",
        "reads",
        "reads_chart",
        "legacy_id",
        "revised_at",
        "created_at",
        "updated_at",
    ]
    save_on_top = True
    inlines = [TopicInline, PhotoInline, CorrectionInline]
    fieldsets = [
        (None, {"fields": ["title", "original_title", "body"]}),
        ("出处", {"fields": ["source", "editor", "byline"]}),
        (
            "发布",
            {"fields": ["state", "published_at", "withdrawal_reason", "lead_photo", "age_notice"]},
        ),
        (
            "档案",
            {
                "classes": ["collapse"],
                "fields": ["legacy_url", *readonly_fields],
            },
        ),
    ]

    @admin.display(description="每日阅读")
    def reads_chart(self, article: Article) -> SafeString | str:
        """The last days' reads, once there is an article."""
        return chart(article) if article.pk else ""

    def get_urls(self) -> list[URLPattern]:
        """The most read of a day, beside the list."""
        top = self.admin_site.admin_view(top_of_day)
        return [path("reads/", top, name="articles_article_reads"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        """Newest work first."""
        return super().get_queryset(request).order_by("-id")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Article], search_term: str
    ) -> tuple[QuerySet[Article], bool]:
        """Articles of this number, and what the site's search finds, unpublished ones too.

        Words that are in more than MOST_FOUND published articles find the newest of them.
        """
        numbered, duplicates = super().get_search_results(request, queryset, search_term)
        if not search_term.strip():
            return numbered, duplicates
        try:
            found = search.matching(search.parse(search_term), MOST_FOUND)
        except search.TooBroad:
            self.message_user(request, TOO_BROAD, messages.WARNING)
            return numbered, duplicates
        return numbered | queryset.filter(pk__in=found), duplicates

    def save_model(self, request: HttpRequest, obj: Article, form: ModelForm, change: bool) -> None:
        """Save; date a change of substance; withdraw with its public reason."""
        before = form.initial.get("state") if change else None
        if before == Article.State.PUBLISHED and SUBSTANCE & set(form.changed_data):
            obj.revised_at = timezone.now()
        super().save_model(request, obj, form, change)
        if obj.state == Article.State.WITHDRAWN and before != Article.State.WITHDRAWN:
            obj.withdraw(form.cleaned_data["withdrawal_reason"])

    def save_related(
        self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool
    ) -> None:
        """Save topics, photos and notes; the lead photo is one of the photos, the first if none."""
        super().save_related(request, form, formsets, change)
        article: Article = form.instance
        photos = list(article.gallery.values_list("photo_id", flat=True))
        if article.lead_photo_id is None and photos:
            article.lead_photo_id = photos[0]
            article.save(update_fields=["lead_photo"])
        elif article.lead_photo_id and article.lead_photo_id not in photos:
            ArticlePhoto.objects.create(article=article, photo_id=article.lead_photo_id)

    def get_view_on_site_url(self, obj: Article | None = None) -> str | None:
        """The permalink, once there is something to see at it."""
        if obj is None or obj.state not in Article.PUBLIC_STATES or not obj.published_at:
            return None
        return obj.get_absolute_url() if obj.published_at <= timezone.now() else None
