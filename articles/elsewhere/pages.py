"""WordPress's pages as our Pages (单页): new ones alone, for a Page remembers no digest."""

import re
from enum import Enum
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from django.db import transaction

from articles import oldpaths, renditions, text
from articles.elsewhere.found import Found
from articles.models import Page
from articles.models.photo import TOKEN_LENGTH
from articles.sanitizer import Clean
from articles.transfer import BadLine, pictures
from articles.transfer.preparing import prepare
from articles.transfer.record import Record

_SLUG = re.compile(r"[-a-zA-Z0-9_]{1,60}")


class Put(NamedTuple):
    """A page that is in, and what it lacks."""

    done: "Done"
    remarks: tuple[str, ...]


class Done(Enum):
    """What became of a page."""

    ADDED = "新增"
    UNCHANGED = "未变"


def put(said: Found, name: str, folder: Path | None, *, dry_run: bool) -> Put:
    """Make a Page of a page that stood at `name`; the footer's links the editors choose.

    Raises BadLine, with why, for what can't become one, and where another Page has its address: a
    Page that is there is never overwritten. Two queries, and the pictures'.
    """
    record = prepare(said.content).record
    limit = Page._meta.get_field("title").max_length or 0
    if record.state != "published":
        raise BadLine("单页没有草稿，没发布的不收")
    if len(record.title) > limit:
        raise BadLine(f"title 超过 {limit} 字")
    pictures.check(record, folder, decode=True)
    slug = name if _SLUG.fullmatch(name) else f"page-{said.number}"
    body = _body(record, folder)
    there = Page.objects.filter(slug=slug).first()
    if there and (there.title, there.body) == (record.title, body):
        return Put(Done.UNCHANGED, _unreached(record, said.number, slug))
    if there:
        raise BadLine(f"已有地址名为 {slug} 的单页，内容不同，没有覆盖它")
    if not dry_run:
        with renditions.undo_files_on_error(), transaction.atomic():
            pictures.add(record, folder)
            Page.objects.create(slug=slug, title=record.title, body=body, in_footer=False)
    return Put(Done.ADDED, _unreached(record, said.number, slug))


def _unreached(record: Record, number: int, slug: str) -> tuple[str, ...]:
    """That its old address leads nowhere: what leads to a Page is its own name alone."""
    path = unquote(urlsplit(record.url).path) or f"/?page_id={number}"
    if oldpaths.page(path) == slug:
        return ()
    return (f"单页的旧网址 {path} 转不到它，/{slug}/ 才转得到",)


def _body(record: Record, folder: Path | None) -> Clean:
    """The body with its photos by their tokens; those that it doesn't place stand before it."""
    tokens: dict[str, str] = {}
    for photo in record.photos:
        with ((folder or Path()) / photo.file).open("rb") as file:
            tokens[photo.file] = renditions.check(file)[:TOKEN_LENGTH]
    placed = text.photo_tokens(record.body)
    body = text.replace_photos(Clean(record.body), lambda file: tokens.get(file, file))
    loose = [token for file, token in tokens.items() if file not in placed]
    return Clean("".join(f'<figure data-photo="{token}"></figure>' for token in loose) + body)
