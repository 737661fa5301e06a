"""Every page that lists something reads the few rows that it shows, however long the archive.

All that a page asks of PostgreSQL is asked once more, to be explained: in an archive of ten years,
with the planner's settings as they are deployed.
"""

import io
from collections.abc import Iterable, Iterator
from copy import copy
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, connections, router, transaction
from django.test import Client
from pytest_django import DjangoDbBlocker

from articles import prepared, reading, urls
from articles.models import Article
from articles.readerrole.shown import TABLES
from tests import everywhere, filled
from tests.kinds import PHONE_AGENT, kinds
from tests.people import admin_routes
from tests.plans import GROW, noted, plan_of, whole, wrong_in
from tests.readers import as_reader, take_leakproof_away

pytestmark = pytest.mark.django_db

# Addresses of the site that list nothing: what a reader sends, files, and what asks no database.
LIST_NOTHING = {
    "reader.css", "reader/", "reads/<id:number>/", "opensearch.xml", "manifest.webmanifest",
    "favicon.ico", ".well-known/security.txt", "qr.svg", "healthz", "readyz", "metrics",
    "media/<slug:token>-<int:width>.<slug:extension>",
    "<year:year>/<two:month>/<two:day>/<id:number>/code.svg",
    "<year:year>/<two:month>/<two:day>/<id:number>/p<anchor:anchor>.svg",
}  # fmt: skip
# The same of the desk: logins, what only takes in what is sent, what leads elsewhere. A photo that
# is deleted is gone; only articles have versions here to look at.
TAKES_IN = (
    "login/", "logout/", "password_change/", "password_change/done/", "jsi18n/", "r/<path",
    "auth/user/<id>/password/", "articles/article/preview/", "articles/article/intake/",
    "articles/article/check/", "articles/photo/upload/", "articles/photo/deleted/", "^(?P<app",
    "(?P<url>",
)  # fmt: skip
SENT = ("preview/unsaved/", "differences/", "presence/", "<path:object_id>/")
OF_ARTICLES = ("history/<int:number>/", "history/<int:number>/restore/", "deleted/<int:number>/")
# Rows of an article's form, of twenty photos, cost no query each.
MOST_QUERIES = 30


def reader() -> str:
    """The readers' role (ADR 0023) of this database, for roles are a server's."""
    return f"reader_{connection.settings_dict['NAME']}"


def without_empty_pages() -> None:
    """Give back what rows that are gone have taken."""
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM FULL {', '.join(GROW)}")


@pytest.fixture(scope="module")
def archive(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The archive, filled once for all tests of the module, each of which leaves it as it was."""
    with django_db_blocker.unblock():
        # Pages that stand empty would count, in these plans as in those of other modules' tests.
        without_empty_pages()
        with transaction.atomic(), connection.cursor() as cursor:
            # Nobody vacuums what the role changes; and what is there first has no pending triggers.
            tables = ", ".join(sorted({*GROW, *TABLES}))
            cursor.execute(f"LOCK TABLE {tables} IN SHARE UPDATE EXCLUSIVE MODE")
            call_command("create_reader_role", name=reader(), stdout=io.StringIO())
            filled.fill()
            yield
            transaction.set_rollback(True)
        without_empty_pages()


@pytest.fixture
def editor(archive: None) -> Client:
    """Somebody who may see everything, and has done most of what was done."""
    client = Client()
    client.force_login(User.objects.get(pk=1))
    return client


def asked(client: Client, paths: Iterable[str], **headers: str) -> tuple[set[str], dict[str, Any]]:
    """The routes that these pages have, and what is wrong with how each is made.

    Nothing is made of what other pages have left in memory.
    """
    routes, wrong, explained = set(), {}, set()
    for path in paths:
        cache.clear()
        with noted() as made:
            answer = client.get(path, headers=headers)
        assert answer.status_code in (200, 301, 302, 404, 410), path
        if answer.resolver_match:
            routes.add(answer.resolver_match.route)
        for sql in set(made) - explained:
            explained.add(sql)
            wrong |= dict.fromkeys(wrong_in(sql), path)
        assert len(made) <= MOST_QUERIES or "/search" in path, (path, len(made))
    return routes, wrong


def test_what_an_article_asks_is_planned_once(
    archive: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plan that is kept holds for any article: one without values reads by indexes, too.

    Whether PostgreSQL keeps one depends on what the statement was planned for before on the same
    connection, here for another role (row security is dear): so these are others, by a remark.
    """
    ask = prepared.rows
    monkeypatch.setattr(prepared, "rows", lambda sql, asked: ask(f"-- planned once\n{sql}", asked))
    path = Article.objects.get(pk=filled.LONG_STORY).get_absolute_url()
    made: dict[str, list[int]] = {}
    for _ in "before", "after":
        for _ in range(15):  # the first ones are not prepared, the next ones planned each time
            Client().get(path)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT name, cardinality(parameter_types), generic_plans"
                " FROM pg_prepared_statements WHERE statement LIKE '-- planned once%'"
            )
            before, made = made, {name: counts for name, *counts in cursor.fetchall()}
    assert len(made) == 3
    for name, (size, plans) in made.items():
        assert plans == before[name][1] + 15, name
        nothing = ", ".join(["NULL"] * size)
        assert not whole(plan_of(f'EXECUTE "{name}" ({nothing})')) & GROW


