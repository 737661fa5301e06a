"""Which encoding an old Chinese page is in: told by its bytes, not by what it claims.

Strictly: a byte order mark; valid UTF-8; valid GB18030, which holds GBK and GB2312. What is none of
them is refused. Detectors that weigh likelihoods (charset-normalizer among them) take a short page
of GBK for a Cyrillic or Arabic one now and then; an archive had better know
(docs/adr/0029-importers.md).
"""

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(
    rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,30})""", re.IGNORECASE
)
_HEAD = 4096
_OTHERS = {"big5", "big5-hkscs", "x-big5", "shift_jis", "x-sjis", "euc-jp", "euc-kr", "hz-gb-2312"}
# What a page that is valid UTF-8 by chance may be in, if it isn't said to be in another.
_CHINESE = {"", "gb18030", "gbk", "gb2312"}
_HAN = re.compile("[\u4e00-\u9fff]")
_IN_A_ROW = re.compile(r"[\x80-\uffff]{2}")


class BadEncoding(ValueError):
    """It can't be told, or the bytes are broken; the text says so in Chinese."""


def decode(content: bytes, named: str = "") -> str:
    """The page's text; `named`: what it is in if it isn't UTF-8. Raises BadEncoding."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _strictly(content, encoding)
    if named and content.isascii():  # some write Hanzi so: HZ, UTF-7
        return _strictly(content, named)
    declared = _declared(content)
    try:
        read = content.decode("utf-8")
    except UnicodeDecodeError as error:
        if declared in _OTHERS and not named:
            raise BadEncoding(f"网页自称是 {declared} 编码，不收") from error
        if _is_broken_utf8(content):
            raise BadEncoding(f"像是 UTF-8，但第 {error.start + 1} 个字节起坏了") from error
        return _strictly(content, named or "gb18030")
    return _or_gbk(content, read, declared) if named in _CHINESE else read


def _or_gbk(content: bytes, read: str, declared: str) -> str:
    """Valid UTF-8, unless it is GBK by chance: of both make pairs of bytes.

    Chinese in UTF-8 takes three bytes a character. Where there are pairs alone, they are Hanzi of
    GBK (“一” is D2 BB), or the few signs and letters of Latin that stand in any page (© is C2 A9).
    """
    foreign = [sign for sign in read if sign >= "\x80"]
    if not foreign or any(sign >= "\u0800" for sign in foreign):
        return read
    try:
        hanzi = content.decode("gb18030")
    except UnicodeDecodeError:
        return read
    if any(sign >= "\u0250" for sign in foreign):  # Greek, Cyrillic, Arabic …
        return hanzi
    if declared.startswith("utf"):
        return read
    claims = declared.startswith("gb") or declared in ("x-gbk", "cp936", "ms936")
    return hanzi if claims or _IN_A_ROW.search(read) else read


def _is_broken_utf8(content: bytes) -> bool:
    """Whether most of it reads as Chinese in UTF-8: as GB18030 it would come out as rubbish."""
    loosely = content.decode("utf-8", "replace")
    return len(_HAN.findall(loosely)) > 2 * loosely.count("\ufffd")


def _declared(content: bytes) -> str:
    found = _DECLARED.search(content[:_HEAD])
    return found[1].decode("ascii").lower() if found else ""


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        known = {
            "gb18030": "既不是 UTF-8，也不是 GB18030（GBK、GB2312）",
            "utf-8-sig": "不是 UTF-8",
        }
        said = known.get(encoding, f"不是 {encoding}")
        raise BadEncoding(f"编码认不出：{said}，第 {error.start + 1} 个字节起读不下去") from error
