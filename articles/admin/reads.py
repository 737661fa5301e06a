"""Reads on the editors' desk: an article's chart, the most read of a day, both as CSV."""

import csv
import re
from collections.abc import Sequence
from datetime import date, timedelta

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.safestring import SafeString, mark_safe

from articles.models import Article, DailyReads

CHART_DAYS = 30
TOP = 50
# Bar and gap of the chart, in its own units.
BAR, STEP, HEIGHT = 14, 20, 120
# What a spreadsheet would take for a formula (OWASP, "CSV Injection"), also behind blanks, and as
# input methods for Chinese write it.
FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")


def chart(article: Article) -> SafeString:
    """The article's reads of the last CHART_DAYS days as an SVG of bars. One query."""
    today = timezone.localdate()
    days = [today - timedelta(days=ago) for ago in reversed(range(CHART_DAYS))]
    counts = dict(
        DailyReads.objects.filter(article=article, day__gte=days[0]).values_list("day", "count")
    )
    most = max(counts.values(), default=0)
    bars = [
        {
            "day": day,
            "count": counts.get(day, 0),
            "x": number * STEP,
            "y": HEIGHT - _height(counts.get(day, 0), most),
            "height": _height(counts.get(day, 0), most),
        }
        for number, day in enumerate(days)
    ]
    context = {
        "bars": bars, "total": sum(counts.values()), "days": CHART_DAYS, "bar": BAR,
        "width": CHART_DAYS * STEP, "height": HEIGHT, "first": days[0], "last": today,
    }  # fmt: skip
    return mark_safe(render_to_string("admin/reads_chart.html", context))


def _height(count: int, most: int) -> int:
    return max(1, count * HEIGHT // most) if count else 0


def top_of_day(request: HttpRequest) -> HttpResponse:
    """The most read articles of one day (`?day=`, else today), as a page or as CSV. One query."""
    if not request.user.has_perm("articles.view_article"):
        raise PermissionDenied
    day = _day(request.GET.get("day", ""))
    rows = list(
        DailyReads.objects.filter(day=day)
        .select_related("article__source")
        .defer("article__body")
        .order_by("-count", "-article_id")[:TOP]
    )
    if request.GET.get("format") == "csv":
        return _csv(day, rows)
    context = {**admin.site.each_context(request), "title": "阅读量排行", "day": day, "rows": rows}
    return render(request, "admin/reads.html", context)


def _day(asked: str) -> date:
    try:
        return parse_date(asked) or timezone.localdate()
    except ValueError:
        return timezone.localdate()


def _csv(day: date, rows: Sequence[DailyReads]) -> HttpResponse:
    # The mark tells Excel that this is UTF-8.
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="reads-{day}.csv"'
    sheet = csv.writer(response)
    sheet.writerow(["名次", "编号", "标题", "来源", "责编", "发布时间", "当日阅读", "总阅读"])
    for place, row in enumerate(rows, 1):
        article = row.article
        published = article.published_at and timezone.localtime(article.published_at)
        cells = [
            place, article.pk, article.title, article.source or "", article.editor,
            f"{published:%Y-%m-%d %H:%M}" if published else "", row.count, article.reads,
        ]  # fmt: skip
        sheet.writerow([_inert(cell) for cell in cells])
    return response


def _inert(cell: object) -> str:
    written = str(cell)
    return f"'{written}" if FORMULA.match(written) else written
