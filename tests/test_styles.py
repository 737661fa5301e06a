"""The design system holds together: tokens, blocks, sheets."""

import re
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.test import Client
from django.utils.functional import empty

from tests.test_pages import PAGES, archive  # noqa: F401  (a fixture)
from xinwang.staticfiles import bundle

STATIC = Path(settings.BASE_DIR) / "static"
TEMPLATES = Path(settings.BASE_DIR) / "templates"
CSS = STATIC / "css"
SHEETS = [*sorted(CSS.glob("*-*.css")), CSS / "common.css", CSS / "error.css"]
FILES = sorted(set(CSS.rglob("*.css")) - set(SHEETS))
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
CLASS = re.compile(r"\.(-?[a-zA-Z_][\w-]*)")
NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*(?:__[a-z0-9-]+)?(?:--[a-z0-9-]+)?")
# A photo's focal point, in tenths: put together by the tag `picture`.
FOCUS = re.compile("focus-[xy][0-9]+")
# What is linked by itself: by pages for paper, by scripts once a reader wants it.
ALONE = {CSS / "print.css", CSS / "blocks" / "aloud.css"}
BY_SCRIPTS = re.compile("aloud|lightbox|viewer")
TEXTS = ("ink", "grey", "accent")
GROUNDS = ("paper", "wash")


def rules(file: Path) -> str:
    """A stylesheet without its comments."""
    return COMMENT.sub("", file.read_text())


def on_screen(file: Path) -> str:
    """A stylesheet's rules without those for paper, which close it or are all of it."""
    return "" if file.name == "print.css" else rules(file).split("@media print")[0]


def themes() -> dict[str, dict[str, str]]:
    """The colours of both themes, by the token's name."""
    value = r"--([a-z]+): var\(--if-light, (#[0-9a-f]{6})\) var\(--if-dark, (#[0-9a-f]{6})\)"
    found = re.findall(value, rules(CSS / "tokens.css"))
    return {
        "light": {name: light for name, light, _ in found},
        "dark": {name: dark for name, _, dark in found},
    }


