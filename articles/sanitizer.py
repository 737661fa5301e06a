"""The one sanitizer: whatever HTML comes, a clean body goes into the database.

Every body passes through `sanitize`, whoever wrote it (a form, an import, a bulk write):
`models.fields.BodyField` calls it. It lets the editor's allow-list through and nothing else.
"""

import html as entities
import re
from collections import Counter
from collections.abc import Iterator, Set

import nh3
from lxml import html as lxml_html
from lxml.etree import strip_tags, tostring
from lxml.html import HtmlElement

# What a body may hold. A picture of the library stands as <figure data-photo="TOKEN"></figure>.
TAGS = {
    "p", "h2", "h3", "ul", "ol", "li", "blockquote", "strong", "em", "a", "br", "hr", "sub", "sup",
    "figure", "table", "caption", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href", "title"},
    "figure": {"data-photo"},
    "th": {"colspan", "rowspan", "scope"},
    "td": {"colspan", "rowspan"},
}
SCHEMES = {"http", "https", "mailto", "tel"}

# Other people's markup that means one of ours.
_SAME_AS = {"h1": "h2", "h4": "h3", "h5": "h3", "h6": "h3", "b": "strong", "i": "em"}
_WRAPPERS = {"div", "section", "article", "main", "header", "footer", "center"}
_DROP_WITH_CONTENT = {
    "script", "style", "iframe", "object", "embed", "template", "noscript", "title", "textarea",
    "svg", "math", "select", "form", "head",
}  # fmt: skip
_BLOCKS = {"p", "h2", "h3", "ul", "ol", "blockquote", "figure", "table", "hr"}
_INLINE = {"strong", "em", "a", "sub", "sup"}
_HOLDERS_OF_TEXT = _INLINE | {"p", "h2", "h3"}
_LISTS = {"ul", "ol"}
_CELLS = {"li", "td", "th", "caption"}
# Text may not stand in these without a paragraph of its own.
_HOLDERS_OF_BLOCKS = _WRAPPERS | {"blockquote"}

