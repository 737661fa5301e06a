"""今日工作: what an editor finds on the desk's first page.

A fixed number of queries, each the first few rows of an index (tests/test_plans.py), at a thousand
articles as at a million.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from articles.models import Article, ArticlePhoto, ArticleTopic, Correction
from articles.models.article import ArticleQuerySet
from articles.newsroom import permissions
from articles.newsroom.permissions import Somebody

SHOWN = 8
# How far a list is counted; beyond, the number says “and more”.
MOST_COUNTED = 999
# The published articles that are looked through for what they lack.
RECENT = timedelta(days=7)
IDLE = timedelta(days=3)
SOON = timedelta(hours=1)


@dataclass(frozen=True)
class Item:
    """A line: an article, when, and what is said of it."""

    article: Article
    at: Any
    note: str = ""


@dataclass(frozen=True)
class Section:
    """A short list, how many there are altogether, and where they all are."""

    name: str
    items: Sequence[Item]
    total: str
    query: str | None
    nothing: str
    wide: bool = False


def sections(user: Somebody) -> list[Section]:
    """The lists for somebody who may see articles. Thirteen queries, and one for their desks."""
    now = timezone.now()
    drafts = _drafts(user)
    scheduled = Article.objects.filter(state=Article.State.PUBLISHED, published_at__gt=now)
    published = Article.objects.published()
    corrections = Correction.objects.public()
    wanting = _wanting(drafts, scheduled)
    return [
        Section(
            "草稿",
            [Item(one, one.updated_at) for one in drafts.order_by(F("updated_at").desc())[:SHOWN]],
            _count(drafts), "?state=draft", "没有草稿。",
        ),
        Section(
            "待发",
            [Item(one, one.published_at) for one in _lines(scheduled.newest().reverse())],
            _count(scheduled), "?state=scheduled", "没有定时的稿件。",
        ),
        Section(
            "刚发布",
            [Item(one, one.published_at, one.editor) for one in _lines(published.newest())],
            f"今天 {_count(published.on(timezone.localdate()))}", "?state=published",
            "还没有发布过稿件。",
        ),
        Section(
            "更正",
            [
                Item(note.article, note.published_at, str(note))
                for note in corrections.newest().select_related("article")
                .defer("article__body", "article__anchors")[:SHOWN]
            ],
            f"七天内 {_count(corrections.filter(published_at__gte=now - timedelta(days=7)))}",
            None, "没有更正。",
        ),
        Section(
            "需要留意", wanting[:SHOWN],
            f"{SHOWN}+" if len(wanting) > SHOWN else str(len(wanting)),
            None, "没有需要留意的稿件。", wide=True,
        ),
    ]  # fmt: skip


def _drafts(user: Somebody) -> ArticleQuerySet:
    """The drafts of one's own desks, and those of none; an 主编's are all of them."""
    drafts = Article.objects.filter(state=Article.State.DRAFT).defer("body", "anchors")
    own = permissions.desk_ids(user)
    if permissions.works_everywhere(user) or not own:
        return drafts
    return drafts.filter(Q(desk=None) | Q(desk__in=own))


def _wanting(drafts: ArticleQuerySet, scheduled: ArticleQuerySet) -> list[Item]:
    """What is about to go wrong, then what is idle. Five queries."""
    now = timezone.now()
    recent = Article.objects.published().filter(published_at__gt=now - RECENT)
    topics = ArticleTopic.objects.filter(article=OuterRef("pk"))
    mute = ArticlePhoto.objects.filter(
        article=OuterRef("pk"), photo__alt="", photo__decorative=False
    )
    empty = scheduled.filter(published_at__lte=now + SOON, body="")
    checks: list[tuple[QuerySet[Any], str, str]] = [
        (empty.newest(), "一小时内发布，但没有正文", "published_at"),
        (recent.filter(source=None).newest(), "没有来源", "published_at"),
        (recent.filter(~Exists(topics)).newest(), "没有话题", "published_at"),
        (recent.filter(Exists(mute)).newest(), "图片没有替代文字", "published_at"),
        (
            drafts.filter(updated_at__lt=now - IDLE).order_by(F("updated_at").desc()),
            "草稿三天没有动过", "updated_at",
        ),
    ]  # fmt: skip
    found: dict[int, Item] = {}
    for rows, note, field in checks:
        for one in _lines(rows):
            notes = [found[one.pk].note, note] if one.pk in found else [note]
            found[one.pk] = Item(one, getattr(one, field), "，".join(notes))
    return list(found.values())


def _lines(rows: QuerySet[Any]) -> list[Any]:
    return list(rows.defer("body", "anchors")[:SHOWN])


def _count(rows: QuerySet[Any]) -> str:
    number = rows.order_by()[: MOST_COUNTED + 1].count()
    return f"{MOST_COUNTED}+" if number > MOST_COUNTED else str(number)
