"""Reads (阅读量) and the ranking made of them, 大家爱看."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from articles.models import Article, DailyReads

# Windows of 大家爱看, in days, today included; None: all time.
WINDOWS: dict[str, int | None] = {"day": 1, "week": 7, "month": 30, "all": None}


@dataclass(frozen=True)
class Ranked:
    """An article and its reads in a window."""

    article: Article
    reads: int


def record(article: Article, count: int, day: date) -> None:
    """Count `count` reads of an article on a day. Two statements in one transaction."""
    with transaction.atomic():
        DailyReads.objects.bulk_create(
            [DailyReads(article=article, day=day, count=0)], ignore_conflicts=True
        )
        DailyReads.objects.filter(article=article, day=day).update(count=F("count") + count)
        Article.objects.filter(pk=article.pk).update(reads=F("reads") + count)


def most_read(window: str, size: int) -> Sequence[Ranked]:
    """The most read articles of a window, ties by newest. One query for all time, else two."""
    days = WINDOWS[window]
    if days is None:
        articles = Article.objects.published().for_list()
        ranked = articles.order_by(F("reads").desc(), F("published_at").desc(), F("id").desc())
        return [Ranked(article, article.reads) for article in ranked[:size] if article.reads]
    first = timezone.localdate() - timedelta(days - 1)
    rows = (
        DailyReads.objects.filter(
            day__gte=first,
            article__state=Article.State.PUBLISHED,
            article__published_at__lte=timezone.now(),
        )
        .values("article_id")
        .annotate(total=Sum("count"))
        .order_by("-total", F("article__published_at").desc(), "-article_id")[:size]
    )
    totals = {row["article_id"]: row["total"] for row in rows}
    found = Article.objects.for_list().in_bulk(totals.keys())
    return [Ranked(found[article], total) for article, total in totals.items() if article in found]


def ranking_for_sidebar(size: int) -> Sequence[Ranked]:
    """This week's ranking; where the week has too few, all time fills it. Up to three queries."""
    week = list(most_read("week", size))
    if len(week) < size:
        known = {ranked.article.pk for ranked in week}
        week += [ranked for ranked in most_read("all", size) if ranked.article.pk not in known]
    return week[:size]
