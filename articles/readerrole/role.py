"""The readers' role itself: what it may do at all, and the role that its views belong to."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection, transaction

from articles.readerrole.standing import (
    SCHEMA,
    ask,
    ident,
    is_superuser,
    keep,
    mark_leakproof,
    tables_owner,
    tell,
    views_role,
)

# A name that needs no quotes anywhere, with room for what the views' role adds to it.
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,49}")
OF_VIEWS = "_views"
# Longer than any page takes, shorter than gunicorn waits for one.
STATEMENT_SECONDS = 20
IDLE_IN_TRANSACTION_SECONDS = 60
_NOTHING = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT NOREPLICATION NOBYPASSRLS"
# What writes large objects; everybody may call it as PostgreSQL comes.
_LARGE_OBJECTS = (
    "pg_catalog.lo_creat(integer)", "pg_catalog.lo_create(oid)",
    "pg_catalog.lo_from_bytea(oid, bytea)", "pg_catalog.lo_put(oid, bigint, bytea)",
    "pg_catalog.lowrite(integer, bytea)", "pg_catalog.lo_truncate(integer, integer)",
    "pg_catalog.lo_truncate64(integer, bigint)", "pg_catalog.lo_unlink(oid)",
)  # fmt: skip


class Refused(Exception):
    """The role can't be made so; the text says why, in Chinese."""


@dataclass(frozen=True)
class Role:
    """A role as it was made; `lacking`: what only a superuser could have done, a sentence each."""

    name: str
    is_new: bool
    lacking: tuple[str, ...]


def create(name: str, password: str | None, connections: int) -> Role:
    """Make the role, or bring it up to date; `password` None leaves it as it is.

    `connections`: how many it may have at once; -1: any number. Raises Refused, and PostgreSQL's
    own error where whoever asks may not make roles.
    """
    with transaction.atomic():
        is_new = _is_new(name)
        _make(name, password, connections, is_new=is_new)
        _make_views_role(name)
        _limit(name)
    keep()
    return Role(name, is_new, tuple(_lacking(name)))


def _is_new(name: str) -> bool:
    """Whether there is no such role. Raises Refused where it is somebody else's, or can be none."""
    if not _NAME.fullmatch(name) or name.startswith("pg_"):
        raise Refused("角色名只能用小写字母、数字和下划线，最多 50 个字符，不能以数字或 pg_ 开头")
    found = ask(
        "SELECT rolsuper, oid = ANY (SELECT member FROM pg_auth_members),"
        " EXISTS (SELECT FROM pg_shdepend WHERE refobjid = pg_roles.oid AND deptype = 'o'"
        "         AND refclassid = 'pg_authid'::regclass)"
        " FROM pg_roles WHERE rolname = %s",
        name,
    )
    if not found:
        return True
    [(is_super, is_member, owns)] = found
    if is_super or is_member or owns:
        raise Refused(
            f"角色 {name} 已有别的用途（超级用户、属于别的角色、或拥有数据库对象），请换一个名字"
        )
    return False


def _make(name: str, password: str | None, connections: int, *, is_new: bool) -> None:
    """The role, with what it may do; its settings hold in this database."""
    can = f"LOGIN {_NOTHING} CONNECTION LIMIT {connections:d}"
    tell(f"{'CREATE' if is_new else 'ALTER'} ROLE {name} {can}")
    if password is not None:
        # Hashed here, as psql does it, lest the server's log holds it.
        pgconn = connection.connection.pgconn
        verifier = pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256")
        tell(f"ALTER ROLE {name} PASSWORD '{verifier.decode()}'")
    for setting, value in (
        ("search_path", f"{SCHEMA}, public"),
        ("statement_timeout", f"'{STATEMENT_SECONDS}s'"),
        ("idle_in_transaction_session_timeout", f"'{IDLE_IN_TRANSACTION_SECONDS}s'"),
    ):
        tell(f"ALTER ROLE {name} IN DATABASE {_database()} SET {setting} = {value}")


def _make_views_role(name: str) -> None:
    """The schema and the role that it belongs to, once; whoever migrates may act as that role."""
    views = views_role()
    if views is None:
        views = f"{name}{OF_VIEWS}"
        tell(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        known = ask(
            "SELECT rolcanlogin OR rolsuper OR rolbypassrls"
            " OR oid IN (SELECT member FROM pg_auth_members) FROM pg_roles WHERE rolname = %s",
            views,
        )
        if known and known[0][0]:
            raise Refused(f"角色 {views} 已有别的用途，请换一个名字")
        if not known:  # else it has the views of another database of this server
            tell(f"CREATE ROLE {views} NOLOGIN {_NOTHING}")
    for (one,) in ask(
        "SELECT rolname FROM pg_roles WHERE rolname IN (%s, current_user) AND NOT rolsuper",
        tables_owner(),
    ):
        # As a member whoever made it is none yet that may act as it (PostgreSQL 16 and later).
        tell(f"GRANT {ident(views)} TO {ident(one)}")
    tell(
        f"CREATE SCHEMA IF NOT EXISTS {SCHEMA} AUTHORIZATION {ident(views)}",
        f"GRANT USAGE ON SCHEMA public TO {ident(views)}, {name}",
        f"GRANT USAGE ON SCHEMA {SCHEMA} TO {name}",
        f"GRANT CONNECT ON DATABASE {_database()} TO {name}",
    )


def _limit(name: str) -> None:
    """Take from everybody what PostgreSQL gives to everybody, and readers' pages don't need.

    The tables' owner keeps it by name. What needs a superuser is left out without one.
    """
    owner = ident(tables_owner())
    tell(
        f"GRANT TEMPORARY ON DATABASE {_database()} TO {owner}",
        f"REVOKE TEMPORARY ON DATABASE {_database()} FROM PUBLIC",
        f"GRANT CREATE ON SCHEMA public TO {owner}",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    )
    if is_superuser():
        for function in _LARGE_OBJECTS:
            tell(
                f"GRANT EXECUTE ON FUNCTION {function} TO {owner}",
                f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC",
            )


def _lacking(name: str) -> Iterator[str]:
    """Do what is left to a superuser; what is then not as it should be, and why that matters."""
    if not mark_leakproof():
        yield "搜索和相关稿件还用不上索引：要由超级用户把相关函数标为 LEAKPROOF"
    if ask("SELECT has_database_privilege(%s, current_database(), 'TEMP')", name)[0][0]:
        yield "这个角色还能建临时表：要由超级用户或数据库的属主收回 PUBLIC 的 TEMPORARY 权限"
    if ask("SELECT has_schema_privilege(%s, 'public', 'CREATE')", name)[0][0]:
        yield "这个角色还能在 public 里建对象：要由超级用户收回 PUBLIC 的 CREATE 权限"
    if ask(
        "SELECT FROM unnest(%s::text[]) AS function"
        " WHERE has_function_privilege(%s, function, 'EXECUTE')",
        list(_LARGE_OBJECTS),
        name,
    ):
        yield "这个角色还能写大对象：要由超级用户收回 PUBLIC 对 lo_* 函数的权限"


def _database() -> str:
    return ident(ask("SELECT current_database()")[0][0])
