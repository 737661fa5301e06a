"""The sample archive: whole, Chinese, varied; loaded once and into an empty database alone."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from PIL import Image

from articles import reads
from articles.models import (
    Article,
    Correction,
    Licence,
    Page,
    Photo,
    Promo,
    PublicVersion,
    Topic,
    said_by,
)
from articles.sanitizer import sanitize
from tests.factories import make_article

FIXTURES = Path(settings.BASE_DIR) / "fixtures"
LINES = [
    json.loads(line)
    for file in sorted(FIXTURES.glob("articles/*.jsonl"))
    for line in file.read_text().splitlines()
]


def test_there_are_enough_articles_of_every_kind() -> None:
    assert len(LINES) >= 60
    topics = Counter(topic for line in LINES for topic in line["topics"])
    assert min(topics[name] for name in ("青岛话题", "深度报道", "精彩美图")) >= 8
    assert len({line["source"] for line in LINES}) >= 4
    assert len({line["editor"] for line in LINES}) >= 4
    assert len({line["id"] for line in LINES}) == len(LINES)
    assert len({line["title"] for line in LINES}) == len(LINES)


@pytest.mark.parametrize("line", LINES, ids=lambda line: str(line["id"]))
def test_an_article_is_clean_and_its_pictures_are_there(line: dict) -> None:  # type: ignore[type-arg]
    added = re.compile(r"</?tbody>| rel=\"noopener\"")  # what the sanitizer adds of its own
    assert added.sub("", sanitize(line["body"])) == added.sub("", line["body"])
    for photo in line["photos"]:
        assert photo["alt"]
        assert photo["caption"]
        assert photo["credit"]
        with Image.open(FIXTURES / "pictures" / photo["file"]) as picture:
            assert picture.size == (1800, 1200)
            assert not picture.getexif()


@pytest.mark.django_db
@pytest.mark.once
def test_the_sample_is_loaded_once(client: Client) -> None:
    call_command("load_sample", verbosity=0)
    assert Article.objects.count() == len(LINES)
    states = Counter(Article.objects.values_list("state", flat=True))
    assert states["withdrawn"] >= 1
    assert states["draft"] >= 1
    assert Article.objects.filter(state="published").count() > Article.objects.published().count()
    assert {note.kind for note in Correction.objects.all()} >= {"correction", "retraction"}
    assert Promo.objects.shown().count() >= 4
    assert Page.objects.in_footer().count() == 7
    assert Licence.objects.count() == 4
    assert Topic.objects.filter(featured=True).count() == 2
    assert all(len(reads.most_read(window, 10)) >= 5 for window in reads.WINDOWS)
    photos = Photo.objects.count()
    assert not Photo.objects.filter(alt="", decorative=False).exists()
    _has_a_public_past(client)
    call_command("load_sample", verbosity=0)
    assert (Article.objects.count(), Photo.objects.count()) == (len(LINES), photos)
    for article in Article.objects.published():
        html = client.get(article.get_absolute_url()).content.decode()
        assert html.count("<figcaption") >= article.photos.count(), article


def _has_a_public_past(client: Client) -> None:
    """Some articles have versions, of every kind but those of withdrawals; the last is the text."""
    changed = Article.objects.published().filter(public_versions__isnull=False).distinct()
    assert changed.count() >= 3
    kinds = set(PublicVersion.objects.values_list("kind", flat=True))
    assert kinds == {"first", "revision", "correction", "addition"}
    for article in changed:
        last = article.public_versions.order_by("number").last()
        now = said_by(article, article.gallery.as_read(article.body))
        assert last is not None
        assert (last.sha256, last.said.body) == (now.sha256, now.body), article
        assert "<del" in client.get(f"{article.get_absolute_url()}history/").content.decode()
        for note in article.corrections.all():
            assert article.public_versions.filter(
                kind=note.kind, published_at=note.published_at, reason=note.text
            ), article


@pytest.mark.django_db
def test_nothing_is_loaded_beside_real_articles() -> None:
    make_article()
    call_command("load_sample", verbosity=0)
    assert Article.objects.count() == 1
    assert not Promo.objects.exists()
