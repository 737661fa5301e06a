"""From draft to published to withdrawn and back, one by one and many at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from articles.admin import actions
from articles.models import Article, Desk
from articles.newsroom import permissions, today
from tests.factories import make_article, make_photo, make_topic, moment
from tests.people import at_the_desk, somebody
from tests.test_permissions import ARTICLES, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client: Client) -> Client:
    """An editor whom nothing is forbidden."""
    client.force_login(User.objects.create_superuser("editor"))
    return client


def press(client: Client, article: Article, button: str, **overrides: Any) -> Any:
    """Send the article's form with a button; the article is as stored afterwards."""
    form = {**sent(article), button: "1", **overrides}
    response = client.post(f"{ARTICLES}{article.pk}/change/", form)
    article.refresh_from_db()
    return response


def test_enter_in_a_field_saves_a_draft(editor: Client) -> None:
    html = editor.get(f"{ARTICLES}add/").content.decode()
    assert html.index('name="_draft"') < html.index('name="_publish"')


def test_a_draft_is_saved_and_stays_open(editor: Client) -> None:
    draft = make_article(state="draft", published_at=None)
    assert press(editor, draft, "_draft", body="")["Location"].endswith("/change/")
    assert draft.state == "draft"


def test_publishing_now_overrules_a_time_to_come_and_keeps_one_gone_by(editor: Client) -> None:
    late = make_article(state="draft", published_at=moment("2990-01-01"))
    press(editor, late, "_publish")
    assert late.is_public
    old = make_article(state="draft", published_at=moment("2019-05-01 08:00"))
    press(editor, old, "_publish")
    assert old.published_at == moment("2019-05-01 08:00")


def test_every_step_is_said_with_the_way_to_what_readers_see(editor: Client) -> None:
    article = make_article(state="draft", published_at=moment("2022-09-29 09:18"))
    path = f"/2022/09/29/{article.pk}/"
    for button, fields, said in (
        ("_publish", {}, "已发布，读者现在就能看到"),
        ("_withdraw", {"withdrawal_reason": "数据有误。"}, "已撤稿，原网址上是撤稿说明"),
        ("_restore", {"restoration_note": "数据已核实。"}, "已恢复发布，读者又能看到"),
    ):
        press(editor, article, button, **fields)
        html = editor.get(ARTICLES).content.decode()
        assert f'{said}：<a href="{path}">' in html
    press(editor, article, "_save", title="改了")
    assert "读者" not in editor.get(ARTICLES).content.decode().partition("messagelist")[2][:300]


def test_scheduling_needs_a_time_to_come(editor: Client) -> None:
    draft = make_article(state="draft", published_at=None)
    assert "定时发布要填一个将来的时间" in press(editor, draft, "_schedule").content.decode()
    assert draft.state == "draft"
    when = {"published_at_0": "2990-01-01", "published_at_1": "06:00"}
    assert press(editor, draft, "_schedule", **when).status_code == 302
    assert (draft.status, draft.published_at) == ("待发", moment("2990-01-01 06:00"))
    assert not Article.objects.published().exists()
    assert "待发" in editor.get(ARTICLES, {"state": "scheduled"}).content.decode()
    assert press(editor, draft, "_unschedule").status_code == 302
    assert draft.state == "draft"


def test_what_readers_have_cannot_go_back_or_into_the_future(editor: Client) -> None:
    article = make_article()
    html = press(editor, article, "_save", state="draft").content.decode()
    assert "发布过的稿件不能退回草稿" in html
    html = press(editor, article, "_save", published_at_0="2990-01-01").content.decode()
    assert "发布时间不能改到将来" in html
    assert article.is_public
    scheduled = make_article(published_at=moment("2990-01-01"))
    html = press(editor, scheduled, "_save", state="withdrawn", withdrawal_reason="x").content
    assert "稿件还没有发布" in html.decode()


def test_what_is_out_keeps_its_time_for_its_address_is_made_of_it(editor: Client) -> None:
    article = make_article(published_at=moment("2015-12-13 09:00"))
    address = article.get_absolute_url()
    html = press(editor, article, "_save", published_at_0="", published_at_1="").content.decode()
    assert "已经发布的稿件要保留发布时间" in html
    assert article.get_absolute_url() == address


