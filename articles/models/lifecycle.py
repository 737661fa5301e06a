"""What becomes of an article: draft, published (perhaps at a time to come), withdrawn."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models, transaction
from django.utils import timezone

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from articles.models.correction import Correction


class Lifecycle(models.Model):
    """An article's state and the ways from one to the next. Article is the only one of its kind."""

    class State(models.TextChoices):
        """What may be seen: nothing, the article (from its publish time on), a tombstone."""

        DRAFT = "draft", "草稿"
        PUBLISHED = "published", "已发布"
        WITHDRAWN = "withdrawn", "已撤稿"

    PUBLIC_STATES = (State.PUBLISHED, State.WITHDRAWN)

    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT)
    published_at = models.DateTimeField(
        "发布时间", null=True, blank=True, help_text="填将来的时间，到时自动可见。"
    )

    if TYPE_CHECKING:
        corrections: RelatedManager[Correction]

    class Meta:
        """Fields for Article's table."""

        abstract = True

    @property
    def is_public(self) -> bool:
        """Whether readers have, or had, the article at its permalink."""
        return self.state == self.State.WITHDRAWN or (
            self.state == self.State.PUBLISHED
            and self.published_at is not None
            and self.published_at <= timezone.now()
        )

    @property
    def is_scheduled(self) -> bool:
        """Whether it will appear by itself (待发)."""
        return self.state == self.State.PUBLISHED and not self.is_public

    @property
    def status(self) -> str:
        """The state in an editor's words: 待发 is published, at a time to come."""
        return "待发" if self.is_scheduled else self.State(self.state).label

    def publish(self) -> None:
        """Let readers have it now. A time in the past, of what is entered late, stays."""
        now = timezone.now()
        self.state = self.State.PUBLISHED
        self.published_at = min(self.published_at or now, now)
        self.save()

    def withdraw(self, reason: str, at: datetime | None = None) -> None:
        """Take it back with a public reason; its page answers 410 from now on."""
        with transaction.atomic():
            self.state = self.State.WITHDRAWN
            self.save(update_fields=["state", "updated_at"])  # type: ignore[misc]  # Article has it
            self.corrections.create(
                kind="retraction", text=reason, published_at=at or timezone.now()
            )

    def restore(self, explanation: str) -> None:
        """Publish it again after it was withdrawn, and say so in public.

        The note of its retraction stays, for readers have seen it; a newer 补充 stands above it.
        """
        with transaction.atomic():
            self.state = self.State.PUBLISHED
            self.save(update_fields=["state", "updated_at"])  # type: ignore[misc]  # Article has it
            self.corrections.create(kind="addition", text=explanation)
