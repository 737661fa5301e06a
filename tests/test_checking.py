"""发布前检查: each rule finds what it should, names the place, and is silent otherwise."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from articles.checking import Draft, check
from articles.models import Article, Page
from tests.factories import make_article, make_photo, make_source, make_topic

pytestmark = pytest.mark.django_db


def found(**said: Any) -> list[tuple[str, str, int]]:
    """What is found in a draft that is good but for what is said."""
    good: dict[str, Any] = {
        "title": "栈桥晨光",
        "body": "<p>正文。</p>",
        "source": True,
        "topics": 1,
    }
    return [(one.text, one.field, one.block) for one in check(Draft(**{**good, **said}))]


def link(href: str) -> list[tuple[str, str, int]]:
    return found(body=f'<p>前</p><p><a href="{href}">看这里</a></p>')


def test_a_good_draft_passes_with_one_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(1):
        assert found() == []


@pytest.mark.parametrize(
    ("said", "finding"),
    [
        ({"title": ""}, ("还没有标题。", "title", 0)),
        ({"title": "长" * 41}, ("标题有 41 个字", "title", 0)),
        ({"title": "甲　　乙"}, ("标题里有连续的全角空格", "title", 0)),
        ({"original_title": "栈桥 晨光！"}, ("原标题和标题相同", "original_title", 0)),
        ({"body": ""}, ("正文没有文字。", "body", 0)),
        ({"body": "<hr>"}, ("正文没有文字。", "body", 0)),
        ({"body": "<p>甲</p><p>一。　　二</p>"}, ("第 2 段中间有空两格“二”", "body", 2)),
        ({"body": "<p>甲</p><p>[来源:青岛晚报]</p>"}, ("正文末尾留着“来源:青岛晚报”", "body", 2)),
        ({"body": '<p>甲<img src="https://a.example/"></p>'}, ("有 1 处图片没有带进来", "body", 0)),
        ({"body": '<p><a href="javascript:x">点</a></p>'}, ("有 1 处链接没有带进来", "body", 0)),
        ({"body": '<p><a href="https://">点</a></p>'}, ("有 1 处链接没有带进来", "body", 0)),
        ({"body": '<p><a href="http://[::1">点</a></p>'}, ("有 1 处链接没有带进来", "body", 0)),
        ({"source": False}, ("没有填写来源。", "source", 0)),
        ({"topics": 0}, ("没有归入任何话题。", "memberships", 0)),
    ],
)
def test_a_fault_is_found_at_its_place(said: dict[str, Any], finding: tuple[str, str, int]) -> None:
    ((text, field, block),) = found(**said)
    assert (text[: len(finding[0])], field, block) == finding


def test_titles_of_the_last_days_are_compared_whatever_their_signs() -> None:
    other = make_article(title="栈桥，晨光")
    ((text, field, _),) = found()
    assert (text, field) == (f"最近 7 天已有同题稿件：{other.pk} 号《栈桥，晨光》。", "title")
    assert found(number=other.pk) == []
    assert found(title="栈桥夜色") == []
    make_article(title="５Ｇ来了")
    assert len(found(title="5g 来了！")) == 1


def test_only_titles_of_the_last_days_count() -> None:
    old = timezone.now() - timedelta(days=8)
    make_article(title="栈桥晨光", published_at=old)
    draft = make_article(title="栈桥晨光", state="draft", published_at=None)
    Article.objects.filter(pk=draft.pk).update(updated_at=old)
    assert found() == []
    assert len(found(published_at=old)) == 1  # the days around its own
    Article.objects.filter(pk=draft.pk).update(updated_at=timezone.now())
    assert len(found()) == 1


@pytest.mark.parametrize(
    ("href", "fault"),
    [
        ("#", "没有地址"),
        ("https://a.example/。", "不该有的字符"),
        ("http://http://a.example/", "不该有的字符"),
        ("http://localhost/", "写法不对"),
        ("www.a.example", "缺少开头的 https://"),
        ("mailto:nobody", "写法不对"),
        ("tel:何时", "写法不对"),
        ("/topic/none/", "指向本站没有的页面"),
        ("/source/none/", "指向本站没有的页面"),
        ("/page/none/", "指向本站没有的页面"),
        ("/editor/nobody/", "指向本站没有的页面"),
        ("/%00", "写法不对"),
        ("/editor/a%00b/", "写法不对"),
        ("/old/1.htm", "指向本站没有的页面"),
        ("/nopage/", "指向本站没有的页面"),
        ("/2022/09/29/999/", "指向本站没有的页面"),
        ("/admin/", "读者打不开"),
    ],
)
def test_a_link_that_leads_nowhere_is_found(href: str, fault: str) -> None:
    ((text, field, block),) = link(href)
    assert text.startswith("第 2 段的链接“看这里”")
    assert fault in text
    assert (field, block) == ("body", 2)


@pytest.mark.parametrize(
    "href",
    [
        "https://a.example/x?u=https://b.example/", "http://青岛.example/", "//a.example/",
        "mailto:a@b.example", "tel:+86 532 1234", "#p3", "/", "/archive/", "/2022/",
        "/search/?q=海",
    ],
)  # fmt: skip
def test_a_link_that_can_work_is_let_be(href: str) -> None:
    assert link(href) == []


def test_links_within_the_archive_are_looked_up(settings: Any) -> None:
    settings.SITE_URL = "https://news.example"
    shown = make_article(title="在", editor="戴慧慧", legacy_url="http://old.example/a.htm?id=1")
    draft = make_article(title="稿", state="draft")
    gone = make_article(title="撤")
    gone.withdraw("数据有误。")
    coming = make_article(title="将", published_at=timezone.now() + timedelta(days=1))
    make_topic("话", slug="hua")
    make_source("报", slug="bao")
    Page.objects.create(slug="about", title="关于")
    for path in (
        "/topic/hua/", "/source/bao/", "/page/about/", "/about/", "/editor/戴慧慧/", "/a.htm?id=1",
    ):  # fmt: skip
        assert link(path) == []
    for spelled in (
        "/A.htm?id=1&from=timeline",
        "/zh-hant/topic/hua/",
        "/editor/%E6%88%B4%E6%85%A7%E6%85%A7/",
    ):
        assert link(spelled) == []
    assert "没有的页面" in link("/zh-hant/topic/none/")[0][0]
    make_article(title="秋", legacy_url="http://old.example/news/%E7%A7%8B.html")
    assert link("/news/%E7%A7%8B.html") == link("/news/秋.html") == []
    make_article(title="问", legacy_url="http://old.example/go.php?to=/b.htm?id=2")
    make_article(title="号", legacy_url="http://old.example/why%3F.htm?id=3")
    assert link("/go.php?to=/b.htm?id=2") == link("/why%3F.htm?id=3") == []
    assert link(shown.get_absolute_url()) == link(f"/2001/01/01/{shown.pk}/") == []
    assert link(f"https://news.example{shown.get_absolute_url()}") == []
    assert "草稿《稿》" in link(f"/2022/09/29/{draft.pk}/")[0][0]
    assert "已撤的稿件《撤》" in link(f"https://news.example/2022/09/29/{gone.pk}/")[0][0]
    assert "还没有到时间的稿件《将》" in link(coming.get_absolute_url())[0][0]


def test_photos_need_an_alternative_text_and_the_library() -> None:
    good, bare = make_photo(), make_photo(caption="栈桥", alt=" ")
    figure = '<p>甲</p><figure data-photo="{}"></figure>'
    assert found(body=figure.format(good.token), photos=frozenset({good.pk})) == []
    ((text, field, block),) = found(body=figure.format(bare.token))
    assert text.startswith("第 2 段的图片“栈桥”没有替代文字")
    assert (field, block) == ("body", 2)
    ((text, field, _),) = found(photos=frozenset({bare.pk}))
    assert text.startswith("图集里的图片“栈桥”没有替代文字")
    assert field == "gallery"
    ((text, _, block),) = found(body=figure.format("0" * 16))
    assert (text, block) == ("第 2 段的图片不在图库里，读者看不到它。", 2)
    assert "不在图库里" in found(body=figure.format("短"))[0][0]


def test_however_many_links_and_photos_the_queries_are_few(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    photos = [make_photo(40 + number) for number in range(5)]
    paths = [
        f"/{kind}/{n}/" for kind in ("topic", "source", "page", "editor", "x") for n in range(9)
    ]
    paths += [f"/2022/09/29/{n}/" for n in range(10**6, 10**6 + 8)]
    body = "".join(f'<p><a href="{path}">链</a></p>' for path in paths)
    body += "".join(f'<figure data-photo="{photo.token}"></figure>' for photo in photos)
    article = make_article(body=body, photos=photos)
    with django_assert_max_num_queries(10):  # eight, and two for what the article has
        assert len(check(Draft.of(article))) == len(paths) + 2
