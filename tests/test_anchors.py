"""Paragraphs' anchors through edits: nothing is lost, given twice or sent astray."""

import random
import re
import time
from itertools import chain
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from articles import anchors, text
from articles.models import Article
from articles.transfer import export
from tests.factories import make_article, make_photo
from tests.lines import run_import


def everything(entries: anchors.Anchors) -> list[int]:
    return list(chain.from_iterable(entries))


def home(entries: anchors.Anchors, number: int) -> int:
    """The place of the one block at which a number lands."""
    (place,) = [place for place, entry in enumerate(entries) if number in entry]
    return place


def carried(before: list[str], after: list[str]) -> anchors.Anchors:
    return anchors.settle(anchors.carry([], before, after), len(after))


# Long enough that an edit leaves them alike; none is like another.
ONE, TWO, THREE, FOUR = (
    "清晨的栈桥上只有几个钓鱼的人，潮水正在退去。",
    "码头工人换班以后，第一班渡轮拉响了汽笛。",
    "他说：“三十年来，我每天都从这里走过。”",
    "市场里的摊位已经摆好，蛤蜊还在吐沙。",
)
NEW = "新闻办随后发布了通报，全文如下。"


def test_a_body_that_was_never_edited_stores_nothing() -> None:
    assert anchors.carry([], [], [ONE, TWO]) == []
    assert anchors.carry([], [ONE, TWO], [ONE, TWO]) == []
    assert anchors.carry([], [ONE], [ONE, TWO]) == []
    assert anchors.settle([], 2) == [[1], [2]]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ([NEW, ONE, TWO, THREE], [[4], [1], [2], [3]]),
        ([ONE, NEW, TWO, THREE], [[1], [4], [2], [3]]),
        ([ONE, THREE], [[1], [3, 2]]),  # gone: lands on what follows
        ([ONE, TWO], [[1], [2, 3]]),  # the last is gone: lands on what precedes
        ([ONE, NEW, THREE], [[1], [4, 2], [3]]),  # another text in its place
        ([ONE, TWO + "随后启航。", THREE], []),  # edited
        ([ONE, TWO.replace("渡轮", "轮渡"), NEW, THREE], [[1], [2], [4], [3]]),
        ([NEW, ONE, TWO.replace("汽笛", "笛声"), THREE], [[4], [1], [2], [3]]),
        ([THREE, ONE, TWO], [[3], [1], [2]]),  # moved
        ([ONE + TWO, THREE], [[1, 2], [3]]),  # joined: the text of both is in it
        ([ONE[:16], ONE[16:], TWO, THREE], [[1], [4], [2], [3]]),  # split
        ([NEW], [[4, 1, 2, 3]]),
        ([], [[1, 2, 3]]),
    ],
)
def test_an_edit(after: list[str], expected: anchors.Anchors) -> None:
    assert anchors.carry([], [ONE, TWO, THREE], after) == expected


def test_an_emptied_body_gives_its_numbers_to_the_next_one() -> None:
    kept = anchors.carry([], [ONE, TWO], [])
    assert anchors.settle(kept, 0) == []
    assert anchors.carry(kept, [], []) == kept
    assert anchors.carry(kept, [], [THREE, FOUR]) == [[3, 1, 2], [4]]


def test_repeated_texts_keep_their_order() -> None:
    before = [ONE, "***", TWO, "***", THREE]
    assert carried(before, [ONE, "***", NEW, TWO, "***", THREE]) == [[1], [2], [6], [3], [4], [5]]
    assert carried(before, [ONE, TWO, "***", THREE]) == [[1], [3, 2], [4], [5]]


def test_what_was_stored_for_another_body_still_gives_every_block_one_id() -> None:
    assert anchors.settle([[3], [1, 2]], 4) == [[3], [1, 2], [4], [5]]
    assert anchors.settle([[3], [1, 2], [4]], 1) == [[3, 1, 2, 4]]
    assert anchors.settle([[3]], 0) == []


