"""Views, row security and grants by which the database keeps readers to what they may see.

The schema `readers` has a view for each table of `shown`, by the table's name. The views belong to
a role of their own, which nobody logs in as: it may read the columns that they show, and row
security on the tables lets it have the rows that readers may see. The readers' role may use the
views and nothing else.
"""

import hashlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import ProgrammingError, connection, transaction
from psycopg.errors import InsufficientPrivilege
from psycopg.sql import Identifier

from articles.readerrole.shown import FUNCTIONS, LEAKPROOF, TABLES, Shown

SCHEMA = "readers"
READ, WRITE = "readers", "readers_write"
_AGAIN = "请以数据库超级用户再运行一次 manage.py create_reader_role。"


def ident(name: str) -> str:
    """A name as SQL writes it."""
    return Identifier(name).as_string(None)


def ask(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """A query's rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def tell(*statements: str) -> None:
    """Carry out statements."""
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def views_role() -> str | None:
    """The role that the views belong to; None where there is no readers' role. One query.

    Nor is there one where they belong to somebody whom row security doesn't hold, as they do in a
    database that was restored from a copy.
    """
    found = ask(
        "SELECT rolname FROM pg_namespace JOIN pg_roles ON pg_roles.oid = nspowner"
        " WHERE nspname = %s AND NOT (rolcanlogin OR rolsuper OR rolbypassrls)",
        SCHEMA,
    )
    return found[0][0] if found else None


def tables_owner() -> str:
    """Whom the archive's tables belong to. One query."""
    owner: str = ask(
        "SELECT tableowner FROM pg_tables"
        " WHERE schemaname = 'public' AND tablename = 'articles_article'"
    )[0][0]
    return owner


@contextmanager
def acting_as(role: str) -> Iterator[None]:
    """Do as a role what only that may, all or nothing."""
    with transaction.atomic():
        [(before,)] = ask("SELECT current_setting('role')")
        ask("SELECT set_config('role', %s, true)", role)
        yield
        ask("SELECT set_config('role', %s, true)", before)


def keep() -> None:
    """Bring views, row security and grants up to date. Does nothing where there is no such role.

    A table at a time, so that nobody who reads several waits for one while we wait for him.
    """
    views = views_role()
    if views is None:
        return
    columns = _columns()
    owner = tables_owner()
    tell(f"COMMENT ON SCHEMA {SCHEMA} IS NULL")
    for (table,) in ask(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind = 'r' AND pg_get_userbyid(relowner) = %s"
        " AND (relname = ANY (%s) OR has_any_column_privilege(%s, oid, 'SELECT, INSERT'))"
        " ORDER BY relname",
        owner,
        list(TABLES),
        views,
    ):
        with transaction.atomic():
            if table in TABLES and TABLES[table].is_secured:
                # Before its row of the catalogue changes; in this order vacuuming does it, too.
                tell(f"LOCK TABLE public.{table}")
            _let_go(table)
            tell(f"REVOKE ALL ON public.{ident(table)} FROM {ident(views)}")
            if table in TABLES:
                _secure(table, TABLES[table], columns[table], views)
    _grant_functions(owner)
    readers = ", ".join(map(ident, _readers()))
    with acting_as(views):
        _drop_views()
        for table, shown in TABLES.items():
            if table in columns:
                _show(table, shown, columns[table], readers)
        if readers:
            # They have it. But statements that were planned on the tables while there were no views
            # (articles/prepared.py) would stay so: what changes a schema has all planned anew.
            tell(f"GRANT USAGE ON SCHEMA {SCHEMA} TO {readers}")
        tell(f"COMMENT ON SCHEMA {SCHEMA} IS '{_fingerprint()}'")


def before_migrations(**said: Any) -> None:
    """Take away views and row security, which PostgreSQL would not let columns change under.

    Readers get what is kept of pages, or a 503, until the migrations are done.
    """
    views = views_role()
    if views and any(migration.app_label == "articles" for migration, _ in said["plan"]):
        with _explained(said):
            with acting_as(views):
                tell(f"COMMENT ON SCHEMA {SCHEMA} IS NULL")
                _drop_views()
            for table in TABLES:
                _let_go(table)


def after_migrations(**said: Any) -> None:
    """Make them as the tables are now.

    Seven queries where nothing has changed, one where there is no such role.
    """
    if views_role() is None:
        return
    with _explained(said):
        if not _stands():
            keep()
        if not mark_leakproof():
            _say(said, f"读者角色的搜索会变慢：{_AGAIN}")


def mark_leakproof() -> bool:
    """Mark what search asks its index by, if a superuser asks; whether it is marked."""
    lacking = [function for function in LEAKPROOF if not _is_leakproof(function)]
    if lacking and is_superuser():
        tell(*(f"ALTER FUNCTION {function} LEAKPROOF" for function in lacking))
        return True
    return not lacking


def is_superuser() -> bool:
    """Whether we are one."""
    return bool(ask("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")[0][0])


def _is_leakproof(function: str) -> bool:
    found = ask("SELECT proleakproof FROM pg_proc WHERE oid = to_regprocedure(%s)", function)
    return bool(found and found[0][0])


@contextmanager
def _explained(said: dict[str, Any]) -> Iterator[None]:
    """Say what to do where whoever migrates may not do this; the migrations themselves go on."""
    try:
        yield
    except ProgrammingError as error:
        if not isinstance(error.__cause__, InsufficientPrivilege):
            raise
        _say(said, f"没有权限更新读者角色的视图（{error}），读者进程暂时不能用。{_AGAIN}")


def _say(said: dict[str, Any], line: str) -> None:
    (said.get("stdout") or sys.stderr).write(f"{line}\n")


def _readers() -> list[str]:
    """The roles that use the views."""
    rows = ask(
        "SELECT pg_get_userbyid(grantee) FROM pg_namespace, aclexplode(nspacl) AS granted"
        " WHERE nspname = %s AND grantee <> nspowner ORDER BY 1",
        SCHEMA,
    )
    return [name for (name,) in rows]


def _columns() -> dict[str, set[str]]:
    """The columns that the tables have, which after a migration backwards may be fewer."""
    found: dict[str, set[str]] = {}
    for table, column in ask(
        "SELECT relname, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
        " WHERE relnamespace = 'public'::regnamespace AND relname = ANY (%s)"
        " AND attnum > 0 AND NOT attisdropped",
        list(TABLES),
    ):
        found.setdefault(table, set()).add(column)
    return found


def _fingerprint() -> str:
    """What the views are made of."""
    columns = sorted((table, sorted(names)) for table, names in _columns().items())
    said = repr([TABLES, sorted(FUNCTIONS), columns, _readers()])
    return hashlib.sha256(said.encode()).hexdigest()


def _stands() -> bool:
    """Whether the views are as they should be."""
    [(comment,)] = ask("SELECT obj_description(oid) FROM pg_namespace WHERE nspname = %s", SCHEMA)
    return bool(comment == _fingerprint())


def _let_go(table: str) -> None:
    """Take a table's policies away: nobody but its owner has its rows then."""
    for (policy,) in ask(
        "SELECT policyname FROM pg_policies"
        " WHERE schemaname = 'public' AND tablename = %s AND policyname = ANY (%s)",
        table,
        [READ, WRITE],
    ):
        tell(f"DROP POLICY {policy} ON public.{ident(table)}")


def _secure(table: str, shown: Shown, columns: set[str], views: str) -> None:
    """Let the views' role have a table's public rows, and of them what the view is made of."""
    name, role = f"public.{table}", ident(views)
    named = ", ".join(name for name in [*shown.plain.split(), *shown.made] if name in columns)
    if shown.read:
        tell(f"GRANT SELECT ({named}) ON {name} TO {role}")
    if shown.written:
        tell(f"GRANT INSERT ({named}) ON {name} TO {role}")
    if not shown.is_secured:
        return
    secured = ask("SELECT relrowsecurity FROM pg_class WHERE oid = to_regclass(%s)", name)
    if not secured[0][0]:
        tell(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
    if shown.rows:
        tell(f"CREATE POLICY {READ} ON {name} FOR SELECT TO {role} USING ({shown.rows})")
    if shown.written:
        tell(f"CREATE POLICY {WRITE} ON {name} FOR INSERT TO {role} WITH CHECK ({shown.written})")


def _show(table: str, shown: Shown, columns: set[str], readers: str) -> None:
    """Make a table's view, and let the readers' roles use it."""
    made = ", ".join(
        f"{expression} AS {name}" for name, expression in shown.columns.items() if name in columns
    )
    tell(f"CREATE VIEW {SCHEMA}.{table} AS SELECT {made} FROM public.{table}")  # noqa: S608
    rights = ", ".join(["SELECT"] * shown.read + ["INSERT"] * bool(shown.written))
    if readers:
        tell(f"GRANT {rights} ON {SCHEMA}.{table} TO {readers}")


def _drop_views() -> None:
    for (view,) in ask("SELECT viewname FROM pg_views WHERE schemaname = %s", SCHEMA):
        tell(f"DROP VIEW {SCHEMA}.{ident(view)}")


def _grant_functions(owner: str) -> None:
    """Leave functions to their owner, as far as readers' pages don't call them."""
    readers = ", ".join(map(ident, _readers()))
    for function, name in ask(
        "SELECT oid::regprocedure::text, proname FROM pg_proc"
        " WHERE pronamespace = 'public'::regnamespace AND pg_get_userbyid(proowner) = %s"
        " ORDER BY 1",
        owner,
    ):
        tell(f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC")
        if name in FUNCTIONS and readers:
            tell(f"GRANT EXECUTE ON FUNCTION {function} TO {readers}")
