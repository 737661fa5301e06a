"""大家爱看: the most read articles of a window."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F
from django.utils import timezone

from articles.models import Article, RecentReads

# 大家爱看's windows: fields of RecentReads, and all time.
WINDOWS = ("day", "week", "month", "all")
# As far as its pages go.
RANKED = 50


@dataclass(frozen=True)
class Ranked:
    """An article and its reads in a window."""

    article: Article
    reads: int


def most_read(window: str, size: int) -> Sequence[Ranked]:
    """The most read articles of a window, ties by newest. One index scan, however many there are.

    As of the last roll-up, seconds ago.
    """
    newest = (F("published_at").desc(), F("article_id").desc())
    if window == "all":
        articles = Article.objects.published().for_list().filter(reads__gt=0)
        ranked = articles.order_by(F("reads").desc(), F("published_at").desc(), F("id").desc())
        return [Ranked(article, article.reads) for article in ranked[:size]]
    rows = (
        RecentReads.objects.filter(
            **{f"{window}__gt": 0},
            article__state=Article.State.PUBLISHED,
            article__published_at__lte=timezone.now(),
        )
        .select_related("article__source", "article__lead_photo")
        .defer("article__body")
        .order_by(F(window).desc(), *newest)
    )
    return [Ranked(row.article, getattr(row, window)) for row in rows[:size]]


def ranking_for_sidebar(size: int) -> Sequence[Ranked]:
    """This week's ranking; where the week has too few, all time fills it. Two queries at most."""
    week = list(most_read("week", size))
    if len(week) < size:
        known = {ranked.article.pk for ranked in week}
        week += [ranked for ranked in most_read("all", size) if ranked.article.pk not in known]
    return week[:size]
