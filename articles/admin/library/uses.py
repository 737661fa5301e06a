"""Where a photo is shown."""

from dataclasses import dataclass

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from articles.models import Article, ArticlePhoto, Page, Photo, Promo

# How many articles are named; a logo may be in thousands.
MOST_NAMED = 50


@dataclass(frozen=True)
class Use:
    """Something that shows a photo: what it is, what it is called, how it shows it."""

    kind: str
    name: str
    desk: str
    how: str = ""
    public: str = ""

    def link(self) -> SafeString:
        """The use as a line of a list."""
        return format_html('{}：<a href="{}">{}</a>', self.kind, self.desk, self.name)


def uses_of(photo: Photo) -> list[Use]:
    """What shows the photo, newest articles first, at most MOST_NAMED of each kind. Four queries.

    A body shows the photos of its article's gallery alone, so that the gallery tells of bodies too.
    """
    return [
        *_in_articles(photo),
        *(
            Use("推广位", promo.title, _desk("promo", promo.pk), "启用" if promo.active else "停用")
            for promo in Promo.objects.filter(photo=photo)[:MOST_NAMED]
        ),
        *(
            Use("单页", page.title, _desk("page", page.pk), "正文", page.get_absolute_url())
            for page in Page.objects.filter(body__contains=photo.token).defer("body")[:MOST_NAMED]
        ),
    ]


def _in_articles(photo: Photo) -> list[Use]:
    gallery = (
        ArticlePhoto.objects.filter(photo=photo)
        .annotate(
            in_body=ExpressionWrapper(
                Q(article__body__contains=photo.token), output_field=BooleanField()
            )
        )
        .select_related("article")
        .defer("article__body", "article__anchors")
        .order_by("-article_id")[:MOST_NAMED]
    )
    listed = [
        (use.article, "正文" if use.in_body else "图集")  # type: ignore[attr-defined]  # annotated
        for use in gallery
    ]
    leading = (
        Article.objects.filter(lead_photo=photo)
        .exclude(pk__in=[article.pk for article, _ in listed])
        .for_list()
        .order_by("-pk")[: MOST_NAMED - len(listed)]
    )
    return [
        *(_article_use(article, how, photo) for article, how in listed),
        *(_article_use(article, "", photo) for article in leading),
    ]


def _article_use(article: Article, how: str, photo: Photo) -> Use:
    shown = [how] if how else []
    if article.lead_photo_id == photo.pk:
        shown.append("题图")
    published = article.published_at
    public = article.state in Article.PUBLIC_STATES and published and published <= timezone.now()
    return Use(
        f"稿件（{article.get_state_display()}）",
        article.title,
        _desk("article", article.pk),
        "、".join(shown),
        article.get_absolute_url() if public else "",
    )


def _desk(model: str, number: int) -> str:
    return reverse(f"admin:articles_{model}_change", args=[number])
