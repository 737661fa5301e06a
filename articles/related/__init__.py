"""Related articles: what else a reader of this one may want."""

from articles.related.choosing import SHOWN, related
from articles.related.learning import (
    SAMPLE,
    keep_learning,
    learn,
    learn_by_steps,
    learn_from,
    liken_all,
)

__all__ = [
    "SAMPLE",
    "SHOWN",
    "keep_learning",
    "learn",
    "learn_by_steps",
    "learn_from",
    "liken_all",
    "related",
]
