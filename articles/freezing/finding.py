"""What a frozen site is searched by: a file of SQLite's, of which a browser asks for some parts.

It holds which pairs of neighbouring characters are in which article, in titles and anywhere, as the
living search keeps them (ADR 0012) but for what narrows; no text. static/js/finder.js reads it in
the browser, by SQLite itself compiled for it, which stands beside it; ADR 0034 tells why. Its name
is a digest of what it is made of, so that it is made again only where articles have changed, and
may be kept for good by whoever has read parts of it.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from django.conf import settings
from django.db import connection

from articles.freezing.keeping import Folder
from articles.freezing.outline import digest
from articles.freezing.places import SEARCH, SEARCHED
from articles.freezing.trouble import Stage
from articles.migrations._characters import READ_AS, VARIANTS
from articles.models import Article, SearchEntry
from articles.stages import Show

# Another number where the file is made otherwise of the same articles.
_FORM = 1
_ENDING = ".sqlite"
_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE article (place INTEGER PRIMARY KEY, path TEXT NOT NULL);
CREATE VIRTUAL TABLE titled
USING fts5 (pairs, content = '', detail = none, columnsize = 0, tokenize = 'ascii');
CREATE VIRTUAL TABLE said
USING fts5 (pairs, content = '', detail = none, columnsize = 0, tokenize = 'ascii');
"""
_STATE = """
SELECT count(*), sum(hashtextextended(
    ROW(article_id, extract(epoch FROM published_at), title, text)::text, 0)::numeric)
FROM articles_searchentry WHERE published_at <= %s
"""
_FETCHED = 500
# What a browser needs of settings.SEARCH_ENGINE, and how that ends in the frozen site.
_ENGINE = {"sqlite": ("index.mjs", ".js"), "wasm": ("sqlite3.wasm", ".wasm")}


def can_be_read() -> bool:
    """Whether SQLite for browsers is installed (`make search`)."""
    return all((settings.SEARCH_ENGINE / name).is_file() for name, _ in _ENGINE.values())


def take_away(folder: Folder, now: datetime) -> None:
    """Remove an index that knows an article which readers no longer have, or can't be read.

    Reads the index's addresses and the archive's: some seconds for 100,000.
    """
    held = _held(folder)
    if not held:
        return
    public = {address for (address,) in _rows(now)}
    for path in held:
        if not public.issuperset(_known(path)):
            folder.remove(SEARCHED)
            path.unlink()


def keep(folder: Folder, now: datetime, show: Show) -> None:
    """Let the folder have the index of the archive; some 2 ms an article where it has changed."""
    with connection.cursor() as cursor:
        cursor.execute(_STATE, [now])
        state = cursor.fetchone()
    name = f"{SEARCH}{digest(_FORM, settings.TIME_ZONE, state).hex()}{_ENDING}"
    if not (folder.root / name).exists():
        with folder.making(name) as part:
            _make(part, now, show)
    about = {
        "file": Path(name).name,
        "size": (folder.root / name).stat().st_size,
        "articles": state[0],
        "written": VARIANTS,
        "read": READ_AS,
        **_engine(folder),
    }
    # The file is there before it is named, and goes after it is named no more.
    folder.put(SEARCHED, json.dumps(about, ensure_ascii=False).encode())
    for path in _beside(folder):
        if path.name not in about.values():
            folder.remove(f"{SEARCH}{path.name}")


def leave_out(folder: Folder) -> None:
    """Let the folder have none."""
    folder.remove(SEARCHED)
    for path in _beside(folder):
        folder.remove(f"{SEARCH}{path.name}")


def _engine(folder: Folder) -> dict[str, str]:
    """SQLite for browsers, put into the folder, by digests: what the files are called there."""
    names = {}
    for part, (file, ending) in _ENGINE.items():
        content = (settings.SEARCH_ENGINE / file).read_bytes()
        names[part] = f"sqlite-{hashlib.sha256(content).hexdigest()[:16]}{ending}"
        folder.put(f"{SEARCH}{names[part]}", content)
    return names


def _beside(folder: Folder) -> list[Path]:
    """What index.json names, now or before; packed twins go with their files."""
    endings = {_ENDING, *(ending for _, ending in _ENGINE.values())}
    return [path for path in (folder.root / SEARCH).glob("*") if path.suffix in endings]


def _held(folder: Folder) -> list[Path]:
    return sorted((folder.root / SEARCH).glob(f"*{_ENDING}"))


def _known(path: Path) -> Iterator[str]:
    """The addresses in an index; of one that is damaged, what none has."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as lines:
            yield from (address for (address,) in lines.execute("SELECT path FROM article"))
    except sqlite3.DatabaseError:
        yield ""


def _make(path: Path, now: datetime, show: Show) -> None:
    """Articles are numbered from the oldest: the newest are found by counting down."""
    rows = _rows(now, "title", "text")
    # SQLite would tidy up in the system's temporary folder, which may be small.
    loose = path.with_name(f"{path.name}.loose")
    with (
        ExitStack() as stack,
        closing(sqlite3.connect(loose, isolation_level=None)) as lines,
    ):
        stack.callback(loose.unlink, missing_ok=True)
        lines.executescript(_TABLES)
        lines.execute("BEGIN")
        for place, (address, title, text) in enumerate(rows, start=1):
            lines.execute("INSERT INTO article VALUES (?, ?)", [place, address])
            for table, words in (("titled", title), ("said", text)):
                lines.execute(
                    f"INSERT INTO {table} (rowid, pairs) VALUES (?, ?)", [place, pairs(words)]
                )
            if place % _FETCHED == 0:
                show(Stage.FINDING, place, None, place)
        for table in ("titled", "said"):
            lines.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")
        lines.execute("COMMIT")
        lines.execute("VACUUM INTO ?", [str(path)])


def _rows(now: datetime, *columns: str) -> Iterator[tuple[str, ...]]:
    """Every article that readers have, the oldest first: its address, and columns of its entry."""
    found = SearchEntry.objects.filter(published_at__lte=now).order_by("published_at", "article_id")
    rows = found.values_list("article_id", "published_at", *columns)
    for number, published_at, *others in rows.iterator(_FETCHED):
        yield Article(pk=number, published_at=published_at).get_absolute_url(), *others


def pairs(folded: str) -> str:
    """The pairs of neighbours in a folded text, each once, as words; none goes across a line."""
    return " ".join(
        dict.fromkeys(f"{a}{b}" for line in folded.split("\n") for a, b in pairwise(line))
    )
