"""Which pages of an archive are asked for: some of each kind, spread over the whole of it."""

from urllib.parse import quote

import psycopg

from articles.corpus.vocabulary import FREQUENT, QINGDAO
from tests.bench.archive import Archive

# How many different ones of a kind.
SOME = 2_000
_DAY = "to_char(published_at AT TIME ZONE 'Asia/Shanghai', '/YYYY/MM/DD/')"
_SPREAD = "FROM articles_article WHERE state = 'published' ORDER BY hashint8(id), id LIMIT %s"
_TOPICS = "SELECT '/topic/' || slug || '/' FROM articles_topic WHERE layout = 'list' LIMIT %s"
_STATEMENTS = {
    "article page": f"SELECT {_DAY} || id || '/' {_SPREAD}",
    "topic": _TOPICS,
    "day": f"SELECT DISTINCT {_DAY} FROM (SELECT published_at {_SPREAD}) AS spread",
}
_FIXED = {
    "home": ["/"],
    "search": [f"/search/?q={quote(word)}" for word, _ in (FREQUENT, QINGDAO)],
}
KINDS = ("article page", "home", "topic", "day", "search")


def paths(archive: Archive, kind: str) -> list[str]:
    """Addresses of pages of a kind, the same ones for the same archive."""
    if kind in _FIXED:
        return _FIXED[kind]
    with psycopg.connect(archive.url) as connection:
        rows = connection.execute(_STATEMENTS[kind], [SOME])
        return [quote(path) for (path,) in rows]
