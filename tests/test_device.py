"""Which template a browser gets."""

import pytest

from articles.device import choose, detect

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148 Safari/604.1"
ANDROID = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/120 Mobile Safari"
WECHAT = (
    "Mozilla/5.0 (Linux; Android 13; V2218A) AppleWebKit/537.36 Version/4.0 Chrome/107 Mobile"
    " Safari/537.36 MicroMessenger/8.0.42"
)
HARMONY = "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 ArkWeb/4.1"
IPAD = "Mozilla/5.0 (iPad; CPU OS 16_0 like Mac OS X) Mobile/15E148 Safari/604.1"
TABLET = "Mozilla/5.0 (Linux; Android 13; SM-X700) AppleWebKit/537.36 Chrome/120 Safari/537.36"
HARMONY_TABLET = "Mozilla/5.0 (Tablet; OpenHarmony 5.0) AppleWebKit/537.36 ArkWeb/4.1 Mobile"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120 Safari/537.36"


@pytest.mark.parametrize("user_agent", [IPHONE, ANDROID, WECHAT, HARMONY])
def test_phones_get_the_mobile_template(user_agent: str) -> None:
    assert detect(user_agent) == "mobile"


@pytest.mark.parametrize("user_agent", [IPAD, TABLET, HARMONY_TABLET, WINDOWS, "", "curl/8"])
def test_all_else_gets_the_desktop_template(user_agent: str) -> None:
    assert detect(user_agent) == "desktop"


def test_the_browsers_own_word_counts() -> None:
    assert detect(WINDOWS, "?1") == "mobile"
    assert detect(IPAD, "?1") == "desktop"


def test_the_readers_word_goes_first() -> None:
    assert choose("desktop", "mobile", "mobile") == "desktop"
    assert choose(None, "mobile", "desktop") == "mobile"
    assert choose("tv", "nonsense", "desktop") == "desktop"
