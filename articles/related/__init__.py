"""Related articles: what else a reader of this one may want."""

from articles.related.choosing import related
from articles.related.learning import keep_learning, learn, liken_all

__all__ = ["keep_learning", "learn", "liken_all", "related"]
