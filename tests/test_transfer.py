"""Importing: what goes in, what a second run does, what a changed line changes."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from articles import history, reads
from articles.models import Article, Photo, Source, Topic
from tests.factories import make_article, make_topic, moment
from tests.lines import archive_rows, make_line, make_pictures, run_import
from tests.people import somebody

pytestmark = pytest.mark.django_db


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with three pictures."""
    return make_pictures(tmp_path)


def everything(**fields: Any) -> dict[str, Any]:
    """A line that says all that a line can say."""
    line = {
        "id": "A-1", "number": 4711, "title": "栈桥的早晨", "original_title": "潮起栈桥",
        "source": "青岛晚报", "editor": "戴慧慧", "byline": "记者 林疏影",
        "published_at": "2022-09-29T09:18:00+08:00", "topics": ["海洋", "城市"],
        "body": '<p>甲</p><figure data-photo="a.jpg"></figure>', "url": "/old/1.html",
        "reads": 100,
        "photos": [
            {"file": "b.jpg", "alt": "乙", "caption": "乙图", "credit": "本报"},
            {"file": "a.jpg", "alt": "甲", "caption": "甲图", "credit": "通讯员"},
        ],
        "lead_photo": "a.jpg", "state": "published", "revised_at": "2022-09-30T10:00:00+08:00",
        "age_notice": False,
        "corrections": [{"kind": "addition", "published_at": "2022-10-01", "text": "补一句。"}],
    }  # fmt: skip
    return {**line, **fields}


def test_everything_a_line_says_is_in_the_article(photos: Path) -> None:
    assert run_import(everything(), photos=photos).counts == (1, 0, 0, 0)
    article = Article.objects.get()
    a, b = Photo.objects.get(name="a.jpg"), Photo.objects.get(name="b.jpg")
    assert (article.pk, article.legacy_id, article.legacy_url) == (4711, "A-1", "/old/1.html")
    assert (article.title, article.original_title) == ("栈桥的早晨", "潮起栈桥")
    assert article.source == Source.objects.get(name="青岛晚报")
    assert (article.editor, article.byline) == ("戴慧慧", "记者 林疏影")
    assert article.published_at == moment("2022-09-29 09:18")
    assert article.revised_at == moment("2022-09-30 10:00")
    assert [each.topic.name for each in article.memberships.all()] == ["海洋", "城市"]
    assert article.body == f'<p>甲</p><figure data-photo="{a.token}"></figure>'
    assert article.excerpt == "甲"
    assert (article.reads, article.imported_reads) == (100, 100)
    assert [(use.photo, use.shown_caption) for use in article.gallery.all()] == [
        (b, "乙图"),
        (a, "甲图"),
    ]
    assert (a.alt, a.credit) == ("甲", "通讯员")
    assert article.lead_photo == a
    assert (article.state, article.age_notice) == ("published", False)
    (note,) = article.corrections.all()
    assert (note.kind, note.text) == ("addition", "补一句。")
    assert note.published_at == moment("2022-10-01 00:00")


def test_what_a_line_leaves_out_has_its_default() -> None:
    run_import({"id": "x", "title": "题", "published_at": "2022-09-29"})
    article = Article.objects.get()
    assert (article.state, article.age_notice, article.reads) == ("published", True, 0)
    assert (article.source, article.lead_photo, article.revised_at) == (None, None, None)
    assert (article.body, article.legacy_url) == ("", "")


def test_a_second_run_changes_nothing(photos: Path) -> None:
    lines = [everything(), *(make_line(topics=["城市"], source="晚报") for _ in range(20))]
    assert run_import(*lines, photos=photos).counts == (21, 0, 0, 0)
    before = archive_rows()
    assert run_import(*lines, photos=photos).counts == (0, 0, 21, 0)
    assert archive_rows() == before


def test_another_spelling_of_the_same_json_is_no_change() -> None:
    run_import(b'{"id": "1", "title": "\xe9\xa2\x98", "published_at": "2022-09-29 09:18"}')
    again = b'{"published_at":"2022-09-29T01:18:00Z","title":"\\u9898","id":1,"topics":[]}'
    assert run_import(again).counts == (0, 0, 1, 0)


