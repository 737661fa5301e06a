"""Photos in S3-compatible storage, for sites on several hosts (settings.MEDIA_STORAGE is `s3`).

Needs django-storages with boto3 (`pip install 'xinwang[s3]'`); nothing else here does. An object is
whole or not there by the service's own rule. What the service refuses is an OSError, as a disk's
refusal is, so that whoever writes photos knows of disks alone.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.utils.encoding import filepath_to_uri
from storages.backends.s3 import S3Storage

P = ParamSpec("P")
Found = TypeVar("Found")


def _as_disk(ask: Callable[P, Found]) -> Callable[P, Found]:
    """Have what the service or the way to it refuses be an OSError."""

    @wraps(ask)
    def asked(*args: P.args, **kwargs: P.kwargs) -> Found:
        try:
            return ask(*args, **kwargs)
        except (BotoCoreError, ClientError) as error:
            raise OSError(f"the object storage refuses: {error}") from error

    return asked


class Objects(S3Storage):  # type: ignore[misc]
    """A bucket that nobody but the site reads: originals."""

    def __init__(self, **options: Any) -> None:
        """As django-storages has it; `addressing_style`: the bucket is a path, or part of the host.

        An editor waits for the service as long as nginx does for us, no longer. Checksums that only
        Amazon's own knows are left out.
        """
        config = Config(
            connect_timeout=3, read_timeout=20, retries={"max_attempts": 2},
            signature_version="s3v4", s3={"addressing_style": options.get("addressing_style")},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )  # fmt: skip
        super().__init__(client_config=config, **options)

    @_as_disk
    def _open(self, name: str, mode: str = "rb") -> Any:
        return super()._open(name, mode)

    @_as_disk
    def _save(self, name: str, content: Any) -> Any:
        return super()._save(name, content)

    @_as_disk
    def exists(self, name: str) -> bool:
        """Whether there is such an object. One request."""
        return bool(super().exists(name))

    @_as_disk
    def delete(self, name: str) -> None:
        """Delete an object, if there is one. One request."""
        super().delete(name)


class PublicObjects(Objects):
    """A bucket that readers' browsers, or nginx for them, fetch from: renditions."""

    def url(self, name: str, *args: object, **kwargs: object) -> str:
        """Below MEDIA_ADDRESS. Asks nobody and signs nothing."""
        return f"{settings.MEDIA_URL}{filepath_to_uri(name)}"
