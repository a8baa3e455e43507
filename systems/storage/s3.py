"""An S3-compatible store, by its API of 2006-03-01.

Source: Amazon S3 API reference (PutObject, CreateMultipartUpload, ListObjectVersions, ListMultipartUploads).

A file goes up in parts of bounded size and is there only once it is completed; what fails is aborted. In a bucket
with versions a plain delete hides and deletes nothing: every version is taken away by its number, and what nobody
completed too. Checksums that only AWS's own store knows are not asked for: what was changed shows by its seal.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from functools import cache
from typing import Any, BinaryIO, cast
from uuid import UUID

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

from engine.base.errors import VaxelError
from systems.storage.place import Place
from systems.storage.s3_errors import judged
from systems.storage.store import Store, Writing

PART = 5 * 1024 * 1024
"""The least that a part may have, but the last."""
REGION = "us-east-1"
_CONFIG = Config(
    connect_timeout=5,
    read_timeout=20,
    retries={"mode": "standard", "total_max_attempts": 2},
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
    proxies={},
    parameter_validation=False,
)


class S3Store(Store):
    """In a bucket, each file under the prefix and its name."""

    def __init__(self, place: Place) -> None:
        self._bucket, self._prefix = place.bucket()
        self._client = _client(place)

    @contextmanager
    def writing(self, name: UUID) -> Iterator[_Parts]:
        """As `Store.writing`."""
        parts = _Parts(self._client, {"Bucket": self._bucket, "Key": self._key(name)})
        try:
            yield parts
            parts.complete()
        finally:
            parts.abort()

    @contextmanager
    def reading(self, name: UUID) -> Iterator[BinaryIO]:
        """As `Store.reading`."""
        with judged():
            body = self._client.get_object(Bucket=self._bucket, Key=self._key(name))["Body"]
        with closing(body):
            yield cast(BinaryIO, _Body(body))

    def delete(self, name: UUID) -> None:
        """As `Store.delete`, with what is unfinished under that name."""
        key = self._key(name)
        with judged():
            for version in self._versions(key):
                self._client.delete_object(Bucket=self._bucket, **version)
            for upload in self._uploads(key):
                self._abort(upload)

    def names(self, before: datetime) -> Iterator[UUID]:
        """As `Store.names`; one of which only an older version is left is there too."""
        with judged():
            listed = self._listed("list_object_versions", "Versions", self._prefix)
            old = {each["Key"] for each in listed if each["LastModified"] < before}
        for key in sorted(old):
            with suppress(ValueError):
                yield UUID(key.removeprefix(self._prefix))

    def tidy(self, before: datetime) -> int:
        """As `Store.tidy`."""
        with judged():
            left = [each for each in self._uploads(self._prefix) if each["Initiated"] < before]
            for upload in left:
                self._abort(upload)
        return len(left)

    def _versions(self, key: str) -> list[dict[str, str]]:
        """Every version under exactly that key, those that say only that it was deleted too."""
        found = [
            each
            for kind in ("Versions", "DeleteMarkers")
            for each in self._listed("list_object_versions", kind, key)
        ]
        return [{"Key": key, "VersionId": each["VersionId"]} for each in found if each["Key"] == key]

    def _uploads(self, prefix: str) -> list[dict[str, Any]]:
        return self._listed("list_multipart_uploads", "Uploads", prefix)

    def _listed(self, call: str, what: str, prefix: str) -> list[dict[str, Any]]:
        pages = self._client.get_paginator(call).paginate(Bucket=self._bucket, Prefix=prefix)
        return [each for page in pages for each in page.get(what, ())]

    def _abort(self, upload: dict[str, Any]) -> None:
        _abort(self._client, {"Bucket": self._bucket, "Key": upload["Key"]}, upload["UploadId"])

    def _key(self, name: UUID) -> str:
        return f"{self._prefix}{name}"


class _Parts(Writing):
    """A file on its way: one call where it is small, else parts, of which one at a time is in memory."""

    def __init__(self, client: Any, at: dict[str, str]) -> None:
        self._client = client
        self._at = at
        self._upload: str | None = None
        self._etags: list[str] = []
        self._held = bytearray()

    def write(self, data: bytes, /) -> int:
        self._held += data
        if len(self._held) >= PART:
            self._send()
        return len(data)

    def complete(self) -> None:
        """Nothing is there before this; something that has the name already stays, where the store knows that."""
        with judged():
            if self._upload is None:
                self._client.put_object(**self._at, Body=self._held, IfNoneMatch="*")
                return
            self._send()
            parts = [{"PartNumber": at, "ETag": etag} for at, etag in enumerate(self._etags, 1)]
            self._client.complete_multipart_upload(
                **self._at, UploadId=self._upload, MultipartUpload={"Parts": parts}, IfNoneMatch="*"
            )
            self._upload = None

    def abort(self) -> None:
        """Let go of what was not completed. If the store does not answer, `tidy` clears it."""
        self._held.clear()
        if self._upload is not None:
            with suppress(VaxelError), judged():
                _abort(self._client, self._at, self._upload)

    def _send(self) -> None:
        with judged():
            if self._upload is None:
                self._upload = self._client.create_multipart_upload(**self._at)["UploadId"]
            number = len(self._etags) + 1
            given = {"UploadId": self._upload, "PartNumber": number, "Body": self._held}
            self._etags.append(self._client.upload_part(**self._at, **given)["ETag"])
        self._held.clear()


class _Body:
    """What comes from the store, its errors told as ours."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def read(self, size: int = -1) -> bytes:
        with judged():
            return cast(bytes, self._body.read(size if size >= 0 else None))


def warm() -> None:
    """Read the descriptions of the API, so that the next client is made in a few milliseconds."""
    _session().create_client("s3", region_name=REGION, aws_access_key_id="none", aws_secret_access_key="none")  # noqa: S106


@cache
def _session() -> botocore.session.Session:
    return botocore.session.get_session()


@cache
def _client(place: Place) -> Any:
    """One for each place: it may be used by any number of threads."""
    given = {"aws_access_key_id": place.access_key, "aws_secret_access_key": place.secret_key}
    return _session().create_client(
        "s3",
        region_name=place.region or REGION,
        endpoint_url=place.endpoint,
        verify=place.authority or True,
        config=_CONFIG,
        **given,
    )


def _abort(client: Any, at: dict[str, str], upload: str) -> None:
    """An upload that another has cleared meanwhile is no error."""
    try:
        client.abort_multipart_upload(**at, UploadId=upload)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchUpload":
            raise
