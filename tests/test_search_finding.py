"""What a search finds, in which order, with which counts; and how it is shown."""

from collections import Counter
from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from articles.models import Article, PairFrequency
from articles.paging import Cursor, Position
from articles.search import Filters, Sort, TooBroad, find, instead, matching, parse
from articles.search.conditions import KIND, TITLES, conditions
from articles.search.marking import CUT
from tests.factories import make_article, make_source, make_topic, moment
from tests.searching import found, search

pytestmark = pytest.mark.django_db


def settle_index() -> None:
    """What autovacuum does after so many writes at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT gin_clean_pending_list('searchentry_keys')")
        cursor.execute("ANALYZE articles_searchentry")


def titles(typed: str, **narrow: int | date) -> list[str]:
    """Of what is found, newest first."""
    return [article.title for article in found(typed, **narrow)]


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("青岛地铁", "青岛，地铁"), ("一带一路建设", "“一带一路”建设"), ("5g基站", "５Ｇ 基站"),
        ("后来", "後來"), ("後來", "后来"), ("cafe", "CAFÉ"), ("1000", "1,000"), ("，地铁", "地铁"),
        ("ＡＩ", "ai"), ("魑", "魑魅"), ("我", "我们"), ("2022-09-29", "2022年09月29日"),
    ],
)  # fmt: skip
def test_what_makes_no_difference(typed: str, text: str) -> None:
    make_article(title="题", body=f"<p>前言，{text}。</p>")
    make_article(title="别", body="<p>无关</p>")
    if "年" in text:
        assert titles(typed) == []
    else:
        assert titles(typed) == ["题"]


PHRASE = "潮位站老周守海四十年"  # nine pairs


def pair_keys(*pairs: str, kind: int = 0) -> list[int]:
    """What the index calls pairs of characters."""
    return [kind << KIND | ord(first) << 21 | ord(second) for first, second in pairs]


@pytest.mark.parametrize(("field", "kind"), [("", 0), ("标题:", TITLES)])
def test_a_long_phrase_is_looked_up_by_its_seldomest_pairs(field: str, kind: int) -> None:
    seldomest = ["老周", "周守", "守海", "海四"]  # the first is in none of the sample
    known = pair_keys("周守", "守海", "海四", "潮位", "位站", "站老", "四十", "十年")
    PairFrequency.objects.bulk_create(
        PairFrequency(pair=pair, articles=articles) for articles, pair in enumerate(known, start=3)
    )
    apart = "，".join(seldomest)
    make_article(title="甲" + PHRASE, body=f"<p>{PHRASE}</p>")
    make_article(title=f"乙，老周守海四，{apart}", body=f"<p>老周守海四，{apart}</p>")
    wanted = conditions(parse(f"{field}{PHRASE}"), Filters())
    assert list(wanted.keys) == pair_keys(*seldomest, kind=kind)
    assert titles(f"{field}{PHRASE}") == ["甲" + PHRASE]
    assert titles(f"{field}老周守海四") == [f"乙，老周守海四，{apart}", "甲" + PHRASE]


def test_a_draft_is_found_behind_newer_ones_that_have_its_pairs_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("articles.search.entries.UNPUBLISHED", 2)
    wanted = make_article(title=PHRASE, state="draft", published_at=None)
    chosen = conditions(parse(PHRASE), Filters()).keys
    pairs = [chr(key >> 21) + chr(key & 0x1FFFFF) for key in chosen]
    for _ in range(2):
        make_article(title="，".join(pairs), state="draft", published_at=None)
    assert matching(parse(PHRASE), 10) == [wanted.pk]


def test_a_phrase_that_repeats_itself_is_looked_up_by_different_pairs() -> None:
    make_article(title="题", body="<p>哈哈哈哈哈哈好</p>")
    wanted = conditions(parse("哈哈哈哈哈哈好"), Filters())
    assert sorted(wanted.keys) == sorted(pair_keys("哈哈", "哈好"))
    assert titles("哈哈哈哈哈哈好") == ["题"]


def test_nothing_matches_across_paragraphs_or_from_the_title_into_the_text() -> None:
    make_article(title="海上生", body="<p>明月</p><p>天涯</p><ul><li>共此</li><li>时</li></ul>")
    assert titles("海上生") == titles("明月") == ["海上生"]
    for across in ("生明", "月天", "涯共", "此时"):
        assert titles(across) == [], across


def test_fields_filters_and_exclusion() -> None:
    sea, city = make_topic("海洋"), make_topic("城建")
    evening, morning = make_source("青岛晚报"), make_source("早报")
    make_article(
        title="栈桥甲", topics=[sea], source=evening, editor="戴慧慧", byline="记者 林疏影",
        published_at=moment("2020-05-01 08:00"),
    )  # fmt: skip
    make_article(
        title="栈桥乙", topics=[city, sea], source=morning, editor="戴龖",
        published_at=moment("2021-05-01 23:59"),
    )  # fmt: skip
    make_article(title="别的丙", body="<p>栈桥。</p>", published_at=moment("2022-05-01 00:00"))
    assert titles("栈桥") == ["别的丙", "栈桥乙", "栈桥甲"]
    assert titles("标题:栈桥") == ["栈桥乙", "栈桥甲"]
    assert titles("栈桥 -标题:甲") == ["别的丙", "栈桥乙"]
    assert titles("来源:晚报") == titles("栈桥 话题:海洋 -话题:城建") == ["栈桥甲"]
    assert titles("栈桥 -来源:晚报") == ["别的丙", "栈桥乙"]
    assert titles("编辑:戴") == ["栈桥乙", "栈桥甲"]
    assert titles("编辑:龖") == ["栈桥乙"]
    assert titles("记者:林疏影") == ["栈桥甲"]
    assert titles("来源:没有这家") == titles("话题:没有") == []
    assert titles("栈桥", topic=sea.pk) == ["栈桥乙", "栈桥甲"]
    assert titles("栈桥", source=morning.pk) == ["栈桥乙"]
    day = date(2021, 5, 1)
    assert titles("栈桥", first=day, last=day) == ["栈桥乙"]
    assert titles("栈桥", first=day) == ["别的丙", "栈桥乙"]
    assert titles("栈桥", last=day) == ["栈桥乙", "栈桥甲"]
    assert titles("栈桥", first=date(2023, 1, 1)) == []


def test_newest_first_is_paged_both_ways_without_gap_or_repeat() -> None:
    for number in range(57):
        day = moment("2012-01-01") + timedelta(days=number // 3 * 70)
        make_article(title=f"潮汐{number}", published_at=day)
    everything = titles("潮汐")
    assert len(everything) == 57
    forwards: list[str] = []
    firsts: list[Cursor | None] = []
    position = Position()
    while True:
        page = find(parse("潮汐"), Filters(), Sort.NEWEST, position, 1, 10)
        forwards += [hit.article.title for hit in page.hits]
        firsts.append(page.newer)
        if page.older is None:
            break
        position = Position(older_than=page.older)
    assert forwards == everything
    backwards: list[str] = [hit.article.title for hit in page.hits]
    while page.newer is not None:
        page = find(parse("潮汐"), Filters(), Sort.NEWEST, Position(newer_than=page.newer), 1, 10)
        backwards = [hit.article.title for hit in page.hits] + backwards
    assert backwards == everything


def test_pages_by_relevance_have_no_gap_or_repeat() -> None:
    for number in range(45):
        make_article(title=f"潮汐{number}", body="<p>潮汐</p>" * (number % 4))
    pages = [search("潮汐", Sort.RELEVANCE, size=20, number=number) for number in (1, 2, 3)]
    assert [page.pages for page in pages] == [3, 3, 3]
    shown = [hit.article.pk for page in pages for hit in page.hits]
    assert len(shown) == len(set(shown)) == 45


def test_the_phrase_in_a_title_comes_before_words_in_it_before_texts() -> None:
    make_article(title="全文", body="<p>啤酒节。</p>" * 30)
    make_article(title="啤酒与节日", body="<p>啤酒节</p>")
    make_article(title="旧闻：青岛啤酒节开幕", published_at=moment("2001-08-01"))
    make_article(title="青岛啤酒节", published_at=moment("2000-08-01"))
    make_article(title="一笔", body="<p>啤酒节。" + "无关的话。" * 300 + "</p>")
    best = [hit.article.title for hit in search("青岛啤酒节", Sort.RELEVANCE).hits]
    assert best == ["青岛啤酒节", "旧闻：青岛啤酒节开幕"]
    best = [hit.article.title for hit in search("啤酒节", Sort.RELEVANCE).hits]
    assert best[2:] == ["全文", "啤酒与节日", "一笔"]


@pytest.mark.parametrize("sort", Sort)
def test_nothing_is_from_a_source_that_there_is_not(sort: Sort) -> None:
    make_article(title="我", source=make_source())
    results = search("来源:没有这家 我", sort)
    assert (results.hits, results.total.number) == ([], 0)


def test_counts_and_facets_are_what_there_is() -> None:
    topics = [make_topic() for _ in range(3)]
    sources = [make_source() for _ in range(2)]
    made = [
        make_article(
            title=f"潮汐{number}", topics=topics[: number % 4], source=sources[number % 2],
            published_at=moment(f"20{10 + number % 5}-03-01"),
        )
        for number in range(30)
    ]  # fmt: skip
    make_article(title="别的")
    results = search("潮汐")
    assert (results.total.number, results.total.more) == (30, False)
    years = Counter(article.published_at.year for article in made)  # type: ignore[union-attr]
    assert {way.value.year: way.count for way in results.facets.years} == years  # type: ignore[union-attr]
    assert [way.value.year for way in results.facets.years] == sorted(years, reverse=True)  # type: ignore[union-attr]
    assert [way.value for way in results.facets.sources] == sources
    assert [way.count for way in results.facets.sources] == [15, 15]
    assert [way.count for way in results.facets.topics] == [22, 14, 7]
    assert not results.facets.months
    within = search("潮汐", first=date(2010, 1, 1), last=date(2010, 12, 31))
    assert [(way.value, way.count) for way in within.facets.months] == [(date(2010, 3, 1), 6)]


@pytest.mark.parametrize("typed", ["潮汐", "我"])
def test_beyond_a_thousand_counts_are_estimated(typed: str) -> None:
    source = make_source()
    start = moment("2015-01-01")
    Article.objects.bulk_create(
        Article(
            title=f"我说潮汐{number}", source=source, state="published",
            published_at=start + timedelta(hours=number * 24),
        )
        for number in range(2000)
    )  # fmt: skip
    settle_index()
    results = search(typed, size=20)
    assert (results.total.number, results.total.more) == (1000, True)
    assert results.facets.estimated
    assert 1000 <= sum(way.count for way in results.facets.years) <= 3000
    assert results.facets.sources[0].value == source
    best = search(typed, Sort.RELEVANCE, size=20)
    assert best.beyond
    assert len(best.hits) == 20


def test_near_searches_are_offered_where_nothing_is_found() -> None:
    make_article(title="白菜价", published_at=moment("2020-01-01"))
    make_article(title="地铁口的白菜")
    near = instead(parse("白菜 恐龙"), Filters())
    assert [(one.query.typed, one.total.number) for one in near] == [("白菜", 2)]
    near = instead(parse("白菜"), Filters(first=date(2021, 1, 1), last=date(2021, 12, 31)))
    assert [(one.query.typed, one.unfiltered) for one in near] == [("白菜", True)]
    near = instead(parse("白菜 地铁 恐龙"), Filters())
    assert near[0].query.typed == "白菜 地铁"
    assert instead(parse("恐龙"), Filters()) == []


def test_a_search_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    make_article(title="栈桥")
    monkeypatch.setattr("articles.search.entries.PATIENCE_MS", 100)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION articles_fold(raw text) RETURNS text LANGUAGE sql"
            " IMMUTABLE STRICT AS $$ SELECT raw FROM (SELECT pg_sleep(2)) AS slept $$"
        )
    assert search("栈桥").too_broad
    with pytest.raises(TooBroad):
        instead(parse("栈桥 恐龙"), Filters())
    with pytest.raises(TooBroad):
        matching(parse("栈桥"), 10)
    assert Article.objects.count() == 1


def test_what_was_found_is_marked_as_printed() -> None:
    make_article(title="《後來，的事》<b>", body="<p>她说：“后来——的事，&lt;i&gt;”。</p>")
    hit = search("后来的事").hits[0]
    assert hit.title == "《<mark>後來，的事</mark>》&lt;b&gt;"
    assert hit.cut == "她说：“<mark>后来——的事</mark>，&lt;i&gt;”。"
    assert search("<script>").hits == []


def test_a_cut_shows_the_place_in_a_long_text_and_ends_at_natural_points() -> None:
    sentence = "海边的人都在等潮水退下去。"
    body = f"<p>{sentence * 40}渔民说，栈桥亮了。{sentence * 40}</p>"
    make_article(title="题", body=body)
    cut = search("栈桥").hits[0].cut
    assert cut.startswith("渔民说，<mark>栈桥</mark>亮了。")
    assert cut.endswith("。")
    assert len(cut) <= CUT + len("<mark></mark>") + 4
    assert search("题").hits[0].cut.startswith(sentence)


def test_hidden_articles_are_never_found_nor_counted() -> None:
    later = timezone.now() + timedelta(hours=1)
    make_article(title="栈桥草稿", state="draft")
    make_article(title="栈桥撤稿", state="withdrawn")
    make_article(title="栈桥明天", published_at=later)
    for sort in Sort:
        results = search("栈桥", sort)
        assert (list(results.hits), results.total.number) == ([], 0)
    results = search("明")
    assert (list(results.hits), results.total.number) == ([], 0)
