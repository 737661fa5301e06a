"""The list of articles: the same cost at a thousand as at a million."""

import re
from functools import cached_property
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.forms import Media
from django.http import HttpRequest
from django.utils import timezone

from articles import search
from articles.admin.filters import (
    DayFilter,
    DeskFilter,
    EditorFilter,
    SourceFilter,
    StateFilter,
    TopicFilter,
)
from articles.models import Article, ArticleTopic

# How far a list of the desk is counted and can be paged; filters and search lead to what lies
# deeper.
MOST_LISTED = 2000
# How many published articles the search box finds at most.
MOST_FOUND = 1000
TOO_BROAD = "这样找的范围太大，请加一个更具体的词。"


class CappedPaginator(Paginator):
    """Pages of the first MOST_LISTED rows: no count, and no offset, reads more than those.

    `counted` are other rows, as many, that take less to count.
    """

    counted: QuerySet[Any] | None = None

    @cached_property
    def count(self) -> int:
        """How many rows there are, MOST_LISTED if there are more."""
        return min(self._counted, MOST_LISTED)

    @property
    def capped(self) -> bool:
        """Whether there are more than can be paged through."""
        return self._counted > MOST_LISTED

    @cached_property
    def _counted(self) -> int:
        listed: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        rows = listed if self.counted is None else self.counted
        return rows.order_by()[: MOST_LISTED + 1].count()


class ArticleList(ChangeList):
    """Newest first, drafts without a time before all else. No other order: no index has one."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        """The order of the indexes; a topic's has its own."""
        # A topic's rows repeat their articles' publish time, so that one index holds both.
        prefix = "memberships__" if request.GET.get("topic", "").strip() else ""
        return [f"-{prefix}published_at", f"-{prefix}article_id" if prefix else "-id"]

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """Without bodies, with their topics."""
        rows = super().get_queryset(request, exclude_parameters)
        return rows.defer("body", "anchors").prefetch_related("memberships__topic")


class ListedArticles(admin.ModelAdmin):
    """ArticleAdmin's list: its columns, filters and search."""

    list_display = ["title", "status", "when", "source", "topic", "editor", "desk", "reads"]
    list_filter = [StateFilter, DayFilter, TopicFilter, SourceFilter, EditorFilter, DeskFilter]
    list_select_related = ["source", "desk"]
    list_per_page = 50
    sortable_by = ()
    search_fields = ["id"]  # a search box; what it finds: get_search_results
    search_help_text = (
        "按标题和正文的字句、编号查找；标题:、来源:、编辑:、话题: 限定位置，-词 排除。"
    )
    show_facets = admin.ShowFacets.NEVER  # each would be counted
    show_full_result_count = False  # counting a million rows for every page is of no use

    @admin.display(description="状态")
    def status(self, article: Article) -> str:
        """待发 is a state to editors."""
        return article.status

    @admin.display(description="发布时间")
    def when(self, article: Article) -> str:
        """The publish time, in a short column."""
        at = article.published_at and timezone.localtime(article.published_at)
        return f"{at:%Y-%m-%d %H:%M}" if at else ""

    @admin.display(description="话题")
    def topic(self, article: Article) -> str:
        """Its topics, in order."""
        return "、".join(str(membership.topic) for membership in article.memberships.all())

    @property
    def media(self) -> Media:
        """How filters and buttons look, and what the autocomplete of filters needs."""
        relation: Any = Article._meta.get_field("source")
        own = Media(css={"all": ["desk/lists.css"]})
        return super().media + AutocompleteSelect(relation, self.admin_site).media + own

    def get_paginator(self, request: HttpRequest, *args: Any, **kwargs: Any) -> CappedPaginator:
        """A topic's articles are as many as its memberships."""
        paginator = CappedPaginator(*args, **kwargs)
        asked = {name: str(value).strip() for name, value in request.GET.items()}
        narrowed = {name for name, value in asked.items() if value} - {PAGE_VAR}
        if narrowed == {TopicFilter.parameter_name}:
            topic = int(asked[TopicFilter.parameter_name])
            paginator.counted = ArticleTopic.objects.filter(topic=topic)
        return paginator

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ArticleList]:
        """The list whose order has indexes."""
        return ArticleList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Article], search_term: str
    ) -> tuple[QuerySet[Article], bool]:
        """Articles of this number, and what the site's search finds, unpublished ones too.

        Words that are in more than MOST_FOUND published articles find the newest of them.
        """
        term = search_term.strip()
        if not term:
            return queryset, False
        found = {int(term)} if re.fullmatch(r"[0-9]{1,18}", term) else set()
        if "\x00" not in term:
            found.update(Article.objects.filter(legacy_id=term).values_list("pk", flat=True))
        try:
            found.update(search.matching(search.parse(term), MOST_FOUND))
        except search.TooBroad:
            self.message_user(request, TOO_BROAD, messages.WARNING)
        return queryset.filter(pk__in=found), False

    def get_actions(self, request: HttpRequest) -> Any:
        """Without the stock deletion: articles are withdrawn, drafts deleted one by one."""
        found = super().get_actions(request)
        found.pop("delete_selected", None)
        return found
