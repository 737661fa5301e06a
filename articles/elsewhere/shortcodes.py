"""What stands in a WordPress post, as HTML: paragraphs, blocks' comments, [caption], [gallery].

WordPress keeps posts as they were typed and makes HTML of them when they are read. Its own rules
are wp-includes/formatting.php (wpautop), media.php (img_caption_shortcode, gallery_shortcode) and
blocks.php; here they are as far as the archive keeps their outcome.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape

# What WordPress writes into a block's comment holds neither < nor >: they are escaped there.
_BLOCK_COMMENT = re.compile(r"<!--\s*+/?wp:([a-z0-9/_]++(?:-[a-z0-9/_]++)*+)([^<>]*+)>")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_SHORTCODE = re.compile(r"(?<!\[)\[(/?)([A-Za-z][A-Za-z0-9_-]*+)([^\[\]]{0,2000}+)\]")
_ATTRIBUTE = re.compile(
    r"""\b([A-Za-z][A-Za-z0-9_-]*+)\s*+=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+))"""
)
_CAPTIONS = {"caption", "wp_caption"}
_MEDIA = {"video": "video", "audio": "audio", "playlist": "audio"}
# An image, with the link around it, at the beginning of what [caption] holds.
_IMAGE = re.compile(r"\s*((?:<a\b[^>]*+>\s*)?<img\b[^>]*+>(?:\s*</a>)?)", re.IGNORECASE)
_BLOCKS = (
    "address|article|aside|blockquote|caption|col|colgroup|dd|div|dl|dt|fieldset|figcaption|figure|"
    "footer|form|h[1-6]|header|hr|legend|li|main|nav|ol|p|pre|section|style|script|table|tbody|td|"
    "tfoot|th|thead|tr|ul"
)
_BEFORE_BLOCK = re.compile(rf"(?<!\s)\s++(?=</?(?:{_BLOCKS})\b)", re.IGNORECASE)
_AFTER_BLOCK = re.compile(rf"(</?(?:{_BLOCKS})\b[^<>]*+>)\s++", re.IGNORECASE)
_TAG = re.compile(r"(<[^<>]*+>)")
# An address in a line of its own is shown as what stands there (oEmbed).
_EMBEDDED = re.compile(r"^[ \t]*(https?://[^\s<>\"'\[\]]++)[ \t]*$", re.MULTILINE)

# The pictures of a [gallery] by its attributes: their numbers and paths.
Gallery = Callable[[dict[str, str]], list[tuple[int, str]]]


@dataclass
class Written:
    """A post as HTML, and what of it nobody but WordPress can make."""

    html: str
    lost: list[str]


def written(content: str, gallery: Gallery) -> Written:
    """A post as readers saw it. Linear.

    A gallery's pictures come as `<img data-gallery="7" src="2015/03/sea.jpg">`.
    """
    lost: list[str] = []
    blocks = "<!-- wp:" in content
    content = content.replace("\r\n", "\n").replace("\r", "\n")

    def comment(found: re.Match[str]) -> str:
        if found[2].endswith("/--"):  # made anew whenever it is read
            lost.append(f"区块“{found[1]}”由 WordPress 现做，没有带进来")
        return "" if found[2].endswith("--") else found[0]

    content = _COMMENT.sub("\n\n", _BLOCK_COMMENT.sub(comment, content))
    content = _EMBEDDED.sub(r'<a href="\1">\1</a>', content)
    content = _expanded(content, gallery, lost)
    return Written(content if blocks else _paragraphs(content), lost)


def _expanded(content: str, gallery: Gallery, lost: list[str]) -> str:
    """Shortcodes as the HTML that they stand for; what we don't know stays as it is written."""
    codes = _Codes(gallery)
    pieces: list[str] = []
    done = 0
    opened: re.Match[str] | None = None
    for code in _SHORTCODE.finditer(content):
        begun, made = code, None
        if code[2].lower() not in _CAPTIONS:
            made = None if opened else codes.made(code)
        elif not code[1]:
            opened = code
        elif opened:
            made = _captioned(opened[3], content[opened.end() : code.start()])
            begun, opened = opened, None
        if made is not None:
            pieces += content[done : begun.start()], made
            done = code.end()
    lost += [f"短代码 [{name}] 不认识，原样留在正文里" for name in codes.unknown]
    return "".join([*pieces, content[done:]])


@dataclass
class _Codes:
    """Shortcodes that stand alone."""

    gallery: Gallery
    unknown: dict[str, None] = field(default_factory=dict)

    def made(self, code: re.Match[str]) -> str | None:
        """The HTML that a shortcode stands for; None: it stays."""
        name, ends = code[2].lower(), bool(code[1])
        if name == "embed":  # the address in it is a link already
            return ""
        if name == "gallery" and not ends:
            return _images(self.gallery(_attributes(code[3])))
        if name in _MEDIA:
            return "" if ends else _medium(_MEDIA[name], _attributes(code[3]))
        if ends or "=" in code[3]:  # else it may be anybody's words in brackets
            self.unknown[name] = None
        return None


def _attributes(said: str) -> dict[str, str]:
    return {
        found[1].lower(): next((part for part in found.groups()[1:] if part is not None), "")
        for found in _ATTRIBUTE.finditer(said)
    }


def _captioned(said: str, inside: str) -> str:
    image = _IMAGE.match(inside)
    if not image:
        return inside
    caption = _attributes(said).get("caption") or inside[image.end() :]
    return f"<figure>{image[1]}<figcaption>{caption.strip()}</figcaption></figure>"


def _images(pictures: list[tuple[int, str]]) -> str:
    return "".join(
        f'<figure><img data-gallery="{number}" src="{escape(file)}"></figure>'
        for number, file in pictures
    )


def _medium(tag: str, said: dict[str, str]) -> str:
    names = ("src", "mp4", "m4v", "webm", "ogv", "flv", "mp3", "m4a", "ogg", "wav")
    address = next((said[name] for name in names if said.get(name)), "")
    return f'<{tag} src="{escape(address)}"></{tag}>'


def _paragraphs(content: str) -> str:
    """A post of the classic editor: a blank line parts paragraphs, a line break is one.

    The sanitizer makes paragraphs of doubled breaks; so breaks are all that is written here.
    """
    content = _AFTER_BLOCK.sub(r"\1", _BEFORE_BLOCK.sub("", content.strip()))
    return "".join(
        part if place % 2 else part.replace("\n", "<br>")
        for place, part in enumerate(_TAG.split(content))
    )
