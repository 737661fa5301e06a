"""What lives on a page, and is cut out of a frozen one: reads, rankings by them, and the clock.

Numbers of reads and 大家爱看 in the sidebar change by the minute, the date over the page and the
date of access in the citation with every day: they would make every page another one all the
time, and be wrong on a site that stands still. With them go the scripts that ask the living site.
All else stays byte for byte. Patterns, not a second set of templates: what a test of the living
site sees is what is frozen, and a pattern that no longer meets a template fails a test
(tests/test_freezing.py).
"""

import re

_BLANK = rb""
_CUT: tuple[tuple[re.Pattern[bytes], bytes], ...] = tuple(
    (re.compile(pattern, re.DOTALL), instead)
    for pattern, instead in (
        # an article's reads, on the desk and on the phone
        (rb'<div class="facts__reads">.*?</div>', _BLANK),
        (rb"<span>[^<]*<span data-reads=[^>]*>[^<]*</span></span>", _BLANK),
        # 大家爱看 in the sidebar
        (
            rb'<section class="section">(?:(?!</?section\b).)*<ol class="ranking">'
            rb"(?:(?!</?section\b).)*</section>",
            _BLANK,
        ),
        # today's date above the page, the day of access in the citation (GB/T 7714)
        (rb'(<p class="masthead__date">).*?</p>', rb"\1</p>"),
        (rb'(id="citation"[^>]*>[^<]*\d{4}-\d\d-\d\d)\[\d{4}-\d\d-\d\d\]', rb"\1"),
        # scripts that ask the living site: beacons, suggestions, a code for each paragraph
        (
            rb'<script type="module" src="[^"]*/js/(?:reads|suggest|follow)\.[^"]*"></script>',
            _BLANK,
        ),
        (rb' data-suggest="[^"]*"', _BLANK),
    )
)


def without(page: bytes) -> bytes:
    """A page as it is frozen."""
    for pattern, instead in _CUT:
        page = pattern.sub(instead, page)
    return page
