"""The readers' role as somebody has it who broke into a public process, and means harm."""

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
from django.db import (
    NotSupportedError,
    ProgrammingError,
    connection,
    connections,
    migrations,
    transaction,
)
from django.utils import timezone
from psycopg import errors

from articles import readerrole, reading
from articles.models import Article, ReadEvent, ReadKey, Visit, public_article
from articles.readerrole import standing as keeping
from articles.readerrole.shown import LEAKPROOF, TABLES
from articles.readerrole.standing import views_role
from tests import readers
from tests.factories import make_article
from tests.readers import SECRET, as_reader, connected

Reader = psycopg.Connection[Any]


@pytest.fixture
def name(transactional_db: None) -> Iterator[str]:
    with readers.role() as made:
        yield made


@pytest.fixture
def archive(name: str) -> dict[str, Article]:
    return readers.make_archive()


def told(reader: Reader, sql: str) -> str:
    """All that a query says, its complaint included."""
    try:
        return "\n".join(map(str, reader.execute(sql).fetchall()))
    except psycopg.Error as error:
        return f"{error} {error.diag.message_detail} {error.diag.context}"


@pytest.mark.django_db(transaction=True)
def test_nothing_secret_is_in_anything_that_it_can_read(
    name: str, archive: dict[str, Article]
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with connected(name) as reader:
        rows = reader.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'readers'::regnamespace"
        )
        views = {view for (view,) in rows}
        assert views == {*TABLES}
        everything = ""
        for view in views:
            said = told(reader, f"SELECT * FROM {view}")
            refused = "permission denied" in said
            assert refused == (not TABLES[view].read), said
            everything += said
        assert "栈桥潮起" in everything
        assert "撤下的题" in everything
        assert SECRET not in everything
        rows = reader.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'v', 'm', 'p')"
            " AND relnamespace = 'public'::regnamespace"
        )
        tables = [table for (table,) in rows]
        assert "auth_user" in tables
        assert "reversion_version" in tables
        for table in tables:
            with pytest.raises(errors.InsufficientPrivilege):
                reader.execute(f"SELECT count(*) FROM public.{table}")
        for table in ("pg_authid", "pg_shadow", "pg_statistic", "pg_user_mapping"):
            with pytest.raises(errors.InsufficientPrivilege):
                reader.execute(f"SELECT * FROM {table}")
        assert not reader.execute(
            "SELECT FROM pg_stats WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()


@pytest.mark.django_db(transaction=True)
def test_no_message_and_no_function_tells_of_hidden_rows(
    name: str, archive: dict[str, Article]
) -> None:
    hidden = [archive[which].pk for which in ("draft", "scheduled")]
    with connected(name) as reader:
        for view, shown in TABLES.items():
            for column in shown.columns if shown.read else ():
                said = told(
                    reader,
                    f"SELECT 1 FROM {view} WHERE CASE WHEN strpos({column}::text, '{SECRET}') > 0"
                    f" THEN {column}::text::int > 0 END",
                )
                assert said == "", (view, column, said)
        keys = (
            "articles_search_keys(text, title, editor, byline, source_id, topics,"
            " published_at, article_id)"
        )
        pairs = f"articles_pairs('{SECRET}', 0)"
        for sql in (
            f"SELECT article_id FROM articles_searchentry WHERE {keys} @> {pairs}",
            f"SELECT article_id FROM articles_likeness WHERE pairs && {pairs}",
            f"SELECT 1 FROM articles_article WHERE id = ANY (ARRAY{hidden})",
            f"SELECT 1 FROM articles_articletopic WHERE article_id = ANY (ARRAY{hidden})",
            f"SELECT 1 FROM articles_articlephoto WHERE article_id = ANY (ARRAY{hidden})",
        ):
            assert told(reader, sql) == "", sql
        for number in hidden:
            said = told(reader, f"SELECT articles_count_read({number}, current_date, 'x')")
            assert said == "((None, None),)"


@pytest.mark.django_db(transaction=True)
def test_no_estimate_tells_of_hidden_texts(name: str) -> None:
    """Of what is hidden here there is so much that PostgreSQL's statistics are full of it."""
    Article.objects.bulk_create(
        Article(
            state="draft", title=f"{number}题", original_title=f"{number}题",
            byline=f"{number}题", excerpt=f"{number}题", body=f"<p>{number}</p>",
        )
        for number in range(10_000, 10_400)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    def estimates(execute: Any, column: str) -> set[int]:
        return {
            execute(
                f"EXPLAIN (FORMAT JSON) SELECT 1 FROM articles_article WHERE {column} {than}"
            ).fetchone()[0][0]["Plan"]["Plan Rows"]
            for than in ("< '0'", "< '10100'", "< '10300'", "< 'z'")
        }

    assert len(estimates(connection.cursor().connection.execute, "title")) > 2
    with connected(name) as reader:
        for column in ("title", "original_title", "byline", "body", "excerpt"):
            assert len(estimates(reader.execute, column)) == 1, column


@pytest.mark.django_db(transaction=True)
def test_what_is_made_later_is_not_there_for_it(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE articles_later (id int)")
        cursor.execute("CREATE FUNCTION articles_later() RETURNS int LANGUAGE sql RETURN 1")
    try:
        readerrole.keep()
        with connected(name) as reader:
            for sql in ("SELECT * FROM articles_later", "SELECT articles_later()"):
                with pytest.raises(errors.InsufficientPrivilege):
                    reader.execute(sql)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE articles_later; DROP FUNCTION articles_later()")


# Each by itself, each refused.
HARM = """
UPDATE articles_article SET reads = 9
UPDATE articles_generation SET begun_at = now()
UPDATE articles_readkey SET key = 'x'
DELETE FROM articles_article
DELETE FROM articles_readevent
DELETE FROM public.articles_readevent
TRUNCATE public.articles_article
TRUNCATE public.articles_visit
INSERT INTO articles_topic (name) VALUES ('x')
INSERT INTO articles_generation DEFAULT VALUES
INSERT INTO public.articles_readevent (article_id, day) VALUES (1, current_date)
INSERT INTO articles_readevent (article_id, day) VALUES (1, current_date - 30)
INSERT INTO articles_visit (article_id, day, visitor) VALUES (1, current_date + 30, 'x')
INSERT INTO articles_readkey (day, key) VALUES (current_date + 30, 'x')
INSERT INTO articles_visit VALUES (current_date, 1, 'x') RETURNING visitor
SELECT * FROM articles_article FOR UPDATE
DO $do$ BEGIN LOCK TABLE articles_article IN EXCLUSIVE MODE; END $do$
DO $do$ BEGIN LOCK TABLE articles_readevent IN ACCESS EXCLUSIVE MODE; END $do$
SELECT nextval('public.articles_article_id_seq')
SELECT setval('public.articles_readevent_id_seq', 1)
COPY (SELECT 1) TO PROGRAM 'cat'
COPY (SELECT 1) TO '/tmp/xinwang-reader'
COPY articles_readevent (article_id, day) FROM '/etc/passwd'
SELECT pg_read_file('/etc/passwd')
SELECT pg_ls_dir('.')
SELECT lo_create(0)
SELECT lo_creat(-1)
SELECT lo_from_bytea(0, 'x')
SELECT lo_import('/etc/passwd')
SET ROLE {views}
SET ROLE {owner}
SET SESSION AUTHORIZATION {owner}
SET row_security = off; SELECT * FROM articles_article
SET search_path = public; SELECT * FROM articles_article
ALTER ROLE {name} SUPERUSER
ALTER ROLE {name} BYPASSRLS
CREATE ROLE another
GRANT {owner} TO {name}
GRANT pg_read_all_data TO {name}
CREATE DATABASE another
CREATE SCHEMA another
CREATE TABLE public.another (id int)
CREATE TABLE readers.another (id int)
CREATE TEMP TABLE another (id int)
CREATE VIEW readers.another AS SELECT 1
CREATE OR REPLACE VIEW readers.articles_article AS SELECT 1
DROP VIEW readers.articles_article
CREATE FUNCTION public.another() RETURNS int LANGUAGE sql RETURN 1
CREATE FUNCTION readers.another() RETURNS int LANGUAGE sql RETURN 1
CREATE FUNCTION pg_temp.another() RETURNS int LANGUAGE sql RETURN 1
ALTER FUNCTION public.articles_fold(text) COST 1
ALTER TABLE public.articles_article DISABLE ROW LEVEL SECURITY
DROP POLICY readers ON public.articles_article
ALTER SYSTEM SET fsync = off
SELECT articles_index(ARRAY[1])
SELECT articles_liken(ARRAY[1])
SELECT articles_entries_of(ARRAY[1])
SELECT articles_begin_generation()
SELECT articles_photo_is_used(1)
DO $do$ BEGIN EXECUTE 'UPDATE articles_article SET reads = 9'; END $do$
SELECT query_to_xml('SELECT * FROM public.auth_user', true, true, '')
SELECT pg_reload_conf()
"""


@pytest.mark.django_db(transaction=True)
def test_whatever_does_harm_is_refused(name: str, archive: dict[str, Article]) -> None:
    owner = connection.settings_dict["USER"]
    written = Article.objects.values_list("pk", "title", "updated_at")
    before = [*written]
    wrong: list[tuple[str, object]] = []
    with connected(name) as reader:
        reader.add_notice_handler(lambda _: None)
        for line in HARM.strip().splitlines():
            sql = line.format(name=name, views=views_role(), owner=owner)
            refused: object = "done"
            try:
                for one in [sql] if sql.startswith("DO ") else sql.split("; "):
                    reader.execute(one)
            except psycopg.Error as error:
                refused = error
            wrong += [] if isinstance(refused, errors.InsufficientPrivilege) else [(sql, refused)]
            reader.execute("RESET row_security")
            reader.execute("RESET search_path")
        assert not wrong
    assert [*written] == before
    assert not ReadEvent.objects.exists()
    assert not Visit.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_it_may_count_a_read(name: str, archive: dict[str, Article]) -> None:
    number = archive["public"].pk
    today = timezone.localdate()
    for ago in (0, 2):  # the key of a day that is over is nobody's business
        ReadKey.objects.create(day=today - timedelta(days=ago), key=b"key")
    with connected(name) as reader:
        count = "SELECT counted, total FROM articles_count_read(%s, current_date, 'visitor')"
        assert reader.execute(count, [number]).fetchone() == (True, 1)
        assert reader.execute(count, [number]).fetchone() == (False, 0)
        assert reader.execute("SELECT day FROM articles_readkey").fetchall() == [(today,)]
    assert ReadEvent.objects.get().article_id == number


# -- the command ---------------------------------------------------------------------------------


def said_by(**options: Any) -> list[str]:
    """The command's lines."""
    out = io.StringIO()
    call_command("create_reader_role", stdout=out, **options)
    return out.getvalue().splitlines()


@pytest.mark.django_db
def test_every_column_of_what_readers_see_is_shown_made_or_hidden() -> None:
    """Whoever adds a column to such a table decides what readers get to see of it."""
    models = {model._meta.db_table: model for model in apps.get_app_config("articles").get_models()}
    for table, shown in TABLES.items():
        columns = {field.column for field in models[table]._meta.concrete_fields if field.column}
        assert columns - {*shown.columns} <= ({"id"} if not shown.read else set()), table
        assert {*shown.columns} <= columns, table


@pytest.mark.django_db
def test_it_may_be_run_again() -> None:
    options = {"name": f"again_{connection.settings_dict['NAME']}"}
    assert "已建立" in said_by(**options)[0]
    before = standing()
    assert "已更新" in said_by(**options, connections=7)[0]
    assert standing() == before
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, rolcreatedb, rolcreaterole, rolinherit, rolbypassrls, rolreplication,"
            " rolconnlimit FROM pg_roles WHERE rolname = %s",
            [options["name"]],
        )
        assert cursor.fetchone() == (False, False, False, False, False, False, 7)
    # A second role reads by the same views.
    said_by(name=f"{options['name']}2")
    with as_reader(f"{options['name']}2"):
        assert Article.objects.count() == 0


def standing() -> list[tuple[Any, ...]]:
    """Views, policies and grants as they are."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT viewname, definition, viewowner FROM pg_views WHERE schemaname = 'readers'"
            " UNION ALL SELECT tablename, coalesce(qual, with_check), roles::text FROM pg_policies"
            " UNION ALL SELECT relname, relacl::text, '' FROM pg_class"
            " WHERE relnamespace IN ('readers'::regnamespace, 'public'::regnamespace)"
            " ORDER BY 1, 2"
        )
        return cursor.fetchall()


@pytest.mark.django_db
def test_what_a_copy_was_restored_to_shows_nothing_of_its_own() -> None:
    """pg_restore --no-owner gives the views to whom row security doesn't hold."""
    name = f"restored_{connection.settings_dict['NAME']}"
    said_by(name=name)
    make_article(state="draft", published_at=None)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("DROP SCHEMA readers CASCADE; CREATE SCHEMA readers")
        cursor.execute("CREATE VIEW readers.articles_article AS TABLE articles_article")
    said_by(name=name)
    with as_reader(name):
        assert not Article.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["Reader", "1st", "pg_reader", "a b", "x" * 51, "读者", 'a"b', ""])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(CommandError, match="角色名"):
        said_by(name=name)


@pytest.mark.django_db
def test_a_role_that_is_somebody_elses_is_left_alone() -> None:
    owner = connection.settings_dict["USER"]
    with pytest.raises(CommandError, match="已有别的用途"):
        said_by(name=owner)
    other = f"other_{connection.settings_dict['NAME']}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {other} LOGIN; GRANT pg_read_all_data TO {other}")
    with pytest.raises(CommandError, match="已有别的用途"):
        said_by(name=other)


