"""Where a body's links lead: addresses that cannot work, and pages of ours that are not there."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import Count, Model, QuerySet
from django.urls import ResolverMatch, resolve
from django.utils import timezone

from articles import oldpaths, traditional
from articles.models import Article, ArticlePhoto, Page, PublicVersion, Source, Topic

# What ends no address but the sentence that it was copied from; and a scheme before a scheme.
_FOREIGN_SIGNS = re.compile(r"[。，；、！？）》”]$|^https?:/*https?:", re.IGNORECASE)
_MAIL = re.compile(r"mailto:[^@\s]+@[^@\s]+\.[^@\s]+")
_TELEPHONE = re.compile(r"tel:\+?[0-9() -]{3,20}")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_NOT_THERE = "指向本站没有的页面"


@dataclass(frozen=True)
class Link:
    """A link in a body: its address, its words, the block that it stands in."""

    href: str
    words: str
    block: int


def faults(links: Iterable[Link]) -> Iterator[tuple[Link, str]]:
    """The links that lead nowhere, each with what is wrong, in their order.

    At most one query for each kind of page of ours: articles, topics, sources, editors, Pages,
    old addresses, photos' pages, public versions.
    """
    found: dict[Link, str] = {}
    inside: dict[Link, str] = {}
    links = list(dict.fromkeys(links))
    for link in links:
        fault, path = _look(link.href)
        if fault:
            found[link] = fault
        elif path:
            inside[link] = path
    found |= _missing(inside)
    return ((link, found[link]) for link in links if link in found)


def _look(href: str) -> tuple[str, str]:
    """What is wrong with an address by itself, and the path if it is one of ours."""
    if href in ("", "#"):
        return "没有地址", ""
    plain = unquote(href)
    if _FOREIGN_SIGNS.search(plain):
        return "的地址里有不该有的字符", ""
    if _CONTROLS.search(plain):
        return "的地址写法不对", ""
    if href.startswith("#"):
        return "", ""
    try:
        parts = urlsplit(href)
        host = parts.hostname or ""
    except ValueError:
        return "的地址写法不对", ""
    return _look_at_parts(plain, parts, host)


def _look_at_parts(plain: str, parts: SplitResult, host: str) -> tuple[str, str]:
    if parts.scheme in ("mailto", "tel"):
        good = (_MAIL if parts.scheme == "mailto" else _TELEPHONE).fullmatch(plain)
        return ("" if good else "的地址写法不对"), ""
    asked = parts.path + (f"?{parts.query}" if parts.query else "")
    if not parts.scheme and not parts.netloc:
        return ("", asked) if parts.path.startswith("/") else ("的地址缺少开头的 https://", "")
    if host == urlsplit(settings.SITE_URL).hostname:
        return "", asked or "/"
    return ("" if "." in host.strip(".") else "的地址写法不对"), ""


def _missing(paths: dict[Link, str]) -> dict[Link, str]:
    """What is wrong with links to pages of this archive."""
    kinds: dict[str, dict[Link, str]] = {}
    found: dict[Link, str] = {}
    for link, address in paths.items():
        match = resolve(_parted(address)[0])
        if match.app_name == "admin":
            found[link] = "指向编辑后台，读者打不开"
            continue
        kinds.setdefault(match.url_name or "", {})[link] = _wanted(match, address)
    for name, wanted_by in kinds.items():
        found |= _ASKED[name](wanted_by) if name in _ASKED else {}
    return found


def _parted(address: str) -> tuple[str, str]:
    """The path that an address of ours asks for, as it was published, and the query."""
    path, _, query = address.partition("?")
    return traditional.original(unquote(path)), query


def _wanted(match: ResolverMatch, address: str) -> str:
    """What names a page among those of its kind."""
    if match.url_name == "old-address":
        return address
    kept = match.kwargs
    if match.url_name == "rendition":
        return "{token}-{width}.{extension}".format(**kept)
    if "place" in kept:
        return f"{kept['number']}/{kept['place']}"
    return str(kept.get("number", kept.get("slug", kept.get("name", ""))))


def _articles(wanted: dict[Link, str]) -> dict[Link, str]:
    rows = Article.objects.filter(pk__in=set(wanted.values())).defer("body", "anchors")
    known = {str(article.pk): article for article in rows}
    found = {}
    for link, number in wanted.items():
        article = known.get(number)
        if article is None:
            found[link] = _NOT_THERE
        elif article.state == Article.State.WITHDRAWN:
            found[link] = f"指向已撤的稿件《{article}》"
        elif article.state == Article.State.DRAFT or article.published_at is None:
            found[link] = f"指向还没有发布的草稿《{article}》"
        elif article.published_at > timezone.now():
            found[link] = f"指向还没有到时间的稿件《{article}》"
    return found


def _of_slugs(rows: "QuerySet[Model]", wanted: dict[Link, str]) -> dict[Link, str]:
    known = set(rows.filter(slug__in=set(wanted.values())).values_list("slug", flat=True))
    return {link: _NOT_THERE for link, slug in wanted.items() if slug not in known}


def _editors(wanted: dict[Link, str]) -> dict[Link, str]:
    names = Article.objects.published().filter(editor__in=set(wanted.values()))
    known = set(names.order_by().values_list("editor", flat=True).distinct())
    return {link: _NOT_THERE for link, name in wanted.items() if name not in known}


def _old_addresses(wanted: dict[Link, str]) -> dict[Link, str]:
    spelled = {link: set(oldpaths.spellings(*_parted(address))) for link, address in wanted.items()}
    asked = set().union(*spelled.values())
    found = Article.objects.public().at_old_paths(sorted(asked))
    known = set(found.values_list("legacy_path", flat=True))
    lost = {link: wanted[link] for link, paths in spelled.items() if not paths & known}
    pages = {link: oldpaths.page(_parted(address)[0]) for link, address in lost.items()}
    missing = _of_slugs(Page.objects.all(), {link: slug for link, slug in pages.items() if slug})
    return {link: _NOT_THERE for link, slug in pages.items() if not slug or link in missing}


def _photo_pages(wanted: dict[Link, str]) -> dict[Link, str]:
    """Pages of an article's photos: number/place."""
    parts = {link: tuple(map(int, said.split("/"))) for link, said in wanted.items()}
    uses = ArticlePhoto.objects.filter(article__in={number for number, _ in parts.values()})
    known = dict(uses.order_by().values_list("article").annotate(Count("pk")))
    found = _articles({link: str(number) for link, (number, _) in parts.items()})
    for link, (number, place) in parts.items():
        if place > known.get(number, 0):
            found.setdefault(link, _NOT_THERE)
    return found


def _versions(wanted: dict[Link, str]) -> dict[Link, str]:
    """Lists of an article's public versions, and single ones: number/place."""
    parts = {link: [int(one) for one in said.split("/")] for link, said in wanted.items()}
    kept = PublicVersion.objects.filter(article__in={number for number, *_ in parts.values()})
    known = set(kept.with_text().values_list("article", "number"))
    found = _articles({link: str(number) for link, (number, *_) in parts.items()})
    for link, (number, *place) in parts.items():
        if (number, *(place or [1])) not in known:
            found.setdefault(link, _NOT_THERE)
    return found


def _renditions(wanted: dict[Link, str]) -> dict[Link, str]:
    """Files of photos. Asks the storage, no query."""
    return {link: _NOT_THERE for link, name in wanted.items() if not default_storage.exists(name)}


_ASKED = {
    "article": _articles,
    "photo": _photo_pages,
    "versions": _versions,
    "version": _versions,
    "rendition": _renditions,
    "topic": lambda wanted: _of_slugs(Topic.objects.all(), wanted),
    "source": lambda wanted: _of_slugs(Source.objects.all(), wanted),
    "page": lambda wanted: _of_slugs(Page.objects.all(), wanted),
    "editor": _editors,
    "old-address": _old_addresses,
}
