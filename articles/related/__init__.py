"""Related articles: what else a reader of this one may want."""

from articles.related.choosing import related
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
    "keep_learning",
    "learn",
    "learn_by_steps",
    "learn_from",
    "liken_all",
    "related",
]
