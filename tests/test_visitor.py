"""Who counts as one reader."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.visitor import SLOTS, identify, is_program, network

KEY = b"k" * 32
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120 Safari/537.36"


def test_a_visitor_is_the_same_all_day_and_another_tomorrow() -> None:
    assert identify(KEY, "203.0.113.9", CHROME) == identify(KEY, "203.0.113.9", CHROME)
    assert identify(KEY, "203.0.113.9", CHROME) != identify(b"x" * 32, "203.0.113.9", CHROME)
    assert identify(KEY, "203.0.113.9", CHROME) != identify(KEY, "203.0.113.8", CHROME)


def test_readers_behind_one_address_count_one_by_one() -> None:
    browsers = [f"{CHROME} build {number}" for number in range(20)]
    assert len({identify(KEY, "203.0.113.9", browser) for browser in browsers}) >= 18


def test_a_flood_from_one_address_is_bounded() -> None:
    flood = {identify(KEY, "203.0.113.9", f"{CHROME} {number}") for number in range(20_000)}
    assert len(flood) <= SLOTS


def test_one_ipv6_network_is_one_address() -> None:
    assert network("2001:db8:1:2::1") == network("2001:db8:1:2:ffff::9") == "2001:db8:1:2::/64"
    assert network("2001:db8:1:3::1") != network("2001:db8:1:2::1")
    assert network("::ffff:203.0.113.9") == "203.0.113.9"


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_header_makes_a_visitor(address: str, browser: str) -> None:
    assert len(identify(KEY, address, browser.encode(errors="replace").decode())) == 16


@pytest.mark.parametrize(
    "user_agent",
    [
        "",
        "Mozilla/5.0 (compatible; Baiduspider-render/2.0)",
        "Mozilla/5.0 (compatible; bingbot/2.0)",
        "facebookexternalhit/1.1",
        "curl/8.1",
        "python-requests/2.32",
        "Googlebot/2.1",
        "Mozilla/5.0 HeadlessChrome/120.0",
        "Sogou web spider/4.0",
        "Mozilla/5.0 (compatible; GPTBot/1.2)",
    ],
)
def test_programs_are_no_readers(user_agent: str) -> None:
    assert is_program(user_agent)


@pytest.mark.parametrize(
    "user_agent",
    [
        CHROME,
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (Linux; Android 13; V2218A) Chrome/107 Mobile Safari/537.36"
        " MMWEBID/4773 MicroMessenger/8.0.42 WeChat/arm64 NetType/WIFI Language/zh_CN",
        "Mozilla/5.0 (Linux; Android 12; CUBOT P60) AppleWebKit/537.36 Chrome/120 Mobile Safari",
    ],
)
def test_people_are_readers(user_agent: str) -> None:
    assert not is_program(user_agent)
