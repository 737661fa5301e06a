"""What is entered below an article: its topics, its gallery, its public notes."""

from django.contrib import admin
from django.utils.safestring import SafeString

from articles.admin.library import thumbnail
from articles.models import ArticlePhoto, ArticleTopic, Correction


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
