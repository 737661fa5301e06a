"""What reads a stranger's text takes time in proportion to its length, however bad it is.

Times are compared with each other, at one length and at four times that: what is linear takes about
four times as long, what is quadratic sixteen times. The least of some tries counts, and a machine
with much to do gets more of them.
"""

import time
from collections.abc import Callable
from typing import Any

import pytest

from articles import anchors, closing, differences, passages, pasted, text, traditional, typesetting
from articles.sanitizer import sanitize

SHORT, TIMES = 2_000, 4
# Between what is linear (4) and quadratic (16).
BOUND, TRIES = 9.0, 6

Make = Callable[[int], Any]


def body(source: str) -> Make:
    return lambda number: sanitize(source * number)


def row(piece: str, before: str = "", after: str = "") -> Make:
    return lambda number: before + piece * number + after


SANITIZED = {
    "tags that never end": row("<a"),
    "tags in quotes": row("<a href=\"'"),
    "brackets": row("<"),
    "ampersands": row("&"),
    "half entities": row("&#x41"),
    "spaces": row(" ", "<p>甲", "乙"),
    "broken lines": row("甲\n ", "<p>"),
    "line breaks": row("x<br>", "<p>"),
    "line breaks alone": row("<br>", "<p>x", "x"),
    "paragraphs in a cell": row("<p>x</p>", "<table><tr><td>", "</td></tr></table>"),
    "paragraphs in an item": row("<p>x</p>", "<ul><li>", "</ul>"),
    "links without an address": row("<a>x</a>", "<p>"),
    "ends of nothing": row("<blockquote></x>x"),
    "ends in comments": row("<div><!-- </div> -->x"),
    "ends in scripts": row("<div><script></div></script>x"),
    "nothing emphasised": row("<b></b>", "<p>"),
    "breaks emphasised": row("<b><br></b>", "<p>"),
    "open emphasis": row("<p>x", "".join(f"<b id={n}>" for n in range(150))),
    "tables in tables": row("<table><td>"),
    "comments": row("<!--"),
    "attributes": row("x=y ", "<a ", ">x"),
}
PASTED = {
    "pictures": row("<img src=x>"),
    "tags that never end": row("<a "),
    "comments": row("<!--"),
    "ends": row("</"),
    "instructions": row("<?"),
    "unsafe links": row("<a href='javascript:1'>x</a>"),
    "backgrounds": row("background:", "<p style='", "'>"),
    "addresses of backgrounds": row("background:url(", "<p style='", "'>"),
    "emoji": row("<span"),
    "emoji without an end": row('<span class="emoji emoji1f600" '),
    "conditions": row("<!--[if", "mso-list"),
    "other conditions": row("<![if", "mso-list"),
    "lists of Word": row("mso-list:", "<p style='", "'>x"),
    "items of Word": row("<p style='mso-list:l0 level1'>x</p>"),
}


def both(source: str) -> None:
    pasted.lost(source)
    pasted.clean(source)


def riffled(number: int) -> tuple[list[str], list[str]]:
    blocks = [str(each) for each in range(number)]
    return blocks, blocks[::2] + blocks[1::2]


CASES: dict[str, tuple[Callable[[Any], Any], Make]] = {
    **{f"sanitize {name}": (lambda s: sanitize(str(s)), make) for name, make in SANITIZED.items()},
    **{f"paste {name}": (both, make) for name, make in PASTED.items()},
    "closing lines": (closing.take, body("<p>[编辑:甲]</p>")),
    "closing line breaks": (closing.take, lambda n: sanitize("<p>" + "[编辑:甲]<br>" * n)),
    "closing brackets": (closing.take, lambda n: sanitize("<p>" + "[" * n)),
    "plain": (text.plain, body("<p>x&lt;</p>")),
    "blocks": (text.blocks, body("<p>x</p>")),
    "numbered": (
        lambda b: text.number_blocks(b, anchors.settle([], text.count_blocks(b))),
        body("<p>x</p>"),
    ),
    "framed": (text.frame_tables, body("<table><tr><td>x</td></tr></table>")),
    "authors": (text.authors, row(" 记者/记者")),
    "phrases": (text.phrases, row("，")),
    "anchors of what was rewritten": (
        lambda both: anchors.carry([], *both),
        lambda n: ([f"旧{each}" for each in range(n)], [f"新{each}" for each in range(n)]),
    ),
    "anchors of a row repeated": (
        lambda both: anchors.carry([], *both),
        lambda n: (["甲"] * n, ["甲"] * n + ["乙"]),
    ),
    "anchors of what was riffled": (lambda both: anchors.carry([], *both), riffled),
    "passages": (passages.passages, body("<p>x<b>y</b><a href='http://x/'>z</a></p>")),
    "a long table": (
        lambda both: differences.pairs(*both),
        lambda n: ([f"旧{each % 7}" for each in range(n)], [f"新{each % 5}" for each in range(n)]),
    ),
    "differences of clauses": (
        lambda both: differences.texts(*both),
        lambda n: ("甲，" * n, "乙，" * n),
    ),
    "differences of characters": (
        lambda both: differences.texts(*both),
        lambda n: ("甲乙" * n, "乙甲" * n),
    ),
    "繁體": (traditional.page, row("<p title='发'>发</p>")),
    "set in lines": (lambda words: typesetting.fill(words, 20, len), row("甲，")),
}


@pytest.mark.parametrize("name", CASES)
def test_a_long_text_takes_its_length_and_no_more(name: str) -> None:
    work, make = CASES[name]
    short, long = make(SHORT), make(SHORT * TIMES)
    fastest = {False: float("inf"), True: float("inf")}
    for _ in range(TRIES):
        for is_long, given in ((False, short), (True, long)):
            start = time.process_time()
            work(given)
            fastest[is_long] = min(fastest[is_long], time.process_time() - start)
        # What takes less than a tenth of a millisecond says nothing of its growth.
        if fastest[True] / max(fastest[False], 1e-4) < BOUND:
            return
    raise AssertionError(fastest)
