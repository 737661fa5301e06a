"""The front page."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from articles.models import Article, Topic
from articles.sidebar import latest
from articles.views import render

# The newest articles, among which the lead is the newest with a picture.
NEWEST = 24
SECONDARY = 4
BRIEFS = 9
BLOCK = 6


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """A lead story, four others, the latest, a block a topic."""
    newest = list(Article.objects.published().for_list().newest()[:NEWEST])
    lead = next((article for article in newest if article.lead_photo), None) or next(
        iter(newest), None
    )
    rest = [article for article in newest if article != lead]
    topics = [topic for topic in Topic.objects.in_navigation() if topic.layout == Topic.Layout.LIST]
    blocks = [block for block in latest(topics, BLOCK).values() if block.articles]
    return render.page(
        request,
        "home",
        {
            "lead": lead,
            "secondary": rest[:SECONDARY],
            "briefs": rest[SECONDARY : SECONDARY + BRIEFS],
            "blocks": blocks,
        },
    )
