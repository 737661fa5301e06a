"""An archive that has a hostile text at every place that holds one, and all ways out of it."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from urllib.parse import quote

import reversion
from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from articles import opengraph
from articles.models import Article, ArticlePhoto, Correction, DailyReads, Licence, Page, Promo
from articles.sanitizer import sanitize
from articles.transfer import Importer, Line
from tests.factories import make_article, make_photo, make_source, make_topic, moment, revise
from tests.hostile.vectors import packed

ARTICLES = "/admin/articles/article/"
A_DAY = 40  # as many as a day's page shows
FIRST = moment("2022-09-01 09:00")


def infest(texts: Sequence[str], photographed: int = 12) -> None:
    """The texts in every field: articles by import, all else as forms store it.

    A field holds as many texts as have room in it; photos are the costly ones.
    """
    names = packed(texts, 60)
    titles = packed(texts, 200)
    _import(texts, titles)
    topics = [make_topic(name, in_navigation=n < 8, featured=n < 8) for n, name in _some(names, 0)]
    sources = [make_source(name) for _, name in _some(names, len(titles))]
    photos = [
        make_photo(40, 30, caption=caption, alt=alt, credit=credit)
        for caption, alt, credit in zip(
            *(packed(texts, longest)[:photographed] for longest in (300, 200, 100)), strict=False
        )
    ]
    for place, article in enumerate(Article.objects.order_by("pk")):
        article.source = sources[place % len(sources)]
        article.editor = names[(place + 2 * len(titles)) % len(names)]
        article.lead_photo = photos[place % len(photos)]
        article.save()
        article.memberships.create(topic=topics[place % len(topics)], position=0)
    shown = make_article(
        title="全部", original_title=titles[0], byline=titles[1], editor=names[0],
        body="".join(map(sanitize, texts)), source=sources[0], topics=topics[:8], photos=photos,
        published_at=FIRST + timedelta(days=40),
    )  # fmt: skip
    for said in packed(texts, 1000):
        Correction.objects.create(article=shown, text=said)
    for said, use in zip(packed(texts, 300), ArticlePhoto.objects.all(), strict=False):
        use.caption = said
        use.save()
    withdrawn = make_article(title=titles[1], published_at=FIRST + timedelta(days=41))
    withdrawn.withdraw(packed(texts, 1000)[0])
    Page.objects.create(slug="whole", title=names[1], body=shown.body)
    for place, said in enumerate(names[:30]):
        kind, url = ("link", "qr")[place % 2], f"https://example.com/?{quote(said)[:400]}"
        Promo.objects.create(kind=kind, title=said, note=names[-place], url=url)
    for said in packed(texts, 100)[:20]:
        Licence.objects.create(kind="other", text=said)
    _versions(shown, titles)
    for title, said in zip(titles, packed(texts, 200), strict=False):
        revise(shown, said, title=title)
    today = timezone.localdate()
    for place, article in enumerate(Article.objects.order_by("pk")[:50]):
        DailyReads.objects.create(article=article, day=today, count=place + 1)


def _some(names: Sequence[str], first: int) -> list[tuple[int, str]]:
    return [*enumerate(names[first : first + 60])]


def _import(texts: Sequence[str], titles: Sequence[str]) -> None:
    """By import, which refuses photos that it hasn't."""
    bodies = [text.replace("data-photo", "data-none") for text in texts]
    each = -(-len(bodies) // len(titles))
    lines = [
        json.dumps(
            {
                "id": f"old-{place}", "title": title, "original_title": title, "byline": title,
                "body": "<p>段</p>".join(bodies[place * each : place * each + each]), "url": title,
                "published_at": (FIRST + timedelta(days=place // A_DAY, minutes=place)).isoformat(),
            }
        ).encode()
        for place, title in enumerate(titles)
    ]  # fmt: skip
    refused: list[str] = []
    importer = Importer(lambda line, why: refused.append(f"{line.number} {why}"), lambda _: None)
    list(importer.run([Line("lines", n, line, 0) for n, line in enumerate(lines, 1)]))
    assert not refused, refused


def _versions(article: Article, titles: Sequence[str]) -> None:
    """Two of the article with all."""
    body = article.body
    for title in titles[:2]:
        with reversion.create_revision():
            reversion.set_user(User.objects.get(is_superuser=True))
            reversion.set_comment(titles[2])
            article.title = title
            article.body = body + sanitize(title)
            article.save()


def whole() -> Article:
    """The article whose body holds all."""
    return Article.objects.filter(published_at=FIRST + timedelta(days=40)).get()


def pages(texts: Sequence[str]) -> dict[str, str]:
    """Readers' pages, by name: one of each kind."""
    shown = whole()
    first = Article.objects.earliest("pk")
    assert shown.source
    path = shown.get_absolute_url()
    return {
        "home": "/",
        "article": path,
        "traditional": f"/zh-hant{path}",
        "photo": f"{path}photo/1/",
        "versions": f"{path}history/",
        "version": f"{path}history/2/",
        "withdrawn": Article.objects.get(state="withdrawn").get_absolute_url(),
        "topic": first.topics.all()[0].get_absolute_url(),
        "topics": "/topic/",
        "source": shown.source.get_absolute_url(),
        "sources": "/source/",
        "editors": "/editor/",
        "editor": f"/editor/{quote(shown.editor)}/",
        "day": f"{FIRST:/%Y/%m/%d/}",
        "month": f"{FIRST:/%Y/%m/}",
        "corrections": "/corrections/",
        "most-read": "/most-read/all/",
        "page": "/page/whole/",
        "found": "/search/?q=" + quote("script"),
        "searched": "/search/?q=" + quote(packed(texts, 190)[0]),
        "searched-traditional": "/zh-hant/search/?q=" + quote(packed(texts, 190)[3]),
        "404": "/" + quote(packed(texts, 200)[4]),
    }


def days(texts: Sequence[str]) -> Iterator[str]:
    """Pages that show all titles between them."""
    for ago in range(-(-len(packed(texts, 200)) // A_DAY)):
        yield f"{FIRST + timedelta(days=ago):/%Y/%m/%d/}"


def alone() -> Iterator[str]:
    """The page of every article by itself, as published and in the other script."""
    for article in Article.objects.published().order_by("pk"):
        yield article.get_absolute_url()
        yield f"/zh-hant{article.get_absolute_url()}"


def machines() -> dict[str, str]:
    """Answers for programs, by what they have to be: XML, JSON, pictures."""
    shown = whole()
    topic = Article.objects.earliest("pk").topics.all()[0]
    preview = opengraph.preview(Article.objects.earliest("pk")).path
    return {
        "/feed/atom.xml": "xml",
        f"/feed/topic/{quote(topic.slug)}/atom.xml": "xml",
        "/feed/feed.json": "json",
        f"/feed/topic/{quote(topic.slug)}/feed.json": "json",
        "/sitemap.xml": "xml",
        "/sitemap/pages.xml": "xml",
        "/sitemap/news.xml": "xml",
        f"/sitemap/{FIRST:%Y-%m}.xml": "xml",
        "/opensearch.xml": "xml",
        "/search/suggest/?q=" + quote("<"): "json",
        "/search/suggest/?q=script": "json",
        "/zh-hant/search/suggest/?q=script": "json",
        "/search/suggest/opensearch/?q=script": "json",
        "/manifest.webmanifest": "json",
        preview: "picture",
        opengraph.preview(shown).path: "picture",
        f"/qr/{Promo.objects.filter(kind='qr')[0].pk}.svg": "xml",
        f"{shown.get_absolute_url()}code.svg": "xml",
        f"{shown.get_absolute_url()}timemap/": "plain",
        f"{shown.get_absolute_url()}text.txt": "plain",
    }


def desk() -> dict[str, str]:
    """The editors' pages, by name."""
    number = whole().pk
    versions = list(reversion.models.Version.objects.get_for_object(whole()))
    photo, promo = whole().lead_photo, Promo.objects.all()[0]
    assert photo
    return {
        "today": "/admin/",
        "list": ARTICLES,
        "list-searched": f"{ARTICLES}?q=" + quote('"><img src=x onerror=__run(1)>'),
        "form": f"{ARTICLES}{number}/change/",
        "history": f"{ARTICLES}{number}/history/",
        "difference": f"{ARTICLES}{number}/history/{versions[-1].pk}/?with=now",
        "preview": f"{ARTICLES}{number}/preview/",
        "reads": f"{ARTICLES}reads/",
        "delete": f"/admin/articles/photo/{photo.pk}/delete/",
        "photos": "/admin/articles/photo/",
        "photo": f"/admin/articles/photo/{photo.pk}/change/",
        "topics": "/admin/articles/topic/",
        "promo": f"/admin/articles/promo/{promo.pk}/change/",
        "page": f"/admin/articles/page/{Page.objects.get().pk}/change/",
        "licences": "/admin/articles/licence/",
        "corrected": f"{ARTICLES}{Article.objects.earliest('pk').pk}/change/",
    }


def is_ours(address: str) -> bool:
    """Whether a request goes to the site, or to nobody."""
    return address.startswith((settings.SITE_URL, "data:", "about:"))
