"""What is taken of an upload while it comes in."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

from articles.renditions.decoding import MAX_BYTES

# What one request may bring in all: a form without JavaScript sends its files together.
MAX_REQUEST = 10 * MAX_BYTES


class NoMoreThanAPhoto(FileUploadHandler):
    """Stands before Django's handlers; passes on one byte more of a file than a photo may have.

    That byte tells `decoding.read` that the file is too large, and the rest never touches the disk.
    """

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803 (Django's name)
        content_length: int,
        boundary: Any,
        encoding: Any = None,
    ) -> None:
        """Refuse at once, unread, what no form of ours sends: an answer of 400."""
        if content_length > MAX_REQUEST:
            raise RequestDataTooBig("the request has more files than a form sends")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """The part of the chunk that is within the bound; nothing is passed on after it."""
        return raw_data[: MAX_BYTES + 1 - start] if start <= MAX_BYTES else None

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the handlers that kept it."""
