"""A made-up archive: whole, the same every time, true to the models' rules; and how it refuses."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from articles import reads
from articles.corpus import cast, pictures
from articles.corpus.making import WRITTEN
from articles.corpus.plan import Picture, Plan, story
from articles.corpus.rhythm import DAYS, Rhythm
from articles.management.commands import make_corpus
from articles.models import (
    Article,
    ArticlePhoto,
    ArticleTopic,
    Correction,
    DailyReads,
    Generation,
    Likeness,
    Photo,
    SearchEntry,
    Source,
    Topic,
)
from articles.related import related
from articles.search import maintenance, matching, parse
from tests.factories import make_article, make_topic
from tests.kinds import kinds

ARTICLES, END = 300, date(2024, 5, 31)
MILLION = Plan(1_000_000, END, [Picture(n, f"{n:016x}", "海") for n in range(1, 21)])
# What says when a row was written, not what it holds.
UNLIKE = {"updated_at"}


@pytest.fixture(autouse=True)
def two_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty would take most of the time."""
    monkeypatch.setattr(pictures, "PICTURES", 2)


@pytest.fixture
def made(transactional_db: None) -> None:
    """An archive of 300 articles."""
    make()


def make(*arguments: str) -> str:
    said = StringIO()
    call_command(
        "make_corpus",
        f"--articles={ARTICLES}",
        f"--end={END}",
        *arguments,
        stdout=said,
        stderr=said,
    )
    return said.getvalue()


def rows(model: type[Model]) -> list[tuple[object, ...]]:
    names = [field.attname for field in model._meta.concrete_fields if field.name not in UNLIKE]
    return list(model._default_manager.order_by("pk").values_list(*names))


def test_every_part_is_there(made: None, client: Client) -> None:
    states = Counter(Article.objects.values_list("state", flat=True))
    assert states == {"published": 293, "withdrawn": 1, "draft": 6}
    assert Article.objects.filter(published_at__date__gt=END).count() == 3
    assert (Source.objects.count(), Topic.objects.count()) == (40, len(cast.topics(END)))
    assert {note.kind for note in Correction.objects.all()} == {"correction", "retraction"}
    assert Topic.objects.filter(featured=True).count() == 2
    assert Article.objects.exclude(legacy_url="").exists()
    assert all(reads.most_read(window, 5) for window in reads.WINDOWS)
    for photo in Photo.objects.all():
        assert photo.alt
        assert photo.caption
        assert photo.widths
    of_pictures = Topic.objects.get(layout=Topic.Layout.PICTURES)
    assert of_pictures.articles.exists()
    assert not of_pictures.articles.filter(lead_photo=None).exists()
    assert ArticlePhoto.objects.filter(article__body__contains="<figure").exists()
    # What comes next has numbers of its own.
    assert make_article(topics=[make_topic()]).pk == ARTICLES + 1
    old = Article.objects.filter(state="published").exclude(legacy_url="")[0]
    moved = client.get(old.legacy_path)
    assert moved.status_code == 301
    assert moved["Location"].endswith(old.get_absolute_url())


@pytest.mark.once
def test_the_models_rules_hold(made: None) -> None:
    members = dict(ArticleTopic.objects.values_list("article_id", "published_at"))
    counted: Counter[int] = Counter()
    for article, count in DailyReads.objects.values_list("article_id", "count"):
        counted[article] += count
    assert sum(counted.values())
    for article in Article.objects.all():
        body, excerpt = article.body, article.excerpt
        article.derive()
        assert (article.body, article.excerpt) == (body, excerpt)
        assert article.excerpt
        article.full_clean()
        assert article.reads == article.imported_reads + counted[article.pk]
        if article.pk in members:
            listed = article.published_at if article.state == "published" else None
            assert members[article.pk] == listed


@pytest.mark.once
@pytest.mark.parametrize("device", ["client", "phone"])
def test_every_kind_of_page_answers(
    made: None, device: str, request: pytest.FixtureRequest
) -> None:
    reader: Client = request.getfixturevalue(device)
    expected = {"withdrawn": 410, "404": 404}
    for kind, path in kinds().items():
        assert reader.get(path).status_code == expected.get(kind, 200), (kind, path)
    for window in reads.WINDOWS:
        assert reader.get(f"/most-read/{window}/").status_code == 200
    found = reader.get("/search/", {"q": "青岛"})
    assert found.status_code == 200
    assert found.content.decode().count("<mark>青岛</mark>") > 10


