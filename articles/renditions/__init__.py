"""Photos in: checked, kept, and turned into the renditions that pages show.

`decoding` says what is a picture, `encoding` makes a rendition of it, `keeping` takes a photo in
and lets it go, files and row together, `remaking` makes files anew, `addresses` says where they
are, `upload` bounds what comes in and is named in settings.
"""

from articles.renditions.addresses import every, srcset, url
from articles.renditions.decoding import MAX_BYTES, MAX_PIXELS, BadPicture, Readable
from articles.renditions.encoding import ENCODINGS, widths_for
from articles.renditions.keeping import (
    Description,
    add_photo,
    check,
    files_stay,
    get_or_add,
    remove,
    undo_files_on_error,
)
from articles.renditions.remaking import is_complete, remake, settle

__all__ = [
    "ENCODINGS",
    "MAX_BYTES",
    "MAX_PIXELS",
    "BadPicture",
    "Description",
    "Readable",
    "add_photo",
    "check",
    "every",
    "files_stay",
    "get_or_add",
    "is_complete",
    "remake",
    "remove",
    "settle",
    "srcset",
    "undo_files_on_error",
    "url",
    "widths_for",
]
