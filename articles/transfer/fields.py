"""The fields of a line's JSON objects, each asked for with the type that it must have."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from articles import anchors

_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")
_CONTROL_IN_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]+")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
# Numbers stay where an address (18 digits) and PostgreSQL's bigint have room to count on.
HIGHEST = 10**17 - 1


class BadLine(ValueError):
    """The line can't become an article; the text says why, in Chinese."""


class Fields:
    """A JSON object's fields, each asked for with the type that it must have."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data

    def text(self, name: str, longest: int, required: bool = False, lines: bool = False) -> str:
        """A line of text (or some); numbers are taken as their digits (old systems' ids)."""
        value = self.data.get(name)
        if value is None:
            value = ""
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            raise BadLine(f"{name} 应是文字")
        value = (_CONTROL_IN_LINES if lines else _CONTROL).sub(" ", value).strip()
        if required and not value:
            raise BadLine(f"缺少 {name}")
        if len(value) > longest:
            raise BadLine(f"{name} 超过 {longest} 字")
        return value

    def is_null(self, name: str) -> bool:
        """Whether the field is there and expressly empty."""
        return self.data.get(name, "") is None

    def body(self, name: str) -> str:
        """HTML, as it is: the sanitizer's work comes later."""
        value = self.data.get(name) or ""
        if not isinstance(value, str):
            raise BadLine(f"{name} 应是文字")
        return _SURROGATE.sub("", value).replace("\x00", "")

    def optional_moment(self, name: str) -> datetime | None:
        """A time, or nothing."""
        return self.moment(name) if self.data.get(name) else None

    def moment(self, name: str) -> datetime:
        """An ISO 8601 time; without a zone it is the paper's."""
        value = self.text(name, 40, required=True)
        try:
            moment = datetime.fromisoformat(value)
            zone = ZoneInfo(settings.TIME_ZONE)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
            moment = moment.astimezone(zone)
        except (ValueError, OverflowError) as error:
            raise BadLine(f"{name} 不是时间：{value}") from error
        if not 1000 <= moment.year <= 2999:
            raise BadLine(f"{name} 的年份不对：{value}")
        return moment

    def optional_number(self, name: str, low: int = 1) -> int | None:
        """A whole number of at most 17 digits."""
        value = self.data.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= HIGHEST:
            raise BadLine(f"{name} 应是不小于 {low}、最多 17 位的整数")
        return value

    def flag(self, name: str, default: bool) -> bool:
        """True or false."""
        value = self.data.get(name, default)
        if not isinstance(value, bool):
            raise BadLine(f"{name} 应是 true 或 false")
        return value

    def one_of(self, name: str, allowed: list[str], default: str) -> str:
        """One of a few words."""
        value = self.data.get(name) or default
        if value not in allowed:
            raise BadLine(f"{name} 只能是 {'、'.join(allowed)} 之一")
        return str(value)

    def names(self, name: str, longest: int) -> list[str]:
        """A list of names, without repeats."""
        values = self.data.get(name) or []
        if not isinstance(values, list):
            raise BadLine(f"{name} 应是列表")
        named = [Fields({name: value}).text(name, longest) for value in values]
        return list(dict.fromkeys(value for value in named if value))

    def anchors(self, name: str) -> list[list[int]]:
        """Paragraphs' numbers: a list a paragraph, none empty, no number twice."""
        values = self.data.get(name) or []
        if not isinstance(values, list) or not all(isinstance(entry, list) for entry in values):
            raise BadLine(f"{name} 应是列表的列表")
        seen = [number for entry in values for number in entry]
        for number in seen:
            # A bool is an int to Python.
            if type(number) is not int or not 1 <= number <= anchors.HIGHEST:
                raise BadLine(f"{name} 里应是 1 到 {anchors.HIGHEST} 的整数")
        if not all(values) or len(set(seen)) < len(seen):
            raise BadLine(f"{name} 里有空的或重复的编号")
        return values

    def entry(self, name: str) -> "Fields":
        """An object."""
        value = self.data.get(name) or {}
        if not isinstance(value, dict):
            raise BadLine(f"{name} 应是对象")
        return Fields(value)

    def entries(self, name: str) -> list["Fields"]:
        """A list of objects."""
        values = self.data.get(name) or []
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            raise BadLine(f"{name} 应是对象的列表")
        return [Fields(value) for value in values]
