"""Photos (图片) and the names of their renditions (缩略图)."""

import re
from collections.abc import Iterable

from django.contrib.postgres.fields import ArrayField
from django.core.files.storage import Storage, storages
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q

# Widths that pages ask for, in pixels; a photo gets those that it can fill (never upscaled).
LADDER = (320, 640, 960, 1280, 1600)
TOKEN_LENGTH = 16
_TOKEN = re.compile(rf"[0-9a-f]{{{TOKEN_LENGTH}}}")


def is_token(name: str) -> bool:
    """Whether this can be a photo's name in a body: the head of its SHA-256."""
    return _TOKEN.fullmatch(name) is not None


def originals() -> Storage:
    """Where uploads are kept untouched; not reachable from the web."""
    return storages["originals"]


class PhotoManager(models.Manager["Photo"]):
    """Photos, found by what they are."""

    def get_by_natural_key(self, sha256: str) -> "Photo":
        """The photo with these bytes (fixtures name photos so)."""
        return self.get(sha256=sha256)

    def with_tokens(self, tokens: Iterable[str]) -> "models.QuerySet[Photo]":
        """The photos that these tokens name; what is no token names none. One index scan each."""
        named = Q(pk__in=())
        for token in sorted(set(tokens)):
            if is_token(token):
                # As bounds, not as a beginning: under row security LIKE would read every row.
                named |= Q(sha256__gte=token, sha256__lt=f"{token}g")
        return self.filter(named)


class Photo(models.Model):
    """An uploaded picture. Made by `renditions.add_photo`, which checks it and makes the files."""

    sha256 = models.CharField("指纹", max_length=64, unique=True, editable=False)
    original = models.FileField("原图", storage=originals, max_length=200, editable=False)
    name = models.CharField("文件名", max_length=200, editable=False)
    width = models.PositiveIntegerField("宽", editable=False)
    height = models.PositiveIntegerField("高", editable=False)
    widths = ArrayField(models.PositiveIntegerField(), verbose_name="缩略图宽度", editable=False)
    alt = models.CharField(
        "替代文字", max_length=200, blank=True, help_text="读给看不见图的人听：图上有什么。"
    )
    caption = models.CharField("图注", max_length=300, blank=True)
    credit = models.CharField("署名", max_length=100, blank=True)
    decorative = models.BooleanField(
        "装饰性图片",
        default=False,
        help_text="只作点缀、不含信息的图：替代文字留空，读屏软件会跳过它。",
    )
    focus_x = models.PositiveSmallIntegerField(
        "焦点：横向",
        default=50,
        validators=[MaxValueValidator(100)],
        help_text="从左边算起的百分比。",
    )
    focus_y = models.PositiveSmallIntegerField(
        "焦点：纵向",
        default=50,
        validators=[MaxValueValidator(100)],
        help_text="从上边算起的百分比。",
    )
    # Whether an article or a promo shows it. Triggers keep it (migration 0015).
    used = models.BooleanField("用过", default=False, editable=False)
    created_at = models.DateTimeField("入库时间", auto_now_add=True)

    objects = PhotoManager()

    class Meta:
        """The library shows what came last first."""

        verbose_name = verbose_name_plural = "图片"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(width__gt=0, height__gt=0), name="photo_has_size"
            ),
            models.CheckConstraint(
                condition=models.Q(decorative=False) | models.Q(alt=""),
                name="photo_decorative_is_silent",
            ),
            models.CheckConstraint(
                condition=models.Q(focus_x__lte=100, focus_y__lte=100), name="photo_focus_is_inside"
            ),
        ]
        indexes = [
            # The library's filters: what is to be described, what needs no description, what came
            # on a day, what is used or not. Words: photo_keys (migration 0015).
            models.Index(
                F("id").desc(),
                name="photo_lacking_alt",
                condition=models.Q(alt="", decorative=False),
            ),
            models.Index(
                F("id").desc(), name="photo_decorative", condition=models.Q(decorative=True)
            ),
            models.Index("created_at", name="photo_by_time"),
            models.Index("used", F("id").desc(), name="photo_by_use"),
        ]

    def __str__(self) -> str:
        return self.caption or self.alt or self.name

    def natural_key(self) -> tuple[str]:
        """Its bytes."""
        return (self.sha256,)

    @property
    def token(self) -> str:
        """How bodies and file names refer to the photo: the start of its SHA-256."""
        return self.sha256[:TOKEN_LENGTH]

    @property
    def lacks_alt(self) -> bool:
        """Whether somebody who can't see the picture is told nothing of it."""
        return not self.alt.strip() and not self.decorative

    @property
    def focus(self) -> str:
        """The classes of static/css/blocks/focus.css that keep the focal point in a cropped view.

        In tenths of the picture: the content security policy allows no style of its own to an
        element. Empty: the middle, as browsers crop by themselves.
        """
        across, down = (self.focus_x + 5) // 10, (self.focus_y + 5) // 10
        return "" if across == down == 5 else f"focus-x{across} focus-y{down}"

    def rendition_name(self, width: int, extension: str) -> str:
        """The file name of a rendition; it changes with the content and is never reused."""
        return f"{self.token}-{width}.{extension}"

    def rendition_height(self, width: int) -> int:
        """The height of the rendition of that width, in pixels."""
        return max(1, round(self.height * width / self.width))
