"""Tags and filters that every template may use."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django import template
from django.template.loader import get_template
from django.utils import timezone
from django.utils.html import conditional_escape, escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from articles import metadata, renditions, text
from articles.addresses import address
from articles.models import Article, ArticlePhoto, Page, Photo
from articles.sanitizer import sanitize

register = template.Library()

register.filter("count", text.count)
register.filter("absolute", metadata.absolute)
register.filter("in_traditional", metadata.in_traditional)
register.filter("is_site", metadata.is_site)

# json.dumps leaves these alone; in a <script> they could end it or start a comment.
_SCRIPT_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@register.filter
def phrased(title: str) -> SafeString:
    """A title whose lines break between phrases; css/base.css keeps each span together."""
    parts = text.phrases(title)
    if len(parts) == len(parts[0]) == 1:
        return conditional_escape(title)
    return format_html_join(
        " ",
        "{}",
        ((format_html_join("", "<span>{}</span>", ((p,) for p in part)),) for part in parts),
    )


@register.simple_tag
def time(moment: datetime, form: str, short: bool = False) -> SafeString:
    """A moment as `strftime` writes it; `short`: the day, without the year where it is this one.

    Lists have one a line: Django's filter `date`, which spells months and weekdays in any language,
    would be a third of what they cost.
    """
    local = timezone.localtime(moment)
    if short and local.year == timezone.localdate().year:
        form = "%m-%d"
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), local.strftime(form))


@register.simple_tag
def json_ld(data: dict[str, Any]) -> SafeString:
    """A JSON-LD block; nothing in the data can end the script element."""
    written = json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_SCRIPT_ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{written}</script>')


register.simple_tag(address)
register.simple_tag(renditions.url, name="photo_url")


@register.inclusion_tag("partials/picture.html")
def picture(
    photo: Photo, sizes: str, eager: bool = False, alt: str | None = None
) -> dict[str, Any]:
    """A `<picture>` with every rendition; `eager` for the first one in view."""
    widest = max(photo.widths)
    return {
        "webp": renditions.srcset(photo, "webp"),
        "jpeg": renditions.srcset(photo, "jpg"),
        "src": renditions.url(photo, 640),
        "sizes": sizes,
        "width": widest,
        "height": photo.rendition_height(widest),
        "alt": photo.alt if alt is None else alt,
        "focus": photo.focus,
        "eager": eager,
    }


@register.simple_tag
def body(article: Article, gallery: list[ArticlePhoto], sizes: str) -> SafeString:
    """The article's body with numbered blocks and its photos in their figures.

    Photos that the body doesn't place stand in a row of figures before it, without numbers: they
    come and go without an edit of the text.
    """
    uses = {use.photo.token: use for use in gallery}
    figure = get_template("partials/figure.html")
    placed = text.photo_tokens(article.body)
    first = (placed or list(uses))[:1]

    def inside(token: str) -> str:
        use = uses.get(token)
        if use is None:
            return ""
        return figure.render({"use": use, "sizes": sizes, "eager": [token] == first})

    loose = "".join(
        f'<figure data-photo="{escape(token)}"></figure>' for token in uses if token not in placed
    )
    numbered = text.number_blocks(article.body, article.block_anchors)
    return mark_safe(text.fill_figures(loose + text.frame_tables(numbered), inside))


@register.simple_tag
def page_body(page: Page, photos: Iterable[Photo], sizes: str) -> SafeString:
    """A Page's body with its photos in their figures and its tables in boxes that scroll."""
    by_token = {photo.token: photo for photo in photos}
    figure = get_template("partials/page_figure.html")

    def inside(token: str) -> str:
        photo = by_token.get(token)
        return figure.render({"photo": photo, "sizes": sizes}) if photo else ""

    return mark_safe(text.fill_figures(text.frame_tables(page.body), inside))


@register.simple_tag
def old_body(source: str, pictures: Sequence[Any], sizes: str) -> SafeString:
    """An old version's body with its pictures; those that it doesn't place stand before it.

    It was clean when it was kept; what is let through may be less since.
    """
    clean = sanitize(source)
    figure = get_template("partials/old_figure.html")
    named = {picture.token: picture for picture in pictures}
    placed = text.photo_tokens(clean)

    def inside(token: str) -> str:
        picture = named.get(token)
        return figure.render({"picture": picture, "sizes": sizes}) if picture else ""

    loose = "".join(
        f'<figure data-photo="{escape(token)}"></figure>' for token in named if token not in placed
    )
    return mark_safe(text.fill_figures(loose + text.frame_tables(clean), inside))
