"""What the API answers with. Every field says in both languages what it is."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from articles.api.wording import told

Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Day = Annotated[str, Field(json_schema_extra={"format": "date"})]
Address = Annotated[str, Field(json_schema_extra={"format": "uri"})]


class Shape(BaseModel):
    """Something that is answered; no field more than it says."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Named(Shape):
    """A topic or a source, as an article names it."""

    slug: Annotated[str, told("地址名，用在本接口的网址里", "Name in addresses of this API")]
    name: Annotated[str, told("名称", "Name")]


class Rendition(Shape):
    """A photo's files of one width."""

    width: Annotated[int, told("宽，像素", "Width in pixels")]
    height: Annotated[int, told("高，像素", "Height in pixels")]
    webp: Annotated[Address, told("WebP 文件", "WebP file")]
    jpeg: Annotated[Address, told("JPEG 文件", "JPEG file")]


class Photo(Shape):
    """A photo with its files, the narrowest first: what `srcset` wants."""

    alt: Annotated[
        str, told("替代文字；装饰性图片为空", "Alternative text; empty for a decoration")
    ]
    caption: Annotated[str, told("图注，没有则为空", "Caption, or empty")]
    credit: Annotated[str, told("署名，没有则为空", "Credit, or empty")]
    focus_x: Annotated[
        int, told("焦点离左边的百分比，裁切时保留", "Focal point from the left, in per cent")
    ]
    focus_y: Annotated[
        int, told("焦点离上边的百分比，裁切时保留", "Focal point from the top, in per cent")
    ]
    renditions: Annotated[
        list[Rendition], told("各种宽度的文件，从窄到宽", "Files of every width, narrowest first")
    ]


class GalleryPhoto(Photo):
    """A photo of an article, in its place."""

    number: Annotated[int, told("文中第几张，从 1 起", "Its place in the article, from 1")]
    url: Annotated[Address, told("图片页", "The photo's own page")]


class Beside(Shape):
    """An article that another one leads to."""

    id: Annotated[int, told("编号", "Number")]
    url: Annotated[Address, told("固定网址", "Permalink")]
    title: Annotated[str, told("标题", "Headline")]
    published_at: Annotated[Moment, told("发布时间，北京时间", "Time of publication, UTC+8")]


class Line(Beside):
    """An article as lists show it."""

    original_title: Annotated[
        str, told("来源处的标题，与本站不同时才有", "Headline at its source, where it differs")
    ]
    source: Annotated[Named | None, told("来源", "Source")]
    editor: Annotated[str, told("责编，没有则为空", "Editor in charge, or empty")]
    byline: Annotated[str, told("记者署名，照报纸印的写法", "Byline as printed")]
    modified_at: Annotated[
        Moment, told("最近一次实质改动的时间", "Time of the last change of substance")
    ]
    excerpt: Annotated[str, told("摘要，纯文本", "Excerpt, plain text")]
    reads: Annotated[int, told("阅读量", "Reads")]
    photo: Annotated[Photo | None, told("题图", "Lead photo")]
    topics: Annotated[list[Named], told("话题，主要的在前", "Topics, the first one matters most")]


class Note(Shape):
    """A public note on an article."""

    kind: Annotated[
        Literal["correction", "addition", "retraction"],
        told("类别：更正、补充、撤稿", "Kind of note"),
    ]
    name: Annotated[str, told("类别的中文名", "The kind's name in Chinese")]
    text: Annotated[str, told("说明", "What it says")]
    published_at: Annotated[Moment, told("发布时间，北京时间", "Time of publication, UTC+8")]


class Neighbours(Shape):
    """The nearest articles."""

    newer: Annotated[Beside | None, told("下一篇（更新的）", "The next newer one")]
    older: Annotated[Beside | None, told("上一篇（更早的）", "The next older one")]
    newer_in_topic: Annotated[
        Beside | None, told("同一话题里更新的一篇", "The next newer one in its first topic")
    ]
    older_in_topic: Annotated[
        Beside | None, told("同一话题里更早的一篇", "The next older one in its first topic")
    ]


class ShareImage(Shape):
    """The picture for a link."""

    url: Annotated[Address, told("图片文件", "File")]
    width: Annotated[int, told("宽，像素", "Width in pixels")]
    height: Annotated[int, told("高，像素", "Height in pixels")]
    alt: Annotated[str, told("替代文字", "Alternative text")]


