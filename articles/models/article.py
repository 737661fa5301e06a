"""Articles (稿件)."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Func, Q, Value
from django.utils import timezone

from articles import anchors, reading, text
from articles.addresses import address
from articles.anchors import Anchors
from articles.models.desk import Desk
from articles.models.fields import BodyField
from articles.models.lifecycle import Lifecycle
from articles.models.photo import Photo
from articles.models.source import Source
from articles.models.timeline import Timeline
from articles.models.topic import Topic
from articles.sanitizer import sanitize


def midnight(day: date) -> datetime:
    """The moment at which a day begins in the paper's city."""
    return datetime.combine(day, time.min, ZoneInfo(settings.TIME_ZONE))


# What no list shows: bodies are long, and of a hundred rows each column takes its time.
NOT_IN_LISTS = (
    "body", "anchors", "age_notice", "desk", "imported_reads", "legacy_id", "legacy_url",
    "legacy_path", "import_digest", "created_at", "updated_at",
)  # fmt: skip


class ArticleQuerySet(Timeline["Article"]):
    """Articles as the pages ask for them: who may see what is decided here.

    Statements by hand say the same (`whole.py`, `related/`, `chronicle/`); tests compare them.
    """

    def published(self) -> Self:
        """Those that readers may read now."""
        return self.filter(state=Article.State.PUBLISHED, published_at__lte=timezone.now())

    def public(self) -> Self:
        """Those with a page: published, or withdrawn after they were (the tombstone)."""
        return self.filter(state__in=Article.PUBLIC_STATES, published_at__lte=timezone.now())

    def between(self, first: date, last: date) -> Self:
        """Those of the days from `first` to `last`, both included."""
        return self.filter(
            published_at__gte=midnight(first), published_at__lt=midnight(last + timedelta(days=1))
        )

    def on(self, day: date) -> Self:
        """Those of one day."""
        return self.between(day, day)

    def before_day(self, day: date) -> Self:
        """Those of all days before."""
        return self.filter(published_at__lt=midnight(day))

    def after_day(self, day: date) -> Self:
        """Those of all days after."""
        return self.filter(published_at__gte=midnight(day + timedelta(days=1)))

    def from_source(self, source: Source) -> Self:
        """Those that came from one source."""
        return self.filter(source=source)

    def by_editor(self, name: str) -> Self:
        """Those that one editor answered for."""
        return self.filter(editor=name)

    def at_old_paths(self, paths: Sequence[str]) -> Self:
        """Those that stood at one of these paths (with its query) in an old system."""
        return self.filter(legacy_path__in=paths).exclude(legacy_url="")

    def at_old_number(self, name: str) -> Self:
        """That which a WordPress had at this path and number (`articles.oldpaths.numbered`)."""
        return self.filter(legacy_id=name)

    def for_list(self) -> Self:
        """With all that a line in a list shows. No further query a row."""
        return self.select_related("source", "lead_photo").defer(*NOT_IN_LISTS)


