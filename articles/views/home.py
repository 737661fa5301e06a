"""The front page."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from articles import metadata
from articles.models import Article, Topic
from articles.sidebar import Block, latest
from articles.views import render

# The newest articles, among which the lead is the newest with a picture.
NEWEST = 24
SECONDARY = 4
BRIEFS = 9
BLOCK = 6


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """A lead story, four others, the latest, a block a topic without what stands above."""
    newest = list(Article.objects.published().for_list().newest()[:NEWEST])
    lead = next((article for article in newest if article.lead_photo), None) or next(
        iter(newest), None
    )
    rest = [article for article in newest if article != lead]
    secondary = rest[:SECONDARY]
    above = {article.pk for article in [lead, *secondary] if article}
    topics = list(Topic.objects.filter(in_navigation=True, layout=Topic.Layout.LIST))
    blocks = [
        Block(block.topic, [a for a in block.articles if a.pk not in above][:BLOCK])
        for block in latest(topics, BLOCK + len(above)).values()
    ]
    return render.page(
        request,
        "home",
        {
            "lead": lead,
            "secondary": secondary,
            "briefs": rest[SECONDARY : SECONDARY + BRIEFS],
            "blocks": [block for block in blocks if block.articles],
            "json_ld": metadata.page_of(metadata.website()),
        },
    )
