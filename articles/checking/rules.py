"""The rules. Each takes the draft and yields what it finds."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from lxml import html as lxml_html
from lxml.html import HtmlElement

from articles import closing, pasted, text
from articles.checking import links
from articles.checking.draft import Draft, Finding
from articles.models import Article, Photo
from articles.sanitizer import sanitize

# Search engines and phones cut longer titles.
LONG_TITLE = 40
SAME_TITLE_DAYS = 7
_QUOTED = 14
_IDEOGRAPHIC_SPACES = "\u3000\u3000"


def check(draft: Draft) -> list[Finding]:
    """All that is amiss, in the form's order. At most eight queries, two for most drafts.

    One for titles of the last days, one for photos, and one for each kind of thing inside this
    archive that the body links to (articles, topics, sources, editors, Pages, old addresses).
    """
    body = sanitize(draft.body)
    blocks = list(lxml_html.fragment_fromstring(body, create_parent="div")) if body else []
    return [
        *_titles(draft),
        *_text(draft, body, blocks),
        *_links(draft, blocks),
        *_photos(draft, blocks),
        *_facts(draft),
    ]


def _titles(draft: Draft) -> Iterator[Finding]:
    title = text.folded(draft.title)
    if not title:
        yield Finding("还没有标题。", "title")
        return
    if len(draft.title) > LONG_TITLE:
        yield Finding(
            f"标题有 {len(draft.title)} 个字，超过 {LONG_TITLE} 个，列表和手机上会显得太长。",
            "title",
        )
    if _IDEOGRAPHIC_SPACES in draft.title:
        yield Finding("标题里有连续的全角空格。", "title")
    if draft.original_title and text.folded(draft.original_title) == title:
        yield Finding("原标题和标题相同，不必填写。", "original_title")
    for number, same in _of_the_last_days(draft):
        if text.folded(same) == title:
            yield Finding(
                f"最近 {SAME_TITLE_DAYS} 天已有同题稿件：{number} 号《{same}》。", "title"
            )


def _of_the_last_days(draft: Draft) -> Iterator[tuple[int, str]]:
    """Other articles around the draft's day, and unpublished ones of the last days. One query."""
    now = timezone.now()
    about = draft.published_at or now
    span = timedelta(days=SAME_TITLE_DAYS)
    published = Article.objects.filter(
        state=Article.State.PUBLISHED, published_at__range=(about - span, about + span)
    )
    others = Article.objects.filter(~Q(state=Article.State.PUBLISHED), updated_at__gte=now - span)
    rows = published.values_list("pk", "title").union(others.values_list("pk", "title"))
    return ((number, title) for number, title in rows if number != draft.number)


def _text(draft: Draft, body: str, blocks: list[HtmlElement]) -> Iterator[Finding]:
    if not text.plain(body):
        yield Finding("正文没有文字。", "body")
    for sentence in pasted.report(pasted.lost(draft.body)):
        yield Finding(sentence, "body")
    for number, block in enumerate(blocks, 1):
        said = "".join(block.itertext())
        if _IDEOGRAPHIC_SPACES in said:
            around = said.partition(_IDEOGRAPHIC_SPACES)[2]
            yield Finding(
                f"第 {number} 段中间有空两格“{around.strip()[:_QUOTED]}”，是不是该另起一段？",
                "body",
                number,
            )
    _, said_at_end = closing.take(body)
    if said_at_end:
        yield Finding(
            f"正文末尾留着“{' '.join(map(str, said_at_end))}”，这些写在表单里就会印出来。",
            "body",
            len(blocks),
        )


def _links(draft: Draft, blocks: list[HtmlElement]) -> Iterator[Finding]:
    found = [
        links.Link(a.get("href") or "", "".join(a.itertext())[:_QUOTED], number)
        for number, block in enumerate(blocks, 1)
        for a in block.iter("a")
    ]
    for link, fault in links.faults(found):
        yield Finding(
            f"第 {link.block} 段的链接“{link.words}”{fault}：{link.href[:80]}", "body", link.block
        )


def _photos(draft: Draft, blocks: list[HtmlElement]) -> Iterator[Finding]:
    """One query."""
    placed = [
        (figure.get("data-photo") or "", number)
        for number, block in enumerate(blocks, 1)
        for figure in block.iter("figure")
    ]
    if not placed and not draft.photos:
        return
    named = Photo.objects.with_tokens(token for token, _ in placed)
    photos = list(named | Photo.objects.filter(pk__in=draft.photos))
    block_of = dict(reversed(placed))  # where each stands first
    known = {photo.token for photo in photos}
    for token, number in block_of.items():
        if token not in known:
            yield Finding(f"第 {number} 段的图片不在图库里，读者看不到它。", "body", number)
    for photo in photos:
        if photo.lacks_alt:
            number = block_of.get(photo.token, 0)
            where = f"第 {number} 段的" if number else "图集里的"
            yield Finding(
                f"{where}图片“{str(photo)[:_QUOTED]}”没有替代文字，看不见图的人不知道图上有什么。",
                "body" if number else "gallery",
                number,
            )


def _facts(draft: Draft) -> Iterator[Finding]:
    if not draft.source:
        yield Finding("没有填写来源。", "source")
    if not draft.topics:
        yield Finding("没有归入任何话题。", "memberships")
