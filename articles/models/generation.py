"""The generation: one number that moves with every change of what readers see."""

from datetime import datetime

from django.db import connection, models

# What readers see changes by what is written, and by time alone: an article or a correction whose
# moment has come. Both are first rows of indexes.
_STANDING = """
SELECT
    (SELECT number FROM articles_generation),
    (SELECT published_at FROM articles_article
     WHERE state = 'published' AND published_at <= %(now)s ORDER BY published_at DESC LIMIT 1),
    (SELECT published_at FROM articles_correction
     WHERE published_at <= %(now)s ORDER BY published_at DESC LIMIT 1)
"""

Standing = tuple[int | None, datetime | None, datetime | None]


class GenerationManager(models.Manager["Generation"]):
    """Reads the number, and moves it."""

    def standing(self, now: datetime) -> Standing:
        """The number, and what time has brought out last by `now`: equal while pages stay so.

        One query, three index scans of a row each.
        """
        with connection.cursor() as cursor:
            cursor.execute(_STANDING, {"now": now})
            number, article, correction = cursor.fetchone()
        return number, article, correction

    def move(self) -> None:
        """Move the number in the current transaction, for changes that no trigger sees.

        Others who move it wait until the transaction ends, so let it end soon.
        """
        with connection.cursor() as cursor:
            cursor.execute("SELECT articles_move_generation()")


class Generation(models.Model):
    """The one row. Triggers move it at the end of each transaction that changes public content.

    The number comes from the clock where that is ahead of it, so that it never stands where it has
    stood before, not even after an older copy of the database was restored.
    """

    number = models.BigIntegerField(default=0)

    objects = GenerationManager()

    class Meta:
        """Not for editors."""

        default_permissions = ()

    def __str__(self) -> str:
        return str(self.number)
