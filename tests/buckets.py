"""Object storage for tests: moto's server, with the two buckets that the site wants."""

import json
import logging
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

from tests.serving import free_port

PUBLIC, PRIVATE = "renditions", "originals"
KEY = "anybody"  # moto lets everybody in who has one
# Everybody may fetch what they know the name of, as docs/scaling.md has it.
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{PUBLIC}/*",
        }
    ],
}  # fmt: skip


@dataclass(frozen=True)
class Service:
    """The running server."""

    server: ThreadedMotoServer
    port: int

    @property
    def endpoint(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def client(self) -> Any:
        """An administrator's client."""
        return boto3.client(
            "s3", endpoint_url=self.endpoint, region_name="us-east-1",
            aws_access_key_id=KEY, aws_secret_access_key=KEY,
        )  # fmt: skip

    def names(self, bucket: str) -> set[str]:
        """The names of all objects in a bucket."""
        found = self.client.list_objects_v2(Bucket=bucket).get("Contents", [])
        return {each["Key"] for each in found}

    @property
    def storages(self) -> dict[str, dict[str, Any]]:
        """Django's setting, as MEDIA_STORAGE=s3 makes it (`environment` says the same)."""
        options = {
            "endpoint_url": self.endpoint, "region_name": "us-east-1", "access_key": KEY,
            "secret_key": KEY, "default_acl": None, "file_overwrite": True,
            "addressing_style": "path",
        }  # fmt: skip
        kept = {"CacheControl": "public, max-age=31536000, immutable"}
        return {
            "default": {
                "BACKEND": "articles.objects.PublicObjects",
                "OPTIONS": {**options, "bucket_name": PUBLIC, "object_parameters": kept},
            },
            "originals": {
                "BACKEND": "articles.objects.Objects",
                "OPTIONS": {**options, "bucket_name": PRIVATE},
            },
        }

    @property
    def environment(self) -> dict[str, str]:
        """A process's settings."""
        return {
            "MEDIA_STORAGE": "s3", "S3_BUCKET": PUBLIC, "S3_ORIGINALS_BUCKET": PRIVATE,
            "S3_ENDPOINT": self.endpoint, "S3_REGION": "us-east-1", "S3_ADDRESSING": "path",
            "S3_ACCESS_KEY": KEY, "S3_SECRET_KEY": KEY,
        }  # fmt: skip


@contextmanager
def service() -> Iterator[Service]:
    """A server that runs, with both buckets."""
    port = free_port()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server.start()
    try:
        made = Service(server, port)
        urllib.request.urlopen(f"{made.endpoint}/moto-api/reset", b"").close()  # of other tests
        for bucket in (PUBLIC, PRIVATE):
            made.client.create_bucket(Bucket=bucket)
        made.client.put_bucket_policy(Bucket=PUBLIC, Policy=json.dumps(POLICY))
        yield made
    finally:
        server.stop()
