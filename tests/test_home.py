"""The front page: one lead, every story once, whatever the archive has."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from articles.models import Topic
from tests.factories import make_article, make_photo, make_topic

pytestmark = pytest.mark.django_db

VIEWS = ("desktop", "mobile")


def front(client: Client, view: str) -> str:
    client.cookies["view"] = view
    response = client.get("/")
    assert response.status_code == 200
    return response.content.decode()


def without_ranking(html: str) -> str:
    """The page without 大家爱看, which may name any story."""
    return re.sub(r'<ol class="ranking">.*?</ol>', "", html, flags=re.DOTALL)


@pytest.mark.parametrize("view", VIEWS)
def test_every_story_is_shown_once_however_many_topics_it_has(client: Client, view: str) -> None:
    topics = [make_topic(in_navigation=True, position=n) for n in range(3)]
    pictures = make_topic("精彩美图", layout=Topic.Layout.PICTURES, in_navigation=True)
    now = timezone.now()
    for number in range(60):
        make_article(
            topics=[*topics, *([pictures] if number % 3 == 0 else [])],
            photos=[make_photo(330, 220)] if number % 8 == 1 else [],
            published_at=now - timedelta(hours=number + 1),
        )
    html = without_ranking(front(client, view))
    titles = re.findall(r'(?:title"><a href|class="lead__link" href|class="opener" href'
                        r'|lines__line"><a href|<li class="pictures__story">\s*<a href)="([^"]+)"',
                        html)  # fmt: skip
    assert len(titles) >= 1 + 4 + 9 + 4 + 6
    assert len(set(titles)) == len(titles)
    assert len(re.findall('class="pictures__story"', html)) == 4
    # a block opens with its newest that has a picture
    first_block = html.split('class="opener"')[1]
    assert "<picture>" in first_block.split("</a>")[0]


@pytest.mark.parametrize("view", VIEWS)
def test_without_a_picture_words_open_the_page(client: Client, view: str) -> None:
    make_topic("民生", slug="minsheng", in_navigation=True)
    for number in range(8):
        make_article(title=f"稿{number}", topics=Topic.objects.all(), reads=number)
    html = front(client, view)
    assert "<picture>" not in html.split('class="secondary')[0]
    assert html.count('class="lead"') == 1
    assert html.count('class="secondary__story"') == 4
    assert html.count(">大家爱看<") == 1 + 1  # the strip's link and the section


@pytest.mark.parametrize("view", VIEWS)
def test_without_topics_the_newest_stand_in_one_list(client: Client, view: str) -> None:
    for number in range(30):
        make_article(title=f"稿{number}")
    html = front(client, view)
    assert html.count('class="story"') == 24 - 1 - 4
    assert "briefs" not in html


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("photographed", [True, False])
def test_one_article_is_a_front_page(client: Client, view: str, photographed: bool) -> None:
    make_article(title="唯一的稿", photos=[make_photo(330, 220)] if photographed else [])
    html = front(client, view)
    assert html.count("唯一的稿") == 1
    for empty in ("secondary", 'class="stories"', 'class="opener"', "section--pictures"):
        assert empty not in html


@pytest.mark.parametrize("view", VIEWS)
def test_an_empty_archive_says_so(client: Client, view: str) -> None:
    assert "还没有稿件。" in front(client, view)