@pytest.mark.django_db
def test_without_the_right_to_make_roles_it_says_who_has_it() -> None:
    plain = f"plain_{connection.settings_dict['NAME']}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {plain}; SET LOCAL ROLE {plain}")
    with pytest.raises(CommandError, match="超级用户"):
        said_by(name=f"reader_{plain}")


@pytest.mark.django_db
def test_an_owner_who_is_no_superuser_is_told_what_is_lacking() -> None:
    """Whoever owns the tables and may make roles gets all but what PostgreSQL keeps for itself."""
    mine = f"mine_{connection.settings_dict['NAME']}"
    readers.take_leakproof_away()
    with connection.cursor() as cursor:
        cursor.execute("GRANT EXECUTE ON FUNCTION lo_create(oid) TO PUBLIC")
        cursor.execute(f"CREATE ROLE {mine} CREATEROLE")
        cursor.execute(f"ALTER DATABASE {connection.settings_dict['NAME']} OWNER TO {mine}")
        for kind, which in (
            ("TABLE", "SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = 'public'"),
            ("FUNCTION", "SELECT oid::regprocedure::text FROM pg_proc"
             " WHERE pronamespace = 'public'::regnamespace"),
        ):  # fmt: skip
            cursor.execute(which)
            for (one,) in cursor.fetchall():
                cursor.execute(f"ALTER {kind} {one} OWNER TO {mine}")
        cursor.execute(f"SET LOCAL ROLE {mine}")
    said = " ".join(said_by(name=f"reader_{mine}"))
    assert "LEAKPROOF" in said
    assert "大对象" in said
    assert "临时表" not in said
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        # A migration by the same owner.
        cursor.execute(f"SET LOCAL ROLE {mine}")
    migrate_a_column()
    with as_reader(f"reader_{mine}"):
        assert Article.objects.count() == 0


