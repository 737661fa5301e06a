"""One page of every kind, and the devices it is looked at on.

The browser's tests, `make shots`, `make audit` and `make weights` all take their pages from here: a
new kind of page is one line of `kinds`. Django has to be set up.
"""

from typing import Any

from django.db.models.functions import Length
from django.utils import timezone

from articles.models import Article, Page, PublicVersion, Topic

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 375, "height": 812}
PHONE_AGENT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1"
)
# What a browser's context is made of. The site tells phones by what they call themselves.
DEVICES: dict[str, dict[str, Any]] = {
    "desk": {"viewport": DESK, "locale": "zh-CN"},
    "phone": {
        "viewport": PHONE,
        "locale": "zh-CN",
        "user_agent": PHONE_AGENT,
        "has_touch": True,
        "is_mobile": True,
        "device_scale_factor": 2,
    },
}


def kinds() -> dict[str, str]:
    """The paths of one page of each kind in this archive, by name; a few queries.

    Raises where the archive is too poor: it needs an article with a picture, source and editor, a
    withdrawn one, a topic of either layout, and a Page. Public versions are there if any article
    has some.
    """
    illustrated = Article.objects.published().filter(lead_photo__isnull=False, source__isnull=False)
    article = illustrated.exclude(editor="").order_by(Length("body").desc(), "pk")[0]
    assert article.published_at
    assert article.source
    withdrawn = Article.objects.filter(state=Article.State.WITHDRAWN)[0]
    topic = Topic.objects.filter(layout=Topic.Layout.LIST, featured=True)[0]
    gallery = Topic.objects.filter(layout=Topic.Layout.PICTURES)[0]
    day = timezone.localtime(article.published_at)
    changed = PublicVersion.objects.filter(article__state=Article.State.PUBLISHED).newest().first()
    old = f"{changed.article.get_absolute_url()}history/" if changed else ""
    return {
        "home": "/",
        "article": article.get_absolute_url(),
        "traditional": f"/zh-hant{article.get_absolute_url()}",
        "photo": f"{article.get_absolute_url()}photo/1/",
        "withdrawn": withdrawn.get_absolute_url(),
        **({"versions": old, "version": f"{old}1/"} if old else {}),
        "topic": topic.get_absolute_url(),
        "pictures": gallery.get_absolute_url(),
        "topics": "/topic/",
        "archive": "/archive/",
        "year": f"{day:/%Y/}",
        "month": f"{day:/%Y/%m/}",
        "day": f"{day:/%Y/%m/%d/}",
        "on-this-day": f"/on-this-day/{day:%m/%d}/",
        "sources": "/source/",
        "editors": "/editor/",
        "source": article.source.get_absolute_url(),
        "editor": f"/editor/{article.editor}/",
        "most-read": "/most-read/all/",
        "corrections": "/corrections/",
        "search": "/search/?q=栈桥",
        "search-start": "/search/",
        "search-nothing": "/search/?q=恐龙+飞船",
        "page": Page.objects.all()[0].get_absolute_url(),
        "404": "/nowhere/",
    }
