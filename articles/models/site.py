"""What surrounds the articles: Pages (单页), Promos (推广位), licences in the footer."""

from django.core.exceptions import ValidationError
from django.db import models

from articles.addresses import address
from articles.models.fields import BodyField
from articles.models.photo import Photo


class PageQuerySet(models.QuerySet["Page"]):
    """Pages as the footer asks for them."""

    def in_footer(self) -> "PageQuerySet":
        """Those linked in the footer, without their bodies."""
        return self.filter(in_footer=True).defer("body")


class Page(models.Model):
    """A page that is no article: 关于信网, 联系我们, 版权声明 …"""

    slug = models.SlugField(
        "地址名", max_length=60, unique=True, help_text="用在网址里，如 about。"
    )
    title = models.CharField("标题", max_length=60)
    body = BodyField("正文", blank=True)
    position = models.PositiveSmallIntegerField("次序", default=100, help_text="小的在前。")
    in_footer = models.BooleanField("显示在页脚", default=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = PageQuerySet.as_manager()

    class Meta:
        """Pages are ordered by hand."""

        verbose_name = verbose_name_plural = "单页"
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The page."""
        return address("page", self.slug)


class PromoQuerySet(models.QuerySet["Promo"]):
    """Promos as the sidebar asks for them."""

    def shown(self) -> "PromoQuerySet":
        """Those switched on, with their pictures. One query."""
        return self.filter(active=True).select_related("photo")


class Promo(models.Model):
    """A box in the sidebar: a link, a picture or a QR code."""

    class Kind(models.TextChoices):
        """What the box shows."""

        LINK = "link", "文字链接"
        IMAGE = "image", "图片"
        QR = "qr", "二维码"

    kind = models.CharField("类别", max_length=5, choices=Kind, default=Kind.LINK)
    title = models.CharField("标题", max_length=60)
    note = models.CharField("说明", max_length=120, blank=True)
    url = models.URLField("网址", max_length=500)
    photo = models.ForeignKey(Photo, models.PROTECT, null=True, blank=True, verbose_name="图片")
    position = models.PositiveSmallIntegerField("次序", default=100, help_text="小的在前。")
    active = models.BooleanField("启用", default=True)

    objects = PromoQuerySet.as_manager()

    class Meta:
        """Promos are ordered by hand."""

        verbose_name = verbose_name_plural = "推广位"
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["link", "qr"])
                | models.Q(kind="image", photo__isnull=False),
                name="promo_image_has_photo",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """A picture box needs a picture."""
        if self.kind == self.Kind.IMAGE and self.photo is None:
            raise ValidationError({"photo": "图片类推广位要选一张图片。"})


class Licence(models.Model):
    """A licence or record that the law wants in the footer."""

    class Kind(models.TextChoices):
        """Which register it stands in."""

        ICP = "icp", "ICP 备案"
        NEWS = "news", "互联网新闻信息服务许可证"
        TELECOM = "telecom", "增值电信业务经营许可证"
        POLICE = "police", "公安备案"
        OTHER = "other", "其他"

    # The register's own site, which MIIT's rules for ICP numbers demand as the link.
    ICP_REGISTER = "https://beian.miit.gov.cn/"

    kind = models.CharField("类别", max_length=7, choices=Kind)
    text = models.CharField("文字", max_length=100, help_text="如：鲁ICP备00000000号。")
    url = models.URLField("链接", blank=True, help_text="ICP 备案留空则链接到工信部备案系统。")
    position = models.PositiveSmallIntegerField("次序", default=100, help_text="小的在前。")

    class Meta:
        """Licences are ordered by hand."""

        verbose_name = verbose_name_plural = "备案与许可"
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.text

    @property
    def link(self) -> str:
        """Where the text leads; empty: it is no link."""
        return self.url or (self.ICP_REGISTER if self.kind == self.Kind.ICP else "")
