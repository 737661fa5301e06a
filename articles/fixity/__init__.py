"""Whether the archive is still what it was: texts, files, links, read through and nothing else.

Each check goes through all of its kind in batches, in constant memory, and yields how far it is and
what it found. docs/fixity.md.
"""

from articles.fixity.files import check_photos
from articles.fixity.finding import Fault, Step
from articles.fixity.links import check_links, check_redirects
from articles.fixity.texts import BadList, check_texts

__all__ = [
    "BadList",
    "Fault",
    "Step",
    "check_links",
    "check_photos",
    "check_redirects",
    "check_texts",
]
