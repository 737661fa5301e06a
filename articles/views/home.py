"""The front page."""

from collections.abc import Iterable, Sequence

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.views.decorators.http import require_safe

from articles import metadata, oldpaths
from articles.models import Article, Topic
from articles.sidebar import Block, latest
from articles.views import render

# The newest articles, among which the lead is the newest with a picture.
NEWEST = 24
SECONDARY = 4
BRIEFS = 9
PICTURES = 4
BLOCK = 6
# An article may be in several topics: so many more are asked for, as each is shown once.
SPARE = 4


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """A lead story, four others, the latest, picture stories, a block a topic; each story once.

    Where no topic has anything to show, all of the newest stand in one list. `/?p=17` is no home
    page but an article's address in a WordPress of old.
    """
    if oldpaths.NUMBER in request.GET and (moved := _moved(request)):
        return moved
    newest = list(Article.objects.published().for_list().newest()[:NEWEST])
    lead = next((article for article in newest if article.lead_photo), None) or next(
        iter(newest), None
    )
    rest = [article for article in newest if article != lead]
    above, below = rest[:SECONDARY], rest[SECONDARY:]
    briefs = below[:BRIEFS]
    shown = {article.pk for article in (lead, *above, *briefs) if article}
    topics = list(Topic.objects.filter(in_navigation=True))
    found = latest(topics, BLOCK + SPARE, without=shown).values()
    pictures, blocks = _apart(found)
    return render.page(
        request,
        "home",
        {
            "lead": lead,
            "secondary": above,
            "briefs": briefs if blocks else [],
            "pictures": pictures,
            "blocks": blocks,
            "stories": [] if blocks else below,
            "json_ld": metadata.page_of(metadata.website()),
        },
    )


def _moved(request: HttpRequest) -> HttpResponse | None:
    """301 to the article of a WordPress number, 404 for one of none; None: no such address.

    One query. Were the home page the answer for any number, a cache would keep it for each.
    """
    known = oldpaths.numbered_at_home(request.path, request.GET[oldpaths.NUMBER])
    if known is None:
        return None
    article = Article.objects.public().at_old_number(known).first()
    if article is None:
        raise Http404("这个网址上没有页面。")
    return HttpResponsePermanentRedirect(article.get_absolute_url())


def _apart(found: Iterable[Block]) -> tuple[Block | None, Sequence[Block]]:
    """The picture stories and the other topics' blocks, with no story in two of them.

    A block opens with its newest article that has a picture, where one has.
    """
    shown: set[int] = set()

    def fresh(block: Block, size: int) -> Block:
        articles = [article for article in block.articles if article.pk not in shown][:size]
        opener = next((article for article in articles if article.lead_photo), None)
        shown.update(article.pk for article in articles)
        return Block(block.topic, sorted(articles, key=lambda article: article != opener))

    kinds = {layout: [b for b in found if b.topic.layout == layout] for layout in Topic.Layout}
    first = kinds[Topic.Layout.PICTURES][:1]
    pictures = next((fresh(block, PICTURES) for block in first), None)
    blocks = [fresh(block, BLOCK) for block in kinds[Topic.Layout.LIST]]
    return (
        pictures if pictures and pictures.articles else None,
        [block for block in blocks if block.articles],
    )
