"""What pages say of themselves to machines: JSON-LD (https://schema.org/) and the citation."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.utils import timezone

from articles import text, traditional
from articles.addresses import address
from articles.models import Article, ArticlePhoto, Correction, Topic

Data = dict[str, Any]


def absolute(path: str) -> str:
    """The full address of one of our own paths, as published: in the 繁體 view, too.

    A picture's may be full already (settings.MEDIA_URL).
    """
    if path.startswith(("https://", "http://")):
        return path
    return f"{settings.SITE_URL}{traditional.original(path)}"


def as_read(path: str) -> str:
    """The full address of one of our own paths in the script that is being read."""
    return f"{settings.SITE_URL}{path}"


def in_traditional(path: str) -> str:
    """The full address of one of our own pages in the 繁體 view."""
    return f"{settings.SITE_URL}{traditional.PREFIX}{traditional.original(path)}"


def is_site(address: str) -> bool:
    """Whether an address is our own home page's."""
    return address.rstrip("/") == settings.SITE_URL


def page_of(*things: Data) -> Data:
    """Everything that one page says, in one block."""
    return {"@context": "https://schema.org", "@graph": list(things)}


def website() -> Data:
    """The site, with its search box."""
    search = absolute(address("search"))
    return {
        "@type": "WebSite",
        "name": settings.SITE_NAME,
        "description": settings.SITE_DESCRIPTION,
        "url": absolute("/"),
        "inLanguage": "zh-CN",
        "publisher": _publisher(),
        "potentialAction": {
            "@type": "SearchAction",
            "target": {
                "@type": "EntryPoint",
                "urlTemplate": f"{search}?q={{search_term_string}}",
            },
            "query-input": "required name=search_term_string",
        },
    }


def breadcrumbs(*steps: tuple[str, str]) -> Data:
    """The way from the front page; each step has a name and a path."""
    places = [(settings.SITE_NAME, "/"), *steps]
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": absolute(path)}
            for position, (name, path) in enumerate(places, start=1)
        ],
    }


def collection(name: str, path: str, articles: Sequence[Article]) -> Data:
    """A list of articles, as its page shows it."""
    return {
        "@type": "CollectionPage",
        "name": name,
        "url": absolute(path),
        "inLanguage": "zh-CN",
        "isPartOf": {"@type": "WebSite", "name": settings.SITE_NAME, "url": absolute("/")},
        "mainEntity": {
            "@type": "ItemList",
            "itemListElement": [
                {
                    "@type": "ListItem",
                    "position": position,
                    "name": article.title,
                    "url": absolute(article.get_absolute_url()),
                }
                for position, article in enumerate(articles, start=1)
            ],
        },
    }


def photo(use: ArticlePhoto, path: str) -> Data:
    """A photo of an article, with its caption and credit."""
    fields: Data = {
        "@type": "ImageObject",
        "url": absolute(path),
        "caption": use.shown_caption,
        "creditText": use.photo.credit,
    }
    return {key: value for key, value in fields.items() if value}


def card(path: str, width: int, height: int) -> Data:
    """The picture that stands for an article without photos."""
    return {"@type": "ImageObject", "url": absolute(path), "width": width, "height": height}


def news_article(
    article: Article,
    topics: Sequence[Topic],
    corrections: Sequence[Correction],
    images: Sequence[Data],
) -> Data:
    """The article as schema.org's NewsArticle (https://schema.org/NewsArticle)."""
    names = text.authors(article.byline)
    source = article.source
    fields: Data = {
        "@type": "NewsArticle",
        "mainEntityOfPage": absolute(article.get_absolute_url()),
        "headline": article.title,
        "alternativeHeadline": article.original_title,
        "description": article.excerpt,
        "image": list(images),
        "datePublished": _moment(article.published_at),
        "dateModified": _moment(article.modified_at),
        "inLanguage": "zh-CN",
        "author": [{"@type": "Person", "name": name} for name in names]
        or [{"@type": "Organization", "name": source.name if source else settings.SITE_NAME}],
        "editor": {"@type": "Person", "name": article.editor} if article.editor else None,
        "publisher": _publisher(),
        "sourceOrganization": {"@type": "Organization", "name": source.name} if source else None,
        "isBasedOn": article.legacy_url if article.legacy_url.startswith("http") else None,
        "articleSection": [topic.name for topic in topics],
        "correction": [
            {
                "@type": "CorrectionComment",
                "text": note.text,
                "datePublished": _moment(note.published_at),
            }
            for note in corrections
        ],
    }
    return {key: value for key, value in fields.items() if value}


def citation(article: Article, today: date) -> str:
    """The article as GB/T 7714—2015 cites an online newspaper piece ([N/OL])."""
    names = text.authors(article.byline)
    # The standard names three authors at most, then 等.
    who = "，".join(names[:3]) + ("，等" if len(names) > 3 else "")
    source = article.source.name if article.source else settings.SITE_NAME
    published = timezone.localdate(article.published_at)
    parts = f"{article.title}[N/OL]. {source}，{published}[{today}]. "
    return (f"{who}. " if who else "") + parts + absolute(article.get_absolute_url())


def _publisher() -> Data:
    return {
        "@type": "NewsMediaOrganization",
        "name": settings.SITE_NAME,
        "url": absolute("/"),
        "logo": {"@type": "ImageObject", "url": absolute(static("img/icon-512.png"))},
    }


def _moment(moment: Any) -> str:
    return timezone.localtime(moment).isoformat(timespec="seconds")
