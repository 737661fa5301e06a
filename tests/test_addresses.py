"""Addresses by name."""

import pytest
from django.urls import NoReverseMatch, reverse, set_script_prefix
from django.utils import translation

from articles.addresses import address


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


def test_what_has_no_address_is_an_error() -> None:
    for _ in range(2):
        with pytest.raises(NoReverseMatch):
            address("topic", "")
