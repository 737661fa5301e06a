"""What the database holds, to see that nothing changed, and to have it back where it did."""

from collections.abc import Iterable

from django.db import connection, transaction

# Sessions say who came, not what is kept; generations only ever go on.
_APART = ("django_session", "django_migrations")
_NAMES = """
SELECT tablename FROM pg_tables
WHERE schemaname = 'public' AND NOT tablename = ANY(%s) ORDER BY tablename
"""
_COLUMNS = """
SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER'
"""
_GENERATIONS = "articles_generation"

State = dict[str, str]


class Kept:
    """A copy of every row in a schema of its own."""

    def __init__(self) -> None:
        """Copy what there is now."""
        with connection.cursor() as cursor:
            cursor.execute(_NAMES, [list(_APART)])
            self.tables = [name for (name,) in cursor.fetchall()]
            self._state = " UNION ALL ".join(
                f"SELECT '{name}', md5(string_agg(md5(each::text), '' ORDER BY each::text))"
                f" FROM {name} AS each"
                for name in self.tables
            )
            cursor.execute("DROP SCHEMA IF EXISTS kept CASCADE; CREATE SCHEMA kept")
            self.columns = {}
            for name in self.tables:
                cursor.execute(f"CREATE TABLE kept.{name} AS TABLE {name}")
                cursor.execute(_COLUMNS, [name])
                self.columns[name] = cursor.fetchone()[0]
        self.state = self.now()

    def now(self) -> State:
        """A fingerprint of each table. One query."""
        with connection.cursor() as cursor:
            cursor.execute(self._state)
            return dict(cursor.fetchall())

    def changed(self) -> list[str]:
        """The tables that are no longer as they were kept."""
        now = self.now()
        return [name for name in self.tables if now[name] != self.state[name]]

    def restore(self, tables: Iterable[str]) -> None:
        """Have these tables' rows back, past all triggers; readers' pages are made anew."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            for name in set(tables) - {_GENERATIONS}:
                columns = self.columns[name]
                cursor.execute(f"DELETE FROM {name}")
                cursor.execute(f"INSERT INTO {name} ({columns}) SELECT {columns} FROM kept.{name}")
            cursor.execute("SET LOCAL session_replication_role = origin")
            cursor.execute("SELECT articles_begin_generation()")
        self.state[_GENERATIONS] = self.now()[_GENERATIONS]