def test_what_readers_and_machines_ask_for(archive: None) -> None:
    routes, wrong = asked(Client(), everywhere.readers())
    assert not wrong
    assert not asked(Client(), kinds().values(), **{"user-agent": PHONE_AGENT})[1]
    every = {str(one.pattern) for one in (*urls.pages, *urls.machines, *urls.programs)}
    assert every - {route.removeprefix("zh-hant/") for route in routes} == LIST_NOTHING


def test_readers_ask_by_the_same_indexes_as_a_role_of_their_own(archive: None) -> None:
    """Where public processes have a role that row security holds (ADR 0023)."""
    alike = Article.objects.get(pk=filled.PUBLISHED).get_absolute_url()
    paths = [*everywhere.readers()]
    with as_reader(reader()):
        assert not asked(Client(), paths)[1]
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user, 'articles_article'::regclass::text")
            assert cursor.fetchone() == (reader(), "articles_article")
    take_leakproof_away()
    with as_reader(reader()):
        for path in ("/search/?q=恐龙飞船", "/search/suggest/?q=恐龙飞船", alike):
            assert asked(Client(), [path])[1], path


def test_all_of_it_is_read_from_a_replica(archive: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the primary gone every page goes on (ADR 0032): none asks it anything.

    The replica is the same connection by another name, for no other sees into this transaction.
    """
    replica = copy(connections["default"])
    replica.alias, replica.execute_wrappers = "replica1", []
    monkeypatch.setitem(connections.settings, "replica1", connections.settings["default"])
    monkeypatch.setitem(router.__dict__, "routers", [reading.Router()])
    connections["replica1"] = replica

    def gone(execute: Any, sql: str, *rest: Any) -> None:
        raise AssertionError(f"the primary is asked: {sql}")

    try:
        with connections["default"].execute_wrapper(gone), reading.at("replica1"):
            for path in everywhere.readers():
                cache.clear()
                assert Client().get(path).status_code in (200, 301, 302, 404, 410), path
    finally:
        del connections["replica1"]


def test_what_editors_ask_for(editor: Client) -> None:
    routes, wrong = asked(editor, everywhere.desk())
    assert not wrong
    left = {route for route in admin_routes() if f"admin/{route}" not in routes}
    left = {route for route in left if not route.startswith(TAKES_IN) and not route.endswith(SENT)}
    assert not {route for route in left if not route.endswith(OF_ARTICLES)}


@pytest.mark.parametrize(
    ("index", "path"),
    [
        ("article_by_source", "/source/source-50/"),
        ("articletopic_newest", "/topic/topic-1/"),
        ("searchentry_keys", "/search/?q=青岛"),
        ("dailyreads_most_read", "/admin/articles/article/reads/"),
        ("photo_decorative", "/admin/articles/photo/?alt=decorative"),
        ("revision_deletions", "/admin/articles/article/deleted/"),
    ],
)
def test_a_list_that_has_lost_its_index_is_told(editor: Client, index: str, path: str) -> None:
    assert not asked(editor, [path])[1]
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {index}")
    assert asked(editor, [path])[1]


def test_what_is_counted_or_sorted_as_a_whole_is_told(archive: None) -> None:
    for sql, said in (
        ("SELECT count(*) FROM articles_article", "Scan reads 8000 rows of articles_article"),
        ("SELECT * FROM articles_correction ORDER BY text LIMIT 9", "Sort of 3750 rows"),
        ("SELECT * FROM articles_photo WHERE name = 'x'", "Seq Scan reads 15000 rows"),
    ):
        assert said in " ".join(wrong_in(sql)), plan_of(sql)