def standing_mark() -> set[bool]:
    """Whether they are marked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proleakproof FROM pg_proc WHERE oid = ANY (%s::regprocedure[])",
            [list(LEAKPROOF)],
        )
        return {marked for (marked,) in cursor.fetchall()}


# -- migrations ----------------------------------------------------------------------------------


def migrate_a_column(said: io.StringIO | None = None) -> None:
    """What `migrate` does around a migration that changes a column which the views show."""
    plan = [(migrations.Migration("9999_wider", "articles"), False)]
    told: dict[str, Any] = {"plan": plan, "apps": apps, "stdout": said or io.StringIO()}
    emit_pre_migrate_signal(0, False, "default", **told)
    change_columns()
    emit_post_migrate_signal(0, False, "default", **told)


def change_columns() -> None:
    """One that a view shows and a policy asks for, one that a view shows."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE articles_readkey ALTER COLUMN day TYPE timestamp")
        cursor.execute("ALTER TABLE articles_article ALTER COLUMN reads TYPE numeric")


@pytest.mark.django_db
def test_a_migration_finds_no_view_in_its_way() -> None:
    name = f"migrated_{connection.settings_dict['NAME']}"
    said_by(name=name)
    with pytest.raises(NotSupportedError, match=r"used by a view|used in a policy"):
        change_columns()
    before = standing()
    readers.take_leakproof_away()  # as CREATE OR REPLACE does
    migrate_a_column()
    assert standing_mark() == {True}
    assert len(standing()) == len(before)
    with as_reader(name):
        assert Article.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_plan_made_while_the_views_are_away_does_not_outlive_them(
    name: str, archive: dict[str, Article], monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL goes on with a plan of what the views' names meant meanwhile."""
    connections["reader"] = theirs = connections["default"].copy()
    theirs.settings_dict |= {"USER": name, "PASSWORD": readers.PASSWORD}

    def found() -> bool:
        with reading.at("reader"):
            return public_article(archive["public"].pk) is not None

    def refused(owner: str) -> None:
        with pytest.raises(ProgrammingError, match="permission denied"):
            found()
        grant(owner)

    grant = keeping._grant_functions
    monkeypatch.setattr(keeping, "_grant_functions", refused)  # tables are done, views are not
    try:
        assert all(found() for _ in range(20))
        readerrole.before_migrations(plan=[(migrations.Migration("9999", "articles"), False)])
        readerrole.after_migrations()
        assert found()
    finally:
        theirs.close()
        del connections["reader"]