def luminance(colour: str) -> float:
    """Relative luminance: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(
    ("theme", "text", "ground"), list(product(("light", "dark"), TEXTS, GROUNDS))
)
def test_every_text_is_readable_on_every_ground(theme: str, text: str, ground: str) -> None:
    colours = themes()[theme]
    assert contrast("#000000", "#ffffff") == 21
    assert contrast(colours[text], colours[ground]) >= 4.5


def test_the_scale_has_seven_sizes_and_the_rest_takes_them_from_it() -> None:
    assert len(set(re.findall(r"--text-\d: ([^;]+);", rules(CSS / "tokens.css")))) == 7
    for file in FILES:
        for value in re.findall(r"font(?:-size)?: ([^;}]+)", on_screen(file)):
            sizes = re.findall(r"(?<![\w.-])[\d.]+(?:px|rem|pt)(?!/)\b", value.split("/")[0])
            assert not sizes or file.name in TOOLS, f"{file.name}: {value}"


# The reading tools draw the five steps of text size as letters of five sizes.
TOOLS = {"tools.css", "tray.css", "frame.css", "tokens.css", "print.css"}


def test_space_comes_from_its_scale() -> None:
    spaced = re.compile(r"(?<![\w-])(?:margin|padding|(?:row-|column-)?gap)[a-z-]*: ([^;}]+)")
    for file in FILES:
        for line in rules(file).splitlines():
            if file.name == "print.css" or re.match(r"\.(strip|handset|tools|tray)", line):
                continue
            for value in spaced.findall(line):
                said = re.sub(r"calc\([^;]*\)|clamp\([^;]*\)", "", value)
                assert not re.search(r"(?<![\w.])(?:[2-9]|\d\d+)px", said), f"{file.name}: {line}"


@pytest.mark.parametrize("file", [f for f in FILES if f.name != "tokens.css"], ids=str)
def test_colours_come_from_tokens(file: Path) -> None:
    values = re.findall(r":([^;{}]+)[;}]", on_screen(file))
    foreign = [v for v in values if re.search(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch|lab)a?\(", v)]
    named = [v for v in values if re.search(r"\b(?:white|black|red|gr[ae]y)\b(?!\))", v)]
    assert foreign == [] == [v for v in named if "var(" not in v]


@pytest.mark.parametrize("file", sorted(CSS.glob("blocks/*.css")), ids=lambda f: f.name)
def test_every_block_opens_with_its_markup(file: Path) -> None:
    opening = COMMENT.match(file.read_text())
    assert opening
    styled = set(CLASS.findall(re.sub(r'"[^"]*"', "", rules(file))))
    own = {name for name in styled if name.split("__")[0].split("--")[0] in opening[0]}
    assert own, "none of its classes is in its markup"
    assert re.search(r"^ *[a-z]+[0-9]?[.\[ ]", opening[0], re.MULTILINE)


# The desk's sheets are elsewhere, and a file that stands alone has its style within.
_OWN = {"admin", "elsewhere"}


def used() -> set[str]:
    """Every class that a template or a script names."""
    names: set[str] = set()
    for file in TEMPLATES.rglob("*.html"):
        if not _OWN & set(file.parts):
            for value in re.findall(r'class="((?:\{%.*?%\}|[^"])*)"', file.read_text()):
                names.update(NAME.findall(re.sub(r"\{[{%].*?[%}]\}", " ", value)))
    tags = Path(settings.BASE_DIR, "articles", "templatetags").glob("*.py")
    for file in [
        *(STATIC / "js").glob("*.js"),
        *tags,
        Path(settings.BASE_DIR, "articles", "qr.py"),
    ]:
        said = re.findall(r'class(?:Name)?\s*=\s*\\?"([\w -]+)', file.read_text())
        said += re.findall(r'(?:svgclass|className)\s*=\s*"([\w -]+)"', file.read_text())
        said += re.findall(r'classList\.\w+\("([\w-]+)"', file.read_text())
        names.update(" ".join(said).split())
    return names


def styled() -> set[str]:
    """Every class that a stylesheet names."""
    every = "".join(re.sub(r'"[^"]*"', "", rules(file)) for file in FILES)
    return {name for name in CLASS.findall(every) if NAME.fullmatch(name) and not FOCUS.match(name)}


def test_no_class_is_styled_that_no_page_has() -> None:
    assert styled() - used() == set()


def test_no_page_has_a_class_that_nothing_styles() -> None:
    blocks = {
        re.split("__|--", name)[0] for name in styled()
    }  # a block's name may stand for its parts
    assert used() - styled() - blocks == set()


def test_every_sheet_imports_files_that_there_are_and_every_file_is_imported() -> None:
    imported = set()
    for sheet in SHEETS:
        names = re.findall(r'^@import "([^"]+)";$', sheet.read_text(), re.MULTILINE)
        assert sheet.read_text().count("\n") == len(names) == len(set(names)), sheet.name
        imported |= {CSS / name for name in names}
        assert names[0] in {"common.css", "tokens.css"}
    assert imported == set(FILES) - ALONE | {CSS / "common.css"}


def subjects_of_blocks() -> set[str]:
    """The classes that blocks style, not those that a selector only starts from."""
    css = "".join(re.sub(r'"[^"]*"', "", rules(file)) for file in CSS.glob("blocks/*.css"))
    selectors = re.findall(r"([^{}]+)\{", css)
    last = [each.split()[-1] for said in selectors for each in said.split(",") if each.strip()]
    return {name for each in last for name in CLASS.findall(each)}


def sheet_of(html: str) -> str:
    """All the rules that a page links to."""
    names = re.findall(r'rel="stylesheet" href="/static/([^"]+)"', html)
    return "".join(bundle(name, lambda n: (STATIC / n).read_text()) for name in names)


@pytest.mark.django_db
@pytest.mark.parametrize("view", ["desktop", "mobile"])
def test_a_pages_sheet_has_all_that_is_on_it(
    client: Client,
    archive: dict[str, Any],  # noqa: F811
    view: str,
) -> None:
    client.cookies["view"] = view
    paths = [path for path, *_ in PAGES]
    paths += [archive["article"].get_absolute_url(), archive["withdrawn"].get_absolute_url()]
    paths += ["/search/?q=没有这样的词&year=2022", "/search/?q=，"]
    subjects = subjects_of_blocks()
    for path in paths:
        html = client.get(path).content.decode()
        names = {name for said in re.findall(r'class="([^"]*)"', html) for name in said.split()}
        there = set(CLASS.findall(sheet_of(html)))
        missing = (names & subjects) - there
        assert {name for name in missing if not BY_SCRIPTS.match(name)} == set(), path


def test_collecting_puts_imports_in_place(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "xinwang.staticfiles.BundledStaticFilesStorage"},
    }
    staticfiles_storage._wrapped = empty
    try:
        for _ in range(2):  # the second finds what the first has written
            call_command("collectstatic", verbosity=0, interactive=False)
        (sheet,) = tmp_path.glob("css/desktop-article.*.css")
        css = sheet.read_text()
        assert "@import" not in css
        assert "/*" not in css
        assert ".text" in css
        assert ":root" in css
        assert (tmp_path / "css" / f"{sheet.name}.br").exists()
        assert "@import" not in (tmp_path / "css" / "desktop-article.css").read_text()
    finally:
        staticfiles_storage._wrapped = empty


def test_a_missing_import_is_an_error() -> None:
    def read(name: str) -> str:
        return {"css/a.css": '@import "b/c.css";\n', "css/b/c.css": '@import "../d.css";\n'}[name]

    with pytest.raises(KeyError, match=re.escape("css/d.css")):
        bundle("css/a.css", read)
