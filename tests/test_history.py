"""Every change on the desk is kept, can be read in Chinese, and can be brought back."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from reversion.models import Revision, Version

from articles import history, renditions
from articles.models import Article, ArticleTopic, Licence, Page
from tests.desk import at_desk, change_path, editor_named, opened
from tests.factories import make_article, make_photo, make_source, make_topic, moment

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def desk() -> Client:
    return at_desk(editor_named("wang", "王编辑"))


def comments(obj: Any) -> list[str]:
    """What the versions say of themselves, oldest first."""
    kept = history.versions(type(obj), obj.pk)
    return [version.revision.comment for version in kept][::-1]


def save(desk: Client, obj: Any, **overrides: Any) -> None:
    response = desk.post(change_path(obj), opened(desk, obj, **overrides))
    assert response.status_code == 302, response.context["errors"]


def page(desk: Client, obj: Any, *rest: Any) -> str:
    path = reverse("admin:articles_article_history", args=[obj.pk])
    return desk.get(path + "".join(f"{part}" for part in rest)).content.decode()


def test_the_state_before_the_first_edit_is_kept(desk: Client) -> None:
    article = make_article(title="导入的标题", topics=[make_topic("老话题")])
    assert not Version.objects.exists()
    save(desk, article, title="改过的标题")
    assert comments(article) == ["此前的内容（导入或程序写入）", "修改了标题"]
    first = history.versions(Article, article.pk).last()
    assert first is not None
    snapshot = history.of_version(first)
    assert snapshot.fields["title"] == "导入的标题"
    assert [row.said for row in snapshot.rows["memberships"]] == ["老话题"]
    assert first.revision.user is None


def test_what_an_import_wrote_between_two_edits_is_kept_too(desk: Client) -> None:
    article = make_article(title="一")
    save(desk, article, title="二")
    Article.objects.filter(pk=article.pk).update(title="三")
    save(desk, article, title="四")
    titles = [
        history.of_version(version).fields["title"]
        for version in history.versions(Article, article.pk)
    ]
    assert titles == ["四", "三", "二", "一"]


def test_saving_without_a_change_makes_no_version(desk: Client) -> None:
    article = make_article(published_at=timezone.now() - timedelta(hours=1))
    save(desk, article, title="改")
    save(desk, article)
    assert len(comments(article)) == 2


def test_comments_say_what_was_done(desk: Client) -> None:
    article = make_article(state="draft", published_at=None)
    when = {"published_at_0": "2990-01-01", "published_at_1": "08:00:00"}
    save(desk, article, state="published", **when)
    save(desk, article, published_at_0="2022-09-29")
    save(desk, article, state="withdrawn", withdrawal_reason="有误")
    assert comments(article)[1:] == [
        "定时发布；修改了发布时间", "提前发布；修改了发布时间", "撤稿；修改了更正",
    ]  # fmt: skip


def test_recording_serves_bulk_actions(desk: Client) -> None:
    first, second = make_article(), make_article()
    user = editor_named("bulk")
    with history.recording([second, first], user, "批量操作"):
        Article.objects.filter(pk=first.pk).update(editor="戴慧慧")
    assert comments(first)[1:] == ["批量操作：修改了责编"]
    assert len(comments(second)) == 1
    last = history.newest(Article, first.pk)
    assert last is not None
    assert last.revision.user == user


def test_nothing_is_kept_of_what_is_written_past_the_desk() -> None:
    article = make_article()
    article.save()
    Article.objects.bulk_create([Article(title="x")])
    assert not Revision.objects.exists()


@pytest.mark.parametrize("make", [
    lambda: Page.objects.create(slug="about", title="关于", body="<p>一</p>"),
    make_topic, make_source, make_photo,
    lambda: Licence.objects.create(kind="icp", text="鲁ICP备1号"),
])  # fmt: skip
def test_other_things_are_kept_too(desk: Client, make: Any) -> None:
    obj = make()
    name = next(f for f in ("title", "caption", "name", "text") if hasattr(obj, f))
    save(desk, obj, **{name: "新的说法"})
    assert len(comments(obj)) == 2
    path = reverse(f"admin:articles_{obj._meta.model_name}_history", args=[obj.pk])
    html = desk.get(path).content.decode()
    assert "修改了" in html
    assert "王编辑" in html


def test_a_list_that_is_edited_in_place_is_kept(desk: Client) -> None:
    topic = make_topic(position=3)
    data = {
        "form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": topic.pk,
        "form-0-position": 8, "_save": "保存",
    }  # fmt: skip
    assert desk.post(reverse("admin:articles_topic_changelist"), data).status_code == 302
    assert comments(topic)[1:] == ["修改了次序"]


def test_the_list_of_versions_is_paged_and_costs_the_same(
    desk: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    article = make_article()
    for number in range(25):
        with history.recording([article], None):
            Article.objects.filter(pk=article.pk).update(title=f"标题{number}")
    with django_assert_max_num_queries(6):
        html = page(desk, article)
    assert html.count("这一版的改动") == 20
    assert "共 26 个版本" in html
    assert page(desk, article, "?p=2").count("这一版的改动") == 6


def test_what_saving_costs(desk: Client, django_assert_max_num_queries: Any) -> None:
    article = make_article(topics=[make_topic()], photos=[make_photo()])
    save(desk, article, title="一")
    data = opened(desk, article, title="二")
    with django_assert_max_num_queries(75):
        assert desk.post(change_path(article), data).status_code == 302


def test_a_version_is_shown_field_by_field_in_chinese(desk: Client) -> None:
    topic, photo = make_topic("青岛话题"), make_photo(caption="栈桥清晨")
    article = make_article(
        body="<p>头一段。</p><p>海风很大，灯亮着。</p>", source=make_source("青岛晚报")
    )
    with history.recording([article], None):
        article.body = "<p>头一段。</p><p>海风不小，灯亮着。</p>"
        article.age_notice = False
        article.source = make_source("半岛都市报")
        article.save()
        article.memberships.create(topic=topic)
        article.gallery.create(photo=photo)
        article.corrections.create(text="图注有误。")
    last = history.newest(Article, article.pk)
    assert last is not None
    html = page(desk, article, f"{last.pk}/")
    for said in ("正文", "旧闻提示", "来源", "话题", "图片", "更正"):
        assert f"<dt>{said}</dt>" in html
    gone = '<del><span class="visually-hidden">【删去】</span>{}<span'
    came = '<ins><span class="visually-hidden">【加上】</span>{}<span'
    assert gone.format("青岛晚报") in html
    assert came.format("半岛都市报") in html
    assert gone.format("是") in html
    assert came.format("否") in html
    assert came.format("青岛话题") in html
    assert "图注有误。" in html
    assert renditions.url(photo, 320) in html
    assert "海风" in html
    assert came.format("不小") in html or came.format("不") in html
    assert "内容没有差别" in page(desk, article, f"{last.pk}/?with=now")


def test_order_formatting_and_photos_are_told() -> None:
    first, second = make_topic("甲"), make_topic("乙")
    one, other = make_photo(), make_photo(410)
    article = make_article(topics=[first, second], body="<p>海风吹来，灯亮着。</p>")
    before = history.stored(Article, article.pk)
    article.body = (
        f'<p>海风吹来，<strong>灯亮着</strong>。</p><figure data-photo="{one.token}"></figure>'
    )
    article.save()
    ArticleTopic.objects.filter(topic=first).update(position=9)
    middle = history.stored(Article, article.pk)
    assert before and middle
    changes = {change.label: change for change in history.compare(before, middle)}
    assert (
        "".join(p.text for p in changes["正文"].lines[0].pieces)
        == "海风吹来，〔加粗〕灯亮着〔/加粗〕。"
    )
    assert changes["正文"].lines[1].photo == one
    assert [piece.text for piece in changes["话题"].lines[0].pieces] == ["甲 → 乙", "乙 → 甲"]
    article.body = (
        f'<p>海风吹来，<strong>灯亮着</strong>。</p><figure data-photo="{other.token}"></figure>'
    )
    article.save()
    after = history.stored(Article, article.pk)
    assert after
    lines = history.compare(middle, after)[0].lines
    assert [(line.kind, line.photo) for line in lines[1:]] == [("gone", one), ("new", other)]


def restore(desk: Client, article: Article, version: Version) -> Any:
    path = reverse("admin:articles_article_restore", args=[article.pk, version.pk])
    asked = desk.get(path)
    assert asked.status_code == 200
    return desk.post(path, {"token": asked.context["token"]}, follow=True)


def test_restoring_brings_back_the_text_and_keeps_the_present_one(desk: Client) -> None:
    topic, other = make_topic("旧话题"), make_topic("新话题")
    article = make_article(title="旧", body="<p>甲。</p><p>乙。</p>", topics=[topic])
    with history.recording([article], None):
        article.title, article.body = "新", "<p>丙。</p><p>乙。</p>"
        article.save()
        article.memberships.all().delete()
        article.memberships.create(topic=other)
        note = article.corrections.create(text="后来的更正。")
    first = history.versions(Article, article.pk).last()
    assert first is not None
    page = restore(desk, article, first).content.decode()
    assert "已恢复到所选的版本" in page
    article.refresh_from_db()
    assert (article.title, article.body) == ("旧", "<p>甲。</p><p>乙。</p>")
    assert article.revised_at is not None
    assert [str(row) for row in article.memberships.all()] == ["旧话题"]
    assert list(article.corrections.all()) == [note]
    assert article.anchors != []  # 丙 and what it replaced are known to links
    titles = [
        history.of_version(version).fields["title"]
        for version in history.versions(Article, article.pk)
    ]
    assert titles == ["旧", "新", "旧"]
    assert comments(article)[-1].startswith("恢复 ")


def test_an_old_draft_does_not_take_an_article_from_its_readers(desk: Client) -> None:
    article = make_article(state="draft", published_at=None, title="稿")
    save(desk, article, state="published", published_at_0="2022-09-29", published_at_1="09:18:00",
         title="发")  # fmt: skip
    first = history.versions(Article, article.pk).last()
    assert first is not None
    restore(desk, article, first)
    article.refresh_from_db()
    assert (article.title, article.state) == ("稿", "published")
    assert article.published_at == moment("2022-09-29 09:18")


def test_a_version_without_text_cannot_be_what_readers_see(desk: Client) -> None:
    article = make_article(state="draft", published_at=None, body="")
    save(desk, article, state="published", body="<p>有了。</p>")
    first = history.versions(Article, article.pk).last()
    assert first is not None
    assert "这个版本没有正文" in restore(desk, article, first).content.decode()
    article.refresh_from_db()
    assert article.body == "<p>有了。</p>"


def test_what_is_gone_is_named_and_the_rest_comes_back(desk: Client) -> None:
    topic, photo, source = make_topic("要删的话题"), make_photo(caption="要删的图"), make_source()
    article = make_article(title="旧", topics=[topic, make_topic("留下的")], photos=[photo],
                           source=source)  # fmt: skip
    with history.recording([article], None):
        article.title, article.lead_photo, article.source = "新", None, None
        article.save()
        article.gallery.all().delete()
    first = history.versions(Article, article.pk).last()
    assert first is not None
    topic.delete()
    photo.delete()
    source.delete()
    page = restore(desk, article, first).content.decode()
    assert "这些已不存在，没有恢复" in page
    for said in ("要删的话题", "要删的图", "题图", "来源"):
        assert said in page
    article.refresh_from_db()
    assert article.title == "旧"
    assert [str(row) for row in article.memberships.all()] == ["留下的"]


def test_restoring_what_moved_on_is_refused(desk: Client) -> None:
    article = make_article(title="旧")
    save(desk, article, title="新")
    first = history.versions(Article, article.pk).last()
    assert first is not None
    path = reverse("admin:articles_article_restore", args=[article.pk, first.pk])
    token = desk.get(path).context["token"]
    Article.objects.filter(pk=article.pk).update(title="别人刚改的")
    page = desk.post(path, {"token": token}).content.decode()
    assert "您打开本页之后，内容又有改动" in page
    article.refresh_from_db()
    assert article.title == "别人刚改的"


def test_a_deleted_draft_comes_back_under_its_number(desk: Client) -> None:
    article = make_article(
        title="草稿", state="draft", published_at=None, topics=[make_topic("话")]
    )
    number = article.pk
    assert desk.post(
        reverse("admin:articles_article_delete", args=[number]), {"post": "yes"}
    ).status_code == 302  # fmt: skip
    assert not Article.objects.exists()
    listed = desk.get(reverse("admin:articles_article_deleted"))
    assert "草稿" in listed.content.decode()
    version = history.deleted(Article).first()
    assert version is not None
    assert version.revision.comment == "删除"
    path = reverse("admin:articles_article_recover", args=[version.pk])
    assert "找回" in desk.get(path).content.decode()
    assert desk.post(path).status_code == 302
    back = Article.objects.get(pk=number)
    assert (back.title, back.state) == ("草稿", "draft")
    assert [str(row) for row in back.memberships.all()] == ["话"]
    assert desk.post(path).status_code == 404  # it is there again
    assert not history.deleted(Article)
    history.record_deletion(back, None)
    back.delete()
    assert [one.pk > version.pk for one in history.deleted(Article)] == [True]  # once


def test_what_was_ever_published_cannot_be_deleted(desk: Client) -> None:
    published = make_article()
    back = make_article()
    save(desk, back, title="改")
    Article.objects.filter(pk=back.pk).update(state="draft")
    draft = make_article(state="draft", published_at=None)
    late = make_article(published_at=timezone.now() + timedelta(days=1))
    save(desk, late, title="定时的")
    Article.objects.filter(pk=late.pk).update(state="draft")  # taken back in time
    for article, status in ((published, 403), (back, 403), (draft, 200), (late, 200)):
        path = reverse("admin:articles_article_delete", args=[article.pk])
        assert desk.get(path).status_code == status
    bulk = {"action": "delete_selected", "_selected_action": [published.pk, draft.pk]}
    desk.post(reverse("admin:articles_article_changelist"), {**bulk, "post": "yes"})
    assert Article.objects.count() == 4


def test_only_who_may_look_sees_and_only_who_may_change_restores() -> None:
    article = make_article()
    with history.recording([article], None):
        Article.objects.filter(pk=article.pk).update(title="新")
    first = history.versions(Article, article.pk).last()
    assert first is not None
    seen = reverse("admin:articles_article_history", args=[article.pk])
    version = reverse("admin:articles_article_version", args=[article.pk, first.pk])
    back = reverse("admin:articles_article_restore", args=[article.pk, first.pk])
    gone = reverse("admin:articles_article_deleted")
    stranger = at_desk(editor_named("stranger", permissions=("view_topic",)))
    reader = at_desk(editor_named("reader", permissions=("view_article",)))
    writer = at_desk(
        editor_named("writer", permissions=("view_article", "change_article", "edit_any_article"))
    )
    expected = {
        stranger: [403, 403, 403, 403], reader: [200, 200, 403, 403], writer: [200, 200, 200, 403],
        Client(): [302, 302, 302, 302],
    }  # fmt: skip
    for client, statuses in expected.items():
        assert [client.get(path).status_code for path in (seen, version, back, gone)] == statuses
    assert reader.post(back, {"token": "x"}).status_code == 403
    assert "恢复" not in reader.get(seen).content.decode()
    assert "恢复" in writer.get(seen).content.decode()


@pytest.mark.parametrize("number", [0, 10**30, 999999])
def test_versions_that_do_not_exist_are_not_found(desk: Client, number: int) -> None:
    article = make_article()
    for name in ("version", "restore"):
        path = reverse(f"admin:articles_article_{name}", args=[article.pk, number])
        assert desk.get(path).status_code == 404
    assert desk.get(reverse("admin:articles_article_recover", args=[number])).status_code == 404
    assert desk.get(f"/admin/articles/article/x/history/{number}/").status_code == 404


def test_a_long_body_is_compared(desk: Client) -> None:
    body = "".join(f"<p>第{n}段，{'海风从前海吹过来，' * 10}。</p>" for n in range(1000))
    article = make_article(body=body)
    with history.recording([article], None):
        article.body = body.replace("第500段", "第伍佰段")
        article.save()
    last = history.newest(Article, article.pk)
    assert last is not None
    html = page(desk, article, f"{last.pk}/")
    assert "伍佰" in html
    assert "…… 499 段没有改动 ……" in html
    assert len(html) < 40_000


def test_photos_topics_and_sources_have_names_after_they_are_gone() -> None:
    topic = make_topic("消失的")
    article = make_article(topics=[topic])
    before = history.stored(Article, article.pk)
    topic.delete()
    after = history.stored(Article, article.pk)
    assert before and after
    lines = history.compare(before, after)[0].lines
    assert "消失的（已删除）" in lines[0].pieces[0].text
