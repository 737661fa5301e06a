"""The photo library on the editors' desk.

`photos` is its list and its page of a photo, `uploading` takes files in and has them described,
`uses` says where a photo is shown, `finding` looks for words, `filters` and `paging` keep the list
quick.
"""

from articles.admin.library.finding import holding
from articles.admin.library.forms import ACCEPT, FILE_HELP, thumbnail
from articles.admin.library.photos import PhotoAdmin

__all__ = ["ACCEPT", "FILE_HELP", "PhotoAdmin", "holding", "thumbnail"]