def test_a_lines_anchors_hold_and_numbers_given_out_since_live_on() -> None:
    assert anchors.merge([[1], [4, 2]], [[1], [2, 5, 9]], {1, 2, 5}) == [[1], [4, 2, 5]]
    assert anchors.merge([[1, 2]], [], {1, 2}) == [[1, 2]]


texts = st.lists(
    st.text("海风码头潮水栈桥，。", min_size=0, max_size=12)
    | st.sampled_from([ONE, TWO, THREE, "*"]),
    max_size=14,
)


@given(st.lists(texts, min_size=2, max_size=6))
def test_whatever_is_edited_every_number_lands_once_and_none_is_given_again(
    bodies: list[list[str]],
) -> None:
    stored: anchors.Anchors = []
    out_there: set[int] = set()
    for before, after in zip([[], *bodies], bodies, strict=False):
        previous = anchors.settle(stored, len(before))
        stored = anchors.carry(stored, before, after)
        settled = anchors.settle(stored, len(after))
        assert len(settled) == len(after)
        assert all(settled)
        assert len(set(everything(settled))) == len(everything(settled))
        if after:
            assert out_there <= set(everything(settled))
        # A number that was out there stands at no other text, but as an alias.
        own = {entry[0]: place for place, entry in enumerate(settled)}
        fresh = set(own) - {entry[0] for entry in previous}
        assert not fresh & out_there
        out_there |= set(everything(settled))


@given(st.data())
def test_texts_that_stay_keep_their_ids(data: st.DataObject) -> None:
    chance = random.Random(data.draw(st.integers()))
    pool = [
        f"第{number}段，" + "".join(chance.choices("海风码头潮水", k=20)) for number in range(40)
    ]
    before = data.draw(st.lists(st.sampled_from(pool), unique=True, max_size=20))
    after = data.draw(st.lists(st.sampled_from(pool), unique=True, max_size=20))
    settled = carried(before, after)
    for place, said in enumerate(before):
        if said in after:
            assert settled[after.index(said)][0] == place + 1


@given(st.lists(st.sampled_from([ONE, TWO, THREE, FOUR, NEW]), unique=True, min_size=1), st.data())
def test_a_removed_paragraph_lands_on_its_neighbour(body: list[str], data: st.DataObject) -> None:
    gone = data.draw(st.integers(0, len(body) - 1))
    after = body[:gone] + body[gone + 1 :]
    if after:
        assert home(carried(body, after), gone + 1) == min(gone, len(after) - 1)


def long_body(seed: int, blocks: int = 2000) -> list[str]:
    chance = random.Random(seed)
    return ["".join(chance.choices("海风码头潮水栈桥渡轮汽笛清晨", k=90)) for _ in range(blocks)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (long_body(1), long_body(2)),
        (long_body(1), long_body(1)[::-1]),
        (long_body(1), ["头", *[each + "改" for each in long_body(1)], "尾"]),
        (["甲", "乙"] * 1000, ["乙", "乙", "甲"] * 666),
        (["＊"] * 2000, ["甲", *["＊"] * 1998, "乙"]),
        (long_body(1) + ["＊"] * 1000, ["＊"] * 1000 + long_body(1)),
    ],
    ids=["rewritten", "reversed", "each edited", "two texts", "one text", "moved"],
)
def test_two_thousand_blocks_are_no_matter(before: list[str], after: list[str]) -> None:
    start = time.process_time()
    settled = carried(before, after)
    assert time.process_time() - start < 5  # a second on a quiet machine
    assert set(range(1, len(before) + 1)) <= set(everything(settled))
    assert len(settled) == len(after)


def body_of(*blocks: str) -> str:
    return "".join(f"<p>{block}</p>" for block in blocks)


def lands(html: str, number: int) -> str:
    """The text of the block in which the one element with the id stands."""
    assert html.count(f'id="p{number}"') == 1
    (found,) = re.findall(rf'<(?:p|figure)[^>]* id="p{number}"|<span id="p{number}">', html)
    block = html[html.index(found) :].partition("</p>")[0]
    return re.sub(r"<[^>]*>|^[^<]*>", "", block[block.index(">") + 1 :])


