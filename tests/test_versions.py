"""Notable versions are public, for people and for machines; minor edits and drafts stay private."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from articles import memento
from articles.models import Article, Correction, PublicVersion
from tests.desk import at_desk, change_path, editor_named, opened
from tests.factories import make_article, make_photo, make_source, moment, revise

pytestmark = [pytest.mark.django_db, pytest.mark.once]

VIEWS = ("desktop", "mobile")


@pytest.fixture
def desk() -> Client:
    return at_desk(editor_named("wang", "王编辑"))


def save(desk: Client, article: Article, notable: str = "", **overrides: Any) -> Any:
    """Save it as a browser would; `notable`: the reason of a notable change."""
    article.refresh_from_db()
    if notable:
        overrides |= {"change_weight": "notable", "public_reason": notable}
    data = {**opened(desk, article), **overrides}
    response = desk.post(change_path(article), data, follow=True)
    assert response.redirect_chain, response.context["errors"]
    article.refresh_from_db()
    return response


def note_added(desk: Client, article: Article, text: str, **overrides: Any) -> dict[str, Any]:
    """The fields of a note that is written below the article."""
    return {
        "corrections-TOTAL_FORMS": 1, "corrections-INITIAL_FORMS": 0,
        "corrections-0-kind": "correction", "corrections-0-text": text,
        "corrections-0-published_at_0": "2024-01-01", "corrections-0-published_at_1": "08:00:00",
        **overrides,
    }  # fmt: skip


def body(words: str) -> str:
    return f"<p>头一段没有变。</p><p>{words}</p>"


def everything_public(client: Client, article: Article) -> str:
    """All that readers and machines get of an article's past and present, but for its page."""
    path = article.get_absolute_url()
    found = [client.get(f"{path}history/"), client.get(f"{path}timemap/")]
    for version in PublicVersion.objects.of(article):
        found += [client.get(f"{path}history/{version.number}/")]
    return "".join(response.content.decode() for response in found)


def test_only_notable_versions_are_public(desk: Client, client: Client) -> None:
    article = make_article(
        state="draft", published_at=None, title="稿", body=body("草稿里的秘密。")
    )
    save(desk, article, body=body("首发：三人受伤。"), _publish="1")
    save(desk, article, body=body("小改甲：三人受伤。"))
    save(desk, article, body=body("重要：四人受伤。"), notable="核实后改正了伤者人数")
    save(desk, article, body=body("小改乙：四人受伤。"))
    save(desk, article, body=body("最后：五人受伤。"), notable="又有一人就医")
    save(desk, article, body=body("小改丙：五人受伤。"))
    known = PublicVersion.objects.of(article).order_by("number")
    assert [(one.number, one.kind, one.reason) for one in known] == [
        (1, "first", ""), (2, "revision", "核实后改正了伤者人数"), (3, "revision", "又有一人就医"),
    ]  # fmt: skip
    assert [one.said.body for one in known] == [
        body("首发：三人受伤。"), body("重要：四人受伤。"), body("最后：五人受伤。"),
    ]  # fmt: skip
    assert known[0].published_at == article.published_at.replace(second=0, microsecond=0)
    public = everything_public(client, article)
    for private in ("秘密", "小改甲", "小改乙", "小改丙", "王编辑"):
        assert private not in public
    for told in (
        "首发：三人受伤。",
        "重要：四人受伤。",
        "最后：五人受伤。",
        "核实后改正了伤者人数",
    ):
        assert told in public


@pytest.mark.parametrize("view", VIEWS)
def test_the_list_shows_what_changed(desk: Client, client: Client, view: str) -> None:
    client.cookies["view"] = view
    article = make_article(
        title="旧题", body=body("海风很大，灯亮着。"), source=make_source("青岛晚报"),
        photos=[make_photo(caption="栈桥")],
    )  # fmt: skip
    assert "历史版本" not in client.get(article.get_absolute_url()).content.decode()
    save(desk, article, notable="改正风力", title="新题", body=body("海风不小，灯亮着。"),
         **{"gallery-0-caption": "码头"})  # fmt: skip
    page = client.get(article.get_absolute_url()).content.decode()
    assert f'href="{article.get_absolute_url()}history/">历史版本</a></p>' in page
    html = client.get(f"{article.get_absolute_url()}history/").content.decode()
    assert "改正风力" in html
    assert html.index("第 2 版") < html.index("第 1 版")
    assert [*re.findall(r"<dt>(.*?)</dt>", html)] == ["标题", "正文", "图片"]
    gone, came = (re.findall(rf"<{tag}>.*?】</span>(.*?)<span", html) for tag in ("del", "ins"))
    assert "旧" in gone[0]
    assert "新" in came[0]
    assert {"栈桥", "码头"} <= {*gone, *came}
    assert '<meta name="robots" content="noindex,follow">' in html


