"""Articles on the editors' desk."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString

from articles import search
from articles.admin.library import thumbnail
from articles.admin.reads import chart, top_of_day
from articles.models import Article, ArticlePhoto, ArticleTopic, Correction
from articles.sanitizer import sanitize

# Years that an address can hold, a day away from where time zones could carry them.
EARLIEST, LATEST = 1001, 2998
# How many published articles the search box finds at most.
MOST_FOUND = 1000
TOO_BROAD = "这样找的范围太大，请加一个更具体的词。"
# A change in one of these is a change of substance to a published article.
SUBSTANCE = {"title", "original_title", "body", "byline"}


class ArticleForm(forms.ModelForm):
    """An article; says what is missing before it may go out."""

    withdrawal_reason = forms.CharField(
        label="撤稿说明",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="状态改为“已撤稿”时必填，会公开显示在原网址上。",
    )

    class Meta:
        """The wide fields; ArticleAdmin names and orders them all."""

        model = Article
        exclude: tuple[str, ...] = ()
        widgets = {
            "title": forms.TextInput(attrs={"class": "vLargeTextField"}),
            "original_title": forms.TextInput(attrs={"class": "vLargeTextField"}),
            "body": forms.Textarea(attrs={"rows": 24, "class": "vLargeTextField"}),
        }

    def clean(self) -> dict[str, Any]:
        """A draft may lack anything but a title; what goes out may not."""
        data = super().clean() or {}
        state = data.get("state")
        published_at = data.get("published_at")
        if published_at and not EARLIEST <= published_at.year <= LATEST:
            self.add_error("published_at", f"年份应在 {EARLIEST} 到 {LATEST} 之间。")
        if state == Article.State.PUBLISHED:
            data["published_at"] = data.get("published_at") or timezone.now()
            if not sanitize(data.get("body") or ""):
                self.add_error("body", "发布前请填写正文。")
        withdrawn_now = (
            state == Article.State.WITHDRAWN
            and self.initial.get("state") != Article.State.WITHDRAWN
        )
        if withdrawn_now and self.initial.get("state") != Article.State.PUBLISHED:
            self.add_error("state", "没有发布过的稿件不能撤稿，存为草稿即可。")
        if state == Article.State.WITHDRAWN and not published_at:
            self.add_error("published_at", "撤稿后仍要保留发布时间，读者按它找到原网址。")
        if withdrawn_now and not data.get("withdrawal_reason"):
            self.add_error("withdrawal_reason", "请写明撤稿的原因，读者会在原网址上看到。")
        return data


class TopicInline(admin.TabularInline):
    """An article's topics."""

    model = ArticleTopic
    autocomplete_fields = ["topic"]
    fields = ["topic", "position"]
    extra = 1


class PhotoInline(admin.TabularInline):
    """An article's photos, in order."""

    model = ArticlePhoto
    autocomplete_fields = ["photo"]
    fields = ["preview", "photo", "caption", "position"]
    readonly_fields = ["preview"]
    extra = 0

    @admin.display(description="缩略图")
    def preview(self, use: ArticlePhoto) -> SafeString | str:
        """The photo, small."""
        return thumbnail(use.photo) if use.photo_id else ""


class CorrectionInline(admin.StackedInline):
    """An article's public notes."""

    model = Correction
    fields = ["kind", "published_at", "text"]
    extra = 0


@admin.register(Article)
class ArticleAdmin(admin.ModelAdmin):
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
