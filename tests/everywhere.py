"""Every address that lists something, for readers, machines and editors; of `tests.filled`."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import product
from urllib.parse import quote

from django.utils import timezone

from articles import history, opengraph
from articles.models import Article, Photo, PublicVersion
from articles.paging import Cursor
from tests.filled import (
    DRAFT,
    LONG_STORY,
    PHOTO,
    PHOTOS,
    PUBLISHED,
    SCHEDULED,
    UNUSED,
    WITHDRAWN,
)
from tests.kinds import kinds

ARTICLES, LIBRARY = "/admin/articles/article/", "/admin/articles/photo/"
AGO = timedelta(days=1800)
# Of many articles and of few, in words that are everywhere, here and there, and nowhere.
WORDS = ("青岛", "青岛 地铁", "地铁 -青岛", "一", "编辑:编辑7", "青岛 来源:来源1", "话题:话题1",
         "记者:某7", "恐龙飞船", "恐龙 飞船 青岛")  # fmt: skip
NARROWED = (
    "", *(f"state={state}" for state in ("draft", "scheduled", "published", "withdrawn")),
    "topic=1", "topic=3", "topic=70", "source=1", "source=50", "editor=编辑1", "editor=编辑200",
    "desk=1", "desk=6", "state=draft&desk=1", "source=1&state=draft", "editor=编辑1&desk=1",
)  # fmt: skip
KEPT = ("topic", "source", "page", "promo", "licence")
FEW = (*product(["articles"], (*KEPT, "desk")), ("auth", "user"), ("auth", "group"))


def readers() -> Iterator[str]:
    """Pages, feeds and files, one of every kind at least, and what is far down in the lists."""
    deep = Cursor(timezone.now() - AGO, 3_500)
    day = timezone.localtime(deep.at)
    yield from kinds().values()
    for path in ("/topic/topic-1/", "/topic/topic-3/", "/topic/topic-70/", "/source/source-1/",
                 "/source/source-50/", "/editor/编辑1/", "/editor/编辑200/", "/corrections/",
                 f"{day:/%Y/%m/}"):  # fmt: skip
        yield from (path, f"{path}?before={deep}", f"{path}?after={deep}")
    yield from (f"{day:/%Y/}", f"{day:/%Y/%m/%d/}", f"{day:/on-this-day/%m/%d/}", "/on-this-day/")
    yield from ("/most-read/", *(f"/most-read/{window}/" for window in ("day", "week", "month")))
    yield from ("/4000.htm", "/4000.htm?id=1", "/nowhere/at/all.html", "/robots.txt", "/qr/2.svg")
    yield "/nopage/"
    article = Article.objects.get(pk=PUBLISHED)
    yield from (article.get_absolute_url(), opengraph.preview(article).path)
    for changed in (article, Article.objects.get(pk=LONG_STORY)):
        path = changed.get_absolute_url()
        yield from (f"{path}timegate/", f"{path}timemap/", f"{path}text.txt")
    last = PublicVersion.objects.of(changed).newest()[25]
    yield f"{path}history/?before={Cursor(last.published_at, last.number)}"
    yield f"{path}history/?after={Cursor(last.published_at, last.number)}"
    yield from (f"/feed/{path}" for path in ("atom.xml", "feed.json", "topic/topic-1/atom.xml",
                                             "topic/topic-70/feed.json"))  # fmt: skip
    yield from (f"/sitemap{path}.xml" for path in ("", "/pages", "/news", f"{day:/%Y-%m}"))
    yield from _searches(article.title, deep)
    yield from _programs(day, deep)


def _programs(day: datetime, deep: Cursor) -> Iterator[str]:
    """The API: every address, the lists far down and as long as may be, too."""
    own = (f"/api/v1/{path}/articles" for path in (
        "topics/topic-1", "topics/topic-3", "topics/topic-70", "sources/source-1",
        "sources/source-50", "editors/编辑1", "editors/编辑200",
    ))  # fmt: skip
    for path in ("/api/v1/articles", *own):
        yield from (f"{path}?limit=100", f"{path}?before={deep}", f"{path}?after={deep}&limit=1")
    for path in (
        *(f"articles/{number}" for number in (PUBLISHED, LONG_STORY, WITHDRAWN)),
        *(f"most-read/{window}" for window in ("day", "week", "month", "all")),
        "topics", "sources", "editors", "archive", f"{day:archive/%Y}", f"{day:archive/%Y/%m}",
        f"{day:archive/%Y/%m/%d}", "openapi.json", "openapi.en.json",
        *(f"search?q={quote(typed)}" for typed in WORDS[:3]),
        f"search?q={quote('青岛')}&sort=newest&before={deep}",
    ):  # fmt: skip
        yield f"/api/v1/{path}"


def _searches(title: str, deep: Cursor) -> Iterator[str]:
    """The search page by relevance, newest first and far down; what its box suggests."""
    for typed in (*WORDS, title[:6], f"标题:{title[:2]}"):
        for rest in ("", "&sort=newest", f"&sort=newest&before={deep}"):
            yield f"/search/?q={quote(typed)}{rest}"
        yield f"/search/suggest/?q={quote(typed)}"
    yield f"/search/?q={quote('青岛')}&topic=1&source=1&year={timezone.now().year - 1}"
    yield f"/search/suggest/opensearch/?q={quote('青岛')}"


def desk() -> Iterator[str]:
    """今日工作, every list with its filters and its search, every form and history."""
    yield "/admin/"
    yield from _articles()
    yield from _library()
    yield from _few()
    yield from _versions()
    for model, field in (("article", "source"), ("article", "lead_photo"), ("promo", "photo"),
                         ("articletopic", "topic"), ("articlephoto", "photo")):  # fmt: skip
        asked = f"app_label=articles&model_name={model}&field_name={field}"
        for term in ("", "青岛", "1", "恐龙"):
            yield f"/admin/autocomplete/?{asked}&term={quote(term)}"
            yield f"/admin/autocomplete/?{asked}&term={quote(term)}&page=2"


def _articles() -> Iterator[str]:
    old = timezone.localdate() - AGO
    days = [f"day={old}", f"day={old:%Y-%m}", f"day={old:%Y}"]
    for query, page in product([*NARROWED, *days], ("", "&p=2")):
        yield f"{ARTICLES}?{query}{page}"
    yield f"{ARTICLES}?p=40"
    yield from (f"{ARTICLES}?q={quote(typed)}" for typed in (*WORDS, str(PUBLISHED)))
    yield from (f"{ARTICLES}reads/", f"{ARTICLES}reads/?day={timezone.localdate()}&format=csv")
    for number in (LONG_STORY, PUBLISHED, DRAFT, WITHDRAWN, SCHEDULED):
        for view in ("change", "history", "preview", "preview/desktop", "preview/mobile"):
            yield f"{ARTICLES}{number}/{view}/"
    yield from (f"{ARTICLES}{DRAFT}/delete/", f"{ARTICLES}add/")


def _library() -> Iterator[str]:
    token = Photo.objects.get(pk=PHOTO).token
    words = ("青岛", "图1234", "恐龙", "青岛 记者3", "一", "1", token)
    days = [f"day={timezone.localdate() - ago}" for ago in (timedelta(), AGO)]
    narrowed = ("", "alt=missing", "alt=decorative", "used=yes", "used=no", "used=no&alt=missing")
    for query, page in product([*narrowed, *days], ("", "&p=2")):
        yield f"{LIBRARY}?{query}{page}"
    yield f"{LIBRARY}?p=40"
    for typed in words:
        yield f"{LIBRARY}?q={quote(typed)}"
        yield f"{ARTICLES}photos/?q={quote(typed)}"
    yield from (f"{ARTICLES}photos/?before=3000", f"{ARTICLES}photos/?article=7500&token={token}")
    yield from (f"{LIBRARY}add/", f"{LIBRARY}describe/?id={PHOTO}&id={UNUSED}")
    for number, view in product(PHOTOS, ("change", "delete", "history")):
        yield f"{LIBRARY}{number}/{view}/"


def _few() -> Iterator[str]:
    """The lists of what is few, each with the form, history and deletion of one and another."""
    for app, model in FEW:
        path = f"/admin/{app}/{model}/"
        yield from (path, f"{path}?p=2", f"{path}?q=1", f"{path}?o=1", f"{path}add/")
        for number, view in product((1, 3), ("change", "history", "delete")):
            yield f"{path}{number}/{view}/"
    for asked in ("groups", "desks"):
        yield f"/admin/auth/user/?{asked}__id__exact=1"
    for asked in ("is_active", "is_superuser"):
        yield f"/admin/auth/user/?{asked}__exact=1"
    yield from (f"/admin/axes/accessattempt/?{query}" for query in ("", "q=user1", "p=2"))


def _versions() -> Iterator[str]:
    """An article's versions, and what was deleted."""
    yield f"{ARTICLES}{LONG_STORY}/history/?p=2"
    for version in history.versions(Article, LONG_STORY)[:2]:
        path = f"{ARTICLES}{LONG_STORY}/history/{version.pk}/"
        yield from (path, f"{path}?with=now", f"{path}restore/")
    yield from (f"/admin/articles/{model}/deleted/" for model in ("article", *KEPT))
    yield f"{ARTICLES}deleted/?p=2"
    yield from (f"{ARTICLES}deleted/{gone.pk}/" for gone in history.deleted(Article)[:1])
