"""What may stand in a query, and what it means.

What isn't written as it should be is refused (400), with what is wrong with it; what is, and names
nothing that there is, is a 404, as on pages.
"""

from datetime import date
from typing import Annotated, Any, Literal, TypeVar

from django.http import Http404
from pydantic import BaseModel, WithJsonSchema

from articles import chronicle, reads
from articles.api.wording import both, told
from articles.converters import NameConverter, PrintedNameConverter
from articles.models import Source, Topic
from articles.models.slugs import called
from articles.paging import BadCursor, Position
from articles.search import Filters, Sort

PAGE_SIZE, LARGEST_PAGE = 30, 100
_CURSOR = r"^-?[0-9]{1,17}-[1-9][0-9]{0,17}$"
_DAY = r"^[12][0-9]{3}-[0-9]{2}-[0-9]{2}$"

Model = TypeVar("Model", Topic, Source)
Span = tuple[date | None, date | None]


def _part(chinese: str, english: str, **schema: Any) -> Any:
    """A part of an address, whose form Django's converters hold it to (articles/converters.py)."""
    return WithJsonSchema({"description": both(chinese, english), **schema})


Id = Annotated[
    int, _part("稿件编号", "The article's number", type="integer", minimum=1, maximum=10**18 - 1)
]
Slug = Annotated[
    str, _part("地址名", "Name in addresses", type="string", pattern=f"^{NameConverter.regex}$")
]
EditorName = Annotated[
    str,
    _part(
        "责编姓名", "The editor's name", type="string", pattern=f"^{PrintedNameConverter.regex}$"
    ),
]
YearPart = Annotated[int, _part("年，四位", "Year", type="integer", minimum=1000, maximum=2999)]
MonthPart = Annotated[
    int, _part("月，两位", "Month, two digits", type="string", pattern="^[0-9]{2}$")
]
DayPart = Annotated[int, _part("日，两位", "Day, two digits", type="string", pattern="^[0-9]{2}$")]
Window = Annotated[
    Literal["day", "week", "month", "all"],
    _part(
        "时段：今日、一周、一月、全部", "Within which time", type="string", enum=list(reads.WINDOWS)
    ),
]


class Place(BaseModel):
    """A page of a list."""

    before: Annotated[
        str | None,
        told(
            "上一页答的 older：要更早的一页", "A page's `older`: the page after it", pattern=_CURSOR
        ),
    ] = None
    after: Annotated[
        str | None,
        told(
            "上一页答的 newer：要更新的一页",
            "A page's `newer`: the page before it",
            pattern=_CURSOR,
        ),
    ] = None

    @property
    def position(self) -> Position:
        """Where it begins; 404 where that names no place."""
        try:
            return Position.parse(self.before or "", self.after or "")
        except BadCursor as error:
            raise Http404("没有这一页。") from error


class Part(Place):
    """A page of a list, as long as asked for."""

    limit: Annotated[
        int, told("一页多少篇", "How many articles a page has", ge=1, le=LARGEST_PAGE)
    ] = PAGE_SIZE


class Searched(Place):
    """A search."""

    q: Annotated[
        str,
        told(
            "要找的词：空格隔开的都要有，“…” 是整句，-词 是不要的；"
            "还可以写 标题: 来源: 编辑: 记者: 话题:",
            "Words: all of them have to occur, “…” keeps a phrase together, -word excludes;"
            " 标题: 来源: 编辑: 记者: 话题: say where",
            min_length=1,
        ),
    ]
    sort: Annotated[
        Literal["relevance", "newest"],
        told("排序：相关度，或新的在前", "By relevance, or newest first"),
    ] = "relevance"
    year: Annotated[str | None, told("只要某一年", "Of one year", pattern="^[12][0-9]{3}$")] = None
    month: Annotated[
        str | None, told("只要某一月：2022-09", "Of one month", pattern="^[12][0-9]{3}-[0-9]{2}$")
    ] = None
    topic: Annotated[str | None, told("只要某个话题的地址名", "Slug of one topic")] = None
    source: Annotated[str | None, told("只要某个来源的地址名", "Slug of one source")] = None
    first: Annotated[
        str | None, told("从哪天起：2022-09-29", "From which day on", pattern=_DAY, alias="from")
    ] = None
    last: Annotated[
        str | None, told("到哪天为止：2022-09-30", "Up to which day", pattern=_DAY, alias="to")
    ] = None
    page: Annotated[
        int, told("第几页（按相关度排时）", "Number of the page, by relevance", ge=1, le=9999)
    ] = 1

    @property
    def order(self) -> Sort:
        """The order of the results."""
        return Sort(self.sort)

    @property
    def filters(self) -> Filters:
        """For the engine: the days that all have in common, and the rest.

        404 for what there isn't. A query each for a topic and a source.
        """
        spans = [_year(self.year), _month(self.month), (_day(self.first), _day(self.last))]
        return Filters(
            first=max((first for first, _ in spans if first), default=None),
            last=min((last for _, last in spans if last), default=None),
            topic=_named(Topic, self.topic, "没有这个话题。"),
            source=_named(Source, self.source, "没有这个来源。"),
        )


def real_date(year: int, month: int, day: int) -> date:
    """A day that there is; 404 for the 30th of February."""
    try:
        return date(year, month, day)
    except ValueError as error:
        raise Http404("没有这一天。") from error


def _year(said: str | None) -> Span:
    return (date(int(said), 1, 1), date(int(said), 12, 31)) if said else (None, None)


def _month(said: str | None) -> Span:
    first = _day(said and f"{said}-01")
    return (first, chronicle.last_of(first)) if first else (None, None)


def _day(said: str | None) -> date | None:
    return real_date(*map(int, said.split("-"))) if said else None


def _named(model: type[Model], slug: str | None, missing: str) -> int | None:
    """The number of the topic or source that is called so."""
    if slug is None:
        return None
    found = called(model._default_manager.all(), slug)
    if found is None:
        raise Http404(missing)
    return found.pk
