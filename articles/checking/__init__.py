"""What an editor should look at again before an article goes out: 发布前检查.

`check` only warns: an article can be saved and published whatever it finds.
"""

from articles.checking.draft import Draft, Finding
from articles.checking.rules import check

__all__ = ["Draft", "Finding", "check"]