# libxml2 stops reading at 256 levels; old systems' unclosed tags reach it. Then the words alone
# are kept, a paragraph a line.
DEEPEST = 200
_CLOSE_THEMSELVES = {"p", "li", "br", "hr", "img", "tr", "td", "th", "input", "meta", "link", "col"}
# What counts as blank at the ends of a paragraph.
SPACES = "\u3000\u00a0\u200b\ufeff \t\r\n"
_CJK = r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]"
_LINE_BREAK_IN_CHINESE = re.compile(rf"(?<={_CJK})[ \t\r]*\n[ \t\r\n]*(?={_CJK})")
_RUN_OF_SPACES = re.compile(r"[ \t\r\n]+")
# Possessive: what no > follows is given up at once, else a long row of `<a` costs its square.
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*+)[^>]*+(?:>|\Z)")
# What holds no markup, however it looks.
_HIDDEN = re.compile(
    r"<!--(?:-?>|.*?(?:--!?>|\Z))"
    r"|<(script|style|textarea|title|xmp|iframe|noembed|noframes)\b.*?(?:</\1\b[^>]*+>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class Clean(str):
    """A body as `sanitize` makes it. Whatever is cut or put together of it is a plain `str`."""

    __slots__ = ()


def sanitize(source: str) -> Clean:
    """Any HTML or plain text as a clean body: our tags, paragraphs without indents, no styles.

    Idempotent: a sanitized body comes back unchanged. Cost is linear in the length, about a
    millisecond for a page of text; nothing for what is Clean already.
    """
    if isinstance(source, Clean):
        return source
    source = _CONTROL.sub("", source).replace("\r\n", "\n")
    if _nests_too_deep(source):
        source = _words(source)
    parsed = _parsed(source)
    if _nests_too_deep(parsed):  # what was written didn't show how it would be read
        parsed = _parsed(_words(parsed))
    root = lxml_html.fragment_fromstring(parsed, create_parent="div")
    _rename(root)
    _settle(root)
    blocks = "".join(tostring(block, encoding="unicode", method="html") for block in root)
    cleaned = nh3.clean(
        blocks, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="noopener"
    )
    return Clean(cleaned.replace("</p>\n", "</p>"))


def _parsed(source: str) -> str:
    """HTML, or a text whose lines are paragraphs, as well-formed HTML of what we know."""
    if "<" not in source:
        source = "".join(f"<p>{line}</p>" for line in source.split("\n"))
    parsed = nh3.clean(
        source,
        tags=TAGS | set(_SAME_AS) | _WRAPPERS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        clean_content_tags=_DROP_WITH_CONTENT,
        link_rel=None,
    )
    return _CONTROL.sub("", parsed)  # those that were written as numbers (`&#2;`)


def _nests_too_deep(source: str) -> bool:
    """Whether elements stand so deep in each other that a parser would give up on them.

    An end of what isn't open ends nothing, and neither does one in a comment or a script.
    """
    opened: Counter[str] = Counter()
    depth = 0
    for tag in _TAG.finditer(_HIDDEN.sub("", source)):
        name = tag[2].lower()
        if name in _CLOSE_THEMSELVES:
            continue
        if not tag[1]:
            opened[name] += 1
            depth += 1
            if depth > DEEPEST:
                return True
        elif opened[name]:
            opened[name] -= 1
            depth -= 1
    return False


def _words(source: str) -> str:
    """The words alone, a line a block."""
    return entities.escape(entities.unescape(_TAG.sub(_line_or_nothing, _HIDDEN.sub("", source))))


def _line_or_nothing(tag: re.Match[str]) -> str:
    return "\n" if tag[2].lower() in _BLOCKS | _WRAPPERS | _CELLS | {"br", "tr", *_SAME_AS} else ""


def _rename(root: HtmlElement) -> None:
    """Our names for everything, and nothing inside what may not hold it. Inner elements first."""
    for link in root.iter("a"):
        if not link.get("href"):
            link.tag = "span"
    strip_tags(root, "span")
    for element in reversed(list(root.iter())):
        element.tag = _SAME_AS.get(str(element.tag), element.tag)
        element.text, element.tail = _fold(element.text), _fold(element.tail)
        if element.tag in _HOLDERS_OF_TEXT and _holds_blocks(element):
            element.tag = "div"  # emphasis, a link or a heading around whole blocks
        elif element.tag == "li" and element.getparent().tag not in _LISTS:
            element.tag = "div"  # an item of no list
        elif element.tag in _CELLS:
            _flatten(element)
        elif element.tag in _LISTS:
            _itemise(element)


def _holds_blocks(element: HtmlElement) -> bool:
    return any(inner.tag in _BLOCKS | _WRAPPERS | {"li"} for inner in element.iterdescendants())


def _flatten(cell: HtmlElement) -> None:
    """Make a cell or an item hold text alone (an item also lists); blocks become its lines."""
    kept = _INLINE | {"br"} | (_LISTS | {"li"} if cell.tag == "li" else set())
    if any(inner.tag not in kept for inner in cell.iterdescendants()):
        _pour(cell, cell, kept)
    _strip(cell)


def _pour(source: HtmlElement, holder: HtmlElement, kept: Set[str]) -> None:
    """Put what is in `source` at the end of `holder`, of elements those that are `kept` alone.

    `source` is the holder itself or something in it. Cost is linear: nothing is looked for.
    """
    children, words = list(source), source.text
    if source is holder:
        for child in children:
            holder.remove(child)
    else:
        _add_words(holder, words)
    for child in children:
        tail, child.tail = child.tail, None
        if child.tag in kept:
            holder.append(child)
            _pour(child, child, kept)
        else:
            if _first(holder) is not None or (holder.text or "").strip(SPACES):
                holder.append(lxml_html.Element("br"))
            _pour(child, holder, kept)
        _add_words(holder, tail)


def _add_words(holder: HtmlElement, words: str | None) -> None:
    if words and _first(holder) is not None:
        holder[-1].tail = (holder[-1].tail or "") + words
    elif words:
        holder.text = ((holder.text or "") + words).lstrip(SPACES)


def _first(element: HtmlElement) -> HtmlElement | None:
    """The first element in it; `len` would count them all."""
    return next(iter(element), None)


def _itemise(listed: HtmlElement) -> None:
    """Make a list hold items alone."""
    items = [_item(listed.text)] if (listed.text or "").strip(SPACES) else []
    for child in list(listed):
        tail, child.tail = child.tail, None
        listed.remove(child)
        item = child
        if child.tag != "li":
            item = _item(None)
            item.append(child)
            _flatten(item)
        if _says_something(item):
            items.append(item)
        if (tail or "").strip(SPACES):
            items.append(_item(tail))
    listed.text = None
    listed.extend(items)


def _item(text: str | None) -> HtmlElement:
    made: HtmlElement = lxml_html.Element("li")
    made.text = (text or "").strip(SPACES) or None
    return made


def _fold(text: str | None) -> str | None:
    return text and _RUN_OF_SPACES.sub(" ", _LINE_BREAK_IN_CHINESE.sub("", text))


def _settle(holder: HtmlElement) -> None:
    """Leave only blocks below `holder`: loose text gets paragraphs, wrappers go, empties go."""
    settled: list[HtmlElement] = []
    paragraph = _paragraph(holder.text)
    for child in list(holder):
        tail, child.tail = child.tail, None
        if child.tag in _BLOCKS | _WRAPPERS:
            settled += [*_paragraphs(paragraph), *_blocks_of(child)]
            paragraph = _paragraph(tail)
        else:
            paragraph.append(child)
            child.tail = tail
    settled += _paragraphs(paragraph)
    for child in list(holder):
        holder.remove(child)
    holder.text = None
    holder.extend(settled)


def _paragraph(text: str | None) -> HtmlElement:
    made: HtmlElement = lxml_html.Element("p")
    made.text = text
    return made


def _blocks_of(element: HtmlElement) -> list[HtmlElement]:
    """One block of somebody else's as the blocks that it becomes with us."""
    if element.tag in _HOLDERS_OF_BLOCKS:
        _settle(element)
        if element.tag in _WRAPPERS:
            return list(element)
        return [element] if len(element) else []
    if element.tag == "p":
        return list(_paragraphs(element))
    if element.tag == "figure":
        for inside in list(element):
            element.remove(inside)
        element.text = None
        return [element] if element.get("data-photo") else []
    if element.tag in ("h2", "h3"):
        _strip(element)
    if element.tag == "hr" or _says_something(element):
        return [element]
    return []


def _paragraphs(paragraph: HtmlElement) -> Iterator[HtmlElement]:
    """A paragraph, split where two line breaks or an indent after one begin another."""
    parts = [_paragraph(paragraph.text)]
    before: HtmlElement | None = None  # the last element of the last part
    for child in list(paragraph):
        tail, child.tail = child.tail, None
        if child.tag in _BLOCKS | _WRAPPERS:  # a table that a parser left inside a paragraph
            parts += [*_blocks_of(child), _paragraph(tail)]
            before = None
            continue
        indented = child.tag == "br" and (tail or "").startswith(("\u3000", "\u00a0\u00a0"))
        doubled = child.tag == "br" and before is not None and _ends_a_line(before)
        if indented or doubled:
            parts.append(_paragraph(tail))
            before = None
        else:
            parts[-1].append(child)
            child.tail = tail
            before = child
    for part in parts:
        if part.tag == "p":
            _strip(part)
        if part.tag != "p" or _says_something(part):
            yield part


def _ends_a_line(last: HtmlElement) -> bool:
    return bool(last.tag == "br" and not (last.tail or "").strip(SPACES))


def _says_something(element: HtmlElement) -> bool:
    return bool("".join(element.itertext()).strip(SPACES))


def _strip(element: HtmlElement) -> None:
    """Take indents, spaces and line breaks from both ends, however deep they sit."""
    _strip_start(element)
    _strip_end(element)


def _strip_start(element: HtmlElement) -> bool:
    """Strip the beginning; say whether nothing but blanks was there."""
    element.text = (element.text or "").lstrip(SPACES) or None
    while element.text is None and (first := _first(element)) is not None:
        if first.tag != "br" and not _strip_start(first):
            return False
        element.text = (first.tail or "").lstrip(SPACES) or None
        first.tail = None
        element.remove(first)
    return element.text is None


def _strip_end(element: HtmlElement) -> bool:
    """Strip the end; say whether nothing but blanks was there."""
    while _first(element) is not None:
        last = element[-1]
        last.tail = (last.tail or "").rstrip(SPACES) or None
        if last.tail is not None:
            return False
        if last.tag != "br" and not _strip_end(last):
            return False
        element.remove(last)
    element.text = (element.text or "").rstrip(SPACES) or None
    return element.text is None