class Article(Line):
    """An article, whole."""

    authors: Annotated[list[str], told("署名里的人名", "Names in the byline")]
    body: Annotated[
        str,
        told(
            "正文：清洁的 HTML，没有脚本和样式；每段有固定的 id（p1、p2…），"
            "图片带图注，链接是完整网址",
            "Body: clean HTML without scripts or styles; every block has a lasting id (p1, p2 …),"
            " pictures have captions, links are whole addresses",
        ),
    ]
    photos: Annotated[list[GalleryPhoto], told("文中图片，按出现的次序", "Photos, in order")]
    corrections: Annotated[
        list[Note], told("更正、补充，新的在前", "Corrections and additions, newest first")
    ]
    is_old: Annotated[
        bool, told("是否要提示读者这是旧闻", "Whether readers should be told that it is old")
    ]
    citation: Annotated[str, told("引用格式（GB/T 7714—2015）", "How to cite it (GB/T 7714—2015)")]
    share_image: Annotated[
        ShareImage, told("转发卡片用的图", "Picture for a card that links to it")
    ]
    related: Annotated[list[Line], told("相关稿件", "Related articles")]
    neighbours: Annotated[Neighbours, told("前后稿件", "Articles before and after it")]


class Topic(Named):
    """A topic."""

    description: Annotated[str, told("简介，没有则为空", "Description, or empty")]
    layout: Annotated[
        Literal["list", "pictures"], told("版式：列表或图片", "Whether it is a list or pictures")
    ]
    url: Annotated[Address, told("话题页", "Its page")]


class Source(Named):
    """A source."""

    homepage: Annotated[str, told("来源自己的网址，没有则为空", "Its own site, or empty")]
    url: Annotated[Address, told("来源页", "Its page here")]


class SpannedSource(Source):
    """A source, and from when to when."""

    first: Annotated[Day, told("最早一篇的日期", "Day of its first article")]
    last: Annotated[Day, told("最近一篇的日期", "Day of its latest article")]


class Editor(Shape):
    """An editor, and from when to when."""

    name: Annotated[str, told("姓名，照报纸印的写法", "Name as printed")]
    first: Annotated[Day, told("最早一篇的日期", "Day of the first article")]
    last: Annotated[Day, told("最近一篇的日期", "Day of the latest article")]


class Articles(Shape):
    """A page of a list."""

    items: Annotated[list[Line], told("稿件，新的在前", "Articles, newest first")]
    older: Annotated[
        str | None,
        told(
            "更早的一页：把它放进 before 参数；没有更早的则为 null",
            "The page of older ones: put it into the parameter before; null where there are none",
        ),
    ]
    newer: Annotated[
        str | None,
        told(
            "更新的一页：把它放进 after 参数；没有更新的则为 null",
            "The page of newer ones: put it into the parameter after; null where there are none",
        ),
    ]


class ArticlesOfTopic(Articles):
    """A page of a topic's articles."""

    topic: Annotated[Topic, told("话题", "Topic")]


class ArticlesFromSource(Articles):
    """A page of a source's articles."""

    source: Annotated[Source, told("来源", "Source")]


class ArticlesOfEditor(Articles):
    """A page of an editor's articles."""

    editor: Annotated[str, told("责编姓名", "The editor's name")]


class Topics(Shape):
    """All topics."""

    items: Annotated[list[Topic], told("全部话题", "All topics")]


class Sources(Shape):
    """All sources."""

    items: Annotated[
        list[SpannedSource], told("全部来源，最近有稿的在前", "All sources, the latest first")
    ]


class Editors(Shape):
    """All editors."""

    items: Annotated[
        list[Editor], told("全部责编，最近有稿的在前", "All editors, the latest first")
    ]


class Ranked(Shape):
    """An article of the ranking."""

    reads: Annotated[int, told("这段时间里的阅读量", "Reads within that time")]
    article: Annotated[Line, told("稿件", "Article")]


class Ranking(Shape):
    """大家爱看."""

    window: Annotated[
        Literal["day", "week", "month", "all"],
        told("时段：今日、一周、一月、全部", "Within which time"),
    ]
    items: Annotated[list[Ranked], told("读得最多的在前", "The most read first")]


class ArchiveYear(Shape):
    """A year and its months."""

    year: Annotated[int, told("年", "Year")]
    months: Annotated[list[int], told("有稿件的月份", "Months that have articles")]


class Archive(Shape):
    """All years."""

    years: Annotated[list[ArchiveYear], told("年，新的在前", "Years, newest first")]


class MonthCount(Shape):
    """A month and how many."""

    month: Annotated[int, told("月", "Month")]
    count: Annotated[int, told("篇数", "Number of articles")]


class Year(Shape):
    """A year's months."""

    year: Annotated[int, told("年", "Year")]
    total: Annotated[int, told("全年篇数", "Number of articles in all")]
    months: Annotated[list[MonthCount], told("有稿件的月份", "Months that have articles")]


