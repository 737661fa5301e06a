"""A readers' role for tests, and an archive of which each kind of thing is public and secret."""

import io
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import psycopg
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from articles.models import Article, Correction, Desk, Licence, Page, Photo, Promo
from articles.readerrole.shown import LEAKPROOF, TABLES
from articles.readerrole.standing import views_role
from tests.factories import make_article, make_photo, make_source, make_topic, revise

# What stands in everything that readers must not see, and in nothing else.
SECRET = "绝密"
PASSWORD = "p%40 s's\"\\:/?#@城{}$1"


@contextmanager
def role() -> Iterator[str]:
    """A role by a name of its own, for roles are a server's; it goes with all that came with it."""
    name = f"reader_{uuid.uuid4().hex[:12]}"
    os.environ["READER_PASSWORD"] = PASSWORD
    try:
        call_command("create_reader_role", name=name, verbosity=0, stdout=io.StringIO())
        yield name
    finally:
        del os.environ["READER_PASSWORD"]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {', '.join(TABLES)}")  # before what vacuums them
            cursor.execute(
                "SELECT rolname FROM pg_roles WHERE rolname IN (%s, %s)", [name, views_role()]
            )
            for (one,) in cursor.fetchall():
                cursor.execute(f"DROP OWNED BY {one} CASCADE; DROP ROLE {one}")


def url(name: str, password: str = PASSWORD) -> str:
    """The tests' database as this role sees it."""
    named = urlsplit(os.environ["DATABASE_URL"])
    place = named.netloc.rpartition("@")[2]
    database = connection.settings_dict["NAME"]
    whole = named._replace(netloc=f"{name}:{quote(password, safe='')}@{place}", path=f"/{database}")
    return whole.geturl()


@contextmanager
def connected(name: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection as this role; each statement is a transaction."""
    with psycopg.connect(url(name), autocommit=True) as made:
        yield made


@contextmanager
def as_reader(name: str) -> Iterator[None]:
    """Django's own connection as this role has it, within the transaction that is open."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {name}; SET LOCAL search_path = readers, public")
        try:
            yield
        finally:
            cursor.execute("RESET ROLE; SET LOCAL search_path = DEFAULT")


def take_leakproof_away() -> None:
    """As PostgreSQL comes; other tests may have left it otherwise."""
    with connection.cursor() as cursor:
        for function in LEAKPROOF:
            cursor.execute(f"ALTER FUNCTION {function} NOT LEAKPROOF")


def make_archive() -> dict[str, Article]:
    """A page of each kind, and of everything something that readers must not see."""
    list_of, pictures = (
        make_topic("话题", slug="topic", featured=True, in_navigation=True),
        make_topic("美图", slug="pictures", layout="pictures"),
    )
    source = make_source("来源", slug="source")
    shown = [make_photo(1300, 700), make_photo(), make_photo()]
    public = make_article(
        title="栈桥潮起", body="<p>栈桥的潮水。</p><p>潮水又起。</p>", source=source, editor="编辑",
        byline="记者", topics=[list_of, pictures], photos=shown, legacy_url="http://old.example/1",
    )  # fmt: skip
    revise(public, byline="本报记者")
    similar = make_article(title="栈桥潮落", source=source, topics=[list_of])
    Correction.objects.create(article=public, text="更正。")
    later = timezone.now() + timedelta(days=1)
    Correction.objects.create(article=public, text=SECRET, published_at=later)
    words: dict[str, Any] = {
        "title": f"{SECRET}题", "original_title": SECRET, "byline": SECRET, "editor": SECRET,
        "body": f"<p>{SECRET}正文，{SECRET}正文。</p>",
    }  # fmt: skip
    draft = make_article(
        **words, state="draft", published_at=None, topics=[list_of], legacy_id=SECRET
    )
    scheduled = make_article(**words, published_at=later, topics=[list_of])
    # Its title, source, editor and time were public; a tombstone has them still.
    gone = {**words, "title": "撤下的题", "editor": "编辑", "import_digest": SECRET}
    withdrawn = make_article(**gone, source=source, topics=[list_of], photos=[_secret_photo()])
    revise(withdrawn, body=f"<p>{SECRET}改过的正文。</p>")
    withdrawn.withdraw("数据有误。")
    for article in (draft, scheduled):
        Correction.objects.create(article=article, text=SECRET)
        photo = _secret_photo()
        article.gallery.create(photo=photo, caption=SECRET)
        Article.objects.filter(pk=article.pk).update(lead_photo=photo)
    _secret_photo()
    on_page = make_photo()
    Photo.objects.filter(pk__in=[on_page.pk, *(one.pk for one in shown)]).update(name=SECRET)
    figure = f'<figure data-photo="{on_page.token}"></figure>'
    Page.objects.create(slug="about", title="关于", body=f"<p>关于我们。</p>{figure}")
    Promo.objects.create(kind="qr", title="推广", url="https://example.com/")
    Promo.objects.create(
        kind="image", title=SECRET, url="https://example.com/", active=False, photo=_secret_photo()
    )
    Licence.objects.create(kind="icp", text="鲁ICP备00000000号")
    desk = Desk.objects.create(name=SECRET)
    Article.objects.filter(pk=public.pk).update(desk=desk, legacy_id="/?p=17")
    User.objects.create_user(SECRET, password=SECRET)
    return {
        "public": public, "similar": similar, "draft": draft, "scheduled": scheduled,
        "withdrawn": withdrawn,
    }  # fmt: skip


def _secret_photo() -> Photo:
    return make_photo(alt=SECRET, caption=SECRET, credit=SECRET)
