"""What readers may see of each table: which rows, and what of every column.

A table that is not named here isn't there for the role, nor is a column.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.conf import settings

from articles.models.photo import TOKEN_LENGTH


@dataclass(frozen=True)
class Shown:
    """A table as readers see it.

    `rows`: the condition on a row, in SQL; empty: they may see all. `plain` columns are shown as
    they are, `made` ones as an expression over the row, `hidden` ones as the constant given. Rows
    that fulfil `written` may be added, with the plain columns; `read`: whether they may be read.
    """

    plain: str
    made: Mapping[str, str] = field(default_factory=dict)
    hidden: Mapping[str, str] = field(default_factory=dict)
    rows: str = ""
    written: str = ""
    read: bool = True

    @property
    def is_secured(self) -> bool:
        """Whether it is not for all rows alike."""
        return bool(self.rows or self.written)

    @property
    def columns(self) -> dict[str, str]:
        """What each column is shown as."""
        return {**{name: name for name in self.plain.split()}, **self.made, **self.hidden}


def _while_published(column: str, otherwise: str) -> str:
    """A column that a tombstone doesn't show."""
    return f"CASE WHEN state = 'published' THEN {column} ELSE {otherwise} END"


def _as_text(*columns: str) -> dict[str, str]:
    """Texts as they are, yet by an expression.

    PostgreSQL has statistics of what a column holds, hidden rows and all: by estimates of how many
    rows come before a text the texts themselves could be told. It has none of an expression.
    """
    return {column: f"{column} || ''" for column in columns}


# Rows of what belongs to an article: it is there for readers, and is no tombstone. OFFSET 0 keeps
# the planner from reading all articles at once, to look each up in that.
_OF_A_PUBLISHED = """EXISTS (
    SELECT FROM public.articles_article AS article
    WHERE article.id = article_id AND article.state = 'published' OFFSET 0
)"""
_HAS_COME = "published_at <= now()"
_TODAY = f"(now() AT TIME ZONE '{settings.TIME_ZONE}')::date"
# A beacon that comes around midnight, or from a machine whose clock is a little off.
_COUNTABLE = f"day BETWEEN {_TODAY} - 1 AND {_TODAY} + 1"

_LEADS = """EXISTS (
    SELECT FROM public.articles_article AS article
    WHERE article.lead_photo_id = articles_photo.id AND article.state = 'published' OFFSET 0
)"""
_IN_A_GALLERY = """EXISTS (
    SELECT FROM public.articles_articlephoto AS use
    WHERE use.photo_id = articles_photo.id OFFSET 0
)"""
_IN_A_PROMO = """EXISTS (
    SELECT FROM public.articles_promo AS promo
    WHERE promo.photo_id = articles_photo.id OFFSET 0
)"""
_ON_A_PAGE = f"""EXISTS (
    SELECT FROM public.articles_page AS page
    WHERE strpos(page.body, left(articles_photo.sha256, {TOKEN_LENGTH})) > 0 OFFSET 0
)"""

TABLES = {
    "articles_article": Shown(
        # What lists are ordered and narrowed by is as it is, of tombstones as well.
        "id state published_at source_id editor reads revised_at age_notice legacy_url legacy_path"
        " legacy_id created_at updated_at",
        made={
            **_as_text("title"),
            "original_title": _while_published("original_title", "''"),
            "byline": _while_published("byline", "''"),
            "body": _while_published("body", "''"),
            "anchors": _while_published("anchors", "'[]'"),
            "excerpt": _while_published("excerpt", "''"),
            "lead_photo_id": _while_published("lead_photo_id", "NULL"),
        },
        hidden={
            "desk_id": "NULL::bigint",
            "imported_reads": "0::bigint",
            "import_digest": "''::varchar",
        },
        rows=f"state <> 'draft' AND {_HAS_COME}",
    ),
    "articles_articlephoto": Shown(
        "id article_id photo_id position", made=_as_text("caption"), rows=_OF_A_PUBLISHED
    ),
    "articles_articletopic": Shown("id article_id topic_id position published_at", rows=_HAS_COME),
    "articles_correction": Shown(
        "id article_id kind published_at",
        made=_as_text("text"),
        rows=f"""{_HAS_COME} AND EXISTS (
            SELECT FROM public.articles_article AS article WHERE article.id = article_id OFFSET 0
        )""",
    ),
    "articles_generation": Shown("id begun_at"),
    "articles_licence": Shown("id kind text url position"),
    "articles_likeness": Shown("article_id pairs", rows=_OF_A_PUBLISHED),
    "articles_page": Shown("id slug title body position in_footer updated_at"),
    "articles_pairfrequency": Shown("pair articles"),
    "articles_pairsample": Shown("id articles archive"),
    "articles_photo": Shown(
        "id sha256 width height widths decorative focus_x focus_y",
        made=_as_text("alt", "caption", "credit"),
        hidden={
            "original": "''::varchar",
            "name": "''::varchar",
            "used": "true",
            "created_at": "NULL::timestamptz",
        },
        rows=f"{_LEADS} OR {_IN_A_GALLERY} OR {_IN_A_PROMO} OR {_ON_A_PAGE}",
    ),
    "articles_promo": Shown("id kind title note url photo_id position active", rows="active"),
    "articles_publicversion": Shown(
        "id article_id number kind published_at",
        made={**_as_text("reason", "sha256"), "content": "content || '{}'"},
        rows=_OF_A_PUBLISHED,
    ),
    "articles_readevent": Shown("article_id day", written=_COUNTABLE, read=False),
    "articles_readkey": Shown("day key", rows=_COUNTABLE, written=_COUNTABLE),
    "articles_recentreads": Shown("article_id published_at day week month", rows=_OF_A_PUBLISHED),
    "articles_searchentry": Shown(
        "article_id published_at title text editor byline source_id topics", rows=_HAS_COME
    ),
    "articles_source": Shown("id name slug url"),
    "articles_topic": Shown(
        "id name slug description layout position in_navigation featured"
    ),
    "articles_visit": Shown("day article_id visitor", written=_COUNTABLE, read=False),
}  # fmt: skip

# Functions of ours that public pages call; they only read what they are given, or count a read.
FUNCTIONS = frozenset({
    "articles_count_read", "articles_fold", "articles_pairs", "articles_search_keys",
    "articles_singles",
})  # fmt: skip

# What the conditions of search and of likeness call. PostgreSQL asks an index before it looks at
# whether a row may be seen only by what tells nothing of a row: no message of these names a value.
# (A message of the arrays' two names types, and calls the elements' own comparison: of numbers,
# in this database. The role can't bring types or operators of its own.)
LEAKPROOF = (
    "public.articles_search_keys(text, text, text, text, bigint, bigint[], timestamptz, bigint)",
    "pg_catalog.arraycontains(anyarray, anyarray)",
    "pg_catalog.arrayoverlap(anyarray, anyarray)",
)