def test_only_what_readers_had_is_dated_as_revised(editor: Client) -> None:
    scheduled = make_article(published_at=moment("2990-01-01"))
    press(editor, scheduled, "_save", title="还没有人读过")
    assert (scheduled.title, scheduled.revised_at) == ("还没有人读过", None)
    back = make_article()
    back.withdraw("数据未经核实。")
    press(editor, back, "_restore", restoration_note="已核实。", title="改过才恢复")
    assert back.state == "published"
    assert back.revised_at is not None


def test_taking_an_article_off_schedule_needs_the_right_to_publish() -> None:
    user = somebody("主编")
    scheduled = make_article(published_at=moment("2990-01-01"))
    assert permissions.may_move(user, scheduled, "draft")
    user.groups.clear()
    user.user_permissions.set(Permission.objects.filter(codename="change_article"))
    user = User.objects.get(pk=user.pk)
    assert permissions.may_move(user, make_article(state="draft"), "draft")
    assert not permissions.may_move(user, scheduled, "draft")


def test_a_restored_article_tells_both_that_it_was_withdrawn_and_why_it_is_back(
    editor: Client,
) -> None:
    article = make_article()
    press(editor, article, "_withdraw", withdrawal_reason="数据未经核实。")
    assert editor.get(article.get_absolute_url()).status_code == 410
    assert "请写明为什么恢复发布" in press(editor, article, "_restore").content.decode()
    assert article.state == "withdrawn"
    press(editor, article, "_restore", restoration_note="数据已核实无误。")
    page = editor.get(article.get_absolute_url())
    html = page.content.decode()
    assert page.status_code == 200
    assert html.index("数据已核实无误。") < html.index("数据未经核实。")


def confirm(client: Client, action: str, *articles: Article, **data: Any) -> Any:
    """Choose articles and an action, and confirm."""
    chosen = [article.pk for article in articles]
    form = {"action": action, "_selected_action": chosen, **data}
    return client.post(ARTICLES, form, follow=True)


def test_many_are_published_after_a_page_that_says_what_will_happen(editor: Client) -> None:
    good = make_article(title="齐了", state="draft", published_at=None)
    empty = make_article(title="空的", state="draft", body="")
    out = make_article(title="发了")
    gone = make_article(title="撤了", state="withdrawn")
    everything = (good, empty, out, gone)
    asked = confirm(editor, "publish", *everything).content.decode()
    assert "将处理 1 篇" in asked
    assert "将跳过 3 篇" in asked
    for reason in ("没有正文", "已经发布", "已经撤稿"):
        assert reason in asked
    assert Article.objects.filter(state="draft").count() == 2
    said = confirm(editor, "publish", *everything, confirmed="1").content.decode()
    assert "已处理 1 篇" in said
    assert "《空的》没有正文" in said
    good.refresh_from_db()
    assert good.is_public


def test_many_are_withdrawn_with_one_reason(editor: Client) -> None:
    first, second, draft = make_article(), make_article(), make_article(state="draft")
    asked = confirm(editor, "withdraw", first, second, draft, confirmed="1", reason="")
    assert "没有发布过" in asked.content.decode()
    assert Article.objects.filter(state="withdrawn").count() == 0
    confirm(editor, "withdraw", first, second, draft, confirmed="1", reason="来源有误。")
    for article in (first, second):
        article.refresh_from_db()
        assert article.state == "withdrawn"
        assert article.corrections.get().text == "来源有误。"


def test_topics_are_added_and_removed(editor: Client) -> None:
    topic, other = make_topic("海洋"), make_topic()
    has, lacks = make_article(topics=[topic]), make_article(topics=[other])
    said = confirm(editor, "add_topic", has, lacks, confirmed="1", topic=topic.pk)
    assert "已经属于这个话题" in said.content.decode()
    assert list(lacks.topics.order_by("memberships__position")) == [other, topic]
    confirm(editor, "remove_topic", has, lacks, confirmed="1", topic=topic.pk)
    assert list(has.topics.all()) == []
    assert list(lacks.topics.all()) == [other]


