"""Search over an archive of synthetic articles, beside engines made for it.

BENCH_REFERENCE says how many of them the other engines get (5,000).
"""

import gc
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.archive import OPTIONS, Archive, archive, environment
from tests.bench.rows import Table

if TYPE_CHECKING:
    from tests.bench.queries import Case
    from tests.bench.references import Engine

CLIENTS = 8
MILLION = "the targets are for 1,000,000 articles"


def search(articles: int) -> list[Table]:
    """How long searches take among so many, what the index costs, how other engines do."""
    few = min(articles, int(os.environ.get("BENCH_REFERENCE", "5000")))
    with archive(articles) as made:
        os.environ.update(environment(made.url))
        os.environ["DJANGO_SETTINGS_MODULE"] = "xinwang.settings"
        import django

        django.setup()
        from tests.bench.queries import classes

        cases = classes(articles)
        gc.collect()
        gc.freeze()  # as a worker does (xinwang/wsgi.py); the sample of texts is this process's own
        latencies = _latencies(cases)
        return [
            _by_class(articles, cases, latencies),
            _costs(made, cases, latencies),
            _engines(few, cases),
        ]


def _latencies(cases: Mapping[str, Sequence["Case"]]) -> dict[str, dict[str, list[float]]]:
    """Seconds by part and by class, one client, warm."""
    from tests.bench.latency import PARTS, timed

    return {
        part: {name: timed(work, some) for name, some in cases.items()}
        for part, work in PARTS.items()
    }


def _by_class(
    articles: int,
    cases: Mapping[str, Sequence["Case"]],
    latencies: Mapping[str, Mapping[str, Sequence[float]]],
) -> Table:
    from tests.bench.latency import spread

    rows = [
        [f"{name} ({len(some)})", *(spread(times[name]) for times in latencies.values())]
        for name, some in cases.items()
    ]
    return Table(
        f"{articles:,} articles, p50 / p95 / p99 in milliseconds, one client, warm;"
        f" how many different searches in brackets. PostgreSQL with {', '.join(OPTIONS)}.",
        ["searches", *latencies],
        rows,
    )


def _costs(
    made: Archive,
    cases: Mapping[str, Sequence["Case"]],
    latencies: Mapping[str, Mapping[str, Sequence[float]]],
) -> Table:
    """What there are targets for."""
    from tests.bench import figures, recall
    from tests.bench.latency import spread
    from tests.bench.queries import sample

    over_all = {
        part: spread([one for times in by_class.values() for one in times])
        for part, by_class in latencies.items()
    }
    right = recall.ours(made.articles, sample(made.articles).texts)
    index, whole = figures.index_sizes()
    ratio = figures.size_ratio()
    rows: list[Sequence[object]] = [
        ["newest page, all classes, p99", f"{over_all['newest page'].p99:.1f} ms", "20 ms"],
        ["relevance, all classes, p99", f"{over_all['relevance'].p99:.1f} ms", "30 ms"],
        ["capped count, all classes, p99", f"{over_all['capped count'].p99:.1f} ms", "25 ms"],
        ["with facets, all classes, p99", f"{over_all['count and facets'].p99:.1f} ms", "60 ms"],
        *_crowd(cases),
        ["entries and indexes ÷ texts", f"{ratio:.2f} ({index:.1f} of {whole:.1f} kB)", "3"],
        ["indexing in bulk", f"{made.built_per_second:,.0f} articles/s", "1,500"],
        [f"recall, {right.substrings} substrings", f"{right.recall:.3f}", "1.000"],
        [f"precision, {right.substrings} substrings", f"{right.precision:.3f}", "1.000"],
        *(
            [f"save one article: {what}, p50 / p95 / p99", f"{times} ms", "p95 20 ms"]
            for what, times in figures.saves(made.articles).items()
        ),
    ]
    return Table(f"{made.articles:,} articles; {MILLION}.", ["what", "measured", "target"], rows)


def _crowd(cases: Mapping[str, Sequence["Case"]]) -> list[list[object]]:
    """Newest pages of all classes, by one client and by several at once."""
    from tests.bench.latency import SECONDS, concurrently, spread

    mixed = [case for some in cases.values() for case in some]
    alone, crowd = (concurrently(clients, mixed) for clients in (1, CLIENTS))
    one, many = spread(alone), spread(crowd)
    return [
        [f"newest page, 1 client: {len(alone) / SECONDS:,.0f}/s", f"{one} ms", ""],
        [f"newest page, {CLIENTS} clients: {len(crowd) / SECONDS:,.0f}/s", f"{many} ms", ""],
        [
            f"{CLIENTS} clients ÷ 1 client, p50 and p99",
            f"{many.p50 / one.p50:.1f}, {many.p99 / one.p99:.1f}",
            "4",
        ],
    ]


def _engines(few: int, cases: Mapping[str, Sequence["Case"]]) -> Table:
    """The other engines over the first texts, which are enough to compare."""
    from time import monotonic

    from django.db import connection

    from tests.bench import recall
    from tests.bench.references import Entry, Tantivy, Trigrams

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT article_id, text FROM articles_searchentry WHERE article_id <= %s"
            " ORDER BY article_id",
            [few],
        )
        texts = [Entry(*row) for row in cursor]
    columns: list[list[object]] = []
    with tempfile.TemporaryDirectory() as scratch:
        for number, make in enumerate((Tantivy, Trigrams)):
            engine = make(Path(scratch) / str(number))
            began = monotonic()
            engine.build(texts)
            took = monotonic() - began
            right = recall.of_engine(engine, texts)
            columns.append([
                engine.name, f"{few / took:,.0f}", f"{engine.size() / 1000 / few:.1f}",
                f"{right.recall:.3f}", f"{right.precision:.3f}",
                *(_one_engine(engine, some) for some in cases.values()),
            ])  # fmt: skip
    what = ["", "built, articles/s", "kB an article", "recall", "precision", *cases]
    rows = list(zip(what[1:], *(column[1:] for column in columns), strict=True))
    return Table(
        f"Other engines, in process, over the first {few:,} articles: newest page; relevance,"
        " p50 / p95 / p99 in milliseconds; – where they have no answer.",
        ["what", *(str(column[0]) for column in columns)],
        rows,
    )


def _one_engine(engine: "Engine", cases: Sequence["Case"]) -> str:
    from tests.bench.latency import spread, timed

    able = [
        case
        for case in cases
        if case.plain and min(len(word) for word in case.words) >= engine.shortest
    ]
    if not able:
        return "–"
    newest = spread(timed(lambda case: engine.newest(case.words), able))
    best = spread(timed(lambda case: engine.relevance(case.words), able))
    return f"{newest}; {best}"
