"""Finished pages in a process's memory, answered before Django is entered.

`door` stands before the WSGI application. What a view has said is lasting (`freshness.lasting`) is
kept, packed as browsers take it, until content changes (`models.Generation`): nobody purges
anything, and nothing stale survives. A process asks for the generation a few times a second.
"""

from articles.pagecache.breaker import Breaker
from articles.pagecache.door import PageCache

__all__ = ["Breaker", "PageCache"]
