"""How long every kind of page takes, the readers' and the desk's, made anew for one who asks alone.

Different examples of a kind, spread over the archive, one after the other. A kind that the archive
has no example of is left out.
"""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from urllib.parse import quote

import psycopg

from tests.bench.archive import served
from tests.bench.rows import Kind
from tests.serving import ROOT, Gunicorn

EXAMPLES = 15
_DAY = "to_char(published_at AT TIME ZONE 'Asia/Shanghai', '/YYYY/MM/DD/')"
_CURSOR = "(extract(epoch FROM published_at) * 1000000)::bigint || '-' || id"
# Their numbers are spread like any hash.
_SOME = "FROM articles_article WHERE state = 'published' {also} ORDER BY hashint8(id) LIMIT 15"
_MANY, _FEW = (
    "SELECT {column} FROM articles_article WHERE state = 'published' AND {column} IS NOT NULL"
    f" GROUP BY 1 ORDER BY count(*) {order} LIMIT 15"
    for order in ("DESC", "")
)
_TOPICS = "SELECT '{before}' || slug || '{after}' FROM articles_topic {also} ORDER BY id LIMIT 15"


def _articles(said: str, also: str = "") -> str:
    """Addresses made of some published articles."""
    return f"SELECT {said} {_SOME.format(also=also)}"


def _named(said: str, column: str, most: str = _MANY) -> str:
    """Addresses made of the sources, editors … with most or with fewest articles."""
    return f"SELECT {said} FROM ({most.format(column=column)}) AS named ({column})"


def _source(said: str, most: str = _MANY) -> str:
    return f"{_named(said, 'source_id', most)} JOIN articles_source ON id = source_id"


# An address that is always the same, or a statement that finds some.
READERS: Mapping[str, str] = {
    "home": "/",
    "article": _articles(f"{_DAY} || id || '/'"),
    "article in 繁體": _articles(f"'/zh-hant' || {_DAY} || id || '/'"),
    "photo": _articles(f"{_DAY} || id || '/photo/1/'", "AND lead_photo_id IS NOT NULL"),
    "withdrawn": f"SELECT {_DAY} || id || '/' FROM articles_article WHERE state = 'withdrawn'"
    " LIMIT 15",
    "topic": _TOPICS.format(before="/topic/", after="/", also="WHERE layout = 'list'"),
    "pictures": _TOPICS.format(before="/topic/", after="/", also="WHERE layout = 'pictures'"),
    "topic, far down": "SELECT '/topic/' || slug || '/?before=' || place FROM"
    f" (SELECT slug FROM articles_topic ORDER BY id LIMIT 3) AS topics, (SELECT {_CURSOR} AS place"
    " FROM articles_article WHERE state = 'published' ORDER BY hashint8(id) LIMIT 5) AS places",
    "topics": "/topic/",
    "archive": "/archive/",
    "year": f"SELECT DISTINCT left({_DAY}, 6) FROM articles_article"
    " WHERE state = 'published' LIMIT 15",
    "month": _articles(f"left({_DAY}, 9)"),
    "month, far down": _articles(f"left({_DAY}, 9) || '?before=' || {_CURSOR}"),
    "day": _articles(_DAY),
    "历史上的今天": _articles(f"'/on-this-day' || substr({_DAY}, 6)"),
    "sources": "/source/",
    "source, of many": _source("'/source/' || slug || '/'"),
    "source, of few": _source("'/source/' || slug || '/'", _FEW),
    "editors": "/editor/",
    "editor, of many": _named("'/editor/' || nullif(editor, '') || '/'", "editor"),
    "editor, of few": _named("'/editor/' || nullif(editor, '') || '/'", "editor", _FEW),
    **{
        f"大家爱看, {window}": f"/most-read/{window}/" for window in ("day", "week", "month", "all")
    },
    "更正": "/corrections/",
    "search, a word that is everywhere": "/search/?q=青岛",
    "search, two of a title's characters": _articles("'/search/?q=' || left(title, 2)"),
    "search, five of a title's characters": _articles("'/search/?q=' || left(title, 5)"),
    "search, newest first": _articles("'/search/?sort=newest&q=' || left(title, 2)"),
    "search, an editor": _named("'/search/?q=编辑:' || nullif(editor, '')", "editor"),
    "search, nothing found": "/search/?q=恐龙飞船",
    "suggestions": _articles("'/search/suggest/?q=' || left(title, 2)"),
    "Page": "SELECT '/page/' || slug || '/' FROM articles_page LIMIT 15",
    "feed, Atom": "/feed/atom.xml",
    "feed, JSON": "/feed/feed.json",
    "a topic's feed": _TOPICS.format(before="/feed/topic/", after="/atom.xml", also=""),
    "sitemap index": "/sitemap.xml",
    "sitemap of pages": "/sitemap/pages.xml",
    "sitemap of news": "/sitemap/news.xml",
    "sitemap of a month": _articles(
        "to_char(published_at AT TIME ZONE 'Asia/Shanghai', '/sitemap/YYYY-MM.xml')"
    ),
    "an old address": _articles("legacy_path", "AND legacy_url <> ''"),
    "nothing there": "/nowhere/",
}
_LIST, _PHOTOS = "/admin/articles/article/", "/admin/articles/photo/"
_PHOTO = f"SELECT '{_PHOTOS}' || {{}} FROM articles_photo ORDER BY hashint8(id) LIMIT 15"
EDITORS: Mapping[str, str] = {
    "今日工作": "/admin/",
    "articles": _LIST,
    "articles, second page": f"{_LIST}?p=2",
    "articles, last page": f"{_LIST}?p=40",
    **{f"articles, {state}": f"{_LIST}?state={state}"
       for state in ("draft", "scheduled", "published", "withdrawn")},
    "articles of a day": _articles(f"'{_LIST}?day=' || replace(trim({_DAY}, '/'), '/', '-')"),
    "articles of a year": _articles(f"'{_LIST}?day=' || substr({_DAY}, 2, 4)"),
    "articles of a topic": f"SELECT '{_LIST}?topic=' || id FROM articles_topic LIMIT 15",
    "articles of a source": _source(f"'{_LIST}?source=' || id"),
    "articles of an editor": _named(f"'{_LIST}?editor=' || nullif(editor, '')", "editor"),
    "articles of a desk": f"SELECT '{_LIST}?desk=' || id FROM articles_desk LIMIT 15",
    "articles with a word that is everywhere": f"{_LIST}?q=青岛",
    "articles with five characters": _articles(f"'{_LIST}?q=' || left(title, 5)"),
    "an article's form": _articles(f"'{_LIST}' || id || '/change/'"),
    "an article's versions": _articles(f"'{_LIST}' || id || '/history/'"),
    "an article's preview": _articles(f"'{_LIST}' || id || '/preview/desktop/'"),
    "a new article": f"{_LIST}add/",
    "deleted articles": f"{_LIST}deleted/",
    "阅读量排行": f"{_LIST}reads/",
    "photos": _PHOTOS,
    "photos, last page": f"{_PHOTOS}?p=40",
    "photos lacking a description": f"{_PHOTOS}?alt=missing",
    "photos that are decorative": f"{_PHOTOS}?alt=decorative",
    "photos that are used": f"{_PHOTOS}?used=yes",
    "photos that are not": f"{_PHOTOS}?used=no",
    "photos with a word": _PHOTO.format("'?q=' || left(caption, 2)"),
    "photos with a word that none has": f"{_PHOTOS}?q=恐龙飞船",
    "a photo's form": _PHOTO.format("id || '/change/'"),
    "photos to place in a text": f"{_LIST}photos/",
    **{f"choosing a {field}": f"/admin/autocomplete/?app_label=articles&model_name={model}"
       f"&field_name={field}&term=1"
       for model, field in (("article", "source"), ("articletopic", "topic"),
                            ("articlephoto", "photo"))},
    **{f"{model} list": f"/admin/{model}/" for model in (
        "articles/topic", "articles/source", "articles/desk", "articles/page", "articles/promo",
        "articles/licence", "auth/user", "auth/group", "axes/accessattempt")},
}  # fmt: skip

