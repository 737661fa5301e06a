"""Importing: what goes in, what a second run does, what a changed line changes."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from articles import reads
from articles.models import Article, Photo, Source, Topic
from articles.transfer import Importer, Line, importing
from tests.factories import make_article, make_topic, moment, picture
from tests.lines import as_bytes, make_line, run_import

pytestmark = pytest.mark.django_db


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with three pictures."""
    for name, colour in (("a.jpg", "red"), ("b.jpg", "green"), ("c.jpg", "blue")):
        (tmp_path / name).write_bytes(picture(40, 30, colour).getvalue())
    return tmp_path


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


def state_of_the_database() -> list[Any]:
    """Every row that an import could touch."""
    rows: list[Any] = []
    for table in ("article", "articletopic", "articlephoto", "correction", "photo", "topic"):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM articles_{table} ORDER BY id")
            rows += cursor.fetchall()
    return rows


def test_a_second_run_changes_nothing(photos: Path) -> None:
    lines = [everything(), *(make_line(topics=["城市"], source="晚报") for _ in range(20))]
    assert run_import(*lines, photos=photos).counts == (21, 0, 0, 0)
    before = state_of_the_database()
    assert run_import(*lines, photos=photos).counts == (0, 0, 21, 0)
    assert state_of_the_database() == before


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


def test_an_editors_changes_outlive_the_same_line() -> None:
    line = make_line()
    run_import(line)
    Article.objects.update(title="编辑改过")
    assert run_import(line).counts == (0, 0, 1, 0)
    assert Article.objects.get().title == "编辑改过"


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


def test_the_same_id_twice_the_later_wins() -> None:
    first, second = make_line(id="one", title="先"), make_line(id="one", title="后")
    outcome = run_import(first, make_line(), second)
    assert outcome.counts == (2, 1, 0, 0)
    assert Article.objects.get(legacy_id="one").title == "后"


@pytest.mark.parametrize("between", [0, 1, 2, 3, 4, 5])
def test_the_same_id_twice_across_the_end_of_a_batch(
    monkeypatch: pytest.MonkeyPatch, between: int
) -> None:
    monkeypatch.setattr(importing, "BATCH", 3)
    lines = [
        make_line(id="one", title="一"),
        *(make_line() for _ in range(between)),
        make_line(id="one", title="二"),
        make_line(id="one", title="三"),
    ]
    assert run_import(*lines).counts == (1 + between, 2, 0, 0)
    assert Article.objects.get(legacy_id="one").title == "三"


def test_the_same_number_under_another_id_is_refused_within_a_batch() -> None:
    outcome = run_import(make_line(id="a", number=5), make_line(id="b", number=5), make_line())
    assert outcome.counts == (2, 0, 0, 1)
    assert outcome.reasons == {2: "编号 5 已是另一篇稿件的"}


def test_a_dry_run_writes_nothing_and_counts_what_a_run_would_do(photos: Path) -> None:
    known = make_line(id="known")
    changed = make_line(id="changed")
    run_import(known, changed)
    (photos / "bad.jpg").write_bytes(b"<html>")
    (photos / "copy.jpg").write_bytes((photos / "a.jpg").read_bytes())
    lines: list[dict[str, Any] | bytes] = [
        known,
        {**changed, "title": "改", "topics": ["新话题"]},
        everything(),
        make_line(source="新来源"),
        make_line(title=""),
        make_line(photos=[{"file": "bad.jpg"}]),
        make_line(photos=[{"file": "a.jpg"}, {"file": "copy.jpg"}]),
        b"{",
    ]
    before = state_of_the_database()
    trial = run_import(*lines, photos=photos, dry_run=True)
    assert trial.counts == (2, 1, 1, 4)
    assert state_of_the_database() == before
    real = run_import(*lines, photos=photos)
    assert real == trial


def test_a_batch_costs_the_same_statements_whatever_its_size() -> None:
    def statements(size: int) -> tuple[int, int]:
        lines = [
            make_line(
                id=f"{size}-{number}",
                topics=["甲", "乙"],
                source="报",
                corrections=[{"text": "字", "published_at": "2022-10-02"}],
            )
            for number in range(size)
        ]
        with CaptureQueriesContext(
            connection,
        ) as adding:
            run_import(*lines)
        with CaptureQueriesContext(connection) as changing:
            run_import(*({**line, "title": "改"} for line in lines))
        return len(adding), len(changing)

    run_import(make_line(topics=["甲", "乙"], source="报"))
    few, many = statements(2), statements(80)
    assert few == many
    assert max(many) <= 20


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


def test_one_article_that_the_database_refuses_does_not_take_its_batch_along(
    photos: Path,
) -> None:
    old = [make_line(reads=10), make_line(reads=20)]
    run_import(*old)
    for article in Article.objects.all():
        reads.record(article, 5, date(2022, 9, 30))
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE articles_article ADD CONSTRAINT no_sharks CHECK (title <> '鲨鱼')"
        )
    outcome = run_import(
        make_line(topics=["新话题"], source="新来源"),
        make_line(title="鲨鱼", topics=["鲨鱼话题"], source="新来源"),
        make_line(number=777, topics=["新话题"], photos=[{"file": "a.jpg"}]),
        {**old[0], "title": "鲨鱼"},
        {**old[1], "title": "改", "reads": 30},
        photos=photos,
    )
    assert outcome.counts == (2, 1, 0, 2)
    assert set(outcome.reasons) == {2, 4}
    assert all(reason.startswith("数据库不收：") for reason in outcome.reasons.values())
    assert all("\n" not in reason for reason in outcome.reasons.values())
    assert {article.reads for article in Article.objects.filter(title="改")} == {35}
    fresh = Article.objects.get(pk=777)
    assert fresh.source is None
    assert [topic.name for topic in fresh.topics.all()] == ["新话题"]
    assert Article.objects.filter(source__name="新来源").count() == 1
    connection.check_constraints()


def test_a_picture_that_is_none_does_not_take_its_batch_along(photos: Path) -> None:
    (photos / "bad.jpg").write_bytes(b"<html>")
    outcome = run_import(
        make_line(topics=["新话题"], photos=[{"file": "a.jpg"}]),
        make_line(topics=["新话题"], photos=[{"file": "b.jpg"}, {"file": "bad.jpg"}]),
        make_line(topics=["新话题"], photos=[{"file": "c.jpg"}]),
        photos=photos,
    )
    assert outcome.counts == (2, 0, 0, 1)
    assert outcome.reasons[2].startswith("图片 bad.jpg：不是")
    assert Photo.objects.count() == 2
    assert Topic.objects.get().articles.count() == 2
    connection.check_constraints()


def test_a_lost_database_is_nobodys_line() -> None:
    def fail(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("INSERT"):
            raise OperationalError("server closed the connection unexpectedly")
        return execute(sql, *rest)

    with connection.execute_wrapper(fail), pytest.raises(OperationalError):
        run_import(make_line())
    assert run_import(make_line()).counts == (1, 0, 0, 0)


def test_lines_are_yielded_once_their_batch_is_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "BATCH", 2)
    given = (Line("x", n, as_bytes(make_line()), 0) for n in range(1, 6))
    run = Importer(lambda line, reason: None).run(given)
    seen = [(line.number, Article.objects.count()) for line in run]
    assert seen == [(1, 2), (2, 2), (3, 4), (4, 4), (5, 5)]