def test_search_and_likeness_are_in_step(made: None) -> None:
    published = Article.objects.filter(state="published").count()
    assert SearchEntry.objects.count() == published
    assert Likeness.objects.count() == published
    for first, last in maintenance.batches():
        found = maintenance.check(first, last)
        assert (found.wrong, found.unfindable) == ([], [])
    holding = Article.objects.filter(body__contains="地铁", state="published")
    assert {*matching(parse("地铁"), 1000)} >= {article.pk for article in holding}
    article = Article.objects.published().newest()[0]
    assert len(related(article, list(article.topics.all()), 6)) == 6


@pytest.mark.once
@pytest.mark.django_db(transaction=True)
def test_it_is_the_same_by_however_many_processes() -> None:
    found = []
    for processes in (1, 3):
        make(f"--processes={processes}")
        found.append({model: rows(model) for model in (*WRITTEN, SearchEntry, Likeness)})
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(one._meta.db_table for one in WRITTEN)} CASCADE")
    for model, first in found[0].items():
        assert first
        assert first == found[1][model], model


@pytest.mark.once
@pytest.mark.django_db(transaction=True)
def test_pages_notice_it() -> None:
    before = Generation.objects.standing(timezone.now())
    said = make()
    assert Generation.objects.standing(timezone.now()) != before
    assert "造好了 300 篇稿件，最新的在 2024-05-31" in said
    assert "收尾……" in said


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("there", "named"), [(make_article, "稿件"), (make_topic, "话题")])
def test_nothing_is_made_beside_what_is_there(there, named: str) -> None:  # type: ignore[no-untyped-def]
    there()
    before = [model._default_manager.count() for model in WRITTEN]
    with pytest.raises(CommandError, match=f"数据库里已有{named}.*什么也没有动"):
        make()
    assert [model._default_manager.count() for model in WRITTEN] == before


@pytest.mark.django_db(transaction=True)
def test_broken_off_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken_off(*_: object) -> Iterator[object]:
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(make_corpus, "make", broken_off)
    with pytest.raises(CommandError, match=r"已中断。造出一半的档案没有用处.*空的数据库"):
        make()


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("--articles=0", "1 到 10000000"),
        ("--articles=一百万", "1 到 10000000"),
        ("--articles=99999999999", "1 到 10000000"),
        ("--processes=9", "1 到 8"),
        ("--end=去年", "不是日期"),
        ("--end=2024-02-30", "不是日期"),
        (f"--end={date.today() + timedelta(days=2)}", "早于今天"),  # noqa: DTZ011
        ("--end=1899-12-31", "早于今天"),
    ],
)
def test_what_it_is_told_is_checked(argument: str, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        make(argument)


def test_a_million_have_the_shape_of_an_archive() -> None:
    """Every thousandth of them, spread over all ten years."""
    sample = [story(MILLION, number) for number in range(500, 1_000_001, 1000)]
    topics = Counter(topic for one in sample for topic in one.topics)
    assert 250 < topics[1] < 350
    sources = Counter(one.source for one in sample)
    assert sources[1] > 3 * sources[5] > 0
    assert len({one.editor for one in sample}) > 150
    assert 60 < sum(bool(one.gallery) for one in sample) < 150
    lengths = sorted(len(one.body) for one in sample)
    assert lengths[50] * 2 < lengths[-50]
    assert 1600 < sum(lengths) / len(sample) < 2000
    assert sorted(one.reads for one in sample)[-10] > 1000
    assert cast.event_size(cast.EVENT_TOPICS - 1, 1_000_000) < 10


def test_most_appear_on_working_days_in_office_hours() -> None:
    rhythm = Rhythm(100_000, END)
    moments = [rhythm.moment(number, 0.5) for number in range(1, 100_001)]
    assert moments == sorted(moments)
    assert moments[0].date() == END - timedelta(days=DAYS - 1) == rhythm.day(1)
    assert moments[-1].date() == END == rhythm.day(100_000)
    days = Counter(moment.weekday() for moment in moments)
    assert days[0] > 1.5 * days[6]
    hours = Counter(moment.hour for moment in moments)
    assert hours[9] > 10 * hours[3]
    of_may = rhythm.numbers(date(2024, 5, 1), END)
    assert {moments[number - 1].month for number in of_may} == {5}
    assert moments[of_may[0] - 2].month == 4


def test_few_articles_leave_days_empty() -> None:
    rhythm = Rhythm(1, END)
    assert rhythm.moment(1, 0).date() == rhythm.day(1)
    assert len(rhythm.numbers(END - timedelta(days=DAYS), END)) == 1
