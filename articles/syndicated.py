"""A body for whoever shows it elsewhere: pictures with captions, full addresses."""

from collections.abc import Iterable

from django.conf import settings
from django.utils.html import escape, format_html

from articles import renditions, text
from articles.metadata import absolute
from articles.models import Article, ArticlePhoto

PICTURE_WIDTH = 1280


def body(article: Article, gallery: Iterable[ArticlePhoto], *, numbered: bool = False) -> str:
    """The article's body as HTML that needs nothing of ours; `numbered`: its blocks have their ids.

    Photos that it doesn't place stand before it.
    """
    uses = {use.photo.token: use for use in gallery}
    placed = text.photo_tokens(article.body)
    loose = "".join(
        f'<figure data-photo="{escape(token)}"></figure>' for token in uses if token not in placed
    )
    inner = text.number_blocks(article.body, article.block_anchors) if numbered else article.body

    def inside(token: str) -> str:
        use = uses.get(token)
        return _figure(use) if use else ""

    permalink = absolute(article.get_absolute_url())
    return (
        text.fill_figures(loose + inner, inside)
        .replace('href="/', f'href="{settings.SITE_URL}/')
        .replace('href="#', f'href="{permalink}#')
    )


def _figure(use: ArticlePhoto) -> str:
    photo = use.photo
    caption = " ".join(filter(None, [use.shown_caption, photo.credit]))
    return format_html(
        '<img src="{}" alt="{}">{}',
        absolute(renditions.url(photo, PICTURE_WIDTH)),
        use.shown_alt,
        format_html("<figcaption>{}</figcaption>", caption) if caption else "",
    )