@pytest.mark.django_db
def test_links_live_through_edits(client: Client) -> None:
    article = make_article(body=body_of(ONE, TWO, THREE))
    assert article.anchors == []
    article.body = body_of(NEW, ONE, THREE)
    article.save()
    article.refresh_from_db()
    assert article.anchors == [[4], [1], [3, 2]]
    html = client.get(article.get_absolute_url()).content.decode()
    assert [lands(html, number) for number in (1, 2, 3, 4)] == [ONE, THREE, THREE, NEW]


@pytest.mark.django_db
def test_a_save_asks_once_for_the_stored_body_and_only_when_it_changed(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    article = Article.objects.get(pk=make_article(body=body_of(ONE)).pk)
    with django_assert_num_queries(1):
        article.save()
    article.title = "新题"
    with django_assert_num_queries(1):
        article.save()
    article.body = body_of(NEW, ONE)
    with django_assert_num_queries(2):
        article.save()
    with django_assert_num_queries(1):
        article.save()
    article.body = body_of(NEW)
    with django_assert_num_queries(1):
        article.save(update_fields=["title"])
    with django_assert_num_queries(2):
        article.save(update_fields=["body"])
    assert Article.objects.get().anchors == article.anchors == [[2, 1]]
    listed = Article.objects.for_list().get()
    with django_assert_num_queries(1):
        listed.save()
    assert Article.objects.get().excerpt == article.excerpt


@pytest.mark.django_db
def test_an_old_copy_of_an_article_loses_no_links() -> None:
    article = make_article(body=body_of(ONE, TWO))
    copy = Article.objects.get()
    article.body = body_of(NEW, ONE, TWO)
    article.save()
    copy.body = body_of(ONE, TWO, THREE)
    copy.save()
    assert Article.objects.get().anchors == [[1, 3], [2], [4]]
    again = Article(pk=article.pk, title="题", body=body_of(TWO), created_at=article.created_at)
    again.save()
    assert Article.objects.get().anchors == [[2, 1, 3, 4]]


@pytest.mark.django_db
def test_photos_outside_the_text_take_no_numbers(client: Client) -> None:
    article = make_article(body=body_of(ONE), photos=[make_photo()])
    html = client.get(article.get_absolute_url()).content.decode()
    assert lands(html, 1) == ONE
    assert 'id="p2"' not in html


@pytest.mark.django_db
def test_a_photo_that_is_gone_leaves_its_place(client: Client) -> None:
    article = make_article(body=body_of(ONE) + '<figure data-photo="gone"></figure>' + body_of(TWO))
    html = client.get(article.get_absolute_url()).content.decode()
    assert '</p><span id="p2"></span><p id="p3">' in html


@pytest.mark.django_db
def test_an_imported_line_carries_links_over() -> None:
    line: dict[str, Any] = {"id": "1", "title": "题", "published_at": "2022-09-29"}
    run_import({**line, "body": body_of(ONE, TWO)})
    run_import({**line, "body": body_of(NEW, ONE, TWO)})
    assert Article.objects.get().anchors == [[3], [1], [2]]
    run_import({**line, "body": body_of(ONE, TWO), "anchors": [[1], [7, 2]]})
    assert Article.objects.get().anchors == [[1, 3], [7, 2]]


@pytest.mark.django_db
def test_links_survive_export_and_import() -> None:
    article = make_article(body=body_of(ONE, TWO, THREE))
    article.body = body_of(NEW, THREE)
    article.save()
    untouched = make_article(body=body_of(FOUR))
    emptied = make_article(body=body_of(FOUR, ONE))
    emptied.body = ""
    emptied.save()
    kept = {each.pk: each.anchors for each in (article, untouched, emptied)}
    assert kept[emptied.pk] == [[1, 2]]
    written = list(export())
    assert run_import(*(line.encode() for line in written)).counts == (0, 3, 0, 0)
    assert list(export()) == written
    Article.objects.all().delete()
    assert run_import(*(line.encode() for line in written)).counts == (3, 0, 0, 0)
    assert list(export()) == written
    assert {each.pk: each.anchors for each in Article.objects.all()} == kept


@pytest.mark.django_db
def test_a_body_written_past_save_is_shown_and_exported_with_anchors_that_fit(
    client: Client,
) -> None:
    article = make_article(body=body_of(ONE, TWO))
    Article.objects.update(anchors=[[5], [1, 2]], body=body_of(ONE, TWO, THREE))
    html = client.get(article.get_absolute_url()).content.decode()
    assert lands(html, 6) == THREE
    (line,) = export()
    assert '"anchors": [[5], [1, 2], [6]]' in line


@pytest.mark.django_db
@pytest.mark.parametrize(
    "said",
    [
        "1", {}, [1], [[]], [[1], []], [[1], [1]], [[1, 1], [2]], [[0], [1]], [[-1], [1]],
        [["1"], [2]], [[True], [2]], [[1.0], [2]], [[10**7], [1]], [[1]], [[1], [2], [3]],
    ],
)  # fmt: skip
def test_senseless_anchors_are_refused(said: object) -> None:
    line = {"id": "1", "title": "题", "published_at": "2022-09-29", "body": body_of(ONE, TWO)}
    outcome = run_import({**line, "anchors": said})
    if said == {}:  # empty, as if it were not there
        assert outcome.counts == (1, 0, 0, 0)
    else:
        assert "anchors" in outcome.reasons[1]


def test_entries_of_every_body_fit_its_blocks() -> None:
    body = "<blockquote><p>甲</p></blockquote><ul><li>乙<ol><li>丙</li></ol></li></ul>"
    assert len(text.blocks(body)) == text.count_blocks(body) == 4


@pytest.mark.parametrize(
    "stored",
    ["x", {"a": 1}, 5, [1, 2], ["12"], [[]], [[], []], [["x"]], [[None, True]], [[-1]], [[0]],
     [[10**30]], [[1, 1], [1]], [[[1]]], [[2.5]], [[1], "x", None]],
)  # fmt: skip
def test_anchors_written_by_hand_break_nothing(stored: Any) -> None:
    settled = anchors.settle(stored, 2)
    numbers = [number for entry in settled for number in entry]
    assert len(settled) == 2
    assert all(settled)
    assert len(set(numbers)) == len(numbers)
    assert all(type(number) is int and 0 < number <= anchors.HIGHEST for number in numbers)
    carried = anchors.carry(stored, [ONE, TWO], [TWO, NEW])
    assert all(anchors.settle(carried, 2))


@pytest.mark.django_db
@pytest.mark.parametrize("stored", ['"x"', "[[]]", '[["x"], [1, 1]]', "[[9999999], [1e30]]"])
def test_a_page_with_anchors_written_by_hand_is_shown(client: Client, stored: str) -> None:
    article = make_article(body=f"<p>{ONE}</p><p>{TWO}</p>")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE articles_article SET anchors = %s::jsonb", [stored])
    page = client.get(article.get_absolute_url()).content.decode()
    assert len(set(re.findall(r'<p id="p[0-9]+"', page))) == 2


def test_after_the_highest_number_come_those_that_nobody_had() -> None:
    """An address and an import take no higher one."""
    stored = [[anchors.HIGHEST], [2]]
    assert anchors.carry(stored, [ONE, TWO], [ONE, NEW, TWO]) == [[anchors.HIGHEST], [1], [2]]


def test_a_long_rewritten_body_keeps_what_can_be_known_again() -> None:
    before = [f"第{number}段" for number in range(2_100)]
    after = before[::2] + before[1::2]
    carried = anchors.settle(anchors.carry([], before, after), len(after))
    assert [own for own, *_ in carried] == [*range(1, 2_101, 2), *range(2, 2_101, 2)]
