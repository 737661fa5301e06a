"""Renditions made anew from the originals: lost ones, or all after the ladder has changed."""

from django.core.files.storage import default_storage

from articles.models import Photo
from articles.renditions.decoding import decode, read
from articles.renditions.encoding import ENCODINGS, widths_for
from articles.renditions.keeping import delete_orphaned_files, write_renditions


def is_complete(photo: Photo) -> bool:
    """Whether the photo has every rendition that it should have. Asks the storage, no query."""
    return photo.widths == widths_for(photo.width, photo.height) and all(
        default_storage.exists(photo.rendition_name(width, extension))
        for width in photo.widths
        for extension in ENCODINGS
    )


def remake(photo: Photo) -> None:
    """Write all renditions of a photo from its original, without a query; `settle` it afterwards.

    Pages go on showing the old files until the new ones are whole. Raises FileNotFoundError without
    an original, BadPicture if that is damaged, OSError where nothing can be written.
    """
    with photo.original.open() as original:
        content, _ = read(original)
    picture, _ = decode(content)
    photo.widths = widths_for(picture.width, picture.height)
    write_renditions(photo, picture)


def settle(photo: Photo) -> None:
    """Let pages use what `remake` has made; take it away if the photo was deleted meanwhile."""
    if not Photo.objects.filter(pk=photo.pk).update(widths=photo.widths):
        delete_orphaned_files(photo)
