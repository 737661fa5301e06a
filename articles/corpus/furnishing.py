"""What an archive has little of: topics, sources, desks, photos, Pages and promos."""

import io
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from articles.corpus import cast, pictures
from articles.corpus.plan import Picture
from articles.corpus.rhythm import DAYS
from articles.models import Desk, Page, Photo, Promo, Source, Topic
from articles.renditions import Description, add_photo, undo_files_on_error

CREDIT = "信网制图"
PAGES = (
    (
        "about",
        "关于信网",
        "<p>这是一座凭空造出的档案，用来试用和测量：文字由常用词拼成，没有意思。</p>",
    ),
    ("contact", "联系我们", "<p>这里没有人。</p>"),
    ("copyright", "版权声明", "<p>这些文字和图片由程序生成，可以随意使用。</p>"),
)


def furnish(end: date) -> Sequence[Picture]:
    """Write all of it, in order, and give the photos. Some four seconds, mostly of renditions."""
    with undo_files_on_error(), transaction.atomic():
        Topic.objects.bulk_create(
            Topic(
                name=topic.name, slug=topic.slug, description=topic.description, position=place,
                in_navigation=topic.in_navigation, featured=topic.featured,
                layout=Topic.Layout.PICTURES if topic.pictures else Topic.Layout.LIST,
            )
            for place, topic in enumerate(cast.topics(end), start=1)
        )  # fmt: skip
        Source.objects.bulk_create(Source(name=name, slug=name) for name in cast.sources())
        Desk.objects.bulk_create(Desk(name=name) for name in cast.DESKS)
        Page.objects.bulk_create(
            Page(slug=slug, title=title, body=body, position=place)
            for place, (slug, title, body) in enumerate(PAGES, start=1)
        )
        Promo.objects.bulk_create([
            Promo(kind=Promo.Kind.QR, title="信网手机版", note="扫一扫，在手机上看",
                  url=settings.SITE_URL, position=1),
            Promo(kind=Promo.Kind.LINK, title="全部话题", url=f"{settings.SITE_URL}/topic/",
                  position=2),
        ])  # fmt: skip
        return _photos(end)


def _photos(end: date) -> Sequence[Picture]:
    """As if they had been in the library from the first day on."""
    found: list[Picture] = []
    for number in range(pictures.PICTURES):
        drawn = pictures.draw(number)
        said = Description(drawn.alt, drawn.caption, CREDIT)
        photo = add_photo(io.BytesIO(drawn.content), drawn.name, said)
        found.append(Picture(photo.pk, photo.token, photo.caption))
    first = datetime.combine(end - timedelta(days=DAYS), time(9), ZoneInfo(settings.TIME_ZONE))
    Photo.objects.update(created_at=first)
    return found
