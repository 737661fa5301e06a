"""Related articles."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from articles.models import Article, Likeness, PairFrequency, PairSample, Topic
from articles.related import choosing, keep_learning, learn, learning, related
from tests.factories import make_article, make_source, make_topic, moment

pytestmark = pytest.mark.django_db


def titles(article: Article, topics: list[Topic], size: int = 6) -> list[str]:
    """Titles of what is related."""
    return [other.title for other in related(article, topics, size)]


def test_most_shared_topics_come_first_then_the_newest() -> None:
    a, b, c = (make_topic() for _ in range(3))
    shown = make_article(topics=[a, b, c])
    for title, topics, day in (
        ("一个旧", [a], "2022-09-01"),
        ("一个新", [b], "2022-09-03"),
        ("两个旧", [a, b], "2022-08-01"),
        ("两个新", [b, c], "2022-08-02"),
        ("三个", [c, b, a], "2020-01-01"),
        ("同时先", [c], "2022-09-02"),
        ("同时后", [c], "2022-09-02"),
    ):
        make_article(title=title, topics=topics, published_at=moment(day))
    order = ["三个", "两个新", "两个旧", "一个新", "同时后", "同时先", "一个旧"]
    assert titles(shown, [a, b, c], size=10) == order
    assert titles(shown, [c, a, b], size=3) == order[:3]
    assert titles(shown, [a], size=10) == ["一个旧", "两个旧", "三个"]


def make_unsaved() -> Article:
    """An article with the number of none."""
    return Article(pk=10**15)


def test_only_what_readers_may_read_and_never_itself() -> None:
    topic, other = make_topic(), make_topic()
    shown = make_article(topics=[topic])
    make_article(topics=[topic], state="draft")
    make_article(topics=[topic], state="withdrawn")
    make_article(topics=[topic], published_at=timezone.now() + timedelta(hours=1))
    make_article(topics=[other])
    make_article(topics=[topic], title="可读")
    assert titles(shown, [topic]) == ["可读"]


def test_an_article_without_topics_and_likeness_has_none(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    make_article(topics=[make_topic()])
    with django_assert_num_queries(1):
        assert titles(make_unsaved(), []) == []


def test_an_article_alone_in_its_topics_has_none() -> None:
    topic = make_topic()
    assert titles(make_article(topics=[topic]), [topic]) == []


@pytest.mark.parametrize("count", [1, 2, 6])
def test_it_costs_one_query_whatever_there_is(
    django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    topics = [make_topic() for _ in range(count)]
    shown = make_article(topics=topics)
    for size in (1, 8):
        for _ in range(size):
            make_article(topics=topics, source=make_source())
        with django_assert_num_queries(1):
            for other in related(shown, topics, 6):
                assert other.title
                assert other.get_absolute_url()


def test_only_the_newest_of_each_topic_are_looked_at() -> None:
    topic, second = make_topic(), make_topic()
    shown = make_article(topics=[topic, second])
    make_article(title="旧而近", topics=[topic, second], published_at=moment("2000-01-01"))
    make_article(title="旧", topics=[topic], published_at=moment("2000-01-01"))
    for _ in range(choosing.CANDIDATES):
        make_article(topics=[topic])
    found = titles(shown, [topic, second], size=50)
    assert len(found) == choosing.CANDIDATES + 1
    assert "旧" not in found
    assert "旧而近" in found


SEALS = "斑海豹在湾口露了头。渔民数到七只斑海豹，保护站说斑海豹每年都来。"
STREETS = "登州路要修路。登州路的商户说，登州路早该修了。"
FILLER = [
    "早市的白菜又便宜了", "地铁末班车推迟十分钟", "小学操场换了新草皮", "图书馆延长开放时间",
    "体育中心迎来冬训队伍", "港口新添一条航线", "剧院上演本土话剧", "气象台发布大风预报",
    "公园菊花展开幕在即", "养老食堂添了三道菜", "社区医院开设夜门诊", "旧书摊搬进了老仓库",
]  # fmt: skip


def archive_of_many_kinds() -> None:
    """Articles that have little in common, so that there is something to learn from."""
    for text in FILLER:
        make_article(title=text, body=f"<p>{text}，记者昨天去看过。</p>")


def test_likeness_of_content_relates_articles_without_a_topic() -> None:
    archive_of_many_kinds()
    shown = make_article(title="湾口来了斑海豹", body=f"<p>{SEALS}</p>")
    make_article(title="斑海豹又来了", body=f"<p>{SEALS}今年早了三天。</p>")
    make_article(title="路要修了", body=f"<p>{STREETS}</p>")
    keep_learning()
    assert titles(shown, []) == ["斑海豹又来了"]


def test_likeness_is_current_after_every_save() -> None:
    archive_of_many_kinds()
    shown = make_article(title="湾口来了斑海豹", body=f"<p>{SEALS}</p>")
    learn()
    other = make_article(title="路要修了", body=f"<p>{STREETS}</p>")
    shown.save()
    Article.objects.filter(pk=shown.pk).update(title="湾口来了斑海豹！七只")
    assert titles(shown, []) == []
    other.body = f"<p>{SEALS}</p>"
    other.save()
    assert titles(shown, []) == ["路要修了"]
    other.state = Article.State.DRAFT
    other.save()
    assert titles(shown, []) == []
    assert not Likeness.objects.filter(article=other).exists()


def test_likeness_shows_nothing_that_readers_may_not_read() -> None:
    archive_of_many_kinds()
    shown = make_article(title="湾口来了斑海豹", body=f"<p>{SEALS}</p>")
    for number, state in enumerate(Article.State.values):
        make_article(
            title=f"斑海豹{number}",
            body=f"<p>{SEALS}</p>",
            state=state,
            published_at=timezone.now() + timedelta(hours=1 if state == "published" else -1),
        )
    keep_learning()
    assert titles(shown, []) == []


def test_topics_and_likeness_together_come_before_either() -> None:
    archive_of_many_kinds()
    topic = make_topic()
    shown = make_article(title="湾口来了斑海豹", body=f"<p>{SEALS}</p>", topics=[topic])
    old = moment("2020-01-01")
    make_article(
        title="湾口来了斑海豹，都有", body=f"<p>{SEALS}</p>", topics=[topic], published_at=old
    )
    make_article(
        title="湾口来了斑海豹，只像", body=f"<p>{SEALS}</p>", published_at=moment("2021-01-01")
    )
    make_article(title="只同话题", body=f"<p>{STREETS}</p>", topics=[topic])
    keep_learning()
    assert titles(shown, [topic]) == [
        "湾口来了斑海豹，都有", "湾口来了斑海豹，只像", "只同话题",
    ]  # fmt: skip


def test_what_is_common_in_the_archive_tells_nothing() -> None:
    for text in FILLER:
        make_article(title=text, body=f"<p>青岛消息，{text}。青岛记者在青岛看过。</p>")
    keep_learning()
    common = "青岛"
    pair = ord(common[0]) << 21 | ord(common[1])
    assert PairFrequency.objects.get(pair=pair).articles == len(FILLER)
    assert not Likeness.objects.filter(pairs__contains=[pair]).exists()


def test_it_learns_anew_when_the_archive_has_doubled(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_learning()
    assert not PairSample.objects.exists()
    archive_of_many_kinds()
    keep_learning()
    assert PairSample.objects.get().archive == len(FILLER)
    make_article()
    keep_learning()
    assert PairSample.objects.get().archive == len(FILLER)
    archive_of_many_kinds()
    monkeypatch.setattr(learning, "SAMPLE", 10)
    Likeness.objects.all().delete()
    keep_learning()
    sample = PairSample.objects.get()
    assert sample.archive == 2 * len(FILLER) + 1
    assert sample.articles == 10
    assert Likeness.objects.count() == sample.archive


def test_what_was_broken_off_is_learned_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    archive_of_many_kinds()
    monkeypatch.setattr(learning, "BATCH", 5)
    steps = learning.learn_by_steps()
    assert next(steps) == 5
    steps.close()
    assert Likeness.objects.count() < len(FILLER)
    keep_learning()
    assert Likeness.objects.count() == PairSample.objects.get().archive == len(FILLER)


def test_in_a_great_archive_the_seldomest_pairs_find_what_is_alike(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown, rarely, often = (make_article(title=title) for title in ("此", "少见", "常见"))
    PairSample.objects.create(articles=5000, archive=1_000_000)
    PairFrequency.objects.create(pair=1, articles=900)
    Likeness.objects.all().delete()
    for article, pairs in ((shown, [1, 2, 3, 4]), (rarely, [2]), (often, [1])):
        Likeness.objects.create(article=article, pairs=pairs)
    assert titles(shown, []) == ["少见"]
    monkeypatch.setattr(choosing, "ENOUGH", 10**9)
    assert titles(shown, []) == ["少见", "常见"]
