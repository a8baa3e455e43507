"""Where files and keys lie, and which file is meant: what a child is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import UUID


@dataclass(frozen=True)
class Place:
    """Where the files and their hours' keys are, as settings have it. It can be pickled.

    Args:
        url: `s3://bucket/prefix` or `file:///path`.
        keys: the folder of the hours' keys.
    """

    url: str = field(repr=False)
    keys: Path
    endpoint: str | None = field(default=None, repr=False)
    region: str | None = None
    access_key: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    authority: str | None = None

    def is_s3(self) -> bool:
        """Whether it is a bucket, and no folder."""
        return self.url.startswith("s3:")

    def bucket(self) -> tuple[str, str]:
        """The bucket and the prefix of all keys in it, '' or ending in a slash."""
        parts = urlsplit(self.url)
        prefix = parts.path.strip("/")
        return parts.netloc, f"{prefix}/" if prefix else ""

    def folder(self) -> Path:
        """The folder."""
        return Path(unquote(urlsplit(self.url).path))


@dataclass(frozen=True)
class SealedFile:
    """One file in the storage.

    Args:
        name: under which its bytes lie.
        file: the id of the case.
        hour: in which its life ends, by its beginning.
        wrapped_key: None while it is being put in.
    """

    name: UUID
    file: UUID
    hour: datetime
    wrapped_key: bytes | None = field(default=None, repr=False)

    def bound_to(self) -> bytes:
        """What its wrapped key opens with only: the file, the name and the hour."""
        return self.file.bytes + self.name.bytes + self.hour.astimezone(UTC).isoformat().encode("ascii")
