"""Pictures for links to articles."""

import errno
import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from articles import opengraph
from articles.models import Article
from tests.factories import make_article, make_photo, make_source, moment

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture(autouse=True)
def fonts_afresh() -> Any:
    """What was looked for in one test is not remembered in the next."""
    opengraph._known_font.cache_clear()
    yield
    opengraph._known_font.cache_clear()


@pytest.fixture
def no_font(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a font for Chinese."""
    monkeypatch.setattr(opengraph, "FONTS", ())


def has_font() -> bool:
    return bool(opengraph._font())


def path_in(html: str) -> str:
    found = re.search(r'<meta property="og:image" content="http://testserver([^"]+)">', html)
    assert found
    return found[1]


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


@pytest.mark.parametrize("view", ["desktop", "mobile"])
def test_an_article_without_pictures_has_a_card(client: Client, view: str) -> None:
    client.cookies["view"] = view
    article = make_article(title="栈桥的早晨", published_at=moment("2022-09-29 09:18"))
    html = client.get(article.get_absolute_url()).content.decode()
    for said in (
        '<meta property="og:image:width" content="1200">',
        '<meta property="og:image:height" content="630">',
        '<meta property="og:image:alt" content="栈桥的早晨">',
        '<meta name="twitter:card" content="summary_large_image">',
    ):
        assert said in html
    response = client.get(path_in(html))
    assert (response.status_code, response["Content-Type"]) == (200, "image/png")
    assert "immutable" in response["Cache-Control"]
    assert opened(response.content).size == (1200, 630)
    assert client.head(path_in(html)).status_code == 200


def test_a_large_lead_photo_is_cropped_and_a_small_one_is_not_enlarged(client: Client) -> None:
    for size, extension in (((1600, 1067), "jpg"), ((1300, 400), "png"), ((800, 600), "png")):
        article = make_article(photos=[make_photo(*size)])
        path = opengraph.preview(article).path
        assert path.endswith(extension), size
        response = client.get(path)
        assert response.status_code == 200
        image = opened(response.content)
        assert (image.size, image.format) == (
            (1200, 630),
            {"jpg": "JPEG", "png": "PNG"}[extension],
        )


def test_it_is_drawn_once_and_kept(
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    article = make_article()
    path = opengraph.preview(article).path
    with django_assert_num_queries(1):
        first = client.get(path).content
    name = f"og/{path.removeprefix('/og/')}"
    assert default_storage.exists(name)

    def never(article: Article) -> Image.Image:
        raise AssertionError("drawn again")

    monkeypatch.setattr(opengraph, "card", never)
    assert client.get(path).content == first


def test_what_is_seen_on_it_names_it() -> None:
    article = make_article(source=make_source("早报"))
    names = [opengraph.digest(article)]
    article.title = "另一个标题"
    names.append(opengraph.digest(article))
    article.source = make_source("晚报")
    names.append(opengraph.digest(article))
    article.lead_photo = make_photo(1600, 1000)
    names.append(opengraph.digest(article))
    assert len(set(names)) == 4
    article.title = "照片上看不见的标题"
    assert opengraph.digest(article) == names[-1]


def test_nothing_is_drawn_that_no_page_names(client: Client) -> None:
    article = make_article()
    right = opengraph.preview(article).path
    digest = right[-20:-4]
    for path in (
        right.replace(digest, "0" * 16), right.replace(".png", ".jpg"),
        right.replace(".png", ".gif"), f"/og/999999-{digest}.png",
        f"/og/0{article.pk}-{digest}.png",
    ):  # fmt: skip
        assert client.get(path).status_code == 404, path
    for change in ({"state": "draft"}, {"state": "withdrawn"}):
        Article.objects.filter(pk=article.pk).update(**change)
        assert client.get(right).status_code == 404, change
    Article.objects.filter(pk=article.pk).update(
        state="published", published_at=timezone.now() + timezone.timedelta(days=1)
    )
    assert client.get(right).status_code == 404
    assert not default_storage.exists("og") or not default_storage.listdir("og")[1]


def test_a_lost_photo_gives_a_card_that_is_not_kept(client: Client, media: Path) -> None:
    article = make_article(photos=[make_photo(1600, 1067)])
    for file in media.iterdir():
        file.unlink()
    response = client.get(opengraph.preview(article).path)
    assert opened(response.content).format == "JPEG"
    assert not default_storage.exists("og")


HOSTILE = [
    "", " ", "\x01\x07\x1b", "\u202e\u200f\u2067右到左\u2069", "😀👨‍👩‍👧‍👦🇨🇳", "شارع السلام",
    "é" + "\u0301" * 180,
    "w" * 200, "（" * 200, "。" * 200, "一" * 200, "\ufffe\uffff", "A\nB\tC\u2028D", "……" * 100,
    "<b>&amp;</b>", "𠮷野家", "a " * 100,
]  # fmt: skip


@pytest.mark.parametrize("title", HOSTILE)
def test_no_title_is_too_odd_to_draw(title: str) -> None:
    article = make_article(title="题", source=make_source("报" * 60))
    article.title = title
    assert article.source
    article.source.name = title[:60]
    image = opengraph.card(article)
    assert image.size == (1200, 630)
    # Nothing runs into the margins.
    inside = image.crop((1200 - opengraph.MARGIN + 8, 140, 1200, 520))
    assert len(inside.getcolors() or [1, 2]) == 1


def test_titles_of_all_lengths_fit_between_the_rules() -> None:
    if not has_font():
        pytest.skip("no font for Chinese on this machine")
    for length in (1, 13, 14, 27, 60, 200):
        image = opengraph.card(make_article(title="海" * length))
        between = image.crop((0, 145, 1200, 515))
        assert len(between.getcolors(100_000) or []) > 1
        for edge in ((0, 140, 1200, 158), (0, 506, 1200, 520)):
            assert len(image.crop(edge).getcolors() or []) == 1, length


def test_signs_that_the_font_lacks_are_left_out() -> None:
    if not has_font():
        pytest.skip("no font for Chinese on this machine")
    assert opengraph._printable("海\u202e 😀 港\x00شA") == "海 港A"


def test_without_a_font_the_seal_stands_for_the_words(no_font: None, client: Client) -> None:
    article = make_article(title="题")
    path = opengraph.preview(article).path
    image = opened(client.get(path).content).convert("RGB")
    red = image.getpixel((600, 321 - 130))
    assert isinstance(red, tuple)
    assert all(
        abs(a - b) < 4 for a, b in zip(red, bytes.fromhex(opengraph.ACCENT[1:]), strict=True)
    )
    assert image.getpixel((462, 183)) != (0, 0, 0)  # the seal's corners are round
    article.title = "另一个"
    assert opengraph.card(article).tobytes() == image.tobytes()


def test_the_operators_font_goes_first(settings: Any, tmp_path: Path) -> None:
    font = tmp_path / "own.ttf"
    font.write_bytes(b"")
    settings.CARD_FONT = str(font)
    assert opengraph._font() == str(font)


def test_the_cards_colours_are_the_sites() -> None:
    tokens = Path("static/css/tokens.css").read_text()
    for name in ("paper", "ink", "grey", "line", "accent"):
        light = re.search(rf"--{name}: var\(--if-light, (#[0-9a-f]{{6}})\)", tokens)
        assert light
        assert getattr(opengraph, name.upper()) == light[1]


def test_on_a_full_disk_it_is_drawn_for_whoever_asks(
    client: Client, monkeypatch: pytest.MonkeyPatch, media: Path
) -> None:
    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("django.core.files.storage.FileSystemStorage._save", full)
    path = opengraph.preview(make_article(title="潮起")).path
    for _ in range(2):
        response = client.get(path)
        assert response.status_code == 200
        assert Image.open(io.BytesIO(response.content)).size == opengraph.SIZE
    assert not [one for one in media.rglob("*") if one.is_file()]