@pytest.mark.parametrize("view", VIEWS)
def test_an_old_version_says_that_it_is_old(desk: Client, client: Client, view: str) -> None:
    client.cookies["view"] = view
    photo = make_photo(caption="栈桥")
    figure = f'<figure data-photo="{photo.token}"></figure>'
    article = make_article(title="旧题", body=figure + body("旧文。"), photos=[photo])
    save(desk, article, title="新题", body=figure + body("新文。"), notable="重写")
    path = article.get_absolute_url()
    response = client.get(f"{path}history/1/")
    html = response.content.decode()
    assert "这是旧版本，不是现在的稿件" in html
    assert "旧文。" in html
    assert "新文。" not in html
    assert f"/media/{photo.token}-" in html
    assert '<meta name="robots" content="noindex,follow">' in html
    assert f'<link rel="canonical" href="http://testserver{path}">' in html
    first = PublicVersion.objects.get(article=article, number=1)
    assert first.sha256 == first.said.sha256
    assert first.sha256 in html
    assert client.get(f"{path}history/3/").status_code == 404
    assert client.get(f"/2001/01/01/{article.pk}/history/1/").status_code == 301
    hant = client.get(f"/zh-hant{path}history/1/").content.decode()
    assert "這是舊版本" in hant
    assert f'<link rel="canonical" href="http://testserver{path}">' in hant


def test_a_picture_that_nothing_public_shows_comes_back_nowhere(
    desk: Client, client: Client
) -> None:
    photo = make_photo(caption="未获授权的图")
    article = make_article(body=body("一。"), photos=[photo])
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # whether it is used is settled at commit
    gone = {"gallery-0-DELETE": "on", "lead_photo": ""}
    save(desk, article, notable="撤下一张图片", **gone)
    html = client.get(f"{article.get_absolute_url()}history/1/").content.decode()
    assert "这张图片已经撤下" in html
    assert "未获授权的图" in html
    assert photo.token not in html


def test_a_reason_is_asked_for_and_nothing_is_lost(desk: Client) -> None:
    article = make_article(title="一")
    data = opened(desk, article, title="二", change_weight="notable")
    response = desk.post(change_path(article), data)
    assert "请写一句修改说明" in response.content.decode()
    assert response.context["adminform"].form["title"].value() == "二"
    assert not PublicVersion.objects.exists()


def test_the_choice_is_offered_for_what_readers_have_alone(desk: Client) -> None:
    at = timezone.now() + timedelta(days=1)
    for article in (
        make_article(state="draft", published_at=None),
        make_article(published_at=at),
        make_article(state="withdrawn"),
    ):
        assert "change_weight" not in desk.get(change_path(article)).content.decode()
    html = desk.get(change_path(make_article())).content.decode()
    assert "小改" in html
    assert 'value="minor" ' in html
    assert re.search(r'value="minor"[^>]*checked', html)


def test_who_may_only_look_is_asked_nothing() -> None:
    article = make_article()
    looking = at_desk(editor_named("li", permissions=("view_article",)))
    page = looking.get(change_path(article))
    assert page.status_code == 200
    assert "告诉读者" not in page.content.decode()


def test_nothing_is_told_where_nothing_changed(desk: Client) -> None:
    article = make_article(title="一")
    response = save(desk, article, notable="没有改")
    assert "没有公开新的版本" in response.content.decode()
    assert not PublicVersion.objects.exists()
    save(desk, article, title="二", notable="改题")
    response = save(desk, article, notable="又改题")
    assert "没有公开新的版本" in response.content.decode()
    assert PublicVersion.objects.count() == 2


def test_a_correction_makes_a_version_by_itself(desk: Client, client: Client) -> None:
    article = make_article(body=body("三人。"))
    note = note_added(desk, article, "伤者应为\n四人。")
    save(desk, article, body=body("四人。"), **note)
    first, second = PublicVersion.objects.of(article).order_by("number")
    assert (second.kind, second.reason) == ("correction", "伤者应为 四人。")
    assert first.said.body == body("三人。")
    assert second.said.body == body("四人。")


