"""Reads (阅读量): what is kept of them, and for how long."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from articles.models.article import Article


class DailyReads(models.Model):
    """How often an article was read by people on one day (Asia/Shanghai). Kept for ever.

    `Article.reads` is the sum of its days and of the imported baseline.
    """

    article = models.ForeignKey(Article, models.CASCADE, related_name="daily_reads")
    day = models.DateField("日期")
    count = models.PositiveIntegerField("次数")

    class Meta:
        """One row an article and day."""

        verbose_name = verbose_name_plural = "每日阅读量"
        constraints = [
            models.UniqueConstraint(fields=["article", "day"], name="dailyreads_once_a_day")
        ]
        indexes = [
            # The editors' list of a day, most read first; what the ranking's windows are rebuilt
            # from.
            models.Index("day", F("count").desc(), F("article").desc(), name="dailyreads_most_read")
        ]

    def __str__(self) -> str:
        return f"{self.article_id} {self.day}: {self.count}"


class ReadKey(models.Model):
    """The secret that visitors of one day are hashed with; deleted with the day.

    Without it nobody can tell whose address a hash was made of, the operator included.
    """

    day = models.DateField(primary_key=True)
    key = models.BinaryField(max_length=32)

    class Meta:
        """Not for editors."""

        default_permissions = ()

    def __str__(self) -> str:
        return str(self.day)


class Visit(models.Model):
    """That a visitor, by keyed hash, has been counted for an article on a day. Goes with the day.

    No foreign key: it would lock the article's row, and a hot article's readers would queue.
    """

    day = models.DateField()
    article_id = models.BigIntegerField()
    visitor = models.BinaryField(max_length=16)
    pk = models.CompositePrimaryKey("day", "article_id", "visitor")

    class Meta:
        """Not for editors."""

        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.day} {self.article_id}"


class ReadEvent(models.Model):
    """A counted read that no bucket holds yet. Appended by beacons, emptied by the roll-up.

    No index but its own number and no foreign key: an insert costs as little as it can.
    """

    article_id = models.BigIntegerField()
    day = models.DateField()

    class Meta:
        """Not for editors."""

        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.article_id} {self.day}"


class RecentReads(models.Model):
    """An article's reads in the windows of 大家爱看, so that each ranking is one index scan."""

    article = models.OneToOneField(
        Article, models.CASCADE, primary_key=True, related_name="recent_reads"
    )
    published_at = models.DateTimeField()
    day = models.PositiveIntegerField(default=0)
    week = models.PositiveIntegerField(default=0)
    month = models.PositiveIntegerField(default=0)

    class Meta:
        """An index a window: most read first, ties by newest."""

        default_permissions = ()
        indexes = [
            models.Index(
                F(window).desc(),
                F("published_at").desc(),
                F("article_id").desc(),
                name=f"recentreads_{window}",
                condition=Q(**{f"{window}__gt": 0}),
            )
            for window in ("day", "week", "month")
        ]

    def __str__(self) -> str:
        return f"{self.article_id}: {self.day} {self.week} {self.month}"


class RollUp(models.Model):
    """The one row that says for which day the windows stand, and what pages know of reads.

    Pages were last made anew for their sake at `shown_at`, when the rankings were `ranking` (a
    digest). `moved`: since then a number has changed so much that it looks different.
    """

    day = models.DateField("日期")
    moved = models.BooleanField(default=False)
    shown_at = models.DateTimeField(default=timezone.now)
    ranking = models.CharField(max_length=32, blank=True, default="")

    class Meta:
        """Not for editors."""

        default_permissions = ()

    def __str__(self) -> str:
        return str(self.day)
