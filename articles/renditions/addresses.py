"""Where a photo's renditions are."""

from django.core.files.storage import default_storage

from articles.models import Photo


def url(photo: Photo, width: int, extension: str = "jpg") -> str:
    """The address of the smallest rendition at least `width` wide, or the widest there is."""
    fitting = min((rung for rung in photo.widths if rung >= width), default=max(photo.widths))
    return default_storage.url(photo.rendition_name(fitting, extension))


def srcset(photo: Photo, extension: str) -> str:
    """All renditions of one format, as `srcset` wants them."""
    return ", ".join(f"{address} {width}w" for width, address in every(photo, extension).items())


def every(photo: Photo, extension: str) -> dict[int, str]:
    """The addresses of all renditions of one format, by their widths."""
    # They differ in their width alone: asking for each costs more than all the rest of a picture.
    start, end = default_storage.url(photo.rendition_name(0, extension)).rsplit("-0.", 1)
    return {width: f"{start}-{width}.{end}" for width in photo.widths}