def test_a_note_that_is_to_come_is_not_told_before(desk: Client) -> None:
    article = make_article()
    save(desk, article, **note_added(
        desk, article, "明天才说。", **{"corrections-0-published_at_0": "2990-01-01"}
    ))  # fmt: skip
    assert Correction.objects.count() == 1
    assert not PublicVersion.objects.exists()


def test_a_withdrawn_articles_versions_are_gone_until_it_comes_back(
    desk: Client, client: Client
) -> None:
    article = make_article(title="题", body=body("原来的。"))
    save(desk, article, body=body("改过的。"), notable="核实")
    path = article.get_absolute_url()
    save(desk, article, _withdraw="1", withdrawal_reason="数据有误")
    for below in ("", "history/", "history/1/", "timegate/", "timemap/", "text.txt"):
        response = client.get(path + below)
        assert response.status_code == 410, below
        assert "原来的" not in response.content.decode()
        assert "改过的" not in response.content.decode()
    article.refresh_from_db()
    data = opened(desk, article)
    data |= {"_restore": "1", "restoration_note": "查明无误"}
    assert desk.post(change_path(article), data).status_code == 302
    known = PublicVersion.objects.of(article).order_by("number")
    assert [one.kind for one in known] == ["first", "revision", "retraction", "restoration"]
    assert [one.reason for one in known][2:] == ["数据有误", "查明无误"]
    assert known[2].content == {}
    html = client.get(f"{path}history/").content.decode()
    assert "数据有误" in html
    assert client.get(f"{path}history/3/").status_code == 404
    assert f"{path}history/3/" not in client.get(f"{path}timemap/").content.decode()


def test_withdrawing_many_at_once_makes_versions(desk: Client) -> None:
    articles = [make_article(), make_article(), make_article()]
    for article in articles[:2]:
        revise(article, body=body("改过的。"))
    data = {
        "action": "withdraw", "confirmed": "1", "reason": "来源不实",
        "_selected_action": [article.pk for article in articles],
    }  # fmt: skip
    desk.post(reverse("admin:articles_article_changelist"), data)
    assert PublicVersion.objects.filter(kind="retraction", reason="来源不实").count() == 2


def test_what_was_taken_back_does_not_become_a_version_by_that(
    desk: Client, client: Client
) -> None:
    article = make_article(title="题", body=body("某人的住址。"))
    save(desk, article, _withdraw="1", withdrawal_reason="泄露隐私")
    assert not PublicVersion.objects.of(article).exists()
    save(desk, article, body=body("某人。"))
    article.refresh_from_db()
    data = opened(desk, article) | {"_restore": "1", "restoration_note": "已删去住址"}
    assert desk.post(change_path(article), data).status_code == 302
    (known,) = PublicVersion.objects.of(article)
    assert (known.number, known.kind, known.reason) == (1, "restoration", "已删去住址")
    path = article.get_absolute_url()
    for below in ("history/", "history/1/"):
        response = client.get(path + below)
        assert response.status_code == 200
        assert "住址。" not in response.content.decode()


def test_a_scheduled_articles_drafts_stay_private(desk: Client) -> None:
    """What held when its time came is the first version, not what it was before."""
    article = make_article(state="draft", published_at=None, body=body("甲。"))
    at = timezone.localtime() + timedelta(days=1)
    when = {"published_at_0": f"{at:%Y-%m-%d}", "published_at_1": f"{at:%H:%M:%S}"}
    save(desk, article, body=body("乙。"), _schedule="1", **when)
    save(desk, article, body=body("丙。"))
    # Its time comes: as if all had been done a week ago.
    week = timedelta(days=7)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE reversion_revision SET date_created = date_created - %s", [week])
        cursor.execute(
            "UPDATE reversion_version SET serialized_data = replace(serialized_data, %s, %s)",
            [
                f"{at.astimezone(UTC):%Y-%m-%dT%H:%M}",
                f"{(at - week).astimezone(UTC):%Y-%m-%dT%H:%M}",
            ],
        )
    Article.objects.filter(pk=article.pk).update(published_at=at - week)
    save(desk, article, body=body("丁。"), notable="补充")
    first, second = PublicVersion.objects.of(article).order_by("number")
    assert [first.said.body, second.said.body] == [body("丙。"), body("丁。")]


def test_minor_edits_and_drafts_cost_no_version(desk: Client) -> None:
    article = make_article(title="一")
    save(desk, article, title="二")
    assert not PublicVersion.objects.exists()
    assert not Article.objects.get(pk=article.pk).public_versions.exists()