def test_a_changed_line_updates_exactly_its_article(photos: Path) -> None:
    others = [make_line(topics=["城市"], reads=3), make_line(topics=["海洋"])]
    run_import(everything(), *others, photos=photos)
    untouched = list(Article.objects.exclude(pk=4711).order_by("pk").values())
    before = Article.objects.get(pk=4711)
    changed = everything(
        title="栈桥的傍晚",
        source="早报",
        topics=["民生", "海洋"],
        photos=[{"file": "c.jpg", "caption": "丙图"}, {"file": "b.jpg", "caption": "新的乙图"}],
        lead_photo="",
        body="<p>新</p>",
        corrections=[{"text": "更正。", "published_at": "2022-10-02"}],
    )
    assert run_import(changed, *others, photos=photos).counts == (0, 1, 2, 0)
    assert list(Article.objects.exclude(pk=4711).order_by("pk").values()) == untouched
    article = Article.objects.get(pk=4711)
    assert (article.title, article.source.name) == ("栈桥的傍晚", "早报")  # type: ignore[union-attr]
    assert [each.topic.name for each in article.memberships.all()] == ["民生", "海洋"]
    assert [(use.photo.name, use.shown_caption) for use in article.gallery.all()] == [
        ("c.jpg", "丙图"),
        ("b.jpg", "新的乙图"),
    ]
    assert article.lead_photo == Photo.objects.get(name="c.jpg")
    assert (article.body, article.excerpt) == ("<p>新</p>", "新")
    assert [note.text for note in article.corrections.all()] == ["更正。"]
    assert article.created_at == before.created_at
    assert article.updated_at > before.updated_at


def test_each_kind_of_change_is_noticed() -> None:
    base = make_line(id="one", topics=["甲", "乙"], reads=1)
    run_import(base)
    for change in (
        {"topics": ["乙", "甲"]},
        {"reads": 2},
        {"age_notice": False},
        {"state": "draft"},
        {"url": "/x"},
        {"corrections": [{"text": "字", "published_at": "2022-10-02"}]},
        {"revised_at": "2023-01-01"},
        {"byline": "记者"},
    ):
        assert run_import({**base, **change}).counts == (0, 1, 0, 0), change
        assert run_import(base).counts == (0, 1, 0, 0), change


def test_an_editors_changes_outlive_the_same_line() -> None:
    line = make_line()
    run_import(line)
    Article.objects.update(title="编辑改过")
    assert run_import(line).counts == (0, 0, 1, 0)
    assert Article.objects.get().title == "编辑改过"


def _edit(article: Article, **changes: Any) -> None:
    """Change an article as the desk does."""
    with history.recording([article], somebody("编辑")):
        for name, value in changes.items():
            setattr(article, name, value)
        article.save()


@pytest.mark.parametrize("what", ["title", "topics", "state", "note"])
def test_what_an_editor_has_changed_is_left_alone_and_named(what: str) -> None:
    line, other = make_line(topics=["海"]), make_line()
    run_import(line, other)
    article = Article.objects.get(legacy_id=line["id"])
    if what in ("title", "state"):
        _edit(article, **{what: "withdrawn" if what == "state" else "编辑改过"})
    else:
        with history.recording([article], somebody("编辑")):
            if what == "topics":
                article.memberships.all().delete()
            else:
                article.corrections.create(text="编辑的更正。", published_at=article.published_at)
    before = archive_rows()
    changed = {**line, "title": "旧系统改过"}
    for dry_run in (True, False, False):
        outcome = run_import(changed, other, dry_run=dry_run)
        assert (outcome.counts, outcome.tally.edited) == ((0, 0, 1, 0), 1)
        assert outcome.reasons == {
            1: f"编辑改过这篇稿件（编号 {article.pk}），没有动它；要以来稿为准，请加 --overwrite"
        }
        assert archive_rows() == before
    assert run_import(changed, other, overwrite=True).counts == (0, 1, 1, 0)
    article.refresh_from_db()
    assert (article.title, article.state) == ("旧系统改过", "published")
    # What an import wrote over it is no editor's, and may be overwritten by the next.
    assert run_import(line, other).counts == (0, 1, 1, 0)


