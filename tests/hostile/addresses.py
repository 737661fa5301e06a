"""Addresses to ask for: Django's resolver is walked, so whatever is added to it is asked for, too."""

# ruff: noqa: E501  # tables

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from django.conf import settings
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import LocalePrefixPattern, RegexPattern
from django.utils.timezone import localtime
from reversion.models import Version

from articles.models import Article
from tests.hostile import naughty
from tests.kinds import kinds

_PART = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")
_IN_REGEX = re.compile(r"\(\?P<(?P<name>\w+)>[^)]*\)")
_READ = re.compile(
    r"""(?:GET|POST|said)(?:\.get|\.getlist)?[\[(]"(\w+)"|parameter_name = "(\w+)"|PLACES = \("(\w+)", "(\w+)"\)"""
)
# Read by Django's admin, by its login, by ours in ways that no expression sees.
_DJANGOS = (
    "p", "o", "q", "e", "all", "_popup", "_to_field", "_changelist_filters", "next", "app_label", "model_name",
    "field_name", "term", "page", "is_active__exact", "groups__id__exact", "source__id__exact", "id__in",
    "body__regex", "password__startswith", "_facets", "size", "theme", "age", "view[]", "source_page", "state__isnull", "limit",
)  # fmt: skip


@dataclass(frozen=True)
class Route:
    """A pattern: its text, whether it is the desk's, and the model whose form it is of, if any."""

    text: str
    desk: bool = False


@cache
def routes() -> Sequence[Route]:
    """All of them, in both scripts, in their order."""
    return tuple(_below(get_resolver(), ("",)))


def _below(resolver: URLResolver, before: Sequence[str]) -> Iterator[Route]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern.pattern, LocalePrefixPattern):
            here = [*before, *(f"{each}zh-hant/" for each in before)]
        else:
            said = str(pattern.pattern)
            if isinstance(pattern.pattern, RegexPattern):
                said = _IN_REGEX.sub(r"<\g<name>>", said).replace("^", "").replace("$", "")
            here = [each + said for each in before]
        if isinstance(pattern, URLPattern):
            yield from (Route(each, each.startswith("admin/")) for each in here)
        else:
            yield from _below(pattern, here)


@cache
def parameters() -> Sequence[str]:
    """The names of everything that a query may say, read from the code."""
    found = {*_DJANGOS}
    for file in sorted(Path(settings.BASE_DIR, "articles").rglob("*.py")):
        found.update(*_READ.findall(file.read_text(encoding="utf-8")))
    return tuple(sorted(found - {""}))


class Known:
    """What the archive really has, for the parts of addresses: else hardly one gets past the 404."""

    def __init__(self) -> None:
        """A few queries."""
        self.pages = [path for path in kinds().values() if "?" not in path]
        shown = Article.objects.published().order_by("pk")
        self.dates = [
            f"{localtime(article.published_at):%Y %m %d} {article.pk}".split() for article in shown
        ]
        self.versions = list(Version.objects.order_by("pk").values_list("pk", flat=True))
        self.keys = {
            f"{model._meta.app_label}/{model._meta.model_name}/": list(
                model._default_manager.order_by("pk").values_list("pk", flat=True)[:20]
            )
            for model in admin.site._registry
        }
        self.types = list(ContentType.objects.order_by("pk").values_list("pk", flat=True))

    def part(self, name: str, route: str, random: Random, dated: Mapping[str, str]) -> str:
        """A value that fits this part of a route."""
        if name in dated:
            return dated[name]
        if name in ("object_id", "id") or (name == "number" and "article/<int" in route):
            model = next((each for each in self.keys if f"admin/{each}" in route), "")
            return str(random.choice(self.keys.get(model) or [1]))
        if name == "number":
            return str(random.choice(self.versions))
        choices: dict[str, Sequence[object]] = {
            "slug": ("huati", "meitu", "wanbao", "about"), "name": ("戴慧慧",),
            "window": ("day", "week", "month", "all"), "anchor": (1, 7, 9_999_999), "place": (1, 2, 3),
            "content_type_id": self.types, "app_label": ("articles", "auth", "axes"),
            "extension": ("png", "jpg", "webp", "svg"), "width": (320, 640), "token": ("0123456789abcdef",),
            "digest": ("0123456789abcdef",), "path": ("show.php", "a/b.html"), "url": ("nowhere",),
        }  # fmt: skip
        return str(random.choice(choices.get(name, ("1",))))


def path(route: Route, known: Known, random: Random) -> str:
    """An address of this route, percent-encoded; its parts fit, or one of them is odd."""
    names = [found["name"] for found in _PART.finditer(route.text)]
    odd = random.choice(names) if names and random.random() < 0.5 else ""
    year, month, day, number = random.choice(known.dates)
    dated = {"year": year, "month": month, "day": day}
    if not route.desk and "<id:number>" in route.text:
        dated["number"] = number

    def filled(part: re.Match[str]) -> str:
        if part["name"] == odd:
            return naughty.percent(naughty.value(random), random)
        return naughty.percent(known.part(part["name"], route.text, random, dated), Random(2))

    return "/" + _PART.sub(filled, route.text)


def query(random: Random) -> str:
    """Some parameters, known and unknown, some of them twice, as a query string; often none."""
    if random.random() < 0.25:
        return ""
    said = []
    for _ in range(random.choice((1, 1, 2, 3, 8))):
        name = random.choice(parameters())
        if random.random() < 0.05:
            name = naughty.percent(naughty.value(random), random)
        times = 2 if random.random() < 0.15 else 1
        said += [f"{name}={naughty.percent(naughty.value(random), random)}" for _ in range(times)]
    return "?" + random.choice(("&", "&", "&", ";", "&&")).join(said)
