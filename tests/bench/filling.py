"""Fill the database that the environment names with a made-up archive and note how long it took.

A process of its own: `python -m tests.bench.filling ARTICLES`, once Django can be set up.
"""

import os
import sys
from datetime import date

# The same archive whenever it is made: what is measured then differs by the code alone.
END = date(2025, 12, 31)


def fill(articles: int) -> None:
    """Migrate, make, and write `bench_built`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinwang.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from articles.corpus.making import Phase, make
    from articles.corpus.plan import Plan

    call_command("migrate", verbosity=0)
    took = dict.fromkeys(Phase, 0.0)
    for step in make(Plan(articles, END), os.cpu_count() or 1):
        took[step.phase] += step.seconds
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bench_built (articles int, fill_seconds float, index_seconds float)"
        )
        cursor.execute(
            "INSERT INTO bench_built VALUES (%s, %s, %s)",
            [articles, took[Phase.ENTRIES], took[Phase.INDEX]],
        )
        cursor.execute("CHECKPOINT")


if __name__ == "__main__":
    fill(int(sys.argv[1]))
