"""The editors' desk: Django admin, set for newspaper work."""

from django.contrib import admin

from articles.admin.article import ArticleAdmin
from articles.admin.library import PhotoAdmin
from articles.admin.site import LicenceAdmin, PageAdmin, PromoAdmin, SourceAdmin, TopicAdmin

__all__ = [
    "ArticleAdmin",
    "LicenceAdmin",
    "PageAdmin",
    "PhotoAdmin",
    "PromoAdmin",
    "SourceAdmin",
    "TopicAdmin",
]

admin.site.site_header = "信网编辑后台"
admin.site.site_title = "信网"
admin.site.index_title = "新闻档案"
admin.site.empty_value_display = "—"
