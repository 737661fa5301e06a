"""Articles and their public versions: hashed anew."""

import re
from collections.abc import Iterator
from pathlib import Path

from articles.fixity.finding import Fault, Step, batches
from articles.models import Article, PublicVersion, said_by
from articles.models.membership import in_reading_order
from articles.sanitizer import sanitize

BATCH = 500
# What a kept version may raise that is no longer what we write.
_NO_LONGER_OURS = (KeyError, TypeError, ValueError, AttributeError, OverflowError)
_LINE = re.compile(
    r"([0-9a-f]{64})  [0-9]{4}/[0-9]{2}/[0-9]{2}/([1-9][0-9]{0,17})/text\.txt\n", re.ASCII
)


class BadList(Exception):
    """The list of an export's texts can't be read; the text says why, in Chinese."""


def check_texts(listed: Path | None = None) -> Iterator[Step]:
    """Bodies are clean, versions are what they were when they were kept.

    With `listed`, the `.texts` of an earlier export, every article that it names says what it said.
    Four queries a batch. Raises BadList, OSError.
    """
    list_of = _read(listed) if listed else iter(())
    expected = next(list_of, None)
    articles = Article.objects.select_related("source").prefetch_related(
        "gallery__photo", "public_versions"
    )
    for batch in batches(articles, BATCH):
        faults: list[Fault] = []
        for article in batch:
            while expected and expected[0] < article.pk:
                faults.append(_lost(expected[0]))
                expected = next(list_of, None)
            faults += _article(article)
            if expected and expected[0] == article.pk:
                faults += _compared(article, expected[1])
                expected = next(list_of, None)
        yield Step(len(batch), faults)
    while expected:
        yield Step(0, [_lost(expected[0])])
        expected = next(list_of, None)


def _read(listed: Path) -> Iterator[tuple[int, str]]:
    """Numbers and hashes, in order."""
    last = 0
    with listed.open(encoding="utf-8", errors="replace", newline="\n") as file:
        for place, line in enumerate(file, 1):
            match = _LINE.fullmatch(line)
            if not match or int(match[2]) <= last:
                raise BadList(f"{listed} 第 {place} 行读不懂，不是导出时写的 .texts 清单")
            last = int(match[2])
            yield last, match[1]


def _lost(number: int) -> Fault:
    return Fault("article", str(number), "清单里有这篇稿件，库里没有")


def _article(article: Article) -> Iterator[Fault]:
    about = str(article.pk)
    if str(sanitize(str(article.body))) != article.body:
        yield Fault("article", about, "正文不是本站净化过的样子，可能绕过程序改过")
    versions = sorted(article.public_versions.all(), key=lambda one: one.number)
    if [one.number for one in versions] != list(range(1, len(versions) + 1)):
        yield Fault("version", about, "公开版本的编号不连续")
    for version in versions:
        if version.has_text and not _holds(version):
            yield Fault("version", f"{about}/{version.number}", "公开版本的内容与它的指纹不符")


def _holds(version: PublicVersion) -> bool:
    try:
        return version.said.sha256 == version.sha256
    except _NO_LONGER_OURS:
        return False


def _compared(article: Article, expected: str) -> Iterator[Fault]:
    about = str(article.pk)
    if not article.is_public or article.state != Article.State.PUBLISHED:
        yield Fault("article", about, f"清单里有这篇稿件，现在是“{article.status}”")
        return
    gallery = in_reading_order(list(article.gallery.all()), article.body)
    if said_by(article, gallery).sha256 != expected:
        yield Fault(
            "article", about, f"文字与清单不符（最近改动 {article.updated_at:%Y-%m-%d %H:%M} UTC）"
        )
