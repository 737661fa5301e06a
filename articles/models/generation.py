"""Generations: one begins with every change of what readers see."""

from datetime import datetime

from django.db import connection, models
from django.db.models.functions import Now

from articles import reading

# What readers see changes by what is written, and by time alone: an article or a correction whose
# moment has come. Both are first rows of indexes. Of the generations the ends and the count tell
# any two states apart: transactions may commit out of turn, and whenever rows go, the first goes.
_STANDING = """
SELECT min(id), max(id), count(*), max(begun_at),
    (SELECT published_at FROM articles_article
     WHERE state <> 'draft' AND published_at <= %(now)s ORDER BY published_at DESC LIMIT 1),
    (SELECT published_at FROM articles_correction
     WHERE published_at <= %(now)s ORDER BY published_at DESC LIMIT 1)
FROM articles_generation
"""

# It is asked before every page, and finished ones can do without: no waiting for whoever alters a
# table. Sent along, it holds for this one statement (a message of two is one transaction).
_HASTE = "SET LOCAL lock_timeout = '250ms';"

Standing = tuple[object, ...]


class GenerationManager(models.Manager["Generation"]):
    """Tells where content stands, and begins generations."""

    def standing(self, now: datetime) -> Standing:
        """Where content stands at a time: equal while pages stay as they are.

        Of the server that the thread reads from (articles/reading.py). One query: two index scans
        of a row each, and the generations, of which there are few.
        """
        with reading.connection.cursor() as cursor:
            cursor.execute(_HASTE + _STANDING, {"now": now})
            cursor.nextset()
            found: Standing = cursor.fetchone()
        return found

    def latest_begun(self) -> datetime | None:
        """When content last changed; None if it never has. One row of an index."""
        return self.order_by("-pk").values_list("begun_at", flat=True).first()

    def begin(self) -> None:
        """Begin one with the current transaction, for changes that no trigger sees."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT articles_begin_generation()")


class Generation(models.Model):
    """One begins, by triggers, with each transaction that changes public content.

    The last two hundred or so are kept.
    """

    begun_at = models.DateTimeField(db_default=Now())

    objects = GenerationManager()

    class Meta:
        """Not for editors."""

        default_permissions = ()

    def __str__(self) -> str:
        return str(self.pk)
