"""Who has an article open on the desk."""

from django.conf import settings
from django.db import models

from articles.models.article import Article


class OpenArticle(models.Model):
    """That somebody has an article's form open. Written anew every few seconds, soon forgotten.

    No constraint points at the article: it may be deleted meanwhile, and the row goes by itself.
    """

    article = models.ForeignKey(
        Article, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    active_at = models.DateTimeField(help_text="The last time that they typed or clicked.")
    seen_at = models.DateTimeField(help_text="The last time that their page said that it is there.")

    class Meta:
        """Nobody's to edit. One row an article and person, however many windows."""

        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["article", "user"], name="openarticle_once")]
        indexes = [models.Index(fields=["seen_at"], name="openarticle_seen")]  # forgetting

    def __str__(self) -> str:
        return f"{self.user}：{self.article_id}"