class DayCount(Shape):
    """A day and how many."""

    date: Annotated[Day, told("日期", "Day")]
    count: Annotated[int, told("篇数", "Number of articles")]


class NearestDays(Shape):
    """The nearest days that have articles."""

    earlier: Annotated[
        Day | None, told("之前最近一个有稿件的日期", "The nearest day before with articles")
    ]
    later: Annotated[
        Day | None, told("之后最近一个有稿件的日期", "The nearest day after with articles")
    ]


class Month(NearestDays):
    """A month's days."""

    year: Annotated[int, told("年", "Year")]
    month: Annotated[int, told("月", "Month")]
    total: Annotated[int, told("全月篇数", "Number of articles in all")]
    days: Annotated[list[DayCount], told("有稿件的日子", "Days that have articles")]


class ArticlesOfDay(Articles, NearestDays):
    """A page of a day's articles."""

    date: Annotated[Day, told("日期", "Day")]


class Hit(Shape):
    """An article that was found."""

    article: Annotated[Line, told("稿件", "Article")]
    title: Annotated[
        str, told("标题，找到的词在 <mark> 里（HTML）", "Headline, words in <mark> (HTML)")
    ]
    cut: Annotated[
        str,
        told("正文片段，找到的词在 <mark> 里（HTML）", "Cut of the text, words in <mark> (HTML)"),
    ]


class Way(Shape):
    """One way to narrow a search."""

    value: Annotated[str, told("放进参数里的值", "What to put into the parameter")]
    name: Annotated[str, told("名称", "Name")]
    count: Annotated[int, told("还剩多少篇", "How many it leaves")]


class Ways(Shape):
    """How a search could be narrowed."""

    year: Annotated[list[Way], told("按年", "By year")]
    month: Annotated[list[Way], told("按月", "By month")]
    topic: Annotated[list[Way], told("按话题", "By topic")]
    source: Annotated[list[Way], told("按来源", "By source")]
    estimated: Annotated[bool, told("篇数是不是估计的", "Whether the numbers are estimates")]


class Found(Shape):
    """A page of what a search finds."""

    query: Annotated[str, told("实际搜索的词", "What was searched for")]
    shortened: Annotated[
        bool, told("词太多，没有全部用上", "Whether there were too many words to use all")
    ]
    meaningless: Annotated[
        bool, told("词里没有一个字母、数字或汉字", "Whether not one letter or digit was asked for")
    ]
    too_broad: Annotated[
        bool, told("范围太大，没有搜完；请加词", "Whether it was given up, for want of words")
    ]
    total: Annotated[int, told("找到多少篇", "How many were found")]
    more: Annotated[bool, told("不止这么多", "Whether there are at least as many")]
    items: Annotated[list[Hit], told("这一页的结果", "The results of this page")]
    narrowing: Annotated[Ways, told("可以怎样缩小范围", "How it could be narrowed")]
    page: Annotated[int, told("第几页（按相关度排时）", "Number of the page, by relevance")]
    pages: Annotated[int, told("共几页（按相关度排时）", "Number of pages, by relevance")]
    older: Annotated[
        str | None,
        told("更早的一页，放进 before（按时间排时）", "For the parameter before, newest first"),
    ]
    newer: Annotated[
        str | None,
        told("更新的一页，放进 after（按时间排时）", "For the parameter after, newest first"),
    ]


class Wrong(Shape):
    """A parameter that can't be read."""

    name: Annotated[str, told("参数名", "Name of the parameter")]
    reason: Annotated[str, told("哪里不对", "What is wrong with it (in Chinese)")]


class Problem(Shape):
    """What is amiss (RFC 9457); programs pass over members that they don't know."""

    model_config = ConfigDict(extra="allow")

    title: Annotated[str, told("出了什么事", "What is amiss (in Chinese)")]
    status: Annotated[int, told("HTTP 状态码", "The HTTP status")]
    detail: Annotated[
        str | None, told("详细说明，可能没有", "More about it, perhaps", default=None)
    ]


class BadRequest(Problem):
    """What can't be read."""

    errors: Annotated[list[Wrong], told("每个读不懂的参数", "Each parameter that can't be read")]


class Withdrawn(Problem):
    """An article that was taken back."""

    article: Annotated[Beside, told("原稿", "The article as it was")]
    withdrawn_at: Annotated[
        Moment | None, told("撤稿时间，北京时间", "Time of the withdrawal, UTC+8")
    ]
    reason: Annotated[str, told("撤稿说明", "Why it was withdrawn")]
    corrections: Annotated[
        list[Note], told("全部公开说明，新的在前", "All public notes, newest first")
    ]