class Article(Lifecycle):
    """One published piece. Its permalink is made of its publish date and its id."""

    title = models.CharField("标题", max_length=200)
    original_title = models.CharField(
        "原标题", max_length=200, blank=True, help_text="来源处所用的标题，与本站标题不同时填写。"
    )
    source = models.ForeignKey(
        Source, models.PROTECT, null=True, blank=True, verbose_name="来源", db_index=False
    )
    desk = models.ForeignKey(
        Desk, models.SET_NULL, null=True, blank=True, verbose_name="部门", db_index=False
    )
    editor = models.CharField("责编", max_length=60, blank=True)
    byline = models.CharField("记者", max_length=200, blank=True, help_text="照报纸印的写法。")
    body = BodyField("正文", blank=True)
    # What stands in #p12: see articles.anchors.
    anchors = models.JSONField("段落编号", default=list, blank=True, editable=False)
    excerpt = models.CharField("摘要", max_length=200, blank=True, editable=False)
    revised_at = models.DateTimeField(
        "修订时间", null=True, blank=True, editable=False, help_text="内容最近一次实质改动。"
    )
    age_notice = models.BooleanField(
        "旧闻提示", default=True, help_text="发布满一年后提示读者这是旧闻。"
    )
    topics = models.ManyToManyField(
        Topic, through="ArticleTopic", related_name="articles", verbose_name="话题", blank=True
    )
    photos = models.ManyToManyField(
        Photo, through="ArticlePhoto", related_name="articles", verbose_name="图片", blank=True
    )
    lead_photo = models.ForeignKey(
        Photo, models.PROTECT, null=True, blank=True, verbose_name="题图", related_name="+"
    )
    imported_reads = models.PositiveBigIntegerField("旧系统阅读量", default=0, editable=False)
    reads = models.PositiveBigIntegerField("阅读量", default=0, editable=False)
    legacy_id = models.CharField(
        "旧系统编号", max_length=200, unique=True, null=True, blank=True, editable=False
    )
    legacy_url = models.CharField(
        "旧网址", max_length=500, blank=True, help_text="读者从旧网址来时，转到本站的固定网址。"
    )
    legacy_path = models.GeneratedField(
        expression=Func(
            F("legacy_url"), Value("^https?://[^/]*"), Value(""), function="regexp_replace"
        ),
        output_field=models.CharField(max_length=500),
        db_persist=True,
    )
    import_digest = models.CharField(max_length=64, blank=True, default="", editable=False)
    created_at = models.DateTimeField("录入时间", auto_now_add=True)
    updated_at = models.DateTimeField("改动时间", auto_now=True)

    objects = ArticleQuerySet.as_manager()

    _stored_body: str | None = None

    class Meta:
        """Indexes: each serves one kind of list, newest first, of published articles alone."""

        verbose_name = verbose_name_plural = "稿件"
        permissions = [
            ("publish_article", "发布稿件"),
            ("withdraw_article", "撤下稿件、恢复发布"),
            ("edit_any_article", "修改所有部门的稿件"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "published", "withdrawn"]),
                name="article_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(published_at__isnull=False),
                name="article_public_has_time",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | ~Q(title=""), name="article_public_has_title"
            ),
            models.CheckConstraint(condition=~Q(legacy_id=""), name="article_legacy_id_not_empty"),
        ]
        indexes = [
            models.Index(  # home, archive by year, month and day, feeds, sitemaps
                F("published_at").desc(),
                F("id").desc(),
                name="article_newest",
                condition=Q(state="published"),
            ),
            models.Index(  # by source; also finds a source's articles before it is deleted
                "source", F("published_at").desc(), F("id").desc(), name="article_by_source"
            ),
            models.Index(  # by editor, on the desk in every state
                "editor",
                F("published_at").desc(),
                F("id").desc(),
                name="article_by_editor",
                condition=~Q(editor=""),
            ),
            models.Index(  # 大家爱看 of all time
                F("reads").desc(),
                F("published_at").desc(),
                F("id").desc(),
                name="article_most_read",
                condition=Q(state="published"),
            ),
            models.Index(  # when a month's articles last changed, for the sitemap index
                "published_at",
                "revised_at",
                name="article_revised",
                condition=Q(state="published", revised_at__isnull=False),
            ),
            models.Index(  # the desk's list of everything, and of some days
                F("published_at").desc(), F("id").desc(), name="article_by_time"
            ),
            models.Index(  # the desk's lists of drafts and of withdrawn articles; what is searched
                "state",  # besides the published
                F("published_at").desc(),
                F("id").desc(),
                name="article_unpublished",
                condition=~Q(state="published"),
            ),
            models.Index(  # 今日工作: drafts by their last change
                F("updated_at").desc(), name="article_drafts", condition=Q(state="draft")
            ),
            models.Index(  # one desk's articles, on the desk
                "desk",
                F("published_at").desc(),
                F("id").desc(),
                name="article_by_desk",
                condition=Q(desk__isnull=False),
            ),
            models.Index(  # old addresses
                fields=["legacy_path"], name="article_legacy_path", condition=~Q(legacy_url="")
            ),
        ]

    def __str__(self) -> str:
        return self.title or "（无标题）"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, with what follows from the body as it is now.

        A changed body costs one query more: its paragraphs' anchors come from the stored one.
        """
        fields = kwargs.get("update_fields")
        if fields is None and not self._state.adding and not kwargs.get("force_insert"):
            fields = kwargs["update_fields"] = self._kept_fields()
        if "body" in self.get_deferred_fields() or (fields is not None and "body" not in fields):
            super().save(*args, **kwargs)
            return
        if fields is not None:
            kwargs["update_fields"] = {*fields, "excerpt", "anchors"}
        self.derive()
        with transaction.atomic(savepoint=False):
            if self.pk is not None and self.body != self._stored_body:
                # Locked, so that no number is given out twice by two editors at once.
                stored = Article.objects.select_for_update().filter(pk=self.pk)
                for body, held in stored.values_list("body", "anchors"):
                    self.carry_anchors(body, held)
            super().save(*args, **kwargs)
        self._stored_body = self.body

    def get_absolute_url(self) -> str:
        """The permalink; it needs a publish time."""
        if self.published_at is None:
            raise ValueError("an article without a publish time has no permalink")
        day = timezone.localtime(self.published_at, ZoneInfo(settings.TIME_ZONE))
        # As urls.py has it: a page names a dozen, hardly ever the same, and `reverse` takes each
        # longer than a query.
        return f"{address('home')}{day.year:04}/{day.month:02}/{day.day:02}/{self.pk}/"

    def _kept_fields(self) -> set[str]:
        """What a save writes: all that was loaded, but reads, which are counted meanwhile."""
        left_out = self.get_deferred_fields() | {"reads", "imported_reads"}
        return {
            field.name
            for field in self._meta.concrete_fields
            if not (field.primary_key or field.generated or field.attname in left_out)
        }

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> Self:
        """Remember the stored body, to know without asking whether it changes."""
        article = super().from_db(*args, **kwargs)
        article._stored_body = article.__dict__.get("body")
        return article

    @classmethod
    def titled(cls, number: int, published_at: datetime, title: str) -> Self:
        """One of which title and permalink are known; all else is asked for when it is read."""
        known = ("id", "published_at", "title")  # in the order of the columns
        return cls.from_db(reading.alias(), known, (number, published_at, title))

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        """Refresh what is remembered, too."""
        super().refresh_from_db(*args, **kwargs)
        self._stored_body = self.__dict__.get("body")

    def derive(self) -> None:
        """Set what follows from other fields. `save` does it; bulk writers must.

        They also `carry_anchors` when they change a body that was stored.
        """
        self.body = sanitize(self.body)
        self.excerpt = text.excerpt(self.body)

    def carry_anchors(self, body: str, held: Anchors) -> None:
        """Let links to the paragraphs of an earlier body, with its anchors, land in this one."""
        self.anchors = anchors.carry(held, text.blocks(body), text.blocks(self.body))

    @property
    def block_anchors(self) -> Anchors:
        """The anchors of each block of the body, its own first."""
        return anchors.settle(self.anchors, text.count_blocks(self.body))

    @property
    def modified_at(self) -> datetime | None:
        """The last change of substance; publishing counts."""
        return self.revised_at or self.published_at

    @property
    def is_old(self) -> bool:
        """Whether readers should be told that this is old news: a year and more."""
        if self.published_at is None or not self.age_notice:
            return False
        return timezone.localdate() - timezone.localdate(self.published_at) > timedelta(days=365)
