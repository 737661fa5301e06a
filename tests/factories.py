"""Rows for tests, with only what a test is about said in it."""

import io
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.utils import timezone
from PIL import Image

from articles import history, renditions
from articles.models import Article, ArticlePhoto, ArticleTopic, Photo, Source, Topic

_numbers = count(1)


def make_topic(name: str = "", **overrides: Any) -> Topic:
    """A topic."""
    return Topic.objects.create(name=name or f"话题{next(_numbers)}", **overrides)


def make_source(name: str = "", **overrides: Any) -> Source:
    """A source."""
    return Source.objects.create(name=name or f"来源{next(_numbers)}", **overrides)


def make_article(
    topics: Iterable[Topic] = (), photos: Iterable[Photo] = (), **overrides: Any
) -> Article:
    """A published article, an hour old unless said otherwise."""
    number = next(_numbers)
    fields: dict[str, Any] = {
        "title": f"标题{number}",
        "body": f"<p>正文{number}。</p>",
        "state": Article.State.PUBLISHED,
        "published_at": timezone.now() - timedelta(hours=1),
        **overrides,
    }
    photos = list(photos)
    if photos:
        fields.setdefault("lead_photo", photos[0])
    article = Article.objects.create(**fields)
    for position, topic in enumerate(topics):
        ArticleTopic.objects.create(article=article, topic=topic, position=position)
    for position, photo in enumerate(photos):
        ArticlePhoto.objects.create(article=article, photo=photo, position=position)
    return article


def revise(article: Article, reason: str = "核实后改正。", **changes: Any) -> None:
    """Change an article notably, as the desk does: a public version, with the first before it."""
    history.keep_before(article)
    for name, value in changes.items():
        setattr(article, name, value)
    article.save()
    history.announce(article, "revision", reason)


def picture(
    width: int = 400, height: int = 300, colour: str = "", extension: str = "JPEG"
) -> io.BytesIO:
    """A picture's file, different from every other unless a colour is given."""
    number = next(_numbers)
    image = Image.new("RGB", (width, height), colour or (number % 256, number // 256, 99))
    file = io.BytesIO()
    # JPEG rounds colours off: neighbours among them may come out the same.
    image.save(file, extension, **({} if colour else {"comment": str(number)}))
    file.seek(0)
    return file


def make_photo(width: int = 400, height: int = 300, **description: Any) -> Photo:
    """A photo in the library, with its renditions."""
    said = {"alt": "图上的海", "caption": "海", "credit": "本报绘图", **description}
    return renditions.add_photo(picture(width, height), "sea.jpg", renditions.Description(**said))


def moment(text: str) -> datetime:
    """A time in the paper's city: `2022-09-29 09:18`."""
    return timezone.make_aware(datetime.fromisoformat(text))
