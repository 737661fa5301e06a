"""An editor at work: `python -m tests.editing` saves, uploads and deletes until its input ends.

Every round leaves the archive in one of few states (`faults` knows them): two articles have the
same title, changed in one transaction; a body shows the newest photo; the one before is deleted.
"""

import io
import json
import os
import sys
import threading
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

PHOTO_SIZE = (700, 500)


def main() -> None:
    """Work until standard input ends; then say how many rounds were done."""
    import django

    django.setup()
    from django.contrib.auth.models import User
    from django.test import Client
    from django.test.utils import setup_test_environment

    from articles.models import Article

    setup_test_environment()  # pages say what their forms hold
    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    name = f"编辑{os.getpid()}"
    client = Client()
    client.force_login(User.objects.create_superuser(name))
    pair = [Article.objects.create(title=f"{name}：0", body="<p>字</p>").pk for _ in range(2)]
    before = None
    for number in count(1):
        before = _round(client, name, pair, number, before)
        print(number, flush=True)
        if over.is_set():
            return


def faults() -> list[str]:
    """What is wrong with the archive that Django is connected to, after any number of rounds."""
    from collections import defaultdict

    from PIL import Image

    from articles import text
    from articles.models import Article, Photo
    from articles.renditions import ENCODINGS

    found = []
    for photo in Photo.objects.all():
        original = Path(photo.original.path)
        if not original.exists() or sha256(original.read_bytes()).hexdigest() != photo.sha256:
            found.append(f"no whole original: {photo.sha256}")
        for width in photo.widths:
            for extension in ENCODINGS:
                path = original.parents[2] / "media" / photo.rendition_name(width, extension)
                try:
                    Image.open(path).load()
                except OSError as error:
                    found.append(f"{path.name}: {error}")
    tokens = {photo.token for photo in Photo.objects.all()}
    titles = defaultdict(set)
    for article in Article.objects.filter(title__startswith="编辑"):
        titles[article.title.partition("：")[0]].add(article.title)
        found += [f"no photo {t}" for t in text.photo_tokens(article.body) if t not in tokens]
    return found + [f"torn apart: {pair}" for pair in titles.values() if len(pair) > 1]


def _round(client: Any, name: str, pair: list[int], number: int, before: Any) -> Any:
    from django.db import transaction
    from django.urls import reverse

    from articles.models import Article, ArticlePhoto, Photo
    from tests.desk import opened

    sent = io.BytesIO(_picture(name, number))
    sent.name = "a.jpg"
    answer = client.post(
        reverse("admin:articles_photo_upload"), {"files": [sent]},
        headers={"accept": "application/json"},
    )  # fmt: skip
    assert answer.status_code == 200
    photo = Photo.objects.get(sha256=sha256(sent.getvalue()).hexdigest())
    article = Article.objects.get(pk=pair[0])
    body = f'<p>第{number}次</p><figure data-photo="{photo.token}"></figure>'
    with transaction.atomic():
        path = reverse("admin:articles_article_change", args=[article.pk])
        title = f"{name}：{number}"
        data = opened(client, article, title=title, body=body)
        assert client.post(path, data).status_code == 302
        Article.objects.filter(pk=pair[1]).update(title=title)
        # What a body shows came into the gallery by itself; it goes by hand.
        ArticlePhoto.objects.filter(article=article).exclude(photo=photo).delete()
        Article.objects.filter(pk=article.pk).update(lead_photo=photo)
    if before:
        path = reverse("admin:articles_photo_delete", args=[before.pk])
        assert client.post(path, {"post": "yes"}).status_code == 302
        assert not Photo.objects.filter(pk=before.pk).exists()
    return photo


def _picture(name: str, number: int) -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.new("RGB", PHOTO_SIZE, (number % 256, 80, 90)).save(
        file, "JPEG", comment=f"{name} {number}"
    )
    return file.getvalue()


if __name__ == "__main__":
    if sys.argv[1:] == ["faults"]:
        import django

        django.setup()
        print(json.dumps(faults()))
    else:
        main()
