"""The archive by date."""

from django.http import Http404, HttpRequest
from ninja import Query

from articles import chronicle
from articles.api import shapes, shaping
from articles.api.asking import DayPart, MonthPart, Part, YearPart, real_date
from articles.api.routing import operation
from articles.models import Article


@operation("api-archive", shapes.Archive, "有稿件的年和月", "Years and months with articles")
def archive(request: HttpRequest) -> shapes.Archive:
    """All years that have articles, and each one's months. Two queries."""
    held: dict[int, list[int]] = {}
    for month in chronicle.months():
        held.setdefault(month.first.year, []).append(month.first.month)
    return shapes.Archive(
        years=[shapes.ArchiveYear(year=year, months=sorted(held[year])) for year in held]
    )


@operation("api-year", shapes.Year, "一年各月的篇数", "A year's months and their counts")
def year(request: HttpRequest, year: YearPart) -> shapes.Year:
    """A year's months with their counts. One query."""
    counts = chronicle.of_months(year)
    if not counts:
        raise Http404(f"{year}年没有稿件。")
    months = [shapes.MonthCount(month=month, count=counts[month]) for month in sorted(counts)]
    return shapes.Year(year=year, total=sum(counts.values()), months=months)


@operation("api-month", shapes.Month, "一月各日的篇数", "A month's days and their counts")
def month(request: HttpRequest, year: YearPart, month: MonthPart) -> shapes.Month:
    """A month's days with their counts, and the nearest days around it. Three queries."""
    first = real_date(year, month, 1)
    counts = chronicle.of_days(first)
    if not counts:
        raise Http404(f"{year}年{month}月没有稿件。")
    earlier, later = chronicle.beside(first, chronicle.last_of(first))
    return shapes.Month(
        year=year,
        month=month,
        total=sum(counts.values()),
        days=[shapes.DayCount(date=day.isoformat(), count=counts[day]) for day in sorted(counts)],
        earlier=shaping.day(earlier),
        later=shaping.day(later),
    )


@operation("api-day", shapes.ArticlesOfDay, "一天的稿件", "A day's articles")
def day(
    request: HttpRequest, year: YearPart, month: MonthPart, day: DayPart, part: Query[Part]
) -> shapes.ArticlesOfDay:
    """A day's articles, and the nearest days around it. Four queries."""
    shown = real_date(year, month, day)
    found = Article.objects.published().on(shown).for_list().page(part.position, part.limit)
    if not found.rows:
        raise Http404(f"{year}年{month}月{day}日没有稿件。")
    earlier, later = chronicle.beside(shown, shown)
    return shapes.ArticlesOfDay(
        **shaping.page(found),
        date=shown.isoformat(),
        earlier=shaping.day(earlier),
        later=shaping.day(later),
    )
