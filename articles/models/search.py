"""What search reads: an entry for each published article, and which pairs of characters tell."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F

from articles.models.article import Article


class SearchEntry(models.Model):
    """A published article as search reads it: folded, with all that narrows a search.

    Triggers write it when a transaction commits (migration 0006), whoever changes an article or its
    topics and by whatever means; nothing else does. An index on `articles_search_keys(…)`, which
    Django can't describe, finds entries by pairs of characters and by what narrows.
    """

    article = models.OneToOneField(
        Article, models.CASCADE, primary_key=True, related_name="search_entry"
    )
    published_at = models.DateTimeField()
    title = models.TextField(help_text="Folded; the original title, if any, on a second line.")
    text = models.TextField(help_text="Folded: the titles, then the body, a line a block.")
    editor = models.TextField(help_text="Folded.")
    byline = models.TextField(help_text="Folded.")
    source_id = models.BigIntegerField(null=True)
    topics = ArrayField(models.BigIntegerField())

    class Meta:
        """Newest first is the order of every list of results."""

        default_permissions = ()
        indexes = [
            models.Index(
                F("published_at").desc(), F("article_id").desc(), name="searchentry_newest"
            )
        ]

    def __str__(self) -> str:
        return str(self.article_id)


class Likeness(models.Model):
    """The pairs of characters that say most about an article: what others are alike by.

    Written with its entry; missing as long as no sample tells which pairs are common.
    """

    article = models.OneToOneField(
        Article, models.CASCADE, primary_key=True, related_name="likeness"
    )
    pairs = ArrayField(models.BigIntegerField())

    class Meta:
        """Found by its pairs."""

        default_permissions = ()
        indexes = [GinIndex(fields=["pairs"], name="likeness_pairs")]

    def __str__(self) -> str:
        return str(self.article_id)


class PairFrequency(models.Model):
    """In how many of a sample's articles a pair of characters occurs: what makes a pair telling."""

    pair = models.BigIntegerField(primary_key=True)
    articles = models.PositiveIntegerField()

    class Meta:
        """Not for editors."""

        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.pair}: {self.articles}"


class PairSample(models.Model):
    """The sample that the frequencies were counted in; one row, or none before the first."""

    articles = models.PositiveIntegerField(help_text="How many were read.")
    archive = models.PositiveBigIntegerField(help_text="How many there were.")

    class Meta:
        """Not for editors."""

        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.articles}/{self.archive}"


class IndexRebuild(models.Model):
    """A rebuild of the whole index that is due, under way or broken off; no row: none is."""

    reached = models.BigIntegerField(help_text="The highest article id done.")
    in_bulk = models.BooleanField(
        default=False,
        help_text="Many articles have no entry: an import waits for the index to be built anew.",
    )

    class Meta:
        """Not for editors."""

        default_permissions = ()

    def __str__(self) -> str:
        return str(self.reached)
