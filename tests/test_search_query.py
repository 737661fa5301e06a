"""What a reader typed, taken apart: every rule of the grammar, and whatever else comes."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from articles.search import Query, Term, parse
from articles.search.query import FIELD_NAMES, LONGEST, MOST_TERMS, Field, of

HAIFENG = Term("海风")


def terms(typed: str) -> list[Term]:
    return list(parse(typed).terms)


# -- the grammar -----------------------------------------------------------------------------------


def test_words_are_parted_by_any_space() -> None:
    assert terms("青岛 地铁\t海\u3000风\n雪") == [
        Term(word) for word in ["青岛", "地铁", "海", "风", "雪"]
    ]
    assert parse("  青岛\n\n地铁 ").typed == "青岛 地铁"


@pytest.mark.parametrize("pair", ["“”", '""', "「」", "『』", "＂＂", "”“", "””"])
def test_quotes_keep_a_phrase_together(pair: str) -> None:
    open_, close = pair[0], "”" if pair[0] in "“”" else pair[1]
    assert terms(f"{open_}海 风{close} 雪") == [Term("海 风"), Term("雪")]
    assert terms(f"-{open_}海 风{close}") == [Term("海 风", excluded=True)]
    assert terms(f"标题:{open_}海 风{close}") == [Term("海 风", Field.TITLE)]


@pytest.mark.parametrize("typed", ["“海 风", '"海 风', "「海 风", '雪 "海 风'])
def test_an_unclosed_quote_reaches_to_the_end(typed: str) -> None:
    assert terms(typed)[-1] == Term("海 风")


def test_a_quote_within_another_kind_belongs_to_the_phrase() -> None:
    assert terms("「他说“海 风”了」") == [Term("他说“海 风”了")]
    assert terms("“海”“风”") == [Term("海"), Term("风")]


@pytest.mark.parametrize("typed", ['""', "“”", "「 」", '"" ""', "“", '-""', '标题:""'])
def test_empty_quotes_are_nothing(typed: str) -> None:
    assert terms(typed) == []


@pytest.mark.parametrize("minus", ["-", "－"])
def test_a_minus_excludes(minus: str) -> None:
    query = parse(f"青岛 {minus}海风")
    assert list(query.terms) == [Term("青岛"), Term("海风", excluded=True)]
    assert list(query.wanted) == [Term("青岛")]
    assert terms(f"{minus}来源:信网") == [Term("信网", Field.SOURCE, excluded=True)]


@pytest.mark.parametrize("typed", ["-", "－", "--", "- - -", "-－-"])
def test_a_minus_alone_is_nothing(typed: str) -> None:
    assert terms(typed) == []


def test_a_minus_inside_a_word_belongs_to_it() -> None:
    assert terms("C-919 5 - 3") == [Term("C-919"), Term("5"), Term("3")]


@pytest.mark.parametrize("name", FIELD_NAMES)
@pytest.mark.parametrize("colon", [":", "：", ": ", "： "])
def test_fields_say_where_a_word_stands(name: str, colon: str) -> None:
    assert terms(f"{name}{colon}海风") == [Term("海风", FIELD_NAMES[name])]
    assert terms(f"雪 -{name}{colon}海风") == [
        Term("雪"),
        Term("海风", FIELD_NAMES[name], excluded=True),
    ]


def test_fields_are_the_ones_that_editors_know() -> None:
    named = {"标题": Field.TITLE, "来源": Field.SOURCE, "编辑": Field.EDITOR,
             "记者": Field.BYLINE, "话题": Field.TOPIC, "责编": Field.EDITOR,
             "作者": Field.BYLINE, "標題": Field.TITLE}  # fmt: skip
    assert {name: FIELD_NAMES[name] for name in named} == named


def test_a_colon_after_any_other_word_belongs_to_it() -> None:
    assert terms("比分:3:2 内标题:海") == [Term("比分:3:2"), Term("内标题:海")]
    assert terms("标题海风") == [Term("标题海风")]


def test_the_same_term_twice_is_one() -> None:
    assert terms("海风 海风 -海风 标题:海风") == [
        HAIFENG,
        Term("海风", excluded=True),
        Term("海风", Field.TITLE),
    ]


# -- hostile input ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FIELD_NAMES)
@pytest.mark.parametrize("colon", [":", "："])
def test_a_field_with_nothing_in_quotes_is_nothing(name: str, colon: str) -> None:
    assert terms(f'{name}{colon}""') == []


@pytest.mark.xfail(strict=True, reason="the field's name is taken for a word")
@pytest.mark.parametrize("typed", ["标题:", "来源：", "-话题:", "编辑: ", "標題：\u3000"])
def test_a_field_without_a_word_is_nothing(typed: str) -> None:
    assert terms(f"海 {typed}") == [Term("海")]


@pytest.mark.parametrize(
    "typed",
    [
        "\x00",
        "海\x00风",
        "\ud800",
        "海\udfff风",
        "\x1b[31m",
        "\u202e海",
        "\ufeff",
        "\x85",
        "\ufffd",
    ],
)
def test_what_can_not_be_printed_is_a_space(typed: str) -> None:
    query = parse(typed)
    assert query.typed.isprintable()
    query.typed.encode()
    assert [term.text for term in query.terms] == query.typed.split()


def test_patterns_of_like_are_plain_characters() -> None:
    assert terms("%_\\ 100%") == [Term("%_\\"), Term("100%")]


def test_a_long_text_is_cut_and_says_so() -> None:
    assert not parse("海" * LONGEST).cut
    for length in (LONGEST + 1, 10_000, 1_000_000):
        query = parse("海" * length)
        assert query.cut
        assert query.terms == (Term("海" * LONGEST),)
        assert query.typed == "海" * LONGEST


def test_space_does_not_count_for_the_length() -> None:
    assert not parse(" " * 10 * LONGEST).cut
    assert not parse("海" + " " * LONGEST + "风").cut


def test_many_terms_are_cut_and_the_query_says_so() -> None:
    ten = [chr(0x4E00 + number) for number in range(MOST_TERMS)]
    assert not parse(" ".join(ten)).cut
    assert len(parse(" ".join(ten)).terms) == MOST_TERMS
    for number in (MOST_TERMS + 1, 90, 200):
        query = parse(" ".join(chr(0x4E00 + one) for one in range(number)))
        assert query.cut
        assert [term.text for term in query.terms] == ten
    assert not parse(" ".join(["海"] * 90)).cut


@pytest.mark.parametrize("one", ['"', "“", "”", "「", "-", "－", ":", "标题:", "-标题:", '-"'])
def test_one_sign_over_and_over_does_no_harm(one: str) -> None:
    query = parse(one * 5000)
    assert len(query.terms) <= MOST_TERMS
    assert query.cut


@given(st.text(st.characters(), max_size=400))
def test_any_text_is_taken_apart(typed: str) -> None:
    query = parse(typed)
    assert len(query.typed) <= LONGEST
    assert len(query.terms) <= MOST_TERMS
    assert query.typed == " ".join(query.typed.split())
    assert not any(ord(one) < 32 or 0xD800 <= ord(one) < 0xE000 for one in query.typed)
    for term in query.terms:
        assert term.text == term.text.strip() != ""
        assert term.text in query.typed
    assert parse(query.typed).terms == query.terms


# -- written again ---------------------------------------------------------------------------------

GRAMMAR = st.text(
    st.sampled_from(["海", "风", "A", "1", " ", "-", "－", ":", "：", '"', "“", "”", "「", "」",
                     "标题", "来源", "\\", "%", "，"]),
    max_size=40,
)  # fmt: skip


def same(query: Query) -> bool:
    return parse(of(query.terms).typed).terms == query.terms


@given(
    st.lists(
        st.builds(
            Term,
            st.text(st.sampled_from("海风青岛A1，。%\\ "), min_size=1, max_size=6)
            .map(lambda text: " ".join(text.split()))
            .filter(bool),
            st.sampled_from(Field),
            st.booleans(),
        ),
        max_size=5,
        unique=True,
    )
)
def test_ordinary_terms_come_back_from_their_text(given_terms: list[Term]) -> None:
    assert list(parse(of(given_terms).typed).terms) == given_terms


@pytest.mark.xfail(strict=True, reason="a phrase that looks like grammar is written bare")
@example('"-海"')
@given(GRAMMAR)
def test_whatever_was_typed_comes_back_from_its_terms(typed: str) -> None:
    assert same(parse(typed)), of(parse(typed).terms)


@pytest.mark.xfail(strict=True, reason="a phrase that looks like grammar is written bare")
@pytest.mark.parametrize("typed", ['"-5"', '"标题:海"', '"「海"', '「"海 风」', '「"」'])
def test_a_phrase_that_looks_like_grammar_comes_back(typed: str) -> None:
    assert same(parse(typed)), of(parse(typed).terms)


def test_a_term_less() -> None:
    query = parse("青岛 -海风 标题:“地 铁”")
    assert query.without(query.terms[1]).typed == '青岛 标题:"地 铁"'
    assert query.without(HAIFENG).terms == list(query.terms)
