"""Reads (阅读量): counting them, rolling them up, and the ranking made of them, 大家爱看."""

from articles.reads.counting import Outcome, count_read
from articles.reads.keeper import keep_rolling_up
from articles.reads.ranking import RANKED, WINDOWS, Ranked, most_read, ranking_for_sidebar
from articles.reads.rollup import record, roll_up

__all__ = [
    "RANKED",
    "WINDOWS",
    "Outcome",
    "Ranked",
    "count_read",
    "keep_rolling_up",
    "most_read",
    "ranking_for_sidebar",
    "record",
    "roll_up",
]