def test_what_was_public_is_never_rewritten(desk: Client) -> None:
    article = make_article(title="一")
    save(desk, article, title="二", notable="改题")
    with pytest.raises(IntegrityError), transaction.atomic():
        PublicVersion.objects.update(reason="粉饰")
    with pytest.raises(IntegrityError), transaction.atomic():
        PublicVersion.objects.create(article=article, number=2, kind="revision")


# -- Memento (RFC 7089) ---------------------------------------------------------------------------


@pytest.fixture
def changed(desk: Client) -> Article:
    """An article with three versions: of 2022, 2023 and 2024."""
    article = make_article(title="一", published_at=moment("2022-09-29 09:18"))
    content = {**_said(article), "title": "一"}
    for number, (kind, at) in enumerate(
        (("first", "2022-09-29 09:18"), ("revision", "2023-03-01 12:00"),
         ("correction", "2024-01-01 08:00")), 1,
    ):  # fmt: skip
        PublicVersion.objects.create(
            article=article, number=number, kind=kind, published_at=moment(at), reason="说明",
            content={**content, "title": f"题{number}"}, sha256="0" * 64,
        )  # fmt: skip
    return article


def _said(article: Article) -> dict[str, Any]:
    from articles.models import said_by

    return said_by(article, []).as_json()


def links(header: str) -> list[tuple[str, dict[str, str]]]:
    """A Link header or a TimeMap, read as RFC 8288 says: addresses with their parameters."""
    found = []
    for address, rest in re.findall(r"<([^>]*)>((?:\s*;\s*[a-z-]+=\"[^\"]*\")*)", header):
        found.append((address, dict(re.findall(r"([a-z-]+)=\"([^\"]*)\"", rest))))
    return found


def test_a_client_goes_the_way_of_pattern_2_1(client: Client, changed: Article) -> None:
    """Original Resource, TimeGate, Memento: RFC 7089, sections 3 and 4.2.1, step by step."""
    permalink = f"http://testserver{changed.get_absolute_url()}"
    original = client.head(permalink)
    ways = {one["rel"]: address for address, one in links(original["Link"])}
    assert ways == {
        "original": permalink, "timegate": f"{permalink}timegate/",
        "timemap": f"{permalink}timemap/",
    }  # fmt: skip
    assert "Memento-Datetime" not in original
    asked = "Wed, 01 Mar 2023 04:00:00 GMT"
    gate = client.head(ways["timegate"], headers={"accept-datetime": asked})
    assert gate.status_code == 302
    assert gate["Vary"] == "accept-datetime"
    assert gate["Location"] == f"{permalink}history/2/"
    assert "Memento-Datetime" not in gate
    said = {one["rel"]: address for address, one in links(gate["Link"])}
    assert said["original"] == permalink
    assert said["timemap"] == ways["timemap"]
    old = client.get(gate["Location"])
    assert old.status_code == 200
    assert old["Memento-Datetime"] == asked
    found = {one["rel"]: (address, one.get("datetime")) for address, one in links(old["Link"])}
    assert found == {
        "original": (permalink, None),
        "timegate": (ways["timegate"], None),
        "timemap": (ways["timemap"], None),
        "first prev memento": (f"{permalink}history/1/", "Thu, 29 Sep 2022 01:18:00 GMT"),
        "memento": (f"{permalink}history/2/", asked),
        "next last memento": (f"{permalink}history/3/", "Mon, 01 Jan 2024 00:00:00 GMT"),
    }


@pytest.mark.parametrize(("asked", "number"), [
    (None, 3),
    ("Sat, 01 Jan 2000 00:00:00 GMT", 1),
    ("Thu, 29 Sep 2022 01:18:00 GMT", 1),
    ("Wed, 01 Mar 2023 03:59:59 GMT", 1),
    ("Wed, 01 Mar 2023 04:00:00 GMT", 2),
    ("Sun, 31 Dec 2023 23:59:59 GMT", 2),
    ("Fri, 01 Jan 2100 00:00:00 GMT", 3),
])  # fmt: skip
def test_the_timegate_sends_to_what_held_then(
    client: Client, changed: Article, asked: str | None, number: int
) -> None:
    headers = {"accept-datetime": asked} if asked else {}
    response = client.get(f"{changed.get_absolute_url()}timegate/", headers=headers)
    assert response.status_code == 302
    assert response["Location"].endswith(f"/history/{number}/")
    assert response["Vary"] == "accept-datetime"


