"""Values that programs stumble over, for any place that takes one."""

# ruff: noqa: E501  # tables

from random import Random

# Numbers at the edges of what Python, PostgreSQL and addresses hold; and what only looks like one.
NUMBERS = (
    "0", "-1", "1", "007", "1e3", "1.5", "NaN", "Infinity", "-0", "+1", " 1 ", "1_000", "0x10",
    "٢٠٢٢", "１２３", "²", "2147483648", "9223372036854775807", "9223372036854775808",
    "99999999999999999999", "9" * 5000, "-" + "9" * 40, "1,000", "1;2", "true", "None",
)  # fmt: skip
DATES = (
    "2022-09-29", "2022-02-30", "2022-13", "2022-13-01", "0000-00-00", "0001-01-01", "9999-12-31",
    "10000-01-01", "2022-W01", "20220929", "2022-09-29T25:61:61Z", "2022-09-29T09:18+99:99",
    "1582-10-10", "1899-12-31 23:59:60", "-0001-01-01", "2022", "22", "99991231235959",
    "2022-09-29T09:18:00.999999999", "24:00", "1-1", "-99999999999999999-1", "99999999999999999-1",
    "1664414280000000-1", "1664414280000000-0", "1-99999999999999999999",
)  # fmt: skip
ENCODINGS = (
    "\x00", "a\x00b", "\ud800", "\udfff", "\ufffe", "\uffff", "\ufffd", "\u202e反了", "\u200b", "\ufeff",
    "\u2028", "\x7f", "\x1b[31m", "\r\nX-Canary: 1", "a\nb", "\t", "e\u0301", "ﬀ", "İ", "ß", "\U000e0041",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\u0e47" * 80, "\u0627\u0644", "𠮷𣗋", "\x85", "ſ", "\u00a0",
)  # fmt: skip
STRINGS = (
    "", " ", ".", "..", "../../../etc/passwd", "..\\..\\win.ini", "/", "//", "//canary.example/",
    "\\\\canary.example\\x", "https://canary.example/", "javascript:__run(1)", "data:text/html,1",
    "file:///etc/passwd", "con", "NUL.txt", "'", "''", '"', "`", "';--", "' OR 1=1 --", "%", "_",
    "%%%", "%s%s%n", "{}", "{0}", "{0.__class__}", "{{ 7*7 }}", "{% debug %}", "${7*7}", "#{7*7}",
    "$(id)", "|id", ";id", "&", "&amp;", "&#0;", "<", ">", "<script>__run(1)</script>", "]]>",
    "<!--", "-->", "<![CDATA[", "\\", "\\u0000", "\\0", "(", ")", "[", "]", "*", "?", "+", "^", "$",
    "(((((((((((((((((((((((((", "a" * 300, "海" * 81, "海" * 300, "x" * 4000, "海 " * 500,
    "-", "--", "-海", "标题:", "标题:标题:标题:", "来源:“", '"' * 50, "“”「」『』", "编辑:-", "undefined",
    "null", "[object Object]", "constructor", "__proto__", "__class__", "__all__", "pk", "id", "csrfmiddlewaretoken",
    "[]", "[1]", '{"a":1}', "a=b&c=d", "#", "#p1", "admin", "auth.user", "article__body__regex", "-1--", "a,b,,c",
)  # fmt: skip
ALL = (NUMBERS, DATES, ENCODINGS, STRINGS)


def value(random: Random) -> str:
    """One of all, each class as often; sometimes two in one."""
    said = random.choice(random.choice(ALL))
    if random.random() < 0.1:
        said += random.choice(random.choice(ALL))
    return said


def percent(said: str, random: Random) -> str:
    """A value as part of an address: quoted well, or as a careless or hostile program does it."""
    raw = said.encode("utf-8", "surrogatepass")
    way = random.random()
    if way < 0.8:
        return "".join(f"%{byte:02X}" for byte in raw) if way < 0.1 else _quoted(raw)
    if way < 0.85:
        return _quoted(said.encode("gb18030", "replace"))
    if way < 0.9:
        return _quoted(raw).replace("%", "%25")
    if way < 0.95:
        return _quoted(raw) + random.choice(
            ("%", "%f", "%zz", "%ff%fe", "%c0%ae", "%ed%a0%80", "%00")
        )
    return _quoted(said.encode("utf-16", "surrogatepass"))


def _quoted(raw: bytes) -> str:
    return "".join(
        chr(byte)
        if chr(byte).isascii() and (chr(byte).isalnum() or chr(byte) in "-._~")
        else f"%{byte:02X}"
        for byte in raw
    )


def text(random: Random) -> str:
    """For a field of a form: a value, or a great deal of it."""
    said = value(random)
    return said * random.choice((20, 300)) if random.random() < 0.05 else said
