"""A small archive in which every address finds something, and people who look at it."""

import importlib

import reversion
from django.apps import apps
from django.contrib.auth.models import Group, User

from articles.models import Article, Correction, Desk, Licence, Page, Promo, Topic
from tests.factories import make_article, make_photo, make_source, make_topic, moment, revise
from tests.people import somebody

SUPERUSER, EDITOR = "superuser", "editor"


def make_archive() -> None:
    """Two of nearly everything, with versions and something deleted."""
    photos = [make_photo(700, 500, caption=f"栈桥{n}") for n in range(3)]
    talk = make_topic("青岛话题", slug="huati", featured=True, in_navigation=True, position=1)
    pictures = make_topic(
        "精彩美图", slug="meitu", layout=Topic.Layout.PICTURES, in_navigation=True
    )
    source = make_source("青岛晚报", slug="wanbao")
    figure = f'<figure data-photo="{photos[0].token}"></figure>'
    for number in range(4):
        make_article(
            title=f"栈桥的早晨{number}", original_title="潮起栈桥", byline="记者 林疏影",
            editor="戴慧慧", source=source, topics=[talk, pictures], photos=photos,
            body=f"<p>海风。</p>{figure}<h2>小标题</h2><p>码头{number}。</p>"
            "<table><tbody><tr><td>一</td></tr></tbody></table>",
            published_at=moment(f"2022-09-2{number} 09:18"), reads=number,
            legacy_url=f"http://old.example/show.php?id={number}",
        )  # fmt: skip
    article = Article.objects.earliest("pk")
    Correction.objects.create(article=article, text="图注时间有误。")
    make_article(title="撤下的稿", published_at=moment("2022-09-20 10:00")).withdraw("未经核实。")
    make_article(title="草稿", state=Article.State.DRAFT, published_at=None)
    for slug in ("about", "contact"):
        Page.objects.create(slug=slug, title="关于信网", body="<p>我们是谁。</p>")
    for kind, photo in (("qr", None), ("image", photos[0]), ("link", None)):
        Promo.objects.create(kind=kind, title=kind, url="https://p.example/", photo=photo)
    Licence.objects.create(kind="icp", text="鲁ICP备00000000号")
    people()
    revise(Article.objects.published().latest("pk"), title="改正过的题")
    _versions(article)


def people() -> None:
    """Somebody of the desk who may do little, and somebody who may do all."""
    if not Group.objects.exists():  # tests in a browser leave empty tables behind
        importlib.import_module("articles.migrations.0008_groups").make_groups(apps, None)
    desk, _ = Desk.objects.get_or_create(name="要闻部")
    User.objects.create_superuser(SUPERUSER)
    user = somebody("编辑", desk)
    User.objects.filter(pk=user.pk).update(username=EDITOR)


def _versions(article: Article) -> None:
    for title in ("改过的题", "又改的题"):
        with reversion.create_revision():
            article.title = title
            article.save()
    gone = make_article(title="删去的稿", state=Article.State.DRAFT, published_at=None)
    with reversion.create_revision():
        gone.save()
    with reversion.create_revision():
        reversion.set_comment("删除")
        reversion.add_to_revision(gone)
    gone.delete()
