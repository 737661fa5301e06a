"""Tags of our own."""

from datetime import date, datetime

import pytest
from django.utils import timezone

from articles.templatetags.xinwang import time


@pytest.mark.parametrize(
    ("moment", "form", "short", "told"),
    [
        ("2022-09-29T02:05:00+00:00", "%Y-%m-%d %H:%M", False, "2022-09-29 10:05"),
        ("2022-09-29T02:05:00+00:00", "%Y-%m-%d", True, "2022-09-29"),
        ("2026-03-01T02:05:00+00:00", "%Y-%m-%d", True, "03-01"),
        ("2026-03-01T02:05:00+00:00", "%Y-%m-%d", False, "2026-03-01"),
        # It is this year in the paper's city, and not yet in London.
        ("2025-12-31T17:00:00+00:00", "%Y-%m-%d", True, "01-01"),
    ],
)
def test_a_time_is_told_in_the_paper_s_city(
    monkeypatch: pytest.MonkeyPatch, moment: str, form: str, short: bool, told: str
) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda: date(2026, 1, 1))
    said = time(datetime.fromisoformat(moment), form, short)
    assert said.endswith(f">{told}</time>")
    machine = said.removeprefix('<time datetime="').partition('"')[0]
    assert datetime.fromisoformat(machine) == datetime.fromisoformat(moment)
    assert machine.endswith("+08:00")
