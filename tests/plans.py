"""What PostgreSQL says of how it answers: the plans of the statements that a question leads to."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

Node = dict[str, Any]


def nodes(plan: Node) -> Iterator[Node]:
    """A plan's node and all below it."""
    yield plan
    for inner in plan.get("Plans", []):
        yield from nodes(inner)


def parsed(answer: Any) -> list[Node]:
    """The nodes of what EXPLAIN (FORMAT JSON) answers."""
    plan = json.loads(answer) if isinstance(answer, str) else answer
    return list(nodes(plan[0]["Plan"]))


def plan_of(sql: str, values: list[Any] | None = None, options: str = "") -> list[Node]:
    """The nodes of a statement's plan; with the option ANALYZE it is carried out."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON{options and f', {options}'}) {sql}", values)
        return parsed(cursor.fetchone()[0])


@contextmanager
def noted() -> Iterator[list[str]]:
    """The statements that are asked meanwhile, with their values in them."""
    found: list[str] = []

    def note(execute: Callable[..., Any], sql: str, values: Any, *rest: Any) -> Any:
        found.append(connection.ops.compose_sql(sql, values) if values else sql)
        return execute(sql, values, *rest)

    with connection.execute_wrapper(note):
        yield found


def statements(ask: Callable[[], object]) -> list[str]:
    """The statements that a question is answered with."""
    with noted() as found:
        ask()
    return found


def explained(ask: Callable[[], object]) -> list[Node]:
    """The nodes of the plans of all statements that a question is answered with."""
    return [node for sql in statements(ask) for node in plan_of(sql)]


def indexes(plan: list[Node]) -> set[str]:
    """The indexes that are read, the two by time under one name.

    Where nearly everything is published, an index of all articles is as good as one of the
    published ones, and the planner takes either.
    """
    names = {node["Index Name"] for node in plan if "Index Name" in node}
    return {"article_newest" if name == "article_by_time" else name for name in names}


def kinds(plan: list[Node]) -> set[str]:
    """What the nodes do: Sort, Seq Scan …"""
    return {node["Node Type"] for node in plan}


def whole(plan: list[Node]) -> set[str]:
    """The tables that are read from one end to the other."""
    return {node["Relation Name"] for node in plan if node["Node Type"] == "Seq Scan"}


# Tables that grow with the archive or with its use. All others hold dozens or hundreds of rows and
# are read as a whole: topics, sources, desks, people, what surrounds the pages, locked-out logins.
GROW = {
    "articles_article", "articles_articletopic", "articles_articlephoto", "articles_correction",
    "articles_photo", "articles_searchentry", "articles_likeness", "articles_dailyreads",
    "articles_recentreads", "articles_visit", "articles_readevent", "reversion_version",
    "reversion_revision", "django_session", "django_admin_log",
}  # fmt: skip
# The desk pages through 2,000 rows and counts one more. Nothing may read as many, nor may a search,
# which counts to 1,000, sort as many to find them.
MOST_READ = 2_001
# All else that is sorted was picked out before: 300 candidates of a search, what is like an
# article. Were it a table or a good part of one, it would be more than this.
MOST_SORTED = 500
# Where a count ends. One that ends sooner may read in the order of storage, as good as any other.
COUNTED = {1_000, 2_000, 2_001}


def wrong_in(sql: str) -> list[str]:
    """What is wrong with how PostgreSQL answers a question; it is answered once more for that."""
    if not sql.lstrip().startswith(("SELECT", "WITH", "(")) or "set_config(" in sql:
        return []
    plan = plan_of(sql, options="ANALYZE, TIMING OFF")
    counts = {
        id(node["Plans"][0])
        for node in plan
        if node["Node Type"] == "Limit" and node["Actual Rows"] in COUNTED
    }
    found = [fault for node in plan if id(node) not in counts for fault in _faults(node)]
    return [f"{fault} for {sql[:1000]}" for fault in found]


# So many keys at once are as well found by reading a few thousand rows, or their index, through,
# which is what PostgreSQL 15 does. Of a million it would look each of them up.
_MANY_KEYS = 100


def _faults(node: Node) -> Iterator[str]:
    """What is wrong with a node; one that was never reached does no harm."""
    if not node["Actual Loops"] or _picks_keys(node):
        return
    table, kind = node.get("Relation Name"), node["Node Type"]
    if table in GROW:
        parts = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
        read = node["Actual Loops"] * sum(node.get(part, 0) for part in parts)
        if read > MOST_READ or kind == "Seq Scan":
            yield f"{kind} reads {read:.0f} rows of {table}"
    if kind == "Sort":
        rows = max(node["Plan Rows"], node["Plans"][0]["Actual Rows"])
        searched = "articles_searchentry" in node["Sort Key"][0]
        if rows > (MOST_READ if searched else MOST_SORTED):
            yield f"Sort of {rows:.0f} rows by {node['Sort Key'][0]}"


def _picks_keys(node: Node) -> bool:
    found = node.get("Filter", "")
    is_scan = node["Node Type"] in ("Index Only Scan", "Seq Scan")
    return is_scan and "id = ANY (" in found and found.count(",") >= _MANY_KEYS - 1