def test_what_an_editor_only_looked_at_or_changed_back_is_updated() -> None:
    seen, back, elsewhere = (make_line() for _ in range(3))
    run_import(seen, back, elsewhere)
    articles = [Article.objects.get(legacy_id=line["id"]) for line in (seen, back, elsewhere)]
    title = articles[1].title
    _edit(articles[0])
    _edit(articles[1], title="改了")
    _edit(articles[1], title=title)
    _edit(articles[2], title="改了")
    Article.objects.filter(pk=articles[2].pk).update(title="程序改了")
    changed = [{**line, "byline": "记者 林疏影"} for line in (seen, back, elsewhere)]
    assert run_import(*changed).counts == (0, 3, 0, 0)


def test_an_article_of_the_desks_own_is_not_overwritten_by_an_older_export() -> None:
    article = make_article(title="编辑写的", body="<p>甲</p>")
    history.record(article, somebody("编辑"))
    line = make_line(id="", number=article.pk, title="以前导出的")
    assert run_import(line).tally.edited == 1
    assert run_import(line, overwrite=True).counts == (0, 1, 0, 0)


@pytest.mark.parametrize(("then", "total"), [(150, 157), (100, 107), (20, 27), (0, 7)])
def test_imported_reads_change_by_the_difference_and_keep_counted_ones(
    then: int, total: int
) -> None:
    line = make_line(reads=100)
    run_import(line)
    reads.record(Article.objects.get(), 7, date(2022, 9, 30))
    run_import({**line, "reads": then, "title": "改"})
    article = Article.objects.get()
    assert (article.reads, article.imported_reads) == (total, then)


def test_a_read_counted_while_a_batch_is_made_is_kept() -> None:
    line = make_line(reads=100)
    run_import(line)
    article = Article.objects.get()
    counted = False

    def count_a_read(execute: Any, sql: str, *rest: Any) -> Any:
        nonlocal counted
        if sql.startswith("UPDATE") and not counted:
            counted = True
            reads.record(article, 1, date(2022, 9, 30))
        return execute(sql, *rest)

    with connection.execute_wrapper(count_a_read):
        run_import({**line, "title": "改"})
    assert counted
    article.refresh_from_db()
    assert (article.title, article.reads) == ("改", 101)


def test_topics_and_sources_are_made_once_and_known_ones_used() -> None:
    known = make_topic("海洋", slug="haiyang")
    lines = [make_line(topics=["海洋", "城市"], source="晚报") for _ in range(3)]
    run_import(*lines)
    run_import(make_line(topics=["城市", "海洋", "城市"], source="晚报"))
    assert set(Topic.objects.values_list("name", flat=True)) == {"海洋", "城市"}
    assert Source.objects.count() == 1
    assert known.articles.count() == 4


def test_names_that_collide_as_slugs_get_slugs_of_their_own() -> None:
    names = ["C++", "C#", "c", "！？", "。", "长" * 60, "长" * 59 + "！"]
    run_import(*(make_line(topics=[name], source=name) for name in names))
    for model in (Topic, Source):
        slugs = dict(model._default_manager.values_list("name", "slug"))
        assert set(slugs) == set(names)
        assert len(set(slugs.values())) == len(names)
        assert all(slugs.values())
    assert "！？" not in Topic.objects.values_list("slug", flat=True)


def test_explicit_numbers_keep_permalinks_and_move_the_sequence() -> None:
    run_import(make_line(), make_line(number=90_000, published_at="2022-09-29"), make_line())
    article = Article.objects.get(pk=90_000)
    assert article.get_absolute_url() == "/2022/09/29/90000/"
    assert make_article().pk > 90_000