# By a process of its own: Django's settings are another archive's here.
_LOGIN = """
import django
django.setup()
from django.contrib.auth.models import User
from django.test import Client
editor = User.objects.filter(username="bench").first() or User.objects.create_superuser("bench")
client = Client()
client.force_login(editor)
print(client.cookies["sessionid"].value)
"""


class Unanswered(Exception):
    """A page was no page; nothing that was measured counts."""


def every(articles: int) -> Iterator[Kind]:
    """All kinds, over an archive of so many articles."""
    with served(articles) as (filled, _, site), psycopg.connect(filled.url) as database:
        server = Gunicorn(**site, WEB_CONCURRENCY="1", PAGE_CACHE_MEGABYTES="0")
        with server.running() as port:
            desk = {"Cookie": f"sessionid={_session(site)}"}
            for kinds, said in ((READERS, {}), (EDITORS, desk)):
                for name, asked in kinds.items():
                    paths = _examples(database, asked)
                    if paths:
                        yield Kind(name, _took(port, paths, said))


def _session(site: Mapping[str, str]) -> str:
    """The session of somebody who may see everything."""
    done = subprocess.run(
        [sys.executable, "-c", _LOGIN], cwd=ROOT, check=True, capture_output=True, text=True,
        env={**os.environ, **site, "DJANGO_SETTINGS_MODULE": "xinwang.settings"},
    )  # fmt: skip
    return done.stdout.strip()


def _examples(database: psycopg.Connection, asked: str) -> list[str]:
    """So many addresses of a kind, or the only one as often."""
    if asked.startswith("/"):
        return [quote(asked, safe="/?&=")] * EXAMPLES
    found = database.execute(asked.encode()).fetchall()
    return [quote(path, safe="/?&=") for (path,) in found if path]


def _took(port: int, paths: Sequence[str], said: Mapping[str, str]) -> list[float]:
    """Milliseconds of each, once one has been made. Raises Unanswered."""
    return [_milliseconds(port, path, said) for path in (paths[0], *paths)][1:]


def _milliseconds(port: int, path: str, said: Mapping[str, str]) -> float:
    # A connection each: on a kept one TCP may wait 40 ms for what it takes for more to come.
    began = time.perf_counter()
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as line:
        line.request("GET", path, headers=dict(said))
        answer = line.getresponse()
        answer.read()
    if answer.status not in (200, 301, 404, 410):
        raise Unanswered(f"{path}: {answer.status}")
    return (time.perf_counter() - began) * 1000