@pytest.mark.parametrize("bad", [
    "", "yesterday", "2023-03-01T04:00:00Z", "Wed, 01 Mar 2023 04:00:00 CST",
    "Wed, 31 Feb 2023 04:00:00 GMT", "Wed, 01 Mar 2023 25:00:00 GMT",
    "Wed, 01 Mar 0000 04:00:00 GMT", "Wednesday, 01-Mar-23 04:00:00 GMT",
    "Wed, ０1 Mar 2023 04:00:00 GMT".encode().decode("latin-1"),
])  # fmt: skip
def test_a_bad_date_is_a_400(client: Client, changed: Article, bad: str) -> None:
    path = f"{changed.get_absolute_url()}timegate/"
    response = client.get(path, headers={"accept-datetime": bad})
    assert response.status_code == 400
    assert "Accept-Datetime" in response.content.decode()
    assert response["Vary"] == "accept-datetime"
    assert response["Cache-Control"] == "no-store"


def test_a_timemap_lists_them_all(client: Client, changed: Article) -> None:
    permalink = f"http://testserver{changed.get_absolute_url()}"
    response = client.get(f"{permalink}timemap/")
    assert response["Content-Type"] == "application/link-format"
    found = links(response.content.decode())
    assert found == [
        (permalink, {"rel": "original"}),
        (f"{permalink}timemap/", {
            "rel": "self", "type": "application/link-format",
            "from": "Thu, 29 Sep 2022 01:18:00 GMT", "until": "Mon, 01 Jan 2024 00:00:00 GMT",
        }),
        (f"{permalink}timegate/", {"rel": "timegate"}),
        (f"{permalink}history/1/",
         {"rel": "first memento", "datetime": "Thu, 29 Sep 2022 01:18:00 GMT"}),
        (f"{permalink}history/2/", {"rel": "memento", "datetime": "Wed, 01 Mar 2023 04:00:00 GMT"}),
        (f"{permalink}history/3/",
         {"rel": "last memento", "datetime": "Mon, 01 Jan 2024 00:00:00 GMT"}),
    ]  # fmt: skip


def test_an_article_never_changed_says_what_there_is(client: Client) -> None:
    article = make_article()
    permalink = f"http://testserver{article.get_absolute_url()}"
    found = links(client.get(f"{permalink}timemap/").content.decode())
    assert [one["rel"] for _, one in found] == ["original", "self", "timegate"]
    gate = client.get(f"{permalink}timegate/")
    assert gate.status_code == 404
    assert gate["Vary"] == "accept-datetime"
    assert permalink in gate.content.decode()
    assert client.get(f"{permalink}history/").status_code == 404
    assert client.get(f"{permalink}history/1/").status_code == 404


def test_what_readers_do_not_have_is_not_in_time_either(client: Client) -> None:
    for article in (
        make_article(state="draft"), make_article(published_at=timezone.now() + timedelta(days=1))
    ):  # fmt: skip
        PublicVersion.objects.create(article=article, number=1, kind="first", content={})
        path = article.get_absolute_url()
        for below in ("history/", "history/1/", "timegate/", "timemap/", "text.txt"):
            assert client.get(path + below).status_code == 404


def test_dates_are_read_exactly() -> None:
    read = memento.asked_for("Thu, 29 Sep 2022 01:18:00 GMT")
    assert read == datetime(2022, 9, 29, 1, 18, tzinfo=UTC)
    assert memento.said(read) == "Thu, 29 Sep 2022 01:18:00 GMT"


def test_what_a_list_of_versions_costs(
    client: Client, desk: Client, django_assert_max_num_queries: Any
) -> None:
    few, many = make_article(title="甲"), make_article(title="乙")
    for article, times in ((few, 1), (many, 15)):
        for number in range(times):
            save(desk, article, title=f"题{number}", notable=f"第{number}次")
    for article in (few, many):
        with django_assert_max_num_queries(8):
            html = client.get(f"{article.get_absolute_url()}history/").content.decode()
        with django_assert_max_num_queries(8):
            client.get(f"{article.get_absolute_url()}history/1/")
        with django_assert_max_num_queries(2):
            client.get(f"{article.get_absolute_url()}timegate/")
    assert html.count('class="version"') == 10
    older = re.search(r'href="(\?before=[^"]*)"', html)
    assert older
    rest = client.get(f"{many.get_absolute_url()}history/{older[1]}").content.decode()
    assert "第 1 版" in rest
