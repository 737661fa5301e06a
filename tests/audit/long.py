"""An article of a given length, in real sentences: what a budget for articles is measured on."""

import json
import re

from articles.models import Article
from tests.serving import ROOT

CHARACTERS = 2500


def paragraphs() -> list[str]:
    """The paragraphs of the sample archive's articles, of plain text."""
    return [
        paragraph
        for path in sorted((ROOT / "fixtures" / "articles").glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
        for paragraph in re.findall(r"<p>[^<]+</p>", json.loads(line)["body"])
    ]


def lengthen(article: Article) -> Article:
    """Fill the article up with other articles' paragraphs; saved, its addresses unchanged."""
    length = len(re.sub(r"<[^>]*>", "", article.body))
    for paragraph in paragraphs():
        if length >= CHARACTERS:
            break
        if paragraph in article.body:
            continue
        article.body += paragraph
        length += len(paragraph) - len("<p></p>")
    article.save()
    return article