def test_ids_of_deleted_articles_are_not_given_out_again() -> None:
    run_import(make_line(number=90_000))
    deleted = make_article().pk
    Article.objects.filter(pk=deleted).delete()
    run_import(make_line(number=80_000))
    assert make_article().pk > deleted


def test_an_article_known_by_its_number_alone_is_updated() -> None:
    mine = make_article(title="录入的")
    line = {"number": mine.pk, "title": "导入的", "published_at": "2022-09-29"}
    assert run_import(line).counts == (0, 1, 0, 0)
    mine.refresh_from_db()
    assert mine.title == "导入的"
    assert run_import(line).counts == (0, 0, 1, 0)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2022-09-29", "2022-09-29 00:00"),
        ("2022-09-29 09:18", "2022-09-29 09:18"),
        ("2022-09-29T09:18:30.5", "2022-09-29 09:18:30.5"),
        ("2022-09-29T01:18:00Z", "2022-09-29 09:18"),
        ("2022-09-29T09:18:00+00:00", "2022-09-29 17:18"),
        (20220929, "2022-09-29 00:00"),
        ("1000-01-01 00:00", "1000-01-01 00:00"),
    ],
)
def test_times_without_a_zone_are_the_papers(said: object, meant: str) -> None:
    run_import(make_line(published_at=said))
    assert Article.objects.get().published_at == moment(meant)


def test_bodies_are_sanitized() -> None:
    run_import(make_line(body='<p onclick="x()">　　甲</p><script>x()</script><img src=x>乙'))
    article = Article.objects.get()
    assert article.body == "<p>甲</p><p>乙</p>"


def test_a_body_nested_past_reason_does_not_stop_the_import() -> None:
    deep = make_line(body="<div>" * 5_000 + "文" + "</div>" * 5_000)
    assert run_import(deep, make_line()).counts == (2, 0, 0, 0)


def test_photos_shared_by_articles_keep_each_articles_caption(photos: Path) -> None:
    run_import(
        make_line(id="1", photos=[{"file": "a.jpg", "caption": "共同"}]),
        make_line(id="2", photos=[{"file": "a.jpg", "caption": "另一种说法"}]),
        make_line(id="3", photos=[{"file": "a.jpg", "caption": "共同"}]),
        photos=photos,
    )
    assert Photo.objects.count() == 1
    captions = {
        article.legacy_id: article.gallery.get().shown_caption for article in Article.objects.all()
    }
    assert captions == {"1": "共同", "2": "另一种说法", "3": "共同"}


def test_the_lead_photo_is_the_first_unless_another_or_none_is_named(photos: Path) -> None:
    shown = [{"file": "a.jpg"}, {"file": "b.jpg"}]
    run_import(
        make_line(id="first", photos=shown),
        make_line(id="second", photos=shown, lead_photo="b.jpg"),
        make_line(id="none", photos=shown, lead_photo=None),
        photos=photos,
    )
    leads = {
        article.legacy_id: article.lead_photo and article.lead_photo.name
        for article in Article.objects.select_related("lead_photo")
    }
    assert leads == {"first": "a.jpg", "second": "b.jpg", "none": None}


def test_drafts_need_neither_title_nor_time_and_scheduled_ones_wait() -> None:
    run_import(
        {"id": "draft", "state": "draft"},
        make_line(id="soon", published_at="2999-01-01"),
        make_line(id="gone", state="withdrawn"),
    )
    assert set(Article.objects.values_list("legacy_id", "state")) == {
        ("draft", "draft"),
        ("soon", "published"),
        ("gone", "withdrawn"),
    }
    assert not Article.objects.published().exists()


def test_membership_times_follow_the_import() -> None:
    line = make_line(topics=["海洋"])
    run_import(line)
    article = Article.objects.get()
    assert article.memberships.get().published_at == article.published_at
    run_import({**line, "published_at": "2023-01-01"})
    assert article.memberships.get().published_at == moment("2023-01-01 00:00")
    run_import({**line, "state": "draft"})
    assert article.memberships.get().published_at is None
