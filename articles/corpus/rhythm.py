"""When articles appear: ten years, fewer at weekends, most of them in office hours."""

import itertools
from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

DAYS = 3653
# A day's share beside others, Monday first; an hour's beside others, midnight first.
_OF_WEEKDAYS = (100, 105, 105, 105, 100, 60, 50)
_OF_HOURS = (
    2,
    1,
    1,
    1,
    1,
    3,
    10,
    22,
    45,
    60,
    55,
    42,
    25,
    28,
    45,
    50,
    52,
    45,
    32,
    25,
    22,
    18,
    10,
    5,
)
_HOURS = [0, *itertools.accumulate(_OF_HOURS)]
_ZONE = ZoneInfo("Asia/Shanghai")


class Rhythm:
    """The moments of `articles` articles, numbered from 1 in their order, up to the day `end`."""

    def __init__(self, articles: int, end: date) -> None:
        """A pass over the days."""
        self.first = end - timedelta(days=DAYS - 1)
        shares = (_OF_WEEKDAYS[(self.first.weekday() + n) % 7] for n in range(DAYS))
        reached = [0, *itertools.accumulate(shares)]
        # How many articles have appeared before each day.
        self._before: Sequence[int] = [articles * one // reached[-1] for one in reached]

    def day(self, number: int) -> date:
        """The day of an article."""
        return self.first + timedelta(days=bisect_right(self._before, number - 1) - 1)

    def moment(self, number: int, chance: float) -> datetime:
        """When an article appears; `chance`, from 0 to below 1, is where between its neighbours."""
        day = bisect_right(self._before, number - 1) - 1
        before, after = self._before[day], self._before[day + 1]
        place = (number - 1 - before + chance) / (after - before) * _HOURS[-1]
        hour = bisect_right(_HOURS, place) - 1
        seconds = int(3600 * (hour + (place - _HOURS[hour]) / _OF_HOURS[hour]))
        begins = datetime.combine(self.first + timedelta(days=day), time.min, _ZONE)
        return begins + timedelta(seconds=seconds)

    def numbers(self, first: date, last: date) -> range:
        """The articles of the days from `first` to `last`, both included."""
        start, stop = (
            min(max((day - self.first).days, 0), DAYS) for day in (first, last + timedelta(days=1))
        )
        return range(self._before[start] + 1, self._before[stop] + 1)


@cache
def rhythm(articles: int, end: date) -> Rhythm:
    """One a process."""
    return Rhythm(articles, end)
