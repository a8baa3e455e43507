"""The two kinds of store that the same tests run over: a folder, and an S3 store on a real socket, with and
without versions."""

from __future__ import annotations

import io
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from systems.storage.acts import store_of
from systems.storage.folder import MARK
from systems.storage.place import Place
from systems.storage.store import Store

KINDS = ("folder", "s3", "s3 with versions")
LATER = timedelta(days=1)
LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
"""Before moto says that any upload was begun: to it all were in 2010."""


def place_of(kind: str, request: pytest.FixtureRequest, folder: Path) -> Place:
    """A store of that kind with nothing in it, and a folder for keys."""
    if kind == "folder":
        return Place(url=(folder / "files").as_uri(), keys=folder / "keys")
    return bucket_at(request.getfixturevalue("s3"), folder, versions=kind != "s3")


def bucket_at(endpoint: str, keys: Path, *, versions: bool = False) -> Place:
    """A new bucket there."""
    name = f"b-{secrets.token_hex(6)}"
    place = Place(f"s3://{name}/a/prefix", keys / "keys", endpoint, access_key="a", secret_key="s")
    client = client_of(place)
    client.create_bucket(Bucket=name)
    if versions:
        client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return place


def client_of(place: Place) -> Any:
    """boto3's own, to look at what is there."""
    from systems.storage import s3

    return s3._client(place)


def write(store: Store, name: UUID, *pieces: bytes) -> None:
    with store.writing(name) as target:
        for piece in pieces:
            target.write(piece)


def read(store: Store, name: UUID) -> bytes:
    with store.reading(name) as source:
        return b"".join(iter(lambda: source.read(1 << 20), b""))


def everything_in(place: Place) -> list[str]:
    """Whatever is there in any way: names, versions, marks of deletion, what is unfinished."""
    if not place.is_s3():
        folder = place.folder()
        return lying_in(folder) if folder.exists() else []
    bucket = place.bucket()[0]
    versions = client_of(place).list_object_versions(Bucket=bucket)
    uploads = client_of(place).list_multipart_uploads(Bucket=bucket)
    found = [*versions.get("Versions", ()), *versions.get("DeleteMarkers", ()), *uploads.get("Uploads", ())]
    return sorted(each["Key"] for each in found)


def lying_in(folder: Path) -> list[str]:
    """What lies in a folder beside the mark that it is the storage's."""
    return sorted(path.name for path in folder.iterdir() if path.name != MARK)


def replace(place: Place, name: UUID, content: bytes) -> None:
    """As one would who can write in the store: other bytes under the name."""
    if place.is_s3():
        bucket, prefix = place.bucket()
        client_of(place).put_object(Bucket=bucket, Key=f"{prefix}{name}", Body=io.BytesIO(content))
    else:
        (place.folder() / str(name)).write_bytes(content)


def tomorrow() -> datetime:
    return datetime.now(UTC) + LATER


def a_store(place: Place) -> Store:
    return store_of(place)
