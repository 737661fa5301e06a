"""What an experienced editor expects first, judged by what the articles say."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from articles.models import Article
from articles.search import Sort
from articles.transfer import Importer, Line
from tests.factories import moment
from tests.searching import search

JUDGED = json.loads((Path(__file__).parent / "search_judged.json").read_text(encoding="utf-8"))
FIGURE = re.compile(r'<figure data-photo="[^"]*"></figure>')  # holds no words; slow to load
TODAY = moment("2026-11-24 12:00")  # recency counts, so the day the answers were judged on


def load_texts() -> None:
    """The sample archive without its pictures and its past."""
    lines = []
    for file in sorted((Path(settings.BASE_DIR) / "fixtures" / "articles").glob("*.jsonl")):
        for number, raw in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            article = json.loads(raw)
            article |= {"body": FIGURE.sub("", article["body"]), "photos": [], "versions": []}
            content = json.dumps(article, ensure_ascii=False).encode()
            lines.append(Line(file.name, number, content, 0))

    def refuse(line: Line, reason: str) -> None:
        raise AssertionError(f"{line.file}:{line.number}: {reason}")

    assert len(list(Importer(refuse).run(lines))) == Article.objects.count() == len(lines)


def test_forty_different_queries_are_judged() -> None:
    assert len({judged["query"] for judged in JUDGED}) == len(JUDGED) == 40
    assert all(1 <= len(judged["first"]) <= 3 and judged["why"] for judged in JUDGED)


@pytest.mark.django_db
def test_what_an_editor_expects_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """`wrong` says what search is known to do worse; it has to go when that is mended."""
    load_texts()
    monkeypatch.setattr(timezone, "now", lambda: TODAY)
    surprises = []
    for judged in JUDGED:
        hits = search(judged["query"], Sort.RELEVANCE, len(judged["first"])).hits
        first = [hit.article.title for hit in hits]
        if (first == judged["first"]) == ("wrong" in judged):
            surprises.append(f"{judged['query']}: {first}")
    assert not surprises, "\n".join(surprises)
