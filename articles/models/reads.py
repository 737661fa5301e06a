"""Reads (阅读量), a row an article and day."""

from django.db import models

from articles.models.article import Article


class DailyReads(models.Model):
    """How often an article was read by people on one day (Asia/Shanghai).

    `Article.reads` is the sum of its days and of the imported baseline; `reads.record` keeps both.
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
            # 大家爱看 of a window sums these days.
            models.Index(fields=["day", "article", "count"], name="dailyreads_window")
        ]

    def __str__(self) -> str:
        return f"{self.article_id} {self.day}: {self.count}"
