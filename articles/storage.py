"""Files that are whole or not there."""

from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.files.storage import FileSystemStorage


class WholeFiles(FileSystemStorage):
    """A file appears, or changes, when all of it is written; a failed write leaves nothing."""

    def _save(self, name: str, content: Any) -> str:
        part = f"{name}.{uuid4().hex}.part"
        try:
            written = super()._save(part, content)  # type: ignore[misc]
            Path(self.path(written)).replace(self.path(name))
        except BaseException:
            Path(self.path(part)).unlink(missing_ok=True)
            raise
        return name