def test_all_or_nothing(editor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    articles = [make_article(state="draft") for _ in range(3)]
    real = Article.publish

    def fails(article: Article) -> None:
        if article.pk == articles[0].pk:  # the last: newest come first
            raise RuntimeError("the database is gone")
        real(article)

    monkeypatch.setattr(Article, "publish", fails)
    with pytest.raises(RuntimeError):
        confirm(editor, "publish", *articles, confirmed="1")
    assert Article.objects.filter(state="draft").count() == 3


def test_too_many_at_once_are_refused(editor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MOST_AT_ONCE", 2)
    articles = [make_article(state="draft") for _ in range(3)]
    said = confirm(editor, "publish", *articles, confirmed="1").content.decode()
    assert "一次最多处理 2 篇" in said
    assert Article.objects.filter(state="draft").count() == 3


def test_bulk_actions_skip_what_is_not_theirs() -> None:
    own, other = Desk.objects.create(name="社会"), Desk.objects.create(name="文体")
    editor = at_the_desk(somebody("编辑", own))
    mine, theirs = (make_article(desk=desk, state="draft") for desk in (own, other))
    public = make_article(desk=own)
    topic = make_topic()
    for action, data in (("publish", {}), ("add_topic", {"topic": topic.pk})):
        said = confirm(editor, action, mine, theirs, confirmed="1", **data).content.decode()
        assert "不是本部门的稿件" in said
    confirm(editor, "withdraw", public, confirmed="1", reason="伪造")
    for article in (mine, theirs, public):
        article.refresh_from_db()
    assert (mine.state, theirs.state, public.state) == ("published", "draft", "published")
    assert (list(mine.topics.all()), list(theirs.topics.all())) == ([topic], [])


def test_deleting_says_what_goes_along_in_chinese(editor: Client) -> None:
    article = make_article(state="draft", topics=[make_topic()])
    html = editor.get(f"{ARTICLES}{article.pk}/delete/").content.decode()
    assert "所属话题：1" in html
    for name in ("search entry", "likeness", "SearchEntry"):
        assert name not in html
    topic = article.topics.get()
    assert "所属话题：1" in editor.get(f"/admin/articles/topic/{topic.pk}/delete/").content.decode()


def test_today_shows_what_there_is_to_do(editor: Client) -> None:
    now = timezone.now()
    make_article(title="没写完", state="draft")
    idle = make_article(title="搁下了", state="draft")
    Article.objects.filter(pk=idle.pk).update(updated_at=now - timedelta(days=9))
    make_article(title="明早见报", published_at=now + timedelta(hours=9))
    make_article(title="空着就要发", body="", published_at=now + timedelta(minutes=9))
    # Published now: an hour ago may have been yesterday.
    bare = make_article(
        title="什么都没填", published_at=now, photos=[make_photo(alt="", decorative=True)]
    )
    bare.corrections.create(text="数字有误。")
    lists = {part.name: part for part in editor.get("/admin/").context["sections"]}
    names = {
        name: [(item.article.title, item.note) for item in part.items]
        for name, part in lists.items()
    }
    assert names["草稿"] == [("没写完", ""), ("搁下了", "")]
    assert [title for title, _ in names["待发"]] == ["空着就要发", "明早见报"]
    assert names["刚发布"] == [("什么都没填", "")]
    assert names["更正"] == [("什么都没填", "更正：数字有误。")]
    assert names["需要留意"] == [
        ("空着就要发", "一小时内发布，但没有正文"), ("什么都没填", "没有来源，没有话题"),
        ("搁下了", "草稿三天没有动过"),
    ]  # fmt: skip
    assert (lists["草稿"].total, lists["刚发布"].total) == ("2", "今天 1")
    assert lists["需要留意"].total == "3"
    for number in range(today.SHOWN):
        make_article(title=f"没有来源 {number}")
    wanting = editor.get("/admin/").context["sections"][-1]
    assert (len(wanting.items), wanting.total) == (today.SHOWN, f"{today.SHOWN}+")


def test_an_editor_finds_the_own_desks_drafts_on_the_first_page() -> None:
    own, other = Desk.objects.create(name="社会"), Desk.objects.create(name="文体")
    for title, desk in (("我们的", own), ("他们的", other), ("没人的", None)):
        make_article(title=title, desk=desk, state="draft")
    part = at_the_desk(somebody("编辑", own)).get("/admin/").context["sections"][0]
    assert sorted(item.article.title for item in part.items) == ["我们的", "没人的"]
