"""Search is exact: every part of a text is found, and nothing that doesn't hold what was typed."""

import unicodedata
from collections.abc import Callable
from functools import wraps

import pytest
from django.db import connection, transaction
from django.utils.html import escape
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from articles import text
from articles.migrations import _characters
from articles.models import Article
from articles.search import Sort, parse
from articles.search.query import Field
from tests.factories import make_article
from tests.searching import expected, fold, found, search

pytestmark = pytest.mark.django_db

ALPHABET = (
    "青岛海的一人地铁龖鱻魑𠀀𪚥"  # common and rare, and from beyond the first 65,536
    "臺灣門馬台湾门马"
    "がカｶﾞひ한글"
    "aBcéÀüŁßＡｂ09１２½㎞℃Ⅳ"
    "，。“”「」－·、…—《》!?%_\\'\"<>&-:"
    "😀👍🏽 \u3000\t\u200b"
)
texts = st.text(st.sampled_from(ALPHABET), min_size=1, max_size=24)
bodies = st.lists(texts, min_size=1, max_size=4)
database = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def undone(test: Callable[..., None]) -> Callable[..., None]:
    """Take back what each example writes."""

    @wraps(test)
    def run(**values: object) -> None:
        with transaction.atomic():
            test(**values)
            transaction.set_rollback(True)

    return run


def written(title: str, blocks: list[str]) -> Article:
    body = "".join(f"<p>{escape(block)}</p>" for block in blocks)
    article = make_article(title=title, body=body)
    article.refresh_from_db()
    return article


def as_phrase(part: str) -> str:
    """In quotes of a kind that the part has none of."""
    pairs = ("「」", "『』", "“”", '""', "＂＂")
    open_, close = next(pair for pair in pairs if not {*pair} & {*part})
    return f"{open_}{part}{close}"


# -- all of it is found ----------------------------------------------------------------------------


@database
@given(title=texts, blocks=bodies, data=st.data())
@undone
def test_every_part_of_a_text_is_found(title: str, blocks: list[str], data: st.DataObject) -> None:
    article = written(title, blocks)
    written("别的", ["不相干的话"])
    lines = [article.title, *text.plain(article.body).split("\n")]
    line = data.draw(st.sampled_from([line for line in lines if line] or ["x"]))
    start = data.draw(st.integers(0, len(line) - 1))
    part = line[start : data.draw(st.integers(start + 1, len(line)))]
    if not fold(part) or ({"「", "」"} & {*part} and {"“", "”"} & {*part} and '"' in part):
        return
    assert article in found(as_phrase(part)), part
    plain = parse(part)
    if all(term.field is Field.ANY and not term.excluded for term in plain.terms):
        assert article in found(part) or not any(fold(term.text) for term in plain.terms), part


# -- nothing else is found -------------------------------------------------------------------------


@database
@example(rows=[("海", ["a b"])], typed="-海")
@given(rows=st.lists(st.tuples(texts, bodies), min_size=1, max_size=4), typed=texts)
@undone
def test_what_is_found_is_what_reading_everything_finds(
    rows: list[tuple[str, list[str]]], typed: str
) -> None:
    articles = [written(title, blocks) for title, blocks in rows]
    for query in (typed, as_phrase(typed) if "「" not in typed and "」" not in typed else typed):
        right = expected(query, articles)
        assert found(query) == right, query
        assert {hit.article for hit in search(query, Sort.RELEVANCE).hits} == {*right}, query


@database
@given(
    rows=st.lists(st.tuples(st.text("海风龖a", max_size=5), st.text("海风龖a", max_size=6)),
                  min_size=1, max_size=4),
    words=st.lists(st.tuples(st.sampled_from(["", "-", "标题:", "-标题:", "编辑:", "记者:"]),
                             st.text("海风龖a", min_size=1, max_size=4)), min_size=1, max_size=3),
)  # fmt: skip
@undone
def test_several_words_at_once(rows: list[tuple[str, str]], words: list[tuple[str, str]]) -> None:
    articles = [
        make_article(title=title or "无", body=f"<p>{body}</p>", editor=title, byline=body)
        for title, body in rows
    ]
    query = " ".join(where + word for where, word in words)
    assert found(query) == expected(query, articles), query


# -- folding ---------------------------------------------------------------------------------------


def folds(raw: list[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT articles_fold(one) FROM unnest(%s::text[]) WITH ORDINALITY AS u (one, number)"
            " ORDER BY number",
            [raw],
        )
        return [row[0] for row in cursor]


def code_points(last: int) -> list[str]:
    return [chr(number) for number in range(1, last + 1) if not 0xD800 <= number < 0xE000]


def test_folding_twice_changes_nothing() -> None:
    once = folds(code_points(0x10FFFF))
    twice = folds(once)
    assert [(a, b) for a, b in zip(once, twice, strict=True) if a != b] == []


@database
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
                min_size=2, max_size=2))  # fmt: skip
def test_the_fold_of_a_whole_is_the_folds_of_its_parts(db: None, parts: list[str]) -> None:
    whole, *apart = folds(["".join(parts), *parts])
    assert whole == "".join(apart)


def test_each_character_is_folded_by_itself_whatever_stands_beside_it() -> None:
    every = [one for one in code_points(0x3FFFF) if unicodedata.category(one) not in ("Cn", "Co")]
    neighbours = ("", "海", "a", "\u0301")  # by turns: all of them for each would take a minute
    before = [neighbours[number % 4] for number in range(len(every))]
    beside = folds([f"{left}{one}風" for left, one in zip(before, every, strict=True)])
    wrong = [
        f"{left} {ord(one):04x}"
        for left, one, single, both in zip(before, every, folds(every), beside, strict=True)
        if both != f"{fold(left)}{single}风"
    ]
    assert wrong == []


def test_folding_follows_the_rules_for_every_character_of_the_first_plane() -> None:
    known = [one for one in code_points(0xFFFF) if unicodedata.category(one) != "Cn"]
    wrong = [
        f"{ord(one):04x} {one} {ours!r} {fold(one)!r}"
        for one, ours in zip(known, folds(known), strict=True)
        if ours != fold(one)
    ]
    assert wrong == []


def test_every_traditional_character_is_read_as_its_simplified_one() -> None:
    simplified = folds([*_characters.READ_AS])
    assert folds([*_characters.VARIANTS]) == simplified == [*_characters.READ_AS]
