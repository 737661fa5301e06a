"""Addresses by name."""

from datetime import datetime

import pytest
from django.urls import NoReverseMatch, reverse, set_script_prefix
from django.utils import timezone, translation

from articles.addresses import address
from articles.models import Article


@pytest.mark.parametrize(
    ("name", "args"),
    [("home", ()), ("topic", ("青岛话题",)), ("article", (2022, 9, 29, 7)), ("search", ())],
)
def test_an_address_is_that_of_its_name(name: str, args: tuple[object, ...]) -> None:
    for _ in range(2):
        assert address(name, *args) == reverse(name, args=args)


def test_it_is_in_the_script_of_the_page_that_names_it() -> None:
    assert address("topics") == "/topic/"
    with translation.override("zh-hant"):
        assert address("topics") == "/zh-hant/topic/"
        assert address("feed") == "/feed/atom.xml"
    assert address("topics") == "/topic/"


def test_it_is_below_where_the_site_is_mounted() -> None:
    assert address("topics") == "/topic/"
    set_script_prefix("/news/")
    try:
        assert address("topics") == "/news/topic/"
    finally:
        set_script_prefix("/")
    assert address("topics") == "/topic/"


@pytest.mark.parametrize("mounted", ["/", "/news/"])
@pytest.mark.parametrize("language", ["zh-hans", "zh-hant"])
def test_an_article_s_is_the_one_that_urls_py_has(mounted: str, language: str) -> None:
    for published in ("2022-09-28T16:30:00Z", "1000-01-01T12:00:00Z", "2022-12-31T23:00:00Z"):
        article = Article(pk=7, published_at=datetime.fromisoformat(published))
        day = timezone.localtime(article.published_at)
        set_script_prefix(mounted)
        try:
            with translation.override(language):
                expected = reverse("article", args=[day.year, day.month, day.day, 7])
                assert article.get_absolute_url() == expected
        finally:
            set_script_prefix("/")


def test_what_has_no_address_is_an_error() -> None:
    for _ in range(2):
        with pytest.raises(NoReverseMatch):
            address("topic", "")
