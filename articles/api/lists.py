"""Lists of articles: the newest, by topic, source and editor, 大家爱看."""

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query

from articles import chronicle, models, reads
from articles.api import shapes, shaping
from articles.api.asking import EditorName, Part, Slug, Window
from articles.api.routing import operation
from articles.paging import Page


@operation("api-articles", shapes.Articles, "最新稿件", "The newest articles")
def articles(request: HttpRequest, part: Query[Part]) -> shapes.Articles:
    """All, newest first. Two queries."""
    found = models.Article.objects.published().for_list().page(part.position, part.limit)
    return shapes.Articles(**shaping.page(found))


@operation("api-topics", shapes.Topics, "全部话题", "All topics")
def topics(request: HttpRequest) -> shapes.Topics:
    """All topics in the editors' order. One query."""
    return shapes.Topics(items=[shaping.topic(one) for one in models.Topic.objects.all()])


@operation("api-topic", shapes.ArticlesOfTopic, "一个话题的稿件", "A topic's articles")
def topic(request: HttpRequest, slug: Slug, part: Query[Part]) -> shapes.ArticlesOfTopic:
    """A topic's articles. Three queries."""
    shown = get_object_or_404(models.Topic, slug=slug)
    members = models.ArticleTopic.objects.in_topic(shown).visible().with_articles()
    page = members.page(part.position, part.limit)
    found = Page([member.article for member in page.rows], page.older, page.newer)
    return shapes.ArticlesOfTopic(**shaping.page(found), topic=shaping.topic(shown))


@operation("api-sources", shapes.Sources, "全部来源", "All sources")
def sources(request: HttpRequest) -> shapes.Sources:
    """All sources that there is something of. One query."""
    return shapes.Sources(
        items=[
            shapes.SpannedSource(
                **shaping.source(source), first=span.first.isoformat(), last=span.last.isoformat()
            )
            for source, span in chronicle.sources()
        ]
    )


@operation("api-source", shapes.ArticlesFromSource, "一个来源的稿件", "A source's articles")
def source(request: HttpRequest, slug: Slug, part: Query[Part]) -> shapes.ArticlesFromSource:
    """A source's articles. Three queries."""
    shown = get_object_or_404(models.Source, slug=slug)
    articles = models.Article.objects.published().from_source(shown).for_list()
    found = articles.page(part.position, part.limit)
    return shapes.ArticlesFromSource(
        **shaping.page(found), source=shapes.Source(**shaping.source(shown))
    )


@operation("api-editors", shapes.Editors, "全部责编", "All editors")
def editors(request: HttpRequest) -> shapes.Editors:
    """All editors that there is something of. One query."""
    return shapes.Editors(
        items=[
            shapes.Editor(name=name, first=span.first.isoformat(), last=span.last.isoformat())
            for name, span in chronicle.editors()
        ]
    )


@operation("api-editor", shapes.ArticlesOfEditor, "一位责编的稿件", "An editor's articles")
def editor(request: HttpRequest, name: EditorName, part: Query[Part]) -> shapes.ArticlesOfEditor:
    """An editor's articles; 404 for a name that none bears. Two queries."""
    articles = models.Article.objects.published().by_editor(name).for_list()
    found = articles.page(part.position, part.limit)
    if not found.rows:
        raise Http404("没有这位编辑的稿件。")
    return shapes.ArticlesOfEditor(**shaping.page(found), editor=name)


@operation("api-most-read", shapes.Ranking, "大家爱看", "The most read articles")
def most_read(request: HttpRequest, window: Window) -> shapes.Ranking:
    """The most read articles of a window. Two queries."""
    ranking = reads.most_read(window, reads.RANKED)
    lines = shaping.lines([one.article for one in ranking])
    return shapes.Ranking(
        window=window,
        items=[
            shapes.Ranked(reads=one.reads, article=line)
            for one, line in zip(ranking, lines, strict=True)
        ],
    )
